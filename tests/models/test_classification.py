"""Fitting and testing a network that says log-odds."""

import numpy as np
import pytest
import torch
from ecglens.models import Classification, InUnits
from ecglens.models.errors import classification_errors
from torch import Tensor, nn
from torch.utils.data import DataLoader

from .test_regression import Amplitudes, loader, trainer

pytestmark = [
    # Lightning's advice on speed; these ECGs are made in no time.
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*`isinstance.treespec, LeafSpec.` is deprecated"),
]


class Sides(Amplitudes):
    """1 where the mean of lead 4 over a fixed window is above its median, else 0."""

    def __init__(self) -> None:
        super().__init__()
        self.y = (self.y > self.y.median()).float()


def module(lr: float = 3e-2) -> Classification:
    torch.manual_seed(0)
    body = nn.Sequential(nn.Flatten(), nn.Linear(12 * 40, 1))
    return Classification(InUnits(body), lr=lr)


def test_a_network_learns_to_tell_two_kinds_apart() -> None:
    data, fitted = Sides(), module()
    before = trainer(1).validate(fitted, loader(data), verbose=False)[0]
    run = trainer(6)
    run.fit(fitted, loader(data), loader(data))
    assert run.callback_metrics["val/auroc"] > 0.95 > before["val/auroc"]
    assert run.callback_metrics["val/loss"] < 0.5 * before["val/loss"]


def test_logged_metrics_equal_their_definitions() -> None:
    data, fresh = Sides(), module()
    logged = trainer(1).test(fresh, loader(data), verbose=False)[0]
    with torch.no_grad():
        logit = fresh.eval()(data.x).double().numpy()[:, 0]
    y = data.y.numpy()[:, 0]
    p = 1 / (1 + np.exp(-logit))
    above, below = logit[y == 1][:, None], logit[y == 0]
    expected = {
        "test/auroc": ((above > below) + 0.5 * (above == below)).mean(),
        "test/accuracy": ((logit > 0) == (y == 1)).mean(),
        "test/brier": ((p - y) ** 2).mean(),
        "test/cross_entropy": -np.where(y == 1, np.log(p), np.log(1 - p)).mean(),
    }
    assert logged == pytest.approx(expected, rel=1e-5)


def test_the_loss_of_a_batch_is_the_cross_entropy_of_its_logits() -> None:
    logit, y = torch.tensor([[0.0], [2.0], [-1.0]]), torch.tensor([[1.0], [1.0], [1.0]])
    expected = np.mean([np.log(1 + np.exp(-value)) for value in (0.0, 2.0, -1.0)])
    assert module().loss(logit, y).item() == pytest.approx(expected, rel=1e-6)


def test_the_validation_loss_is_the_cross_entropy() -> None:
    logged = trainer(1).validate(module(), loader(Sides()), verbose=False)[0]
    assert logged["val/loss"] == logged["val/cross_entropy"]


def added(batches: list[tuple[Tensor, Tensor]]) -> dict[str, Tensor]:
    errors = classification_errors()
    for logit, y in batches:
        errors.update(logit.double(), y.double())
    return errors.compute()


def test_a_batch_of_logits_within_0_and_1_is_not_taken_for_probabilities() -> None:
    logit = torch.tensor([[0.2], [0.9], [-3.0], [4.0]])
    y = torch.tensor([[1.0], [0.0], [0.0], [1.0]])
    whole = added([(logit, y)])
    halves = added([(logit[:2], y[:2]), (logit[2:], y[2:])])
    for name, value in whole.items():
        torch.testing.assert_close(halves[name], value)
    assert whole["auroc"] == 0.75  # of four pairs, 0.2 against 0.9 is in the wrong order
    assert whole["accuracy"] == 0.75  # 0.2 is on the side of 1; as a probability it would not be


def test_one_class_alone_has_no_area() -> None:
    found = added([(torch.tensor([[1.0], [2.0]]), torch.ones(2, 1))])
    assert torch.isnan(found["auroc"])
    assert found["accuracy"] == 1.0


def test_uneven_parts_put_together_equal_the_whole() -> None:
    torch.manual_seed(0)
    logit, y = torch.randn(50, 1, dtype=torch.float64), (torch.rand(50, 1) > 0.4).double()
    whole, first, second = (classification_errors() for _ in range(3))
    whole.update(logit, y)
    first.update(logit[:13], y[:13])
    second.update(logit[13:], y[13:])
    for name, metric in first.items():
        metric.merge_state(second[name])  # what the sum over processes does
        torch.testing.assert_close(metric.compute(), whole[name].compute())


def test_outputs_that_are_no_logits_are_refused() -> None:
    body = nn.Sequential(nn.Flatten(), nn.Linear(12 * 40, 1))
    with pytest.raises(ValueError, match=r"one output that is a logit .* got y_mean \[0\.5\]"):
        Classification(InUnits(body, y_mean=0.5, y_sd=0.5))


def test_a_fit_without_validation_ends() -> None:
    data, run = Sides(), trainer(1)
    empty = DataLoader(data, batch_size=10, sampler=[], collate_fn=data.batch)
    with pytest.warns(UserWarning, match="Total length of `DataLoader` across ranks is zero"):
        run.fit(module(), loader(data), empty)
    assert run.global_step == 5
