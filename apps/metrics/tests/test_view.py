"""The figure of shortcuts."""

import numpy as np
import pandas as pd
from ecglens.eval import Finding
from ecglens.report import GREY
from ecglens_metrics.shortcuts import MEASURES as SHORTCUTS
from ecglens_metrics.view import VERMILION, flags_figure
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from tests.report.findings import about

FLAGS = [
    ("tp", "saliency", 0.31, "not suspicious"),
    ("tp", "abs_dx", 0.83, "suspicious"),
    ("edges", "saliency", 0.42, "suspicious"),
    ("edges", "abs_dx", 0.07, "cannot be said"),
]


def test_suspicious_cells_are_dark_those_of_controls_grey_and_doubt_has_a_mark():
    rows = [
        {"measure": measure, "method": method, "share": share, "expected": 0.25, "flag": flag}
        for measure, method, share, flag in FLAGS
    ]
    scores = {name: {m: np.zeros((1, 1, 2)) for m in ("saliency", "abs_dx")} for name in SHORTCUTS}
    kept = {name: scores[name] for name in ("tp", "edges")}
    finding = Finding(
        about("shortcuts", 2),
        (SHORTCUTS["tp"], SHORTCUTS["edges"]),
        kept,
        details={"flags": pd.DataFrame(rows)},
    )
    figure = flags_figure(finding)["flags"]
    assert figure.get_size_inches()[0] <= 7
    (axes,) = figure.axes
    texts = sorted(text.get_text().replace("\xa0", " ") for text in axes.texts)
    assert texts == ["25 %", "25 %", "31 %", "42 % ●", "7 % ?", "83 % ●"]
    cells = [each for each in axes.patches if isinstance(each, Rectangle)]
    assert {to_hex(each.get_facecolor()) for each in cells} == {GREY, VERMILION}
