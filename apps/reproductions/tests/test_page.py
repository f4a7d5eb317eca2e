"""Tables and templates of a page."""

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import ANOTHER_PATIENT, Finding, rank
from ecglens.report import perturbation_views
from ecglens_reproductions.experiments import Table
from ecglens_reproductions.storas_tables import (
    INDENT,
    POOR,
    SHARES,
    shown_shares,
    template_parts,
    template_table,
)

from tests.report.conftest import build, changed, with_rungs


def test_cells_are_text_numbers_and_answers():
    frame = pd.DataFrame(
        {"a": ["x_1", f"{INDENT}printed"], "b": [0.12345, np.nan], "c": [True, False]}
    )
    table = Table("name", "", frame)
    assert table.rows == [["x_1", "0.123", "yes"], [f"{INDENT}printed", "–", "no"]]
    assert table.latex.splitlines() == [
        r"\begin{tabular}{lrr}", r"\toprule", r"a & b & c \\", r"\midrule",
        r"x\_1 & 0.123 & yes \\", r"\quad printed & -- & no \\", r"\bottomrule",
        r"\end{tabular}",
    ]  # fmt: skip


METHODS = ("saliency", "smoothgrad", "deconvolution")


@pytest.fixture(scope="module")
def finding() -> Finding:
    """Another patient's map has half of SmoothGrad's effect; Deconvolution has random's."""
    made = build(methods=METHODS)
    curves = made.curves[0].predictions
    made = changed(made, predictions={**curves, "deconvolution": curves["random"]})
    none, clean = curves["random"], curves["random"][..., :1]
    half = clean + (curves["smoothgrad"] + none - 2 * clean) / 2
    return with_rungs(made, none, saliency=none, smoothgrad=half, deconvolution=none)


def test_a_share_is_of_the_own_area_above_random(finding: Finding) -> None:
    table = template_table(perturbation_views([finding])).set_index("method")
    rungs = rank(finding).ladder.rungs.set_index(["method", "rung"])
    auc, own = rungs.loc[("smoothgrad", ANOTHER_PATIENT), ["auc", "own"]]
    random = rungs.loc[("smoothgrad", "random"), "auc"]
    assert table.loc["smoothgrad", ANOTHER_PATIENT] == pytest.approx(
        (auc - random) / (own - random)
    )
    assert 0.2 < table.loc["smoothgrad", ANOTHER_PATIENT] < 0.8
    assert table.loc["saliency", ANOTHER_PATIENT] == pytest.approx(0.0, abs=0.05)
    assert table["level"].to_dict() == rank(finding).ladder.reached


def test_a_poor_method_has_a_level_and_no_share(finding: Finding) -> None:
    assert rank(finding).table.set_index("method").loc["deconvolution", "tier"] == POOR
    row = template_table(perturbation_views([finding])).set_index("method").loc["deconvolution"]
    assert row["level"] == 0
    assert np.isnan(row[ANOTHER_PATIENT])


def test_a_share_is_shown_only_for_a_method_above_random(finding: Finding) -> None:
    table = template_table(perturbation_views([finding])).set_index("method")
    table.loc["saliency", "above_random"] = False
    seen = shown_shares(table)
    assert seen.loc["saliency", [*SHARES]].isna().all()
    assert seen.loc["smoothgrad"].equals(table.loc["smoothgrad"])
    assert np.isfinite(table.loc["saliency", ANOTHER_PATIENT])


def test_without_a_method_above_random_there_is_no_share(finding: Finding) -> None:
    curves = finding.curves[0]
    none = dict.fromkeys(METHODS, curves.predictions["random"])
    flat = changed(finding, predictions={**curves.predictions, **none})
    table = template_table(perturbation_views([flat]))
    assert True not in table["above_random"].tolist()
    assert np.isnan(table[ANOTHER_PATIENT].to_numpy()).all()
    assert True in template_table(perturbation_views([finding]))["above_random"].tolist()


def test_without_rungs_there_is_no_part() -> None:
    assert template_parts(perturbation_views([build(methods=METHODS)])) == []
