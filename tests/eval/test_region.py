"""The region of a target from the mask of waves against the one from the marks themselves."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest
from ecglens.ecg import LEADS, draw_exact, edge_mask, exact_record, segment_mask, wave_mask
from ecglens.eval import Mask, TargetRegion

EVERY = ("P_on", "P_off", "QRS_on", "QRS_off", "T_on", "T_off")


@pytest.mark.parametrize("edge", EVERY)
@pytest.mark.parametrize("strip", [False, True])
def test_edges_out_of_the_mask_are_those_of_the_marks(edge, strip):
    for index in range(4):
        record = exact_record(draw_exact(3, index))
        assert record.marks is not None
        assert record.r_peaks is not None
        # Beats that the strip cuts have edges that the mask cannot know.
        whole = [peak for peak in record.r_peaks.tolist() if 300 < peak < 4600]
        peaks, length = (whole, 5000) if strip else (None, 600)
        segments = segment_mask(record.marks, length, peaks)[None]
        found = TargetRegion("edge", (edge,), (), None).times(segments)[0]
        np.testing.assert_array_equal(found, edge_mask(record.marks, [edge], length, peaks))


def test_waves_and_both_masks_together():
    record = exact_record(draw_exact(3, 0))
    assert record.marks is not None
    segments = segment_mask(record.marks, 600)[None]
    edges, waves = ("QRS_on",), ("T",)
    near = edge_mask(record.marks, edges, 600)
    within = wave_mask(record.marks, waves, 600)
    expected_of: dict[Mask, np.ndarray] = {"edge": near, "wave": within, "both": near | within}
    for mask, expected in expected_of.items():
        region = TargetRegion(mask, edges, waves, "V5")
        np.testing.assert_array_equal(region.times(segments)[0], expected)
        points = region.points(segments)[0]
        np.testing.assert_array_equal(points[LEADS.index("V5")], expected)
        assert points.sum() == expected.sum()


def test_a_target_with_waves_alone_has_their_edges():
    region = TargetRegion("edge", (), ("P", "PQ"), None)
    assert region.parts == (("P_on", "P_off", "QRS_on"), ())


def test_an_ecg_that_lacks_one_of_the_parts_has_no_region():
    marks = exact_record(draw_exact(3, 0)).marks
    assert marks is not None
    without_p = replace(marks, p_on=nan, p_off=nan)
    segments = np.stack([segment_mask(one, 600) for one in (marks, without_p)])
    assert TargetRegion("edge", ("P_on", "QRS_on"), (), None).times(segments).any(1).tolist() == [
        True,
        False,
    ]
    unknown = np.zeros((1, 600), np.int8)
    assert not TargetRegion("both", ("QRS_on",), ("QRS",), None).points(unknown).any()


def test_an_edge_cut_off_by_the_signal_is_unknown():
    segments = np.zeros((1, 600), np.int8)
    segments[0, 590:] = 16  # T runs out of the signal
    assert not TargetRegion("edge", ("T_off",), (), None).times(segments).any()
    assert TargetRegion("edge", ("T_on",), (), None).times(segments).any()


def test_a_target_without_places_is_refused_in_one_line():
    with pytest.raises(ValueError, match=r"^expected a target with edges or waves .* got none"):
        TargetRegion("both", (), (), None)
    with pytest.raises(ValueError, match="expected a target with waves to see"):
        TargetRegion("wave", ("P_on",), (), None)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ((("P_start",), (), None), "expected edges of P_on, .*, got P_start"),
        (((), ("t",), None), "expected waves of P, .*, got t"),
        (((), ("T",), "v5"), "expected a lead of I, .*, got v5"),
    ],
)
def test_unknown_places_are_refused(places, expected):
    with pytest.raises(ValueError, match=expected):
        TargetRegion("both", *places)
    with pytest.raises(ValueError, match="expected a mask of edge, wave, both, got edges"):
        TargetRegion("edges", ("P_on",), (), None)  # pyright: ignore[reportArgumentType]
