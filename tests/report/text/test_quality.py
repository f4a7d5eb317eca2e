"""How well the network reads its target, in words and side by side."""

import math
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from math import nan
from pathlib import Path

import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import Finding
from ecglens.report.answer.words import titles
from ecglens.report.page import html, write_report
from ecglens.report.text.facts import exclusions, shown_facts, warnings_of_facts
from ecglens.report.text.quality import fit_sentence, quality
from ecglens.report.text.words import reading
from ecglens.report.views.perturbation import perturbation_views

from ..conftest import changed, of_views

EXTERNAL = {
    "source": "ludb",
    "ecgs": 200,
    "test": 178,
    "excluded": [["9", "shorter than 4 s"]],
    "without_label": [["38", "atrial fibrillation"]],
    "label_source": "pr, marked by hand",
    "fit": {"mae": 11.0, "rmse": 16.0, "bias": -4.0, "r2": 0.31},
}
LVH = Target("lvh", "", "lvh", kind="binary")
CLASSES = {"auroc": 0.9321, "accuracy": 0.8, "brier": 0.1, "cross_entropy": 0.35}


def test_both_sets_of_ecgs_stand_side_by_side(make_finding: Callable[..., Finding]) -> None:
    finding = make_finding(test=24, external=EXTERNAL)
    table = quality(finding)
    assert table is not None
    assert table.metrics == ("ECGs", "Mean absolute error (ms)", "RMSE (ms)", "Bias (ms)", "R²")
    assert table.rows == (
        ("test part", ("24", "5.10", "7.20", "−0.300", "0.910")),
        ("external (ludb)", ("178", "11.0", "16.0", "−4.00", "0.310")),
    )
    page = html(of_views(*perturbation_views([finding])))
    assert "How well the network reads its target" in page
    assert '<th scope="row">external (ludb)</th>' in page
    assert "How well" not in html(of_views(*perturbation_views([make_finding()])))


def test_a_network_that_fails_on_the_second_set_is_warned_of(
    make_finding: Callable[..., Finding],
) -> None:
    fit = {"r2": 0.2}
    warned = warnings_of_facts(make_finding(fit=fit, external=EXTERNAL))
    there = (
        "The network reads its target poorly (R² 0.310 on the external (ludb) ECGs): no map of "
        "these ECGs was evaluated, and no finding was shown to hold for them."
    )
    assert [text for text in warned if "poorly" in text] == [
        "The network reads its target poorly (R² 0.200 on the test part): heatmaps then explain a "
        "network that has not learned the target.",
        there,
    ]
    warned = warnings_of_facts(make_finding(external=EXTERNAL))
    assert [text for text in warned if "poorly" in text] == [there]


def test_left_out_ecgs_of_the_second_set_are_named(make_finding: Callable[..., Finding]) -> None:
    finding = make_finding(external=EXTERNAL)
    found = {each.reason: each.names for each in exclusions(finding)}
    assert found["external (ludb): atrial fibrillation"] == ("38",)
    assert found["external (ludb): shorter than 4 s"] == ("9",)
    assert found["P not locked to QRS"] == ("ecg-7",)
    said = dict(shown_facts(finding))["External test set"]
    assert said.startswith("178 of 200 ECGs of ludb with a label (pr, marked by hand)")


def test_the_spread_beside_an_error_is_that_of_a_part_and_not_of_what_was_learned_from(
    make_finding: Callable[..., Finding],
) -> None:
    assert fit_sentence(make_finding()).endswith(
        "SD of the labels of the training part is 20.6 ms."
    )
    without_unit = make_finding(target=Target("score", "", "score"))
    assert fit_sentence(without_unit).endswith("labels of the training part is 20.6.")


def test_what_a_mixture_was_learned_from_is_told_with_its_shares(
    make_finding: Callable[..., Finding],
) -> None:
    finding = make_finding(learned_from={"ptbxl": 1376, "exact": 624})
    said = dict(shown_facts(finding))["Training ECGs by data set"]
    assert said == "1376 of ptbxl (69 %), 624 of exact (31 %)"


def test_reasons_that_differ_in_their_values_are_one_row_and_keep_them_in_the_csv(
    make_finding: Callable[..., Finding], tmp_path: Path
) -> None:
    flat = [[f"e{n}", f"flat T wave: {n} µV at most, 30 are needed"] for n in range(23)]
    finding = make_finding(without_label=flat, excluded=[], external={**EXTERNAL, "excluded": flat})
    here, there = exclusions(finding)[:2]
    assert here.reason == "flat T wave: … µV at most, 30 are needed"
    assert there.reason == f"external (ludb): {here.reason}"
    assert len(here.names) == len(there.names) == 23
    write_report([finding], tmp_path)
    (file,) = tmp_path.glob("*-excluded.csv")
    reasons = list(pd.read_csv(file)["reason"])
    assert "flat T wave: 7 µV at most, 30 are needed" in reasons
    assert "external (ludb): flat T wave: 7 µV at most, 30 are needed" in reasons


def test_a_classifier_is_described_by_its_area_and_says_logits(
    make_finding: Callable[..., Finding],
) -> None:
    finding = make_finding(target=LVH, fit=CLASSES, y_sd=0.5)
    assert fit_sentence(finding) == (
        "On the test part its AUROC is 0.932 (accuracy 0.800, Brier score 0.100, "
        "cross-entropy 0.350)."
    )
    assert not [text for text in warnings_of_facts(finding) if "poorly" in text]
    assert "change of the prediction (logit)" in html(of_views(*perturbation_views([finding])))


@pytest.mark.parametrize("auroc", [0.74, 0.76])
def test_an_area_nearer_to_chance_than_to_certainty_is_warned_of(
    make_finding: Callable[..., Finding], auroc: float
) -> None:
    finding = make_finding(target=LVH, fit={"auroc": auroc})
    poor = [text for text in warnings_of_facts(finding) if "poorly (AUROC" in text]
    assert len(poor) == (auroc < 0.75)


def test_the_truth_of_a_binary_target_has_no_unit(make_finding: Callable[..., Finding]) -> None:
    finding = deepcopy(make_finding(target=LVH))
    finding.curves[0].y[:] = 1.0
    curve = finding.curves[0].predictions["saliency"]
    curve[0, 0, 0] = math.log(3)
    assert reading(finding, "ecg-0") == "network 1.10 logit (probability 0.750), label 1"


def test_each_class_has_a_row_on_each_set_that_knows_it(
    make_finding: Callable[..., Finding],
) -> None:
    target = Target("dx", "", kind="binary", classes=("af", "mine", "lvh"), explain="mine")
    counts = {"positive/af": 6.0, "negative/af": 18.0, "unknown/af": 0.0, "auroc/af": 0.7}
    more = {"positive/mine": 4.0, "negative/mine": 0.0, "unknown/mine": 20.0, "auroc/mine": nan}
    none = {"positive/lvh": 0.0, "negative/lvh": 0.0, "unknown/lvh": 24.0, "auroc/lvh": nan}
    external = EXTERNAL | {"fit": {"positive/af": 2.0, "negative/af": 3.0, "auroc/af": 0.6}}
    finding = make_finding(
        target=target,
        fit=counts | more | none,
        external=external,
        classes={"af": {"yes": 9, "no": 40, "unknown": 1}},
    )
    table = quality(finding)
    assert table is not None
    assert table.metrics[:4] == ("With it", "Without", "Unknown", "AUROC")
    assert [(where, cells[:4]) for where, cells in table.rows] == [
        ("atrial fibrillation (af), test part", ("6", "18", "0", "0.700")),
        ("atrial fibrillation (af), external (ludb)", ("2", "3", "", "0.600")),
        ("mine, test part", ("4", "0", "20", "–")),
    ]
    # What is explained is one class: its poor reading is warned of, and no other's.
    assert not [text for text in warnings_of_facts(finding) if "poorly" in text]
    assert dict(shown_facts(finding))["Training ECGs with af"] == "9, without 40, unknown 1"
    (section,) = perturbation_views([finding])
    assert section.key == "dx-mine-median-default"
    assert section.title == "dx: mine · median beats · default protocol"
    assert [*titles(of_views(section)).values()] == ["dx: mine · median beats"]
    af = changed(finding, {"target": replace(target, explain="af")})
    assert [text for text in warnings_of_facts(af) if "poorly (AUROC 0.700 on the test" in text]
    assert len(perturbation_views([finding, af])) == 2
