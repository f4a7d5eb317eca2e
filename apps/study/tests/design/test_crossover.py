"""With and without the map: which ECGs, and who has the map on which of them when."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from ecglens_study.crossover import periods, readings, sets, wrong
from ecglens_study.settings import JUDGE, OF_JUDGE, Item, Settings, Turn

from .inputs import AF, PR, exact, in_other_order, plain

JUDGED = Settings("s", task=JUDGE, limit=20.0, **OF_JUDGE)
ITEMS = tuple(
    Item(number, "pr", "full", f"E{number:02d}", ("lrp",), "PR interval", "172 ms",
         phase="practice" if number < 2 else "vote", reading="right" if number % 2 else "wrong")
    for number in range(2 + 24)
)  # fmt: skip


def of(reader: int) -> list[Turn]:
    """Turns of a reader without practice."""
    return [turn for turn in periods(ITEMS, JUDGED, reader) if ITEMS[turn.item].phase == "vote"]


def test_each_reader_judges_each_ecg_once_in_each_arm_and_period():
    for reader in range(1, 8):
        met = of(reader)
        assert len(met) == 2 * 24
        assert [turn.showing for turn in met] == [1] * 24 + [2] * 24
        assert {*Counter((turn.item, turn.methods) for turn in met).values()} == {1}
        assert {*Counter((turn.item, turn.showing) for turn in met).values()} == {1}


def test_arm_is_orthogonal_to_period_to_the_reading_and_to_the_order_of_readers():
    first = np.zeros(26, int)
    for reader in range(1, 9):
        met = of(reader)
        cells = Counter(
            (turn.showing, bool(turn.methods), ITEMS[turn.item].reading) for turn in met
        )
        assert {*cells.values()} == {6}  # 48 judgements in 2 x 2 x 2 cells
        first[[turn.item for turn in met[:24] if turn.methods]] += 1
        if reader % 2 == 0:  # after every two readers each ECG had the map first as often as not
            assert {*first[2:]} == {reader // 2}


def test_a_block_of_four_has_two_of_each_arm_and_blocks_differ():
    blocks = set()
    for reader in range(1, 9):
        shown = [bool(turn.methods) for turn in of(reader)]
        fours = [tuple(shown[start : start + 4]) for start in range(0, 48, 4)]
        assert {sum(block) for block in fours} == {2}
        blocks |= {*fours}
    assert len(blocks) == 6  # all orders of two and two


def test_readers_have_orders_of_their_own_and_practice_comes_first():
    assert len({tuple(turn.item for turn in of(reader)) for reader in range(1, 9)}) == 8
    for reader in (1, 2):
        practice = periods(ITEMS, JUDGED, reader)[:2]
        assert [(turn.item, bool(turn.methods)) for turn in practice] == [(0, True), (1, False)]
        assert [turn.order for turn in periods(ITEMS, JUDGED, reader)] == [*range(1, 51)]


def test_who_begins_with_the_map_on_which_set_is_drawn_for_each_two_readers():
    began = []
    for seed in range(40):
        half, _ = sets(ITEMS, seed)
        turns = periods(ITEMS, replace(JUDGED, seed=seed), 1)[2:26]
        shown = {turn.item for turn in turns if turn.methods}
        began.append(shown == {item.number for item in half})
    assert 8 < sum(began) < 32  # 99.9 % of fair draws


def made(errors: np.ndarray, ecgs: int = 8, **settings):
    """Items and notes of a study of readings with these errors, in ms."""
    y = np.linspace(120, 200, len(errors))
    one = plain(y, y + errors)
    one = replace(one, heatmaps={"lrp": one.x})
    return one, *readings([one], replace(JUDGED, **settings), ecgs, "stratified")


def test_half_of_the_readings_are_wrong_by_the_limit_and_practice_is_on_other_ecgs():
    one, items, notes = made(np.where(np.arange(60) % 5 == 0, -30.0, 5.0))
    practice = [item for item in items if item.phase == "practice"]
    judged = [item for item in items if item.phase == "vote"]
    assert (len(practice), len(judged)) == (2, 8)
    assert len({item.ecg for item in items}) == 10
    assert Counter(item.reading for item in judged) == {"right": 4, "wrong": 4}
    far = dict(zip(one.ecgs, np.abs(one.prediction - one.y) > 20, strict=True))
    assert all((item.reading == "wrong") == far[item.ecg] for item in items)
    said = "pr: half of the ECGs have a wrong reading; of all 60 scored ECGs 20\xa0% have one"
    assert notes == (said,)
    again = readings([in_other_order(one, 3)], JUDGED, 8, "stratified")
    assert again == (items, notes)


def test_an_error_of_the_limit_is_right_and_a_class_is_right_on_its_side():
    errors = np.array([20.0, -20.0, 20.1])
    one = plain(np.full(3, 150.0), 150 + errors)
    assert wrong(one, 20.0).tolist() == [False, False, True]
    af = plain(np.array([1.0, 1.0, 0.0, 0.0]), np.array([2.0, -0.1, -3.0, 0.1]), AF)
    assert wrong(af, 0.0).tolist() == [False, True, False, True]
    one = replace(af, heatmaps={"lrp": af.x})
    items, _ = readings([one], replace(JUDGED, limit=0.0, practice=0), 4, "stratified")
    assert {item.prediction.replace("\xa0", " ") for item in items} == {
        "yes (probability 88 %)", "no (probability 48 %)", "no (probability 5 %)",
        "yes (probability 52 %)",
    }  # fmt: skip


def test_too_few_wrong_readings_name_the_limit_that_would_do():
    errors = np.array([1.0, 2, 3, 12, 14, 16, 18, 25, 30, 40])
    with pytest.raises(ValueError, match=r"at least 4 wrong readings \(limit 20.0 ms\).* got 3 of"):
        made(errors)
    with pytest.raises(ValueError, match=r"a --limit below 18.0 ms"):
        made(errors)
    assert made(errors, limit=17.9)[1]
    with pytest.raises(ValueError, match=r"4 right readings.* got 3 of 10.*of at least 12.0 ms"):
        made(errors, limit=5.0)
    assert made(errors, limit=12.0)[1]
    with pytest.raises(ValueError, match="of at least ") as refused:
        made(errors + 1 / 3, limit=5.0)
    advised = str(refused.value).split("of at least ")[1].split(" ms")[0]
    assert made(errors + 1 / 3, limit=float(advised))[1]


def test_what_cannot_be_judged_is_one_clear_line():
    with pytest.raises(ValueError, match="expected one method with task judge"):
        readings([exact(PR, 12)], JUDGED, 4, "stratified")
    with pytest.raises(ValueError, match="expected one target with task judge, got pr, af"):
        readings([exact(PR, 4, "a"), exact(replace(PR, name="af"), 4, "a")], JUDGED, 4, "random")
    with pytest.raises(ValueError, match=r"expected --limit above 0 ms: up to this error"):
        readings([exact(PR, 12, "a")], replace(JUDGED, limit=0.0), 4, "stratified")
    af = plain(np.array([1.0, 1.0, 0.0, 0.0]), np.array([2.0, -0.1, -3.0, 0.1]), AF)
    with pytest.raises(ValueError, match=r"expected no --limit with 'af', a class.* got 20"):
        readings([replace(af, heatmaps={"lrp": af.x})], JUDGED, 4, "stratified")
    with pytest.raises(ValueError, match="multiple of 4 with task judge, got 10"):
        readings([exact(PR, 12, "a")], JUDGED, 10, "stratified")
    with pytest.raises(ValueError, match="expected one view with task judge"):
        replace(JUDGED, views=("full", "averaged"))
    with pytest.raises(ValueError, match="expected prediction True with task judge, got False"):
        replace(JUDGED, prediction=False)
    with pytest.raises(ValueError, match="expected limit of 0 or more, got nan"):
        replace(JUDGED, limit=float("nan"))
    with pytest.raises(ValueError, match="expected washout from 0 to 36500, got 1000000000"):
        replace(JUDGED, washout=10**9)
    with pytest.raises(ValueError, match="expected answers without outer spaces, got ' yes'"):
        replace(JUDGED, second="Sure?", second_answers=(" yes", "no"))


def test_practice_is_left_out_where_no_other_ecg_is_there():
    errors = np.array([0.0, 0, 0, 0, 30, 30, 30, 30, 30])
    _, items, notes = made(errors)
    assert sum(item.phase == "practice" for item in items) == 1
    assert notes[1] == "practice items: 1 instead of 2, no other ECGs are left"
    assert all(one.number < other.number for one, other in pairwise(items))
