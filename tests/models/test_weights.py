"""Weights of files, put into a network under its own names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from ecglens.models import InUnits, Regression, SmallResNet, load_weights
from torch import nn


@pytest.fixture
def net() -> SmallResNet:
    torch.manual_seed(0)
    return SmallResNet()


def renamed(net: nn.Module, prefix: str) -> dict[str, Any]:
    return {prefix + name: value for name, value in net.state_dict().items()}


AROUND: dict[str, Callable[[nn.Module], Any]] = {
    "state dict": lambda net: net.state_dict(),
    "compiled": lambda net: renamed(net, "_orig_mod."),
    "on several GPUs": lambda net: renamed(net, "module."),
    "compiled on several GPUs": lambda net: renamed(net, "module._orig_mod."),
    "field of a LightningModule": lambda net: {"state_dict": renamed(net, "model."), "epoch": 3},
    "tuple with the optimiser": lambda net: (net.state_dict(), {"state": {}}),
    "nested": lambda net: {"epoch": 1, "model": {"state_dict": renamed(net, "net.")}},
}


@pytest.mark.parametrize("kind", AROUND)
def test_weights_are_found_in_what_is_around_them(net: nn.Module, kind: str, tmp_path: Path):
    torch.save(AROUND[kind](net), tmp_path / "file.pt")
    torch.manual_seed(1)
    other = load_weights(SmallResNet(), tmp_path / "file.pt")
    assert not other.training
    x = torch.randn(2, 12, 600)
    assert torch.equal(other(x), net.eval()(x))


def test_a_lightning_checkpoint_is_read(net: SmallResNet, tmp_path: Path):
    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_progress_bar=False)
    trainer.strategy.connect(Regression(InUnits(net, y_mean=160.0, y_sd=20.0)))
    trainer.save_checkpoint(tmp_path / "last.ckpt")
    other = load_weights(InUnits(SmallResNet()), tmp_path / "last.ckpt")
    x = torch.randn(2, 12, 600)
    assert torch.equal(other(x), InUnits(net, y_mean=160.0, y_sd=20.0).eval()(x))


class Code:
    """A pickle of it holds the path of this class, which is code."""


@pytest.mark.parametrize(
    "content", [Code(), SmallResNet(), {"state_dict": {}, "hyper": Code()}], ids=str
)
def test_a_file_that_runs_code_is_refused_in_one_line(content: Any, tmp_path: Path):
    torch.save(content, tmp_path / "file.pt")
    with pytest.raises(ValueError, match=r"^expected tensors alone in .*state_dict.*$"):
        load_weights(SmallResNet(), tmp_path / "file.pt")


def test_a_file_without_weights_is_refused(tmp_path: Path):
    torch.save({"epoch": 3}, tmp_path / "file.pt")
    with pytest.raises(ValueError, match=r"expected weights by name in .*, found none"):
        load_weights(SmallResNet(), tmp_path / "file.pt")


def test_other_names_and_shapes_are_counted_and_the_first_named(net: nn.Module, tmp_path: Path):
    state = net.state_dict()
    state["head.weight"] = torch.zeros(3, 32)
    del state["head.bias"], state["conv.bias"]
    state["tail.weight"] = torch.zeros(1)
    torch.save(state, tmp_path / "file.pt")
    with pytest.raises(ValueError) as problem:  # noqa: PT011 the whole text is compared
        load_weights(SmallResNet(), tmp_path / "file.pt")
    assert str(problem.value) == (
        f"expected in {tmp_path / 'file.pt'} the 51 tensors of the network, got 50: 2 missing "
        "(first: conv.bias), 1 unexpected (first: tail.weight), 1 of another shape (first: "
        "head.weight (3, 32) in place of (1, 32))"
    )
