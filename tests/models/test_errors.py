"""mae, rmse, bias and r2 of several targets, in one process or several."""

import torch
from ecglens.models.errors import MeanError, regression_errors


def test_the_mean_error_has_the_sign_of_the_prediction_minus_the_truth() -> None:
    error = MeanError(targets=2)
    error.update(torch.tensor([[3.0, 0.0], [1.0, 0.0]]), torch.tensor([[0.0, 1.0], [0.0, 2.0]]))
    assert error.compute().tolist() == [2.0, -1.5]


def test_uneven_parts_put_together_equal_the_whole() -> None:
    truth = 400 + 20 * torch.randn(50, 2, dtype=torch.float64)
    guess = truth + torch.randn(50, 2, dtype=torch.float64)
    whole, first, second = (regression_errors(2) for _ in range(3))
    whole.update(guess, truth)
    first.update(guess[:13], truth[:13])
    second.update(guess[13:], truth[13:])
    for name, metric in first.items():
        metric.merge_state(second[name])  # what the sum over processes does
        torch.testing.assert_close(metric.compute(), whole[name].compute())


def test_r2_keeps_its_digits_where_the_mean_is_large_beside_the_spread() -> None:
    truth = 400 + torch.randn(20_000, 1, dtype=torch.float64)
    guess = truth + 0.5 * torch.randn(20_000, 1, dtype=torch.float64)
    errors = regression_errors(1)
    for part in range(0, 20_000, 100):
        errors.update(guess[part : part + 100], truth[part : part + 100])
    expected = 1 - (guess - truth).square().sum() / (truth - truth.mean()).square().sum()
    torch.testing.assert_close(errors.compute()["r2"].squeeze(), expected, rtol=1e-9, atol=0)
