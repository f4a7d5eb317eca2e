"""`ecglens study` from simulated votes to the page."""

import sys

import pytest
from ecglens.cli.commands import main
from ecglens_study import read_votes

COUNTS = "target,view,method,votes\npr,full,saliency,3\npr,full,deeplift,2\n"


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> None:
    monkeypatch.setattr(sys, "argv", ["ecglens", "study", *map(str, words)])
    main()


def test_votes_are_simulated_imported_and_analysed(tmp_path, monkeypatch, capsys):
    votes, study = tmp_path / "votes.csv", tmp_path / "study"
    run(monkeypatch, "simulate", "--to", votes, "--ecgs", 8, "--targets", "pr", "--views", "full")
    run(monkeypatch, "import", votes, "--to", study)
    run(monkeypatch, "analyse", study)
    assert "48 votes" in capsys.readouterr().out  # 8 ECGs, 3 experts, 2 showings
    assert (study / "analysis" / "study.html").is_file()


def test_pairs_of_several_targets_are_simulated_in_one_row(tmp_path, monkeypatch, capsys):
    words = ("simulate", "--to", tmp_path / "votes.csv", "--ecgs", 4, "--targets", "pr,qt")
    run(monkeypatch, *words, "--task", "pair", "--methods", "saliency,deeplift,lime")
    votes = read_votes(tmp_path / "votes.csv")
    assert {vote.task for vote in votes} == {"pair"}
    own = [vote for vote in votes if vote.expert == "expert 1"]
    assert sorted(vote.order for vote in own) == [*range(1, 25)]  # 2 targets, 4 ECGs, 3 pairs
    with pytest.raises(SystemExit):
        run(monkeypatch, *words, "--task", "pair", "--experts", 0)
    assert "expected at least 1 expert, got 0" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run(monkeypatch, *words, "--task", "best")
    assert "expected --task as one of pick, pair, got 'best'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("simulate", "--ecgs", 0), "expected ecgs as a whole number from 1 on, got 0"),
        (("simulate", "--targets", "pr,pr"), "expected --targets, each once, got 'pr,pr'"),
        (("simulate", "--targets", ","), "expected --targets, each once, got ','"),
        (("simulate", "--views", ""), "expected --views, each once, got ''"),
        (("simulate", "--views", "full,full"), "expected --views, each once, got 'full,full'"),
        (("simulate", "--methods", "a"), "two or more different --methods, got 'a'"),
        (("sample-size", "--width", 0.2, "--methods", "a"), "two or more different --methods"),
        (("sample-size", "--width", 0.2, "--methods", "a,a"), "two or more different --methods"),
        (("sample-size", "--width", 0.2, "--power", 0.8), "expected no --power, which this does"),
        (("sample-size", "--difference", 0.1, "--kappa", 0.4), "expected no --kappa, which"),
        (("simulate", "--task", "pair", "--views", "full"), "expected no --views, which this"),
    ],
)
def test_a_simulation_of_nothing_is_refused(words, line, tmp_path, monkeypatch, capsys):
    to = ("--to", tmp_path / "votes.csv") if words[0] == "simulate" else ()
    with pytest.raises(SystemExit):
        run(monkeypatch, *words, *to)
    assert line in capsys.readouterr().err
    assert not (tmp_path / "votes.csv").exists()


def test_a_sample_size_is_printed(monkeypatch, capsys):
    run(monkeypatch, "sample-size", "--width", 0.3, "--experts", "2,3")
    told = capsys.readouterr().out
    assert "2 experts: " in told
    assert "3 experts: " in told


def test_a_plan_with_and_without_the_map_is_printed(monkeypatch, capsys):
    run(monkeypatch, "sample-size", "--difference", 0.1, "--experts", "4,16")
    first, few, many, _ = capsys.readouterr().out.splitlines()
    assert first == "For 70% judged rightly without the map, +10% with it, and power 0.9:"
    assert few == "4 readers: 400 ECGs have power 0.72"
    assert many == "16 readers: 40 ECGs, 80 judgements each"
    with pytest.raises(SystemExit):
        run(monkeypatch, "sample-size")
    assert "expected --width of the interval of κ, or --difference" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run(monkeypatch, "sample-size", "--width", 3)
    assert not capsys.readouterr().out


def test_every_fault_is_one_line_and_status_2(tmp_path, monkeypatch, capsys):
    path = tmp_path / "counts.csv"
    path.write_text(COUNTS.replace(",3", ",x").replace(",2", ",y"), "utf-8")
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, "import", path, "--to", tmp_path / "study")
    assert stopped.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1].strip() for line in lines] == [
        "counts.csv line 2",
        "counts.csv line 3",
    ]
    with pytest.raises(SystemExit):
        run(monkeypatch, "analyse", tmp_path / "nothing")
    assert "run study create or study import first" in capsys.readouterr().err
