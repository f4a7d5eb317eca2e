"""The study's findings, on relevance that has them or has not."""

from dataclasses import replace
from functools import partial
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from ecglens.ecg import BIT
from ecglens.explain import Form
from ecglens_relevance.evaluation import WORDS, relevance_sentence
from ecglens_relevance.findings import (
    CLUES,
    FALSE,
    RISES,
    Case,
    RelationVerdict,
    estimated,
    weighted_mean,
    weighted_ratio,
    weighted_spearman,
)
from ecglens_relevance.output import Output

from tests.eval.evaluations.sanity.networks import rho as scipys_rho

ECGS = 60


def case(explained: str = "af", least: int = 5, wrong: int = 20) -> Case:
    """Half have the class; the logits of `wrong` ECGs say the opposite, but are near 0."""
    truth = np.arange(ECGS) % 2
    logits = np.where(truth == 1, 1.0, -1.0) * np.linspace(2, 4, ECGS)
    logits[:wrong] *= -0.1
    segments = np.zeros((ECGS, 600), np.int8)
    segments[:, 100:140] = BIT["P"]
    segments[:, 220:260] = BIT["QRS"]
    segments[:, 350:450] = BIT["T"]
    x = np.zeros((ECGS, 12, 600))
    x[:, :, 220:260] = 1000
    x[:, 6:, 350:450] = 200
    x[:, :6, 350:450] = -200
    output = Output(logits, zero=-0.5, truth=truth.astype(float), binary=True)
    return Case(explained, output, x, segments, [f"p{n}" for n in range(ECGS)], 0, least)


def spread(sums: np.ndarray) -> np.ndarray:
    """Maps with these sums, the same everywhere."""
    return np.broadcast_to(sums[:, None, None] / 7200, (ECGS, 12, 600)).copy()


def verdicts(of: Case, maps: np.ndarray, kind: Form = "product") -> dict[str, str]:
    return {row["finding"]: row["verdict"] for row in of.findings(maps, kind)}


def test_a_map_that_keeps_its_sum_says_nothing_by_rising():
    found = verdicts(case(), spread(case().output.change))
    assert (found[RISES], found[FALSE]) == ("identity", "identity")


def test_where_every_ecg_has_its_own_output_at_nothing_a_kept_sum_may_fall():
    of = case()
    # f(x) − f(0) falls where f(x) rises, as with age and sex beside the ECG.
    of = replace(of, output=replace(of.output, zero=2 * of.output.value))
    row = of.findings(spread(of.output.change), "product")[0]
    assert row["line"] == pytest.approx(-1)
    assert row["value"] == pytest.approx(-1)
    assert row["verdict"] == "does not hold"
    half = replace(of, output=replace(of.output, zero=0.5 * of.output.value))
    row = half.findings(spread(half.output.change), "product")[0]
    assert (row["line"], row["verdict"]) == (pytest.approx(1), "holds, as the line does")


def test_a_sum_beyond_the_line_rises():
    of = case()
    rows = {row["finding"]: row for row in of.findings(spread(3 * of.output.change), "product")}
    assert rows[RISES]["verdict"] == "holds"
    assert rows[RISES]["excess"] == pytest.approx(1)
    assert rows[RISES]["line"] == 1


def test_a_sum_below_the_line_rises_as_the_line_does():
    found = verdicts(case(), spread(0.5 * case().output.change))
    assert found[RISES] == "holds, as the line does"


def test_slopes_have_no_line():
    of = case()
    (row, *_) = of.findings(spread(0.5 * of.output.change), "slope")
    assert row["verdict"] == "holds"
    assert np.isnan(row["excess"])


def test_relevance_that_ignores_the_output_does_not_rise():
    noise = np.random.default_rng(0).normal(size=ECGS)
    assert verdicts(case(), spread(noise), "slope")[RISES] == "does not hold"


def test_less_relevance_of_errors_than_the_line_gives_them_is_a_finding():
    of = case()
    wrong = np.isin(of.output.outcomes, ("FP", "FN"))
    assert wrong.sum() == 20
    none = np.where(wrong, 0.001, 2) * of.output.change
    assert verdicts(of, spread(none))[FALSE] == "holds"
    assert verdicts(of, spread(2 * of.output.change))[FALSE] == "holds, as the line does"
    much = np.where(wrong, 3.0, 1.0) * np.random.default_rng(0).uniform(0.9, 1.1, ECGS)
    assert verdicts(of, spread(much))[FALSE] == "does not hold"


def test_too_few_errors_cannot_be_judged():
    assert verdicts(case(wrong=4), spread(np.arange(60.0)))[FALSE] == "cannot be said"


@pytest.mark.parametrize(
    ("in_p", "elsewhere", "verdict"),
    [(-1.0, 0.0, "holds"), (-1.0, -1.0, "holds, as the line does"), (1.0, -1.0, "does not hold")],
)
def test_p_waves_speak_against_atrial_fibrillation(in_p, elsewhere, verdict):
    noise = np.random.default_rng(0).uniform(0.5, 1.5, ECGS)[:, None, None]
    maps = np.full((ECGS, 12, 600), elsewhere) * noise
    maps[:, :, 100:140] = in_p * noise
    assert verdicts(case(), maps)[CLUES["af"]] == verdict


def test_only_concordant_leads_are_asked_of_left_bundle_branch_block():
    maps = np.zeros((ECGS, 12, 600))
    maps[:, 6:, 350:450] = -1.0
    maps[:, :6, 350:450] = 5.0  # discordant
    (*_, row) = case("lbbb").findings(maps, "slope")
    assert (row["value"], row["ecgs"]) == (pytest.approx(-1), ECGS // 2)
    assert row["line"] == pytest.approx((5 - 1) * 6 * 100 / 7200)
    assert row["verdict"] == "holds"


def test_a_number_has_no_errors_and_no_clue():
    of = case()
    number = Output(of.output.value, 0.0, of.output.truth, binary=False)
    of = Case("pr", number, of.x, of.segments, of.patients, 0, 5)
    assert [*verdicts(of, spread(of.output.value))] == [RISES]
    assert of.output.shown is number.value


def test_weighted_rho_is_scipys_on_ecgs_that_are_there_as_often():
    draw = np.random.default_rng(0)
    one, other = draw.normal(size=15).round(1), draw.normal(size=15).round(1)
    weights = draw.multinomial(15, np.full(15, 1 / 15), size=4).astype(float)
    found = weighted_spearman(one, other, weights)
    for times, rho in zip(weights.astype(int), found, strict=True):
        assert rho == pytest.approx(scipys_rho(np.repeat(one, times), np.repeat(other, times)))
    assert np.isnan(weighted_spearman(np.ones(15), other, weights)).all()


def test_ratios_and_means_are_those_of_what_was_drawn():
    values = np.array([1.0, 2, 3, 4])
    upper = np.array([True, True, False, False])
    weights = np.array([[1.0, 1, 1, 1], [2, 0, 1, 1], [0, 0, 2, 2]])
    found = weighted_ratio(values, upper, ~upper, weights)
    assert found[:2] == pytest.approx([1.5 / 3.5, 1 / 3.5])
    assert np.isnan(found[2])
    assert weighted_mean(values, weights) == pytest.approx([2.5, 9 / 4, 3.5])
    assert np.isnan(estimated(partial(weighted_mean, values), ["one"] * 4, 0).value)


def test_the_answer_says_in_words_what_each_verdict_is():
    table = pd.DataFrame(
        {
            "explained": "af",
            "finding": RISES,
            "kind": ["method", "method", "method", "control"],
            "verdict": ["identity", "holds", "holds", "does not hold"],
        }
    )
    assert relevance_sentence(table, 24) == (
        f"On 24 ECGs “{RISES}” (af) could not come out otherwise (the map adds up to the output) "
        "for 1 method, holds for 2 methods."
    )
    assert {*WORDS} == {*get_args(RelationVerdict)}
