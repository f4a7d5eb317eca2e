"""Areas of other patients' maps as a share of those of the own map."""

import numpy as np
import pytest
from ecglens.eval import DEFAULT, Finding, rank
from ecglens.eval.ranking import areas, errors
from ecglens.eval.rungs import ANOTHER_PATIENT, MEAN_OF_OTHERS, prior_key, template_key
from ecglens.report.reproduction.templates import POOR, template_parts, template_table
from ecglens.report.views.perturbation import perturbation_views

from ..conftest import build, changed

METHODS = ("saliency", "smoothgrad", "deconvolution")


@pytest.fixture(scope="module")
def finding() -> Finding:
    """Another patient's map has half of SmoothGrad's effect; Deconvolution has random's."""
    made = build(methods=METHODS)
    curves, until = made.curves[0].predictions, DEFAULT.until + 1
    clean = curves["random"][..., :1]
    half = clean + (curves["smoothgrad"] + curves["random"] - 2 * clean)[..., :until] / 2
    references = {prior_key("point"): curves["random"][..., :until]}
    for rung in (MEAN_OF_OTHERS, ANOTHER_PATIENT):
        references[template_key(rung, "saliency")] = curves["random"][..., :until]
        references[template_key(rung, "smoothgrad")] = half
        references[template_key(rung, "deconvolution")] = curves["random"][..., :until]
    predictions = {**curves, "deconvolution": curves["random"]}
    grains = dict.fromkeys(METHODS, "point")
    return changed(made, predictions=predictions, references=references, grains=grains)


def test_a_share_is_of_the_own_area_above_random(finding: Finding) -> None:
    table = template_table(perturbation_views([finding])).set_index("method")
    one = finding.curves[0]
    aucs = areas(errors([one]), one.protocol.until).mean((1, 2))
    area = dict(zip([*one.methods, *one.controls], aucs, strict=True))
    rungs = rank(finding).ladder.rungs.set_index(["method", "rung"])["auc"]
    expected = (rungs["smoothgrad", ANOTHER_PATIENT] - area["random"]) / (
        area["smoothgrad"] - area["random"]
    )
    assert table.loc["smoothgrad", ANOTHER_PATIENT] == pytest.approx(expected)
    assert 0.2 < expected < 0.8
    assert table.loc["saliency", ANOTHER_PATIENT] == pytest.approx(0.0, abs=1e-9)
    assert table["level"].to_dict() == rank(finding).ladder.reached


def test_a_poor_method_has_a_level_and_no_share(finding: Finding) -> None:
    assert rank(finding).table.set_index("method").loc["deconvolution", "tier"] == POOR
    row = template_table(perturbation_views([finding])).set_index("method").loc["deconvolution"]
    assert row["level"] == 0
    assert np.isnan(row[ANOTHER_PATIENT])


def test_without_a_method_above_random_there_is_no_share(finding: Finding) -> None:
    curves = finding.curves[0]
    none = dict.fromkeys(METHODS, curves.predictions["random"])
    flat = changed(finding, predictions={**curves.predictions, **none})
    table = template_table(perturbation_views([flat]))
    assert not table["above_random"].any()
    assert table[ANOTHER_PATIENT].isna().all()
    assert template_table(perturbation_views([finding]))["above_random"].any()


def test_without_rungs_there_is_no_part() -> None:
    assert template_parts(perturbation_views([build(methods=METHODS)])) == []
