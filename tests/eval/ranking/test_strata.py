from dataclasses import replace

import numpy as np
import pytest
from ecglens.eval import DEFAULT
from ecglens.eval.ranking.strata import STRATA_COLUMNS, TwoStrata, gap_values, strata
from scipy import stats

from ..networks import made_curves
from .test_ranking import CONTROLS, aucs

LOGIT = replace(DEFAULT, name="logit", outcome="logit")


def scores(gap, ecgs=60, seed=0, protocol=DEFAULT, y=None):
    """Saliency is higher by `gap` where the label is above its median; deeplift nowhere."""
    y = np.arange(ecgs, dtype=float) if y is None else y
    made = aucs({"saliency": 14.0, "deeplift": 14.0, **CONTROLS}, seed, ecgs)
    made["saliency"] = made["saliency"] + gap * (y > np.median(y))
    return made_curves(made, protocol, y=y)


def rows(table, split):
    return table[table["split"] == split].set_index("method")


def test_both_strata_have_the_means_of_their_ecgs():
    one = scores(6.0)
    found = rows(strata(one), "label").loc["saliency"]
    apart = (one.predictions["saliency"] - one.predictions["random"])[0, :, 1] * (
        DEFAULT.until - 0.5
    )
    above = one.y > np.median(one.y)
    assert found["one_difference"] == pytest.approx(apart[above].mean())
    assert found["other_difference"] == pytest.approx(apart[~above].mean())
    assert found["gap"] == pytest.approx(apart[above].mean() - apart[~above].mean())
    assert found["gap_low"] < found["gap"] < found["gap_high"]


def test_the_spread_of_the_gap_is_that_of_two_independent_means():
    random = np.random.default_rng(0)
    differences = random.normal(3, 1, size=(1, 400)) + np.repeat([0.0, 5.0, 2.0], [100, 250, 50])
    ecg = np.arange(400)
    split = TwoStrata(
        "label", "one", "other", (ecg < 100)[None], ((ecg >= 100) & (ecg < 350))[None]
    )
    one, other, values = gap_values(differences, split)
    assert values.mean() == pytest.approx(one - other)
    error = np.hypot(stats.sem(differences[0, :100]), stats.sem(differences[0, 100:350]))
    assert stats.sem(values[0]) == pytest.approx(error, rel=0.01)


def test_a_gap_matters_where_it_is_sure_and_one_stratum_has_less_than_half():
    found = rows(strata(scores(6.0)), "label")  # 4 against 10 above random
    assert found["matters"].to_dict() == {"saliency": True, "deeplift": False}
    small = rows(strata(scores(2.0)), "label").loc["saliency"]  # 4 against 6: sure, but near
    assert small["p"] < 0.05
    assert not small["matters"]


def test_a_gap_below_random_does_not_matter():
    one = scores(6.0)
    low = {
        **one.predictions,
        "saliency": one.predictions["saliency"] * 0.2,
    }  # 3 or 4 against 10 of random
    found = rows(strata(replace(one, predictions=low)), "label").loc["saliency"]
    assert found["p"] < 0.05
    assert found["one_difference"] < 0
    assert not found["matters"]


def test_without_a_gap_one_is_seldom_found():
    found = [strata(scores(0.0, ecgs=32, seed=seed)) for seed in range(40)]
    # Holm-corrected over both methods and splits: 5 % of tables have one or more.
    assert np.mean([(table["p"] < 0.05).any() for table in found]) <= 0.15


def test_binary_targets_are_split_by_class_and_logit():
    y = np.tile([0.0, 1.0], 30)
    one = scores(0.0, protocol=LOGIT, y=y)
    lift = np.where(y == 1, 2.0, -2.0)[None, :, None]
    one = replace(one, predictions={name: curve + lift for name, curve in one.predictions.items()})
    table = strata(one)
    assert {*table["one"]} == {"class is 1", "logit is above 0"}
    # Every ECG is on its right side, so that both splits are the same.
    assert rows(table, "label")["gap"].to_dict() == pytest.approx(
        rows(table, "prediction")["gap"].to_dict()
    )


def test_the_side_of_a_regression_is_the_direction_of_the_curve():
    one = scores(0.0)
    sign = np.where(np.arange(60) < 20, -1.0, 1.0)[None, :, None]
    one = replace(one, predictions={name: sign * curve for name, curve in one.predictions.items()})
    found = rows(strata(one), "prediction").loc["saliency"]
    apart = np.abs(one.predictions["saliency"][0, :, 1]) - np.abs(
        one.predictions["random"][0, :, 1]
    )
    assert found["other_difference"] == pytest.approx(apart[:20].mean() * (DEFAULT.until - 0.5))


def test_a_split_with_too_few_patients_is_left_out():
    few = scores(3.0, ecgs=12)  # six on either side
    assert list(strata(few).columns) == [*STRATA_COLUMNS]
    assert strata(few).empty
    unknown = scores(3.0, y=np.full(60, np.nan))
    assert "label" not in {*strata(unknown)["split"]}


def test_several_networks_are_crossed():
    each = [scores(6.0, seed=seed) for seed in range(3)]
    found = rows(strata(each), "label").loc["saliency"]
    alone = [rows(strata(one), "label").loc["saliency", "gap"] for one in each]
    assert found["gap"] == pytest.approx(np.mean(alone))
    assert found["matters"]
