"""Which curves are named, and where."""

import numpy as np
import pytest
from ecglens.report.figures.curves import ALL, BEST, DrawnCurves, apart, named

ENDS = {"a": 5.0, "b": 5.01, "c": 5.02, "d": 1.0, "e": 0.99, "f": 9.0}


def test_names_keep_the_order_of_the_curves_and_never_overlap() -> None:
    heights = apart(ENDS, 0.5, (0.0, 10.0))
    ordered = sorted(ENDS, key=lambda name: ENDS[name])
    assert np.diff([heights[name] for name in ordered]).min() >= 0.5 - 1e-9
    assert heights["f"] == 9.0
    assert heights["b"] == pytest.approx(5.01)


def test_names_stay_within_the_panel_at_both_ends() -> None:
    heights = apart(ENDS, 1.0, (1.0, 9.0))
    assert min(heights.values()) == 1.0
    assert max(heights.values()) == 9.0
    ordered = sorted(ENDS, key=lambda name: ENDS[name])
    assert np.diff([heights[name] for name in ordered]).min() >= 1.0 - 1e-9


def test_names_without_room_keep_their_distance() -> None:
    heights = apart(ENDS, 3.0, (0.0, 9.0))
    assert sorted(heights.values()) == [0.0, 3.0, 6.0, 9.0, 12.0, 15.0]


def test_curves_are_ordered_by_the_area_that_is_ranked() -> None:
    curve = np.array([0.0, 1.0, 3.0, 100.0])
    drawn = DrawnCurves("title", "change", {"a": curve}, (), until=2)
    assert drawn.area == {"a": pytest.approx(np.trapezoid(curve[:3]))}


def test_a_few_curves_are_all_named() -> None:
    area = {str(place): float(place) for place in range(ALL)}
    assert named(area, dict.fromkeys(area, 0.0), ["0"], 1.0) == list(area)


def test_of_many_curves_the_best_the_controls_and_those_apart_are_named() -> None:
    area = {str(place): float(place) for place in range(20)}
    ends = dict.fromkeys(area, 50.0) | {"7": 30.0, "6": 30.5, "5": 31.0, "0": 0.0, "1": 0.0}
    told = named(area, ends, ["0", "1"], 1.0)
    best = ["19", "18", "17", "16", "15"]
    assert len(best) == BEST
    assert told == [*best, "0", "1", "7", "5"]
