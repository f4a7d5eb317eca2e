"""The figure of waves says what was measured and what each map says."""

import numpy as np
import pandas as pd
from ecglens.ecg import WAVES
from ecglens.eval import Finding, Measure
from ecglens.report.views.measures import waves_figure
from matplotlib.patches import Rectangle

from ..findings import about


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
