"""Study of patients: errors, answers, and whether one order of the methods predicts another."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.eval import Finding, answers_of, joined
from ecglens_reproductions.agreement import order_between, within
from ecglens_reproductions.patients import answer_rows, error_rows, order_rows, patients
from scipy.stats import kendalltau

from tests.report.conftest import build, of_network

NAMES = ("saliency", "smoothgrad", "deeplift", "gradient_shap")
SECOND = {"source": "ludb", "test": 32, "fit": {"test/mae": 11.0, "test/r2": 0.4}}
MADE = build(methods=NAMES, fit={"test/mae": 5.0, "test/r2": 0.9}, external=SECOND)
REAL = build(methods=NAMES[::-1], source="ptbxl", fit={"test/mae": 8.0, "test/r2": 0.8})


def areas(finding: Finding) -> dict[str, float]:
    """Mean area of each method."""
    return {name: float(np.mean(finding.scores["auc"][name])) for name in NAMES}


def test_the_order_on_one_kind_of_ecgs_is_compared_as_by_scipy() -> None:
    found = order_between(MADE, REAL)
    assert found is not None
    one, other = areas(MADE), areas(REAL)
    expected = kendalltau([one[name] for name in NAMES], [other[name] for name in NAMES])[0]
    assert (found.rho, found.methods) == (pytest.approx(expected), len(NAMES))
    assert -1 <= found.low <= found.rho <= found.high <= 1


def test_an_order_agrees_with_itself_and_two_methods_have_none() -> None:
    same = order_between(MADE, MADE)
    assert same is not None
    assert same.rho == pytest.approx(1)
    assert order_between(build(methods=NAMES[:2]), MADE) is None


def test_what_a_perfect_prediction_would_reach_is_the_tau_of_two_networks() -> None:
    assert np.isnan(within(MADE))
    other = of_network(build(methods=NAMES[::-1]), "fedcba9876543210")
    one, two = areas(MADE), areas(other)
    expected = kendalltau([one[name] for name in NAMES], [two[name] for name in NAMES])[0]
    assert within(joined([MADE, other])) == pytest.approx(expected)


def test_each_network_has_an_error_on_both_sets_of_ecgs() -> None:
    own, second = error_rows(MADE, 0)
    assert (own["tested_on"], own["mae"], own["r2"]) == ("test part", 5.0, 0.9)
    assert (second["tested_on"], second["mae"], second["ecgs"]) == ("ludb", 11.0, 32)
    assert np.isnan(own["auroc"])  # type: ignore[call-overload]


def test_a_network_of_several_findings_has_one_row() -> None:
    (errors, *_) = patients([MADE, replace(MADE, about=replace(MADE.about, question="again"))])
    assert len(errors.tables[0].numbers) == 2  # its own test part and the second data set


def test_a_method_has_the_answer_of_its_run() -> None:
    (answer,) = answers_of([REAL])
    rows = {row["method"]: row for row in answer_rows(answer)}
    assert {*NAMES} <= {*rows}
    for name in NAMES:
        assert (rows[name]["use"], rows[name]["level"]) == (
            answer.of[name].use,
            answer.of[name].level,
        )


def test_only_one_question_on_two_kinds_of_ecgs_is_compared() -> None:
    parts = patients([MADE, REAL])
    assert [len(part.tables) for part in parts] == [1, 1, 1, 0]
    (row,) = order_rows(MADE, REAL)
    assert (row["one"], row["other"]) == ("deepfake", "ptbxl")
    strip = replace(REAL, about=replace(REAL.about, input="rhythm"))
    assert patients([MADE, strip])[2].tables == ()
    with pytest.raises(ValueError, match="at least one ranking"):
        patients([])
