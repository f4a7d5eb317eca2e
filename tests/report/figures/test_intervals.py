"""Figures of numbers with intervals: each number is drawn, and no word lies over another."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import rank
from ecglens.eval.statistics.ranks import friedman
from ecglens.report.figures.intervals import (
    GATES,
    critical_difference_figure,
    estimates_figure,
    forest_figure,
    gates_of,
    kept_figure,
    ranking_figure,
)
from ecglens.report.style import STYLES
from ecglens_metrics.axioms import MEASURES
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from ..findings import of_measures, of_rho, of_weights


def test_no_title_lies_over_another_or_beyond_the_page():
    rows = [
        {"measure": each.name, "method": name, "kind": "method", "value": 0.5, "low": 0, "high": 1}
        for each in MEASURES
        for name in ("saliency", "integrated_gradients")
    ]
    figure = forest_figure(pd.DataFrame(rows), MEASURES, "PR")
    figure.draw_without_rendering()
    labels = {each.label for each in MEASURES}
    texts = [text for axes in figure.axes for text in axes.findobj(Text)]
    boxes = [t.get_window_extent() for t in texts if t.get_text().replace("\n", " ") in labels]
    assert len(boxes) == len(MEASURES)
    assert max(box.x1 for box in boxes) <= figure.bbox.x1
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_eight_measures_of_every_method_fit_on_a_page():
    measures = (*MEASURES, replace(MEASURES[0], name="eighth"))
    rows = [
        {"measure": each.name, "method": name, "kind": "method", "value": 0.5, "low": 0, "high": 1}
        for each in measures
        for name in STYLES
    ]
    figure = forest_figure(pd.DataFrame(rows), measures, "PR")
    assert len(measures) == 8
    width, height = figure.get_size_inches() * 25.4
    assert width <= 180
    assert height <= 247  # an A4 page without its margins
    figure.draw_without_rendering()
    names = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
    assert len(names) == len(STYLES)
    assert not any(one.overlaps(other) for one, other in pairwise(names))


def test_a_method_stands_beside_its_name_where_a_measure_lacks_another():
    has = {MEASURES[0].name: ("saliency", "deeplift"), MEASURES[1].name: ("deeplift",)}
    rows = [
        {"measure": name, "method": each, "kind": "method", "value": 0.5, "low": 0, "high": 1}
        for name, methods in has.items()
        for each in methods
    ]
    figure = forest_figure(pd.DataFrame(rows), MEASURES[:2], "PR")
    for axes, rows in zip(figure.axes, ([0, 1], [1]), strict=True):
        dots = [np.asarray(line.get_ydata()) for line in axes.lines if line.get_marker() == "o"]
        np.testing.assert_array_equal(np.concatenate(dots), rows)


def test_each_group_has_a_bar_over_its_methods_and_each_method_a_dot_at_its_rank():
    random = np.random.default_rng(0)
    means = np.array([3.0, 2.8, 0.0, 0.1, 1.5])
    names = ["saliency", "smoothgrad", "deeplift", "deconvolution", "guided_gradcam"]
    test = friedman(names, means[:, None] + random.normal(size=(5, 40)))
    assert len(test.groups) == 2
    axes = critical_difference_figure(test, "PR", "generated ECGs").axes[0]
    assert axes.get_xlabel().startswith("mean rank over 40 generated ECGs (1 is best)")
    lines = [np.asarray(line.get_xydata()) for line in axes.lines]
    dots = {float(line[0, 0]): float(line[0, 1]) for line in lines if len(line) == 1}
    assert [*dots] == sorted(test.mean_ranks)
    assert [*dots.values()] == [0, 1, 2, 3, 4]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    upright = [line for line in lines if len(line) == 2 and line[0, 0] == line[1, 0]]
    covered = [
        [labels[place] for place in range(5) if low <= place <= high]
        for low, high in (bar[:, 1] for bar in upright)
    ]
    assert [{*each} for each in covered] == [
        {"Saliency", "SmoothGrad"}, {"Deconvolution", "DeepLIFT"}
    ]  # fmt: skip
    (level,) = [line for line in lines if len(line) == 2 and line[0, 1] == line[1, 1]]
    assert np.isclose(level[1, 0] - level[0, 0], test.critical_difference)


ENDS = ("value", "low", "high")


def drawn(axes: Axes) -> np.ndarray:
    """Every x at which a line or mark of these axes lies."""
    return np.concatenate([np.asarray(line.get_xdata(), float).ravel() for line in axes.lines])


def assert_drawn(axes: Axes, table: pd.DataFrame, columns: Sequence[str]) -> None:
    """Fail unless each finite number of these columns is drawn."""
    wanted = table.filter([*columns]).to_numpy(float, na_value=np.nan).ravel()
    wanted = wanted[np.isfinite(wanted)]
    assert len(wanted)
    missing = [each for each in wanted if not np.isclose(drawn(axes), each, atol=1e-12).any()]
    assert missing == []


@pytest.mark.parametrize("twin", ["redrawn", "moved"])
def test_what_every_gate_judges_is_drawn_with_its_verdict(twin):
    table = of_weights().table.rename(columns=lambda name: name.replace("redrawn_", f"{twin}_"))
    (axes,) = kept_figure(table, "").axes
    assert [*gates_of(table)] == [twin, "labels"]
    ends = ("kept", "kept_low", "kept_high")
    columns = [f"{gate}_{end}" for gate in gates_of(table) for end in ends]
    assert_drawn(axes, table, columns)
    said = [text.get_text() for text in axes.texts]
    for row in table.to_dict("records"):
        for gate in gates_of(table):
            assert row[f"{gate}_verdict"] in said
    assert GATES[twin][2] in {text.get_text() for text in axes.figure.legends[0].get_texts()}


def test_every_area_and_interval_of_a_ranking_is_drawn(make_finding):
    table = rank(make_finding()).table
    assert_drawn(ranking_figure(table, "area", "").axes[0], table, ENDS)


def test_every_correlation_and_interval_is_drawn():
    table = of_rho().table
    (axes,) = estimates_figure(table, "").axes
    assert_drawn(axes, table, ENDS)


def test_every_measure_and_interval_is_drawn():
    finding = of_measures()
    figure: Figure = forest_figure(finding.table, finding.measures, "")
    for axes, measure in zip(figure.axes, finding.measures, strict=True):
        rows = finding.table.loc[finding.table["measure"] == measure.name]
        assert_drawn(axes, rows, ENDS)


def test_a_number_that_is_missing_is_noticed():
    table = of_rho().table
    (axes,) = estimates_figure(table, "").axes
    with pytest.raises(AssertionError):
        assert_drawn(axes, table.assign(value=table["value"] + 0.001), ["value"])
