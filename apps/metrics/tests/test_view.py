"""The figures of effects and of shortcuts, and the table of effects."""

from dataclasses import replace

import numpy as np
import pandas as pd
from ecglens.ecg import WAVES
from ecglens.eval import Finding, Measure
from ecglens.report import GREY
from ecglens_metrics.shortcuts import MEASURES as SHORTCUTS
from ecglens_metrics.view import NULLS, VERMILION, EffectsView, flags_figure, waves_figure
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


def test_the_measured_effect_stands_above_the_share_of_each_method():
    measure = Measure("leads", "", "", True, "faithfulness", "", "")
    shares = {"saliency": [0.1, 0.0, 0.2, 0.1, 0.6], "abs_x": [0.3, np.nan, 0.6, 0.05, 0.05]}
    finding = Finding(
        about("effects", 2), (measure,), {"leads": {name: np.zeros((1, 1, 2)) for name in shares}},
        details={
            "waves": pd.DataFrame({"wave": WAVES, "mean_size": [1.0, 1.0, 2.0, 4.0, 2.0]}),
            "relevance": pd.DataFrame(
                [{"method": name, **dict(zip(WAVES, row, strict=True))}
                 for name, row in shares.items()]
            ),
        },
    )  # fmt: skip
    figure = waves_figure(finding)["waves"]
    assert figure.get_size_inches()[0] <= 7
    (axes,) = figure.axes
    texts = [text.get_text().replace("\xa0", " ") for text in axes.texts]
    assert texts[:5] == ["10 %", "10 %", "20 %", "40 %", "20 %"]
    assert texts[5:10] == ["10 %", "0 %", "20 %", "10 %", "60 %"]
    assert texts[11] == "–"  # no ECG has the wave
    depth = [each.get_alpha() or 0.0 for each in axes.patches if isinstance(each, Rectangle)]
    assert depth[3] == max(depth[:5])
    assert depth[11] == 0


def test_the_yardstick_says_what_each_map_is_about_and_what_agrees_as_well():
    compared = {f"{null}_{key}": 0.1 for null in NULLS for key in ("difference", "low", "high")}
    ps = {f"{null}_p": 0.01 for null in NULLS}
    own = {"measure": "leads", "value": 0.5, "about": "ECG", "not_above": "", **ps}
    no_weights = own | compared | {"method": "deeplift"}
    del no_weights["redrawn_p"]
    rows = [
        own | compared | {"method": "deeplift"},
        own | compared | {"method": "saliency", "about": "network", "not_above": "mean_map"},
        own | compared | {"method": "lime", "about": "nothing", "not_above": "controls redrawn"},
    ]
    measure = Measure("leads", "Effect", "", True, "faithfulness", "", "")
    finding = Finding(
        about("effects", 2),
        (measure,),
        {"leads": {str(row["method"]): np.zeros((1, 1, 2)) for row in rows}},
        details={"yardstick": pd.DataFrame(rows)},
    )
    (table,) = EffectsView("effects", finding).own_tables().values()
    assert [*table["shown"]] == [
        "beyond other patients’ maps",
        "about this network; not above mean map",
        "not shown; not above controls, redrawn weights",
    ]
    assert [*table["above another patient"]] == ["0.10 (0.10 to 0.10)"] * 3
    of_none = replace(finding, details={"yardstick": pd.DataFrame([no_weights])})
    (table,) = EffectsView("effects", of_none).own_tables().values()
    assert "above redrawn weights" not in table
