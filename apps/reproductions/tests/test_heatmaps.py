"""Which ECGs the figures of a reproduction show."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.ecg import V5
from ecglens.eval import STORAS2025
from ecglens_paper.figures import Choice
from ecglens_reproductions.storas import storas
from ecglens_reproductions.storas_figures import averaged_by_target, chosen, map_of, measured_figure

from tests.report.conftest import build

NINE = ("saliency", "smoothgrad", "deeplift", "guided_gradcam")
FINDING = build(methods=NINE, protocol=STORAS2025, shown=3)


def misread(finding, place, by):
    """The finding with a network that is `by` off on one ECG."""
    curves = finding.curves[0]
    wrong = {name: np.array(each) for name, each in curves.predictions.items()}
    for each in wrong.values():
        each[:, place, 0] += by
    return replace(finding, curves=(replace(curves, predictions=wrong),))


def test_the_first_ecg_and_the_one_that_is_read_worst_are_drawn():
    assert chosen([misread(FINDING, 2, 40.0)], Choice()) == ("ecg-0", "ecg-2")
    assert chosen([misread(FINDING, 1, 40.0)], Choice()) == ("ecg-0", "ecg-1")
    assert chosen([FINDING], Choice(records=("ecg-1",))) == ("ecg-1",)


def test_an_ecg_without_kept_maps_is_refused_with_those_that_have_some():
    with pytest.raises(ValueError, match=r"expected ECGs of the galleries \(ecg-0, ecg-1, ecg-2\)"):
        chosen([FINDING], Choice(records=("ecg-9",)))


def test_a_method_without_maps_is_refused():
    with pytest.raises(ValueError, match=r"expected methods of this run \(abs_dx, .*\), got lime"):
        chosen([FINDING], Choice(methods=("saliency", "lime")))


def test_every_method_has_a_trace_of_v5_under_each_target():
    figure = averaged_by_target([FINDING, FINDING], "ecg-1", Choice(), NINE)
    x = FINDING.curves[0].gallery.x[1, V5]
    assert figure is not None
    lines = [line for axes in figure.axes for line in axes.lines]
    traces = [line for line in lines if np.size(line.get_xdata()) == len(x)]
    assert len(traces) == 2 * len(NINE)
    assert averaged_by_target([FINDING], "unknown", Choice(), NINE) is None


def test_the_marks_of_figure_1_are_those_of_the_beat():
    figure = measured_figure(FINDING, "ecg-0")
    words = [text.get_text() for text in figure.axes[0].texts]
    assert {"PR", "QRS", "R", "J"} <= {*words}
    assert "T" not in words  # no T wave is marked in this one
    (dot, *_) = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    (trace,) = [line for line in figure.axes[0].lines if np.size(line.get_xdata()) == 600]
    highest = np.min(np.asarray(trace.get_ydata()))  # millimetres from the top
    assert np.asarray(dot.get_ydata()) == pytest.approx(highest)  # the R peak


def test_figures_5_and_6_are_of_the_published_pair_or_of_ones_choice():
    drawn = [each.name for part in storas([FINDING], Choice()) for each in part.drawings]
    assert "figure-6-median-ecg-0-A" in drawn
    assert "figure-6-median-ecg-0-B" in drawn
    assert not any(name.startswith("figure-5") for name in drawn)  # no T amplitude
    own = Choice(methods=("saliency",), records=("ecg-2",))
    drawn = [each.name for part in storas([FINDING], own) for each in part.drawings]
    assert [name for name in drawn if name.startswith("figure-6")] == ["figure-6-median-ecg-2-A"]


def test_a_map_that_was_not_kept_is_none():
    assert map_of(FINDING.curves[0], "lime", "ecg-0") is None
    assert map_of(FINDING.curves[0], "saliency", "ecg-7") is None
