"""Fitting and testing a network that says log-odds of classes."""

import numpy as np
import pytest
import torch
from ecglens.models import Classification, InUnits
from torch import nn
from torch.utils.data import DataLoader

from .test_regression import Amplitudes, loader, trainer

pytestmark = [
    # Lightning's advice on speed; these ECGs are made in no time.
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*`isinstance.treespec, LeafSpec.` is deprecated"),
]
NAN = torch.nan


class Sides(Amplitudes):
    """1 where the mean of lead 4 over a fixed window is above its median, else 0."""

    def __init__(self, classes: int = 1) -> None:
        super().__init__(classes)
        self.y = (self.y > self.y.median(0).values).float()


def module(classes: int = 1, lr: float = 3e-2) -> Classification:
    torch.manual_seed(0)
    body = nn.Sequential(nn.Flatten(), nn.Linear(12 * 40, classes))
    return Classification(InUnits(body, [0.0] * classes, [1.0] * classes), lr=lr)


def test_a_network_learns_to_tell_two_kinds_apart() -> None:
    data, fitted = Sides(), module()
    before = trainer(1).validate(fitted, loader(data), verbose=False)[0]
    run = trainer(6)
    run.fit(fitted, loader(data), loader(data))
    assert run.callback_metrics["val/auroc"] > 0.95 > before["val/auroc"]
    assert run.callback_metrics["val/loss"] < 0.5 * before["val/loss"]


def test_each_class_is_logged_under_its_name() -> None:
    data, fresh = Sides(2), module(2)
    data.y[:5, 1] = NAN
    fresh.names = ("af", "lbbb")
    logged = trainer(1).test(fresh, loader(data), verbose=False)[0]
    assert logged["test/positive/af"] == logged["test/negative/af"] == 24
    assert logged["test/unknown/lbbb"] == 5
    alone = trainer(1).test(module(), loader(Sides()), verbose=False)[0]
    assert set(logged) == {f"{name}/{each}" for name in alone for each in ("af", "lbbb")}


def test_the_loss_is_the_mean_cross_entropy_of_the_known_labels() -> None:
    logit = torch.tensor([[0.0, 1.0], [2.0, -3.0], [-1.0, 0.5]], requires_grad=True)
    y = torch.tensor([[1.0, NAN], [0.0, NAN], [NAN, NAN]])
    each = []
    for row in range(3):
        for column in range(2):
            if not torch.isnan(y[row, column]):
                p = 1 / (1 + np.exp(-logit[row, column].item()))
                each.append(-np.log(p if y[row, column] == 1 else 1 - p))
    loss = module(2).loss(logit, y)
    assert loss.item() == pytest.approx(np.mean(each), rel=1e-6)
    loss.backward()
    assert logit.grad is not None
    assert torch.equal(logit.grad != 0, ~y.isnan())
    assert module(2).loss(logit, torch.full((3, 2), NAN)) == 0


def test_the_validation_loss_is_that_of_all_known_labels() -> None:
    data, fresh = Sides(3), module(3)
    data.y[:30, 1] = NAN
    data.y[:, 2] = NAN
    logged = trainer(1).validate(fresh, loader(data), verbose=False)[0]
    with torch.no_grad():
        whole = fresh.loss(fresh.eval()(data.x), data.y).item()
    assert logged["val/loss"] == pytest.approx(whole, rel=1e-5)
    assert np.isnan(logged["val/auroc/2"])


def test_an_unknown_label_teaches_nothing() -> None:
    data = Sides(2)
    data.y[:, 1] = NAN
    fitted = module(2)
    before = fitted.net.get_parameter("body.1.weight").detach().clone()
    trainer(1).fit(fitted, loader(data), loader(data))
    after = fitted.net.get_parameter("body.1.weight")
    assert not torch.equal(after[0], before[0])
    assert torch.equal(after[1], before[1])


def test_outputs_that_are_no_logits_are_refused() -> None:
    body = nn.Sequential(nn.Flatten(), nn.Linear(12 * 40, 1))
    with pytest.raises(ValueError, match=r"outputs that are logits .* got y_mean \[0\.5\]"):
        Classification(InUnits(body, y_mean=0.5, y_sd=0.5))


def test_a_fit_without_validation_ends() -> None:
    data, run = Sides(), trainer(1)
    empty = DataLoader(data, batch_size=10, sampler=[], collate_fn=data.batch)
    with pytest.warns(UserWarning, match="Total length of `DataLoader` across ranks is zero"):
        run.fit(module(), loader(data), empty)
    assert run.global_step == 5
