"""A sheet has the samples of the ECG and the position of everything on it."""

import numpy as np
import pytest
from ecglens.ecg import LEADS
from ecglens.report.figures.paper import CLINICAL
from ecglens_study.drawing import Paper, sheet_of

from tests.report.conftest import beats

VIEWS = ("full", "averaged")


def flat(microvolts: float, length: int = 600) -> np.ndarray:
    return np.full((12, length), microvolts)


def samples(paper: Paper) -> np.ndarray:
    """Samples of each lead, in µV."""
    rows = len(paper.geometry["leads"])
    return np.frombuffer(paper.signal, "<i2").reshape(rows, paper.geometry["samples"])


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("length", [600, 5000])
def test_the_samples_are_the_ecg_s_to_a_microvolt(view: str, length: int) -> None:
    x = beats(1, length)[0]
    paper = sheet_of(x, view, 500.0, 0)
    shown = x if view == "full" else x[[LEADS.index("V5")]]
    np.testing.assert_allclose(samples(paper), shown, atol=0.5)
    assert (paper.geometry["mm_per_ms"], paper.geometry["mm_per_mv"]) == (0.025, 10.0)


def test_every_lead_of_the_usual_print_has_its_place() -> None:
    geometry = sheet_of(flat(0.0), "full", 500.0, 250).geometry
    assert [cell["name"] for cell in geometry["cells"]] == [*CLINICAL]
    for cell in geometry["cells"]:
        assert cell["right"] - cell["left"] == pytest.approx(1200 * 0.025)
        assert cell["top"] < cell["label"] < cell["zero"] < cell["bottom"]
    assert geometry["whole"] == [0.0, 0.0, geometry["width_mm"], geometry["height_mm"]]


def test_the_averaged_view_is_lead_v5_alone_without_a_margin() -> None:
    x = flat(0.0)
    x[LEADS.index("V5")] = 700.0
    geometry = sheet_of(x, "averaged", 500.0, 250).geometry
    (cell,) = geometry["cells"]
    assert (cell["name"], geometry["leads"]) == ("V5", ("V5",))
    left, top, width, height = geometry["whole"]
    assert (cell["right"] - cell["left"]) / width > 0.96
    assert (left, top) == (cell["left"] - 0.5, cell["top"])
    assert top < cell["zero"] - 7.0 < cell["bottom"] == top + height


@pytest.mark.parametrize("length", [600, 5000])
@pytest.mark.parametrize("gain", [3, -3])
def test_a_lane_has_its_room_below_its_trace_and_above_the_next(length: int, gain: int) -> None:
    x = gain * beats(1, length)[0]
    geometry = sheet_of(x, "full", 500.0, 250).geometry
    lowest: dict[float, float] = {}  # what a column has above, in mm
    for cell in geometry["cells"]:
        trace = cell["zero"] - x[LEADS.index(cell["name"])] / 1000 * 10
        highest = min(trace.min(), cell["label"] - 1.8)
        assert cell["top"] <= highest
        assert lowest.get(cell["left"], 0.0) < highest
        assert cell["lane"] == pytest.approx(max(trace.max(), cell["zero"]) + 1)
        assert cell["lane"] + geometry["lane_mm"] < cell["bottom"] < geometry["height_mm"] - 5
        assert cell["zero"] % 5 == pytest.approx(0, abs=1e-9)
        lowest[cell["left"]] = cell["lane"] + geometry["lane_mm"]
    assert {cell["zero"] for cell in geometry["cells"]} == {*geometry["zeros"]}


def test_time_is_counted_from_the_origin() -> None:
    for fs, zero_mm in ((500.0, 12.5), (250.0, 25.0)):
        times = dict(sheet_of(flat(0.0), "full", fs, 250).geometry["times"])
        assert times["0"] == pytest.approx(zero_mm)


def test_an_unknown_view_or_an_ecg_with_gaps_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a view of full, averaged, got 'both'"):
        sheet_of(flat(0.0), "both", 500.0, 250)
    for x in (flat(np.nan), flat(40_000.0)):
        with pytest.raises(ValueError, match="expected samples within"):
            sheet_of(x, "full", 500.0, 250)
