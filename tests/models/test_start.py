"""Weights that a fit begins with."""

from math import nan
from pathlib import Path
from typing import cast

import pytest
import torch
from ecglens.models import InUnits, Regression, SmallResNet, begin, body_like, start_of
from torch import nn


def net(seed: int, targets: int = 1, mean: float = 160.0, sd: float = 20.0) -> InUnits:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return InUnits(SmallResNet(targets), [mean] * targets, [sd] * targets).eval()


def ecgs() -> torch.Tensor:
    return 100 * torch.randn(3, 12, 64, generator=torch.Generator().manual_seed(0))


def test_a_fit_begins_with_the_readings_of_the_other_network() -> None:
    one, other = net(0), net(1, mean=150.0, sd=30.0)
    said = begin(other, start_of(one))
    assert "its last layer too" in said
    torch.testing.assert_close(other(ecgs()), one(ecgs()), rtol=0, atol=0)


@pytest.mark.parametrize("saved", ["network", "body", "lightning"])
def test_weights_are_read_from_a_file(saved, tmp_path) -> None:
    one, other = net(0), net(1, mean=150.0)
    content = {
        "network": one.state_dict(),
        "body": one.body.state_dict(),
        "lightning": {"state_dict": Regression(one).state_dict()},
    }[saved]
    torch.save(content, tmp_path / "weights.pt")
    begin(other, start_of(tmp_path / "weights.pt"))
    shift = 10.0 if saved == "body" else 0.0  # the body alone does not say its units
    torch.testing.assert_close(other(ecgs()) + shift, one(ecgs()), rtol=0, atol=1e-4)


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")  # by torch.compile
@pytest.mark.parametrize("wrapped", ["compiled", "parallel", "lightning", "a file of these"])
def test_a_wrapped_network_keeps_its_units(wrapped, tmp_path) -> None:
    one, other = net(0), net(1, mean=150.0)
    outside: dict[str, nn.Module | Path] = {
        "compiled": cast(nn.Module, torch.compile(one)),
        "parallel": nn.DataParallel(one),
        "lightning": Regression(one),
        "a file of these": tmp_path / "weights.pt",
    }
    torch.save(nn.DataParallel(one).state_dict(), tmp_path / "weights.pt")
    begin(other, start_of(outside[wrapped]))
    torch.testing.assert_close(other(ecgs()), one(ecgs()), rtol=0, atol=0)


def test_a_body_with_a_mean_of_its_own_is_taken_whole(tmp_path) -> None:
    class Scaled(SmallResNet):
        def __init__(self) -> None:
            super().__init__(1)
            self.inner = nn.Module()
            self.inner.register_buffer("y_mean", torch.tensor([3.0]))

    one, other = (InUnits(Scaled(), 160.0, sd).eval() for sd in (20.0, 30.0))
    torch.save(dict(sorted(one.state_dict().items())), tmp_path / "sorted.pt")
    for start in (one, one.body, tmp_path / "sorted.pt"):
        begin(other, start_of(start))
        if start is not one.body:
            torch.testing.assert_close(other(ecgs()), one(ecgs()), rtol=0, atol=0)


def test_a_convolution_at_the_end_is_made_again_as_it_was() -> None:
    head = nn.Conv1d(12, 1, 9, padding=4, stride=2, dilation=2, bias=False)
    body = nn.Sequential(head, nn.AdaptiveAvgPool1d(1), nn.Flatten())
    one = InUnits(body, 160.0, 20.0).eval()
    other = InUnits(body_like(one, 1, seed=3), 150.0, 30.0).eval()
    begin(other, start_of(one))
    torch.testing.assert_close(other(ecgs()), one(ecgs()), rtol=0, atol=0)


@pytest.mark.parametrize("why", ["other outputs", "logits", "asked for"])
def test_the_last_layer_stays_fresh_where_it_answers_something_else(why) -> None:
    one = net(0)
    other = {
        "other outputs": net(1, 3),
        "logits": net(1, mean=0.0, sd=1.0),
        "asked for": net(1, mean=90.0, sd=10.0),
    }[why]
    before = {name: each.clone() for name, each in other.state_dict().items()}
    said = begin(other, start_of(one, fresh_head=why == "asked for"))
    assert "all but its last layer, which is fresh (head)" in said
    for name, each in other.state_dict().items():
        kept = name.startswith("body.head") or not name.startswith("body.")
        same = before[name] if kept else one.state_dict()[name]
        assert torch.equal(each, same), name


class HeadFirst(nn.Module):
    """Pooled by a gate of one channel, which is registered and called after the head.

    It scales each lead, and refuses another length as networks of ecglens_zoo do.
    """

    def __init__(self, length: int | None = None) -> None:
        super().__init__()
        self.head = nn.Linear(8, 1) if length else nn.Conv1d(8, 1, 1)
        self.body, self.gate = nn.Conv1d(12, 8, 1), nn.Conv1d(8, 1, 1)
        self.position = nn.Parameter(torch.zeros(length)) if length else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.body((x - x.mean(-1, keepdim=True)) / x.std(-1, keepdim=True))
        if self.position is not None:
            if len(self.position) != x.shape[-1]:
                raise ValueError("another length")
            h = h + self.position
            return self.head((h * self.gate(h).softmax(-1)).sum(-1))
        return (self.head(h) * self.gate(h).softmax(-1)).sum(-1)


@pytest.mark.parametrize("length", [None, 600, 5000])
def test_the_last_layer_is_the_one_that_gives_the_output(length) -> None:
    one, other = (InUnits(HeadFirst(length), 160.0, 20.0) for _ in range(2))
    own = {name: each.clone() for name, each in other.body.state_dict().items()}
    said = begin(other, start_of(one, fresh_head=True))
    assert "is fresh (head)" in said
    assert other.training
    now = other.body.state_dict()
    assert not torch.equal(now["gate.weight"], own["gate.weight"])
    assert torch.equal(now["head.weight"], own["head.weight"])


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(ValueError, match="weights of a SmallResNet, got 2 tensors"):
        begin(net(0), start_of(nn.Linear(3, 2)))
    other = InUnits(SmallResNet(), 160.0, 20.0, x_scale=1.0)
    with pytest.raises(
        ValueError, match=r"scales its input by 0\.001, got one that scales it by 1"
    ):
        begin(net(0), start_of(other))


def test_a_copy_has_a_last_layer_of_its_own_and_learns() -> None:
    one = net(0)
    body = body_like(one, 3, seed=0)
    assert body.training
    assert not one.training
    assert cast(SmallResNet, body).head.out_features == 3
    cast(SmallResNet, body).conv.weight.data.zero_()
    assert cast(SmallResNet, one.body).conv.weight.abs().sum() > 0
    with pytest.raises(ValueError, match="expected a last layer that is linear"):
        body_like(InUnits(nn.Flatten(), 0.0, 1.0), 1, seed=0)
    with pytest.raises(ValueError, match="got none in Linear; give model="):
        body_like(InUnits(nn.Linear(600, 1), 0.0, 1.0), 1, seed=0)  # nothing is before it
    without = InUnits(nn.Flatten(), 0.0, 1.0)
    with pytest.raises(ValueError, match="got none in Flatten; name one as model="):
        begin(without, start_of(without, fresh_head=True))


def test_slow_layers_need_a_last_layer() -> None:
    with pytest.raises(ValueError, match="leave body_lr at 1"):
        Regression(InUnits(nn.Flatten(), 0.0, 1.0), body_lr=0.1)
    with pytest.raises(ValueError, match="body_lr of 0 or above"):
        Regression(net(0), body_lr=-1.0)
    for lr in (nan, -1.0):
        with pytest.raises(ValueError, match="expected lr above 0, got"):
            Regression(net(0), lr=lr)


def test_each_layer_has_its_rate() -> None:
    module = Regression(net(0), lr=1e-3, schedule="plateau", body_lr=0.1)
    body, head = module.configure_optimizers()["optimizer"].param_groups
    assert (body["lr"], head["lr"]) == (pytest.approx(1e-4), 1e-3)
    assert sum(each.numel() for each in head["params"]) == 33
    (head,) = (
        Regression(net(0), schedule="plateau", body_lr=0.0)
        .configure_optimizers()["optimizer"]
        .param_groups
    )
    assert sum(each.numel() for each in head["params"]) == 33
