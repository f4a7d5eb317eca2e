"""Every number that a verdict rests on is drawn in the figure beside it.

Differences of the null ladder: test_the_figure_draws_every_difference.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import rank
from ecglens.report.figures.intervals import (
    GATES,
    estimates_figure,
    forest_figure,
    kept_figure,
    ranking_figure,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..findings import of_measures, of_rho, of_weights

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


def test_what_every_gate_judges_is_drawn_with_its_verdict():
    table = of_weights().table
    (axes,) = kept_figure(table, "").axes
    columns = [f"{gate}_{end}" for gate in GATES for end in ("kept", "kept_low", "kept_high")]
    assert_drawn(axes, table, columns)
    assert_drawn(axes, table, ["limit"])
    said = [text.get_text() for text in axes.texts]
    for row in table.to_dict("records"):
        for gate in GATES:
            assert f"{row[f'{gate}_verdict']}: {row[f'{gate}_why']}" in said


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
