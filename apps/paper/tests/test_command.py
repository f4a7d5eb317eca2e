"""`ecglens figure`: what a run has for a paper, listed and written."""

import sys
from pathlib import Path

import pytest
from ecglens.eval import save_finding
from ecglens.jobs.runs import names_of
from ecglens.report import Pseudonyms
from ecglens.store import Store
from ecglens_paper.command import main

from tests.report.conftest import build

MAPS = "pr-median-heatmaps"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run as a job leaves it."""
    folder = tmp_path_factory.mktemp("run")
    save_finding(build(methods=("saliency",), shown=1), folder / "findings" / "default")
    (folder / ".hydra").mkdir()
    for name, text in (
        ("hydra", "hydra: {job: {config_name: train}, runtime: {config_sources: []}}"),
        ("overrides", "[]"),
        ("config", "store: ${oc.env:ECGLENS_STORE,store}"),
    ):
        (folder / ".hydra" / f"{name}.yaml").write_text(text)
    return folder


def figure(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    """Exit status of the command."""
    monkeypatch.setattr(sys, "argv", ["ecglens figure", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_without_a_name_it_lists_what_the_run_has(run, monkeypatch, capsys) -> None:
    assert figure(monkeypatch, run) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "figures"
    assert "  pr-median-default-ranking" in lines
    assert "  --ecg ecg-0" in lines
    assert "  pr-median-default-excluded" in lines[lines.index("tables") :]


def test_a_choice_alone_writes_heatmaps(run, monkeypatch, capsys, tmp_path) -> None:
    words = ("--ecg", "ecg-0", "--lead", "I", "--width", "90", "--format", "pdf", "--to", tmp_path)
    assert figure(monkeypatch, run, *words) == 0
    written = capsys.readouterr().out.splitlines()
    assert written == [str(tmp_path / f"{MAPS}.pdf"), str(tmp_path / f"{MAPS}.caption.txt")]
    assert f"/MediaBox [ 0 0 {90 / 25.4 * 72:.4f}"[:24].encode() in Path(written[0]).read_bytes()


def test_a_figure_without_room_is_named_and_the_others_are_written(
    run, monkeypatch, capsys, tmp_path
) -> None:
    words = ("heatmaps", "excluded", "--width", "30", "--lead", "all", "--to", tmp_path)
    assert figure(monkeypatch, run, *words) == 1
    said = capsys.readouterr()
    assert said.err.startswith(f"{MAPS} was left out: expected at least 78 mm")
    assert (tmp_path / "pr-median-default-excluded.csv").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--width", "wide"], "expected --width as single, double or 30 to 400 mm, got wide"),
        (["ranking", "--ecg", "ecg-0"], "expected heatmaps with --method, --ecg and --lead"),
        (["--method", "lime"], "expected methods of this run (abs_dx, abs_x, random, saliency)"),
    ],
)
def test_a_mistake_is_one_line(run, monkeypatch, capsys, words, said) -> None:
    assert figure(monkeypatch, run, *words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"ecglens: {said}")


def test_pseudonyms_have_the_key_of_the_store_that_the_environment_names(
    run, monkeypatch, tmp_path
) -> None:
    monkeypatch.setenv("ECGLENS_STORE", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)
    assert names_of(run).of("ward", "7") == Pseudonyms(Store(tmp_path / "store")).of("ward", "7")
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
