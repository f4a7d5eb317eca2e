"""AUROC as a mean of values of ECGs, against pairs counted one by one and DeLong's variance."""

import numpy as np
import pytest
import torch
from ecglens.eval.answer import reading
from ecglens.eval.statistics.ranks import auroc_values, won
from torchmetrics.functional.classification import binary_auroc

RANDOM = np.random.default_rng(0)
POSITIVE = np.array([True] * 7 + [False] * 12)
SCORE = RANDOM.integers(0, 6, 19) + 1.5 * POSITIVE  # with ties


def pairs() -> np.ndarray:
    above = SCORE[POSITIVE][:, None] - SCORE[~POSITIVE]
    return (above > 0) + 0.5 * (above == 0)


def values() -> np.ndarray:
    compared = np.where(POSITIVE, (~POSITIVE).sum(), POSITIVE.sum())
    return auroc_values(won(SCORE, POSITIVE), compared, POSITIVE)


def test_what_an_ecg_won_is_counted_pair_by_pair():
    expected = np.concatenate([pairs().sum(1), pairs().sum(0)])
    np.testing.assert_allclose(won(SCORE, POSITIVE), expected)
    series = np.stack([[SCORE, -SCORE]])
    np.testing.assert_allclose(won(series, POSITIVE)[0, 0], expected)


def test_the_mean_of_the_values_is_the_auroc():
    assert values().mean() == pytest.approx(pairs().mean())


@pytest.mark.parametrize("few", [4, 7, 20])
def test_the_interval_with_a_pair_in_disorder_is_no_narrower_than_without_one(few):
    y = np.array([1.0] * few + [0.0] * 57)
    ordered = np.concatenate([np.arange(few) + 100.0, np.arange(57.0)])
    disorder = ordered.copy()
    disorder[few - 1], disorder[-1] = 50.5, 51.0  # one of the class below some without it
    patients = [str(row) for row in range(len(y))]
    best, low, _ = reading._auroc(ordered, y, patients, 0)
    value, lower, _ = reading._auroc(disorder, y, patients, 0)
    assert value < best == 1.0
    assert lower <= low == pytest.approx(max(0.0, 1 - 3 / few))


def test_it_is_the_auroc_of_torchmetrics():
    probability, label = torch.from_numpy(SCORE / 10), torch.from_numpy(POSITIVE).long()
    assert values().mean() == pytest.approx(float(binary_auroc(probability, label)), abs=1e-6)


def test_the_spread_of_the_values_is_delongs_variance():
    of_positives, of_negatives = pairs().mean(1), pairs().mean(0)
    delong = of_positives.var(ddof=1) / 7 + of_negatives.var(ddof=1) / 12
    apart = values() - values().mean()
    # DeLong divides by n − 1 within each class.
    side = [(apart[one] ** 2).sum() / 19**2 for one in (POSITIVE, ~POSITIVE)]
    assert side[0] * 7 / 6 + side[1] * 12 / 11 == pytest.approx(delong)
