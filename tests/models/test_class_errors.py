"""Measures of logits against labels, some of them unknown."""

import math

import numpy as np
import pytest
import torch
from ecglens.models.errors import BINS, ClassErrors, calibration
from torch import Tensor

NAN = math.nan


def drawn(ecgs: int, classes: int) -> tuple[Tensor, Tensor]:
    """Logits and labels, a fifth of which are unknown."""
    stream = torch.Generator().manual_seed(0)
    logit = torch.randn(ecgs, classes, generator=stream, dtype=torch.float64)
    y = (torch.rand(ecgs, classes, generator=stream) < logit.sigmoid()).double()
    y[torch.rand(ecgs, classes, generator=stream) < 0.2] = NAN
    return logit, y


def added(*batches: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    errors = ClassErrors()
    for logit, y in batches:
        errors.update(logit.double(), y.double())
    return errors.compute()


def test_every_measure_equals_its_definition_over_what_is_known() -> None:
    logits, labels = drawn(200, 3)
    found = added((logits, labels))
    for index in range(3):
        known = ~labels[:, index].isnan()
        logit, y = logits[known, index].numpy(), labels[known, index].numpy()
        p = 1 / (1 + np.exp(-logit))
        above, below = logit[y == 1][:, None], logit[y == 0]
        order = y[np.argsort(-logit)]
        precision = np.cumsum(order) / np.arange(1, len(order) + 1)
        # No term: the probability of a bin against the share of 1 in it, by its number of ECGs.
        bins = [np.floor(p * BINS) == place for place in range(BINS)]
        gaps = [abs(p[here].sum() - y[here].sum()) for here in bins]
        expected = {
            "auroc": ((above > below) + 0.5 * (above == below)).mean(),
            "auprc": precision[order == 1].mean(),
            "accuracy": ((logit > 0) == (y == 1)).mean(),
            "brier": ((p - y) ** 2).mean(),
            "cross_entropy": -np.where(y == 1, np.log(p), np.log(1 - p)).mean(),
            "calibration_error": sum(gaps) / len(y),
            "positive": (y == 1).sum(),
            "negative": (y == 0).sum(),
            "unknown": 200 - len(y),
        }
        values = {name: found[name][index].item() for name in expected}
        assert values == pytest.approx(expected, rel=1e-6)


def test_one_label_alone_has_no_area_and_none_has_nothing() -> None:
    logit = torch.tensor([[1.0, 2.0], [2.0, -1.0]])
    found = added((logit, torch.tensor([[1.0, NAN], [1.0, NAN]])))
    for name in ("auroc", "auprc", "calibration_slope", "calibration_intercept"):
        assert found[name].isnan().all()
    assert found["accuracy"].tolist() == pytest.approx([1.0, NAN], nan_ok=True)
    for name in ("brier", "cross_entropy", "calibration_error"):
        assert found[name].isnan().tolist() == [False, True]
    assert found["unknown"].tolist() == [0, 2]


def test_a_batch_of_logits_within_0_and_1_is_not_taken_for_probabilities() -> None:
    logit = torch.tensor([[0.2], [0.9], [-3.0], [4.0]])
    y = torch.tensor([[1.0], [0.0], [0.0], [1.0]])
    assert added((logit, y))["auroc"] == 0.75  # of four pairs, 0.2 against 0.9 is wrong
    assert added((logit, y))["accuracy"] == 0.75  # 0.2 is on the side of 1


def test_uneven_parts_put_together_equal_the_whole() -> None:
    logit, y = drawn(50, 2)
    whole = added((logit, y))
    first, second = ClassErrors(), ClassErrors()
    first.update(logit[:13], y[:13])
    second.update(logit[13:], y[13:])
    first.merge_state(second)  # what the sum over processes does
    for name, value in first.compute().items():
        torch.testing.assert_close(value, whole[name])


def test_the_slope_is_the_line_through_two_shares() -> None:
    # Of 100 ECGs at logit −1 there are 20 with the label, of 100 at 3 there are 70.
    logit = np.repeat([-1.0, 3.0], 100)
    y = np.concatenate([np.arange(100) < 20, np.arange(100) < 70]).astype(float)
    slope, _ = calibration(logit, y)
    assert slope == pytest.approx((math.log(7 / 3) - math.log(1 / 4)) / 4, rel=1e-5)


def test_the_intercept_is_what_the_mean_logit_lacks() -> None:
    y = (np.arange(100) < 20).astype(float)
    slope, intercept = calibration(np.full(100, 3.0), y)
    assert intercept == pytest.approx(math.log(1 / 4) - 3, rel=1e-9)
    assert math.isnan(slope)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (0.5, 0.0), (1.0, 1.0)])
def test_true_log_odds_have_slope_1_and_intercept_0(scale: float, shift: float) -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(0, 2, 40_000)
    y = (rng.random(40_000) < 1 / (1 + np.exp(-true))).astype(float)
    slope, intercept = calibration(true / scale - shift, y)
    assert slope == pytest.approx(scale, abs=0.03)
    if scale == 1:
        assert intercept == pytest.approx(shift, abs=0.05)


def test_no_finite_slope_fits_labels_that_are_told_apart() -> None:
    logit = np.array([-2.0, -1.0, 0.5, 3.0])
    assert math.isnan(calibration(logit, np.array([0.0, 0.0, 1.0, 1.0]))[0])
    assert math.isnan(calibration(logit, np.array([1.0, 1.0, 0.0, 0.0]))[0])
    assert calibration(logit, np.array([0.0, 1.0, 0.0, 1.0]))[0] > 0


def test_areas_are_of_the_order_also_where_probabilities_are_equal() -> None:
    logit = torch.tensor([[40.0, 45.0, 50.0, 60.0, 70.0, 80.0]]).T
    found = added((logit, torch.tensor([[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]]).T))
    assert (found["auroc"], found["auprc"]) == (1.0, 1.0)
