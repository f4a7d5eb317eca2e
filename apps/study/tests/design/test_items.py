"""Items of a study: every chosen ECG in every view, with practice and catch items."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from ecglens.ecg import LEADS, draw_exact, exact_beat
from ecglens.eval import TargetRegion
from ecglens_study.choose import choose, first_lead
from ecglens_study.items import items, methods_of
from ecglens_study.known import SEED, maps_of, sources
from ecglens_study.settings import Settings

from .inputs import AF, NINE, PR, QT, R, exact, in_other_order, plain

SETTINGS = Settings("s", seed=2)


def test_a_pick_shows_every_method_of_every_chosen_ecg_once_in_each_view():
    study_inputs = [exact(PR), exact(QT)]
    made, notes = items(study_inputs, SETTINGS, 5, "stratified")
    assert not notes
    assert [item.number for item in made] == [*range(len(made))]
    assert [item.phase for item in made] == ["practice"] * 2 + ["vote"] * (len(made) - 2)
    for study_input in study_inputs:
        chosen = {study_input.ecgs[place] for place in choose(study_input, 5, "stratified", 2)}
        for view in ("full", "averaged"):
            own = [
                item for item in made[2:]
                if (item.target, item.view, item.catch) == (study_input.target.name, view, "")
            ]  # fmt: skip
            assert [item.methods for item in own] == [NINE] * 5
            assert {item.ecg for item in own} == chosen


def test_storas_2025_is_1224_decisions():
    y = np.random.default_rng(0).normal(160, 20, 60)
    study_inputs = [
        plain(y, y + 1, replace(PR, name=name)) for name in ("pr", "qrs", "qt", "r", "j", "t")
    ]
    made, _ = items(study_inputs, SETTINGS, 51, "representative")
    assert 2 * sum(item.phase == "vote" and not item.catch for item in made) == 1224


@pytest.mark.parametrize(("task", "shown"), [("pick", 9), ("pair", 2)])
def test_a_catch_item_shows_as_many_maps_as_any_other(task, shown):
    settings = replace(SETTINGS, task=task, catch=3)
    made, _ = items([exact(PR), exact(QT)], settings, 4, "random")
    caught = [item for item in made if item.catch and item.phase == "vote"]
    assert Counter((item.target, item.view) for item in caught) == dict.fromkeys(
        [(target, view) for target in ("pr", "qt") for view in ("full", "averaged")], 3
    )
    for item in caught:
        assert item.catch == item.methods[0] == "planted"
        assert len({*item.methods}) == shown
        assert not {*item.methods} & {*NINE}
    if task == "pair":  # not always with the same partner
        beside = [item.methods[1] for item in caught if (item.target, item.view) == ("pr", "full")]
        assert beside == ["random", "abs_x", "abs_dx"]


def test_practice_and_catch_items_are_of_ecgs_that_are_not_judged_where_there_are_any():
    study_input = exact(PR, 12)
    settings = replace(SETTINGS, practice=5, catch=3)
    made, _ = items([study_input], settings, 4, "random")
    judged = {item.ecg for item in made if item.phase == "vote" and not item.catch}
    caught = {item.ecg for item in made if item.catch and item.phase == "vote"}
    practised = [item.ecg for item in made if item.phase == "practice"]
    assert len(judged) == 4
    assert len(caught) == 3
    assert len({*practised}) == 5
    assert not judged & caught
    assert not (judged | caught) & {*practised}
    assert [item.view for item in made[:5]] == ["full", "averaged", "full", "averaged", "full"]
    # Without other ECGs, practice uses the judged ones.
    all_judged, _ = items([study_input], settings, 12, "random")
    assert sum(item.phase == "practice" for item in all_judged) == 5
    assert sum(bool(item.catch) and item.phase == "vote" for item in all_judged) == 6


def test_practice_is_on_exact_ecgs_whose_right_map_is_known():
    study_input = exact(PR, 12)
    settings = replace(SETTINGS, practice=4, prediction=True)
    made, _ = items([study_input], settings, 4, "random")
    practised = [item for item in made if item.phase == "practice"]
    source = sources([study_input], settings)["pr", "practice"]
    for item in practised:
        assert item.catch == "planted"
        assert len(item.methods) == len(NINE)
        assert not {*item.methods} & {*NINE}
        place = source.ecgs.index(item.ecg)
        # No network has read it: the true value, here from the marks, with 2 ms a sample.
        marks = exact_beat(draw_exact(SEED, int(item.ecg.split()[-1]))).marks
        assert marks
        assert item.prediction == f"{2 * (marks.qrs_on - marks.p_on):.0f} ms"
        maps = maps_of(source, item)
        region = TargetRegion("both", PR.edges, PR.waves, None).points(source.segments[[place]])[0]
        assert maps["planted"][region].min() > 0.3
        assert np.abs(maps["random"][~region]).max() > 1
    assert not {item.ecg for item in practised} & {*study_input.ecgs}
    # An arrhythmia has no region: its practice has the maps of the study, and no right one.
    af, _ = items([replace(study_input, target=AF, y=np.arange(12) % 2.0)], settings, 4, "random")
    assert {item.catch for item in af} == {""}


def test_a_rating_has_catch_items_with_the_right_map_and_with_noise():
    made, notes = items([exact(PR)], replace(SETTINGS, task="rate", catch=2), 4, "random")
    caught = [item for item in made if item.catch and item.phase == "vote"]
    assert [item.methods for item in caught] == [("planted",), ("random",)] * 2
    assert {item.catch for item in caught} == {"planted"}
    assert notes == ()


def test_tiles_show_the_lead_of_the_target_or_the_one_with_the_most_relevance():
    first = exact(PR, 6, "ab")
    loud = {name: each.copy() for name, each in first.heatmaps.items()}
    loud["a"][:, LEADS.index("V2")] *= 50
    loud["b"][:, LEADS.index("aVF")] *= 8
    # Method a has nearly all of its relevance in V2, b only a part of it in aVF.
    assert first_lead(replace(first, heatmaps=loud), range(6)) == "V2"
    # Equal weight for each method: the unit of a method has no effect.
    louder = loud | {"b": 1e6 * loud["b"]}
    assert first_lead(replace(first, heatmaps=louder), range(6)) == "V2"
    assert first_lead(exact(R, 6, "ab"), range(6)) == "V5"
    made, _ = items([first], SETTINGS, 4, "random")
    leads = {(item.view, item.lead) for item in made if item.phase == "vote"}
    assert leads == {("full", first_lead(first, choose(first, 4, "random", 2))), ("averaged", "")}


def test_another_order_of_the_ecgs_is_the_same_study_and_another_seed_is_not():
    study_inputs = [exact(PR), exact(R)]
    settings = replace(SETTINGS, prediction=True, task="pair")
    found = items(study_inputs, settings, 5, "representative")
    shuffled = [in_other_order(study_input, seed) for seed, study_input in enumerate(study_inputs)]
    assert items(shuffled, settings, 5, "representative") == found
    assert items(study_inputs, replace(settings, seed=3), 5, "representative") != found


def test_an_expert_reads_the_target_and_the_prediction_only_where_it_is_to_be_seen():
    study_input = replace(exact(R), prediction=np.full(12, -1234.5))
    hidden, _ = items([study_input], SETTINGS, 3, "random")
    assert {(item.title, item.prediction) for item in hidden} == {("R amplitude in V5", "")}
    seen, _ = items([study_input], replace(SETTINGS, prediction=True), 3, "random")
    # Practice is on ECGs that the network never reads: their true values are shown, if known.
    assert {item.prediction for item in seen if item.phase == "vote"} == {"−1234 µV"}
    true = {item.prediction for item in seen if item.phase == "practice"}
    assert "−1234 µV" not in true
    assert all(each.endswith(" µV") for each in true)
    own = replace(study_input, target=replace(R, column="r_of_my_table"))
    seen, _ = items([own], replace(SETTINGS, prediction=True), 3, "random")
    assert {item.prediction for item in seen if item.phase == "practice"} == {""}
    binary = replace(exact(PR), target=AF, prediction=np.zeros(12), y=np.arange(12) % 2.0)
    seen, _ = items([binary], replace(SETTINGS, prediction=True), 3, "random")
    assert {(item.title, item.prediction) for item in seen} == {
        ("af", "probability 50\N{NO-BREAK SPACE}%")
    }


def test_what_is_not_as_asked_for_is_said():
    study_input = exact(PR, 6)
    heatmaps = {name: each.copy() for name, each in study_input.heatmaps.items()}
    heatmaps["b"][:] = 0
    heatmaps["c"][0, 3, 5] = np.inf
    segments = study_input.segments.copy()
    segments[1:] = 0
    study_input = replace(study_input, heatmaps=heatmaps, segments=segments)
    others = {name: each for name, each in exact(QT, 6).heatmaps.items() if name != "d"}
    qt = replace(exact(QT, 6), heatmaps=others)
    af = replace(exact(PR, 6), target=AF, y=np.arange(6) % 2.0)
    made, notes = items([study_input, qt, af], SETTINGS, 5, "random")
    assert notes == (
        "pr: 0 catch items instead of 2: too few ECGs have the waves",
        "pr: 1 of 6 ECGs lack finite maps and are not chosen",
        "pr: 5 of 5 maps by b are zero everywhere; they are shown",
        "qt: no maps by d, which other targets have",
        "af: no catch items: the target names no edges or waves that decide it",
    )
    assert methods_of([study_input, qt, af]) == NINE
    assert {item.methods for item in made if item.target == "qt" and not item.catch} == {
        tuple("abcefghi")
    }


@pytest.mark.parametrize(
    ("study_inputs", "task", "said"),
    [
        ([], "pick", "expected each target once, got none"),
        ([exact(PR, 3), exact(PR, 3)], "pick", "expected each target once, got pr, pr"),
        ([exact(PR, 3, "abcdefghij")], "pick", "at most 9 methods .* got 10: a, b, .*, j; leave"),
        ([exact(PR, 3, "a")], "pair", "expected at least 2 methods for task pair, got a"),
        ([exact(PR, 3, ("a", "abs_x"))], "rate", "expected methods, got abs_x"),
        ([exact(PR, 3, ("a", "random 2", "none"))], "rate", "got random 2, none"),
    ],
)
def test_materials_that_make_no_study_are_refused(study_inputs, task, said):
    with pytest.raises(ValueError, match=said):
        items(study_inputs, replace(SETTINGS, task=task), 2, "random")


def test_ten_methods_may_be_rated_or_paired():
    ten = exact(PR, 3, "abcdefghij")
    for task, screens in (("rate", 10), ("pair", 45)):
        made, _ = items([ten], replace(SETTINGS, task=task), 1, "random")
        assert sum(item.phase == "vote" and not item.catch for item in made) == 2 * screens


def test_an_ecg_that_is_two_signals_is_refused():
    other = exact(QT)
    for changed in (replace(other, x=other.x * 2), replace(other, origin=0)):
        with pytest.raises(ValueError, match=r"one signal .* got two, for targets 'pr' and 'qt'"):
            items([exact(PR), changed], SETTINGS, 3, "random")
