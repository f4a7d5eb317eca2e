"""A study from heatmaps to ballots: maps are drawn once, and an interrupted create resumes."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ecglens_study import analyse, frame_of, load_study, write_study
from ecglens_study import folder as create_module
from ecglens_study.behaviour import behaviour_table
from ecglens_study.folder import Created, check_new, create_from_inputs, seed_for
from ecglens_study.settings import OF_JUDGE, Item, Settings, StudyInput
from ecglens_study.storage.database import fields_of, settings_from
from ecglens_study.storage.study_storage import StudyStorage
from ecglens_study.storage.voting import Vote

from .inputs import PR, R, exact

SETTINGS = Settings("small", practice=1, catch=1, seed=3)
INPUTS = [exact(PR, 5, "ab"), exact(R, 5, "ab")]
EXPERTS = ("ann", "bob")


def made(folder: Path, study_inputs: Sequence[StudyInput] = INPUTS, **other) -> Created:
    """Study of two targets in both views, with two ECGs each."""
    return create_from_inputs(
        folder, study_inputs, replace(SETTINGS, **other), 2, "stratified", EXPERTS
    )


def assets(folder: Path) -> set[str]:
    return {path.name for path in (folder / "assets").iterdir()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Created:
    return made(tmp_path_factory.mktemp("study") / "small")


def test_every_map_and_every_sheet_is_drawn_once_and_of_one_size(whole):
    storage = StudyStorage(whole.folder)
    sheets, maps = set(), set()
    for item in storage.items:
        sheet, geometry = storage.drawings.sheet(item.ecg, item.view)
        sheets.add(sheet.name)
        assert len(geometry["cells"]) == (12 if item.view == "full" else 1)
        samples = len(geometry["leads"]) * geometry["samples"]
        assert sheet.stat().st_size == 2 * samples
        assert (item.lead in {cell["name"] for cell in geometry["cells"]}) == (item.view == "full")
        for method in item.methods:
            maps.add(storage.drawings.map(item, method).name)
            heat = storage.drawings.map(item, method).read_bytes()
            assert len(heat) == samples
            assert any(heat)
    keys = {
        (item.target, item.ecg, item.view, each) for item in storage.items for each in item.methods
    }
    assert len(maps) == len(keys)
    assert len(sheets) == len({(item.ecg, item.view) for item in storage.items})
    assert assets(whole.folder) == sheets | maps


def test_experts_and_the_organiser_enter_by_their_links(whole):
    storage = StudyStorage(whole.folder)
    assert tuple(whole.links) == EXPERTS
    for expert, token in whole.links.items():
        assert storage.session(storage.enter(token)).expert == expert
    assert storage.session(storage.enter(whole.organiser)).organiser
    assert whole.decisions == 1 + 2 * 2 * 2 * (2 + 1)
    assert not whole.notes


def right(item: Item, methods: Sequence[str]) -> Vote:
    """Vote for the planted map of a catch item, else for the first method, after five seconds."""
    return Vote(1 + methods.index(item.catch or "a"), seconds=5.0)


def test_votes_of_a_created_study_are_analysed_and_catch_items_count_apart(tmp_path):
    storage = StudyStorage(made(tmp_path / "s").folder)
    for expert in EXPERTS:
        storage.consent(expert)
        while (order := storage.next_turn(expert)) is not None:
            turn = storage.turn(expert, order)
            storage.shown(expert, order)
            storage.vote(expert, order, right(storage.items[turn.item], turn.methods))
    ballots = frame_of(storage.ballots())
    assert len(ballots) == 2 * 24
    assert {*ballots.loc[ballots["catch"] == "", "choice"]} == {"a"}
    behaviour = behaviour_table(ballots).set_index("expert")
    assert behaviour.loc["all", "catch_items"] == behaviour.loc["all", "catch_right"] == 2 * 8
    assert behaviour.loc["ann", "decisions"] == 16


def test_a_method_without_maps_of_a_target_has_no_share_there_and_can_be_guessed(tmp_path):
    created = made(tmp_path / "s", [exact(PR, 5, "ab"), exact(R, 5, "abc")], views=("full",))
    storage = StudyStorage(created.folder)
    for expert in EXPERTS:
        storage.consent(expert)
        while (order := storage.next_turn(expert)) is not None:
            storage.vote(expert, order, Vote(1))
    storage.finish("ann")
    storage.guess("ann", {"1": "c", "2": "unknown"})
    analysis = analyse(load_study(created.folder))
    shown = {target: tuple(panel.scores["votes"]) for (target, _), panel in analysis.panels.items()}
    assert shown == {"pr": ("a", "b"), "r": ("a", "b", "c")}
    chance = {target: panel.measures[0].chance for (target, _), panel in analysis.panels.items()}
    assert chance == {"pr": 1 / 2, "r": 1 / 3}
    assert "Maps by c were not shown for pr; their 0 votes mean nothing." in analysis.notes
    assert write_study(analysis, tmp_path / "analysis").is_file()


def test_an_interrupted_study_goes_on_where_it_was(tmp_path, whole, monkeypatch):
    folder, draw, left = tmp_path / "s", create_module.heat_of, iter(range(9))

    def interrupted(*arguments):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return draw(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(create_module, "heat_of", interrupted)
        with pytest.raises(KeyboardInterrupt):
            made(folder)
    before = assets(folder)
    check_new(folder)
    assert 9 < len(before) < len(assets(whole.folder))
    assert not StudyStorage(folder).overview()
    made(folder)
    assert before < assets(folder)
    same = [StudyStorage(each) for each in (folder, whole.folder)]
    for item in same[0].items:
        for method in item.methods:
            one, other = (storage.drawings.map(item, method).read_bytes() for storage in same)
            assert one == other


def test_a_study_that_was_stopped_among_its_links_goes_on(tmp_path, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(StudyStorage, "invite_organiser", stopped)
        with pytest.raises(KeyboardInterrupt):
            made(tmp_path / "s")
    assert len(StudyStorage(tmp_path / "s").overview()) == len(EXPERTS)
    with pytest.raises(ValueError, match=r"the unfinished study in .*, of whom bob has a link"):
        create_from_inputs(tmp_path / "s", INPUTS, SETTINGS, 2, "stratified", ("ann", "carl"))
    created = made(tmp_path / "s")
    storage = StudyStorage(created.folder)
    for expert, token in created.links.items():
        assert storage.session(storage.enter(token)).expert == expert


def unfinished(folder: Path, monkeypatch) -> Path:
    def never(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(create_module, "heat_of", never)
        with pytest.raises(KeyboardInterrupt):
            made(folder)
    return folder


def test_links_of_a_reader_study_outlast_its_washout(tmp_path):
    judged = Settings("s", "judge", limit=10.0, days=14, **OF_JUDGE)
    assert settings_from(fields_of(judged)) == judged  # stored by an earlier version
    with pytest.raises(ValueError, match="expected days above washout, got 14 and 14"):
        create_from_inputs(tmp_path / "s", INPUTS, judged, 2, "stratified", EXPERTS)
    assert not (tmp_path / "s").exists()


def test_an_unfinished_study_takes_no_other_settings_ecgs_or_maps(tmp_path, monkeypatch):
    folder = unfinished(tmp_path / "s", monkeypatch)
    with pytest.raises(ValueError, match="got other none, days; repeat them"):
        made(folder, none=False, days=3)
    with pytest.raises(ValueError, match="got other second, second_answers; repeat them"):
        made(folder, views=list(SETTINGS.views), second="Sure?", second_answers=["y", "n"])
    with pytest.raises(ValueError, match="got other seed, ECGs or methods"):
        made(folder, seed=4)
    with pytest.raises(ValueError, match="got other ECGs or methods"):
        made(folder, [exact(PR, 5, "ab")])
    first = INPUTS[0]
    others = {name: np.flip(each, -1) for name, each in first.heatmaps.items()}
    with pytest.raises(ValueError, match="different ones with the same names"):
        made(folder, [replace(first, heatmaps=others), INPUTS[1]])
    made(folder)


def test_the_seed_is_drawn_and_that_of_an_unfinished_study_goes_on(tmp_path, monkeypatch):
    assert seed_for(tmp_path / "new") != seed_for(tmp_path / "new")
    assert seed_for(unfinished(tmp_path / "begun", monkeypatch)) == SETTINGS.seed


def test_a_drawn_study_is_never_made_anew(whole):
    before = assets(whole.folder)
    for again in (lambda: made(whole.folder), lambda: check_new(whole.folder)):
        with pytest.raises(ValueError, match=r"expected a new folder.*study invite"):
            again()
    assert assets(whole.folder) == before
    # The existing links stay valid.
    assert StudyStorage(whole.folder).enter(whole.links["ann"])


def test_a_map_of_zeros_is_shown_and_said(tmp_path):
    first = INPUTS[0]
    zero = replace(first, heatmaps={"a": first.heatmaps["a"], "b": 0 * first.heatmaps["b"]})
    created = made(tmp_path / "s", [zero], catch=0)
    assert created.notes == ("pr: 2 of 2 maps by b are zero everywhere; they are shown",)
    storage = StudyStorage(created.folder)
    assert not any(storage.drawings.map(storage.items[-1], "b").read_bytes())


@pytest.mark.parametrize(
    ("experts", "why"),
    [
        ((), "expected each expert once"),
        (("ann", "ann"), "expected each expert once"),
        (("ann", "organiser"), "is the organiser's"),
        (("ann", "b" * 61), "printable characters"),
    ],
)
def test_experts_are_named_once_each_before_anything_is_drawn(experts, why, tmp_path):
    with pytest.raises(ValueError, match=why):
        create_from_inputs(tmp_path / "s", INPUTS, SETTINGS, 2, "random", experts)
    assert not (tmp_path / "s").exists()
