"""Every measure's panel has its own room."""

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from ecglens.eval.evaluations.axioms.axioms import MEASURES
from ecglens.report.figures.intervals import forest_figure
from ecglens.report.style import STYLES
from matplotlib.text import Text


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
