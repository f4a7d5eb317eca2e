"""Every measure's panel has its own room."""

from itertools import combinations

import pandas as pd
from ecglens.eval.axioms.measures import MEASURES
from ecglens.report.panels.forest import forest_figure
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
