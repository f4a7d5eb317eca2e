"""A study made from a finished run, or from several."""

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from ecglens.cli.commands import main
from ecglens.datamodules import Target
from ecglens.eval import load_finding
from ecglens_study import StudyStorage

from ..design.inputs import PR, exact

# Hydra still uses the mappings of `typing`.
pytestmark = pytest.mark.filterwarnings("ignore:.*PEP 585")

LINK = re.compile(r"^(\S+) +http://127\.0\.0\.1:8000/enter/(\S+)$", re.MULTILINE)
FEW = ("--ecgs", 2, "--catch", 0, "--practice", 1)


@pytest.fixture
def run(sweep) -> Path:
    """Folder of a finished run on the PR interval."""
    return sweep / "0"


@pytest.fixture
def study(monkeypatch, capsys) -> Callable[..., str]:
    """Output of `ecglens study` with these words."""

    def said(*words: object) -> str:
        monkeypatch.setattr(sys, "argv", ["ecglens", "study", *map(str, words)])
        main()
        return capsys.readouterr().out

    return said


@pytest.fixture
def mistake(study, capsys) -> Callable[..., str]:
    """Error line of `ecglens study` with wrong words."""

    def said(*words: object) -> str:
        with pytest.raises(SystemExit) as stopped:
            study(*words)
        assert stopped.value.code == 2
        (line,) = capsys.readouterr().err.splitlines()
        return line

    return said


def test_from_a_run_to_a_study_that_experts_can_enter(run, store, study, tmp_path):
    before = sorted((store / "attributions").iterdir())
    folder = tmp_path / "my_study"
    said = study("create", run, "--to", folder, "--experts", "Ada,Bob", *FEW)
    assert sorted((store / "attributions").iterdir()) == before  # no map is computed again
    assert said.splitlines()[-1] == f"next: python -m ecglens study serve {folder}"
    storage = StudyStorage(folder)
    assert storage.settings.name == "my_study"
    assert {*storage.methods} == {"saliency", "input_x_gradient"}
    links = dict(LINK.findall(said))
    for name in ("Ada", "Bob", "organiser"):
        assert storage.session(storage.enter(links[name])).expert == name
    # One practice item, then two ECGs in both views, twice.
    assert [storage.progress(name).total for name in ("Ada", "Bob")] == [9, 9]


def test_no_name_of_an_ecg_is_in_a_study(run, study, tmp_path):
    folder = tmp_path / "my_study"
    study("create", run, "--to", folder, *FEW)
    records = load_finding(run / "findings" / "default").about.records
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not [record for record in records if record.encode() in kept]
    assert str(run).encode() not in kept
    # The key is beside the study, and nothing is written into the run, which people hand on.
    table = pd.read_csv(tmp_path / "my_study-key" / "pseudonyms.csv")
    assert not [*run.rglob("pseudonyms.csv")]
    name_of = dict(zip(table["pseudonym"], table["name"], strict=True))
    shown = {item.ecg for item in StudyStorage(folder).items if item.phase == "vote"}
    assert {name_of[name] for name in shown} <= {*records}


def test_whose_ecgs_they_are_is_written_before_anything_is_drawn(
    run, study, monkeypatch, capsys, tmp_path
):
    def never(*_):
        raise KeyboardInterrupt

    table = tmp_path / "my_study-key" / "pseudonyms.csv"
    monkeypatch.setattr("ecglens_study.folder.heat_of", never)
    with pytest.raises(SystemExit):
        study("create", run, "--to", tmp_path / "my_study", *FEW)
    assert f"for you only: {table.parent}\n" in capsys.readouterr().out
    planned = StudyStorage(tmp_path / "my_study").items
    # Practice is on exact ECGs, which are nobody's.
    judged = {item.ecg for item in planned if item.phase == "vote"}
    assert judged <= {*pd.read_csv(table)["pseudonym"]}


def test_what_is_shown_are_the_maps_that_were_scored(run):
    from ecglens_study.inputs import found_in  # not without the mark above

    found = found_in([run], [], 4)
    (study_input,) = found.study_inputs
    finding = load_finding(run / "findings" / "default")
    (curves,) = finding.curves
    assert study_input.ecgs == found.names.all_of("exact", curves.records)
    places = [curves.records.index(record) for record in curves.gallery.records]
    for name, drawn in curves.gallery.heatmaps.items():
        shown = {**study_input.heatmaps, **study_input.controls}[name]
        np.testing.assert_array_equal(shown[places], drawn)
    np.testing.assert_array_equal(study_input.y, curves.y)
    np.testing.assert_array_equal(study_input.prediction, curves.predictions["random"][0, :, 0])
    # A median beat has its R peak there.
    assert (study_input.segments[:, study_input.origin] != 0).all()


def test_the_chosen_method_may_stand_in_one_of_two_jobs(run, monkeypatch):
    from ecglens_study import inputs  # not without the mark above

    (source,) = inputs._sources([run], trust=False)
    first, second = source.methods[:2]
    (curves,) = source.ranked.curves
    parts = [
        replace(source, ranked=replace(source.ranked, curves=(replace(curves, predictions=own),)))
        for own in (
            {name: each for name, each in curves.predictions.items() if name != left_out}
            for left_out in (second, first)
        )
    ]
    monkeypatch.setattr(inputs, "_sources", lambda runs, trust: parts)
    (study_input,) = inputs.found_in([run], [second], 4).study_inputs
    assert [*study_input.heatmaps] == [second]
    monkeypatch.setattr(inputs, "_sources", lambda runs, trust: parts[:1])
    with pytest.raises(ValueError, match=f"expected maps by {second} on pr, got none"):
        inputs.found_in([run], [second], 4)


def test_two_classes_of_one_network_are_not_mixed_in_one_study():
    from ecglens_study.inputs import _check, of_each_map

    classes = Target("diagnosis", "logit", "", kind="binary", classes=("lbbb", "rbbb"))
    ranked: list[Any] = [
        SimpleNamespace(
            about=SimpleNamespace(target=replace(classes, explain=name), networks=("one",)),
            facts={"settings": {"method": ["saliency"]}},
        )
        for name in classes.classes
    ]
    assert of_each_map(ranked) == ranked
    with pytest.raises(ValueError, match="one explained class of diagnosis, got lbbb, rbbb"):
        _check([cast(Any, SimpleNamespace(ranked=each)) for each in ranked], [], 4)


def test_a_sweep_is_a_study_of_several_targets(sweep, study, tmp_path):
    study("create", sweep, "--to", tmp_path / "my_study", *FEW, "--views", "full")
    assert {item.target for item in StudyStorage(tmp_path / "my_study").items} == {"pr", "qrs"}


def test_the_folder_that_one_stands_in_is_a_run(run, study, monkeypatch, tmp_path):
    from ecglens_study.inputs import rankings_in  # not without the mark above

    monkeypatch.chdir(run)
    study("create", ".", "--to", tmp_path / "my_study", *FEW, "--views", "full")
    assert {item.target for item in StudyStorage(tmp_path / "my_study").items} == {"pr"}
    assert [each.about.target.name for each in rankings_in(Path())] == ["pr", "pr"]


def test_a_score_beside_votes_is_named_by_its_run_its_sweep_or_itself(sweep):
    from ecglens_study.inputs import of_each_map, rankings_in  # not without the mark above

    both = rankings_in(sweep)
    assert [each.about.target.name for each in both] == ["pr", "pr", "qrs", "qrs"]
    for folder, protocols in (
        (sweep / "1", ["default", "noise_10"]),
        (sweep / "1" / "findings" / "default", ["default"]),
    ):
        found = rankings_in(folder)
        assert [each.curves[0].protocol.name for each in found] == protocols
        networks = {(each.about.target.name, each.about.networks) for each in found}
        assert networks == {("qrs", both[2].about.networks)}
        assert of_each_map(found) == found[:1]  # analyse takes one protocol of a run


def test_more_ecgs_than_there_are_is_one_clear_line(run, mistake, tmp_path):
    assert mistake("create", run, "--to", tmp_path / "my_study", "--preset", "storas2025") == (
        "ecglens: expected at most 4 ECGs, the number that was scored (evaluate.py with a larger "
        "ecgs=… scores more); got --ecgs 51"
    )


def test_the_preset_of_the_article_asks_what_the_article_asked(run, study, tmp_path):
    folder = tmp_path / "my_study"
    study("create", run, "--to", folder, "--preset", "storas2025", "--ecgs", 3)
    settings = StudyStorage(folder).settings
    assert (settings.none, settings.guess) == (False, False)
    assert (settings.practice, settings.catch, settings.showings) == (0, 0, 2)
    assert settings.views == ("full", "averaged")


def test_a_run_becomes_a_study_with_and_without_the_map(run, study, mistake, monkeypatch, tmp_path):
    folder = tmp_path / "my_study"
    (curves,) = load_finding(run / "findings" / "default").curves
    errors = np.sort(np.abs(curves.predictions["random"][0, :, 0] - curves.y))
    limit = errors[1:3].mean()  # two of four readings are wrong
    words = ("create", run, "--to", folder, "--task", "judge", "--ecgs", 4)
    line = mistake(*words, "--limit", limit)
    assert "expected one method with task judge" in line
    assert "--methods" in line
    assert "a --limit below" in mistake(*words, "--methods", "saliency", "--limit", errors[3] + 1)
    said = study(*words, "--methods", "saliency", "--limit", limit, "--washout", 7)
    assert "half of the ECGs have a wrong reading" in said
    storage = StudyStorage(folder)
    assert (storage.settings.washout, storage.settings.prediction) == (7, True)
    assert sorted(item.reading for item in storage.items) == ["right", "right", "wrong", "wrong"]
    assert storage.progress("expert 1").total == 8
    assert "nobody has answered yet" in mistake("analyse", folder)
    with monkeypatch.context() as answered:
        answered.setattr("ecglens_study.usefulness_in", lambda _: True)
        assert "expected no --scores with a study of task judge" in mistake(
            "analyse", folder, "--scores", run
        )


def test_a_second_question_and_a_consent_are_kept(run, study, tmp_path):
    (tmp_path / "consent.txt").write_text("I agree.", "utf-8")
    words = ("--second", "Is P seen?=yes/no", "--consent", tmp_path / "consent.txt", "--no-comment")
    study("create", run, "--to", tmp_path / "my_study", *FEW, *words)
    settings = StudyStorage(tmp_path / "my_study").settings
    assert (settings.second, settings.second_answers) == ("Is P seen?", ("yes", "no"))
    assert (settings.consent, settings.comment) == ("I agree.", False)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--task", "best"), "expected task as one of pick, rate, pair, judge, got 'best'"),
        (("--sampling", "worst"), "--sampling as one of stratified, representative, random, got"),
        (("--preset", "other"), "expected --preset as one of default, storas2025, got 'other'"),
        (("--washout", 3), "expected no --washout with task pick"),
        (("--task", "rate", "--none"), "expected no --none with task rate"),
        (("--task", "judge", "--showings", 1), "expected no --showings with task judge"),
        (("--ecgs", 0), "expected --ecgs of 1 or more, got 0"),
        (("--days", 10**9), "expected days from 1 to 36500, got 1000000000"),
        (
            ("--task", "judge", "--methods", "saliency", "--days", 14),
            "expected days above washout, got 14 and 14",
        ),
        (("--second", "Why?"), 'expected --second "question=answer/answer" of different answers'),
        (("--second", "Why?=a/a"), 'expected --second "question=answer/answer" of different'),
        (("--address", "study.example.org"), "expected --address as http://127.0.0.1:8000 or"),
        (("--methods", "saliency,lime"), "of input_x_gradient, saliency, got lime"),
        (("--methods", "saliency"), "expected at least 2 methods for task pick, got saliency"),
        (("--experts", "Ada,Ada"), "expected each expert once, got Ada, Ada"),
        (("--experts", "Ada,ada"), "expected each expert once, got Ada, ada"),
        (("--experts", "Ada,organiser"), "a name other than 'organiser', which is the organiser's"),
    ],
)
def test_a_wrong_word_is_one_clear_line_and_leaves_no_study(run, mistake, tmp_path, words, line):
    assert line in mistake("create", run, "--to", tmp_path / "my_study", *FEW, *words)
    assert not [*tmp_path.glob("my_study*")]


def test_a_folder_without_a_result_is_told(mistake, tmp_path):
    line = mistake("create", tmp_path, "--to", tmp_path / "my_study")
    assert "found no ranking in findings/*/finding.json beneath" in line
    assert line.startswith("ecglens: expected the folder of a finished run or sweep")


def test_a_network_that_is_not_stored_is_never_fitted_again(run, mistake, store, tmp_path):
    networks = store / "networks"
    networks.rename(away := store / "away")
    try:
        line = mistake("create", run, "--to", tmp_path / "my_study", *FEW)
    finally:
        away.rename(networks)
    assert "expected a network for pr trained under these settings" in line


def test_a_folder_that_holds_other_files_is_left_alone(run, mistake, tmp_path):
    (taken := tmp_path / "taken").mkdir()
    taken.chmod(0o755)
    (taken / "thesis.txt").touch()
    line = mistake("create", run, "--to", taken, *FEW)
    assert f"expected a new folder, found thesis.txt in {taken}; give another --to" in line
    assert [each.name for each in taken.iterdir()] == ["thesis.txt"]
    assert taken.stat().st_mode & 0o777 == 0o755


def test_a_consent_that_is_no_file_is_told(run, mistake, tmp_path):
    consent = tmp_path / "consent.txt"
    line = mistake("create", run, "--to", tmp_path / "my_study", *FEW, "--consent", consent)
    assert f"expected --consent as a text file, found none at {consent}" in line


def test_a_folder_that_holds_a_study_is_left_alone(run, study, mistake, tmp_path):
    words = ("create", run, "--to", tmp_path / "my_study", *FEW, "--experts", "Ada")
    links = dict(LINK.findall(study(*words)))
    assert "expected a new folder, found a finished study" in mistake(*words)
    assert StudyStorage(tmp_path / "my_study").enter(links["Ada"])


def test_methods_of_two_runs_stand_beside_each_other_on_the_same_ecgs_alone():
    from ecglens_study.inputs import joined  # not without the mark above

    first, other = exact(PR, 3, "ab"), exact(PR, 3, "c")
    both = joined(first, other)
    assert {*both.heatmaps} == {*"abc"}
    np.testing.assert_array_equal(both.heatmaps["c"], other.heatmaps["c"])
    with pytest.raises(ValueError, match="the same ECGs in all runs on pr, got different ones"):
        joined(first, replace(other, ecgs=("X", "Y", "Z")))
