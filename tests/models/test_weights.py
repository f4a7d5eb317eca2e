"""Weights of files, put into a network under its own names."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from ecglens.models import InUnits, Regression, SmallResNet, load_weights
from torch import Tensor, nn


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
    "beside the last loss": lambda net: {
        "epoch": 3,
        "model_state_dict": net.state_dict(),
        "loss": torch.tensor(0.5),
    },
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


def test_what_lies_beside_the_network_in_a_checkpoint_is_left_out(net: nn.Module, tmp_path: Path):
    state = renamed(net, "model.") | {"loss.weight": torch.ones(2), "auroc.bins": torch.ones(3)}
    torch.save({"state_dict": state}, tmp_path / "last.ckpt")
    other = load_weights(SmallResNet(), tmp_path / "last.ckpt")
    x = torch.randn(2, 12, 600)
    assert torch.equal(other(x), net.eval()(x))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_numbers_take_the_precision_of_the_network(
    net: nn.Module, dtype: torch.dtype, tmp_path: Path
):
    torch.save(net.to(dtype).state_dict(), tmp_path / "file.pt")
    other = load_weights(SmallResNet(), tmp_path / "file.pt")
    assert torch.equal(other.conv.weight, net.get_parameter("conv.weight").float())
    assert other.conv.weight.dtype == torch.float32


TYPES = {"F32": torch.float32, "BF16": torch.bfloat16, "I64": torch.int64}


def safetensors(state: dict[str, Tensor]) -> bytes:
    """The format as its README describes it."""
    names = {dtype: name for name, dtype in TYPES.items()}
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    content = b""
    for name, value in state.items():
        stored = bytes(value.contiguous().flatten().view(torch.uint8).tolist())
        header[name] = {
            "dtype": names[value.dtype],
            "shape": [*value.shape],
            "data_offsets": [len(content), len(content) + len(stored)],
        }
        content += stored
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content


def test_safetensors_are_read_without_a_package(net: nn.Module, tmp_path: Path):
    (tmp_path / "model.safetensors").write_bytes(safetensors(renamed(net, "model.")))
    other = load_weights(SmallResNet(), tmp_path / "model.safetensors")
    x = torch.randn(2, 12, 600)
    assert torch.equal(other(x), net.eval()(x))


def test_safetensors_of_half_precision_are_read(net: nn.Module, tmp_path: Path):
    state = net.to(torch.bfloat16).state_dict()
    (tmp_path / "model.safetensors").write_bytes(safetensors(state))
    other = load_weights(SmallResNet(), tmp_path / "model.safetensors")
    assert torch.equal(other.conv.weight, state["conv.weight"].float())


@pytest.mark.parametrize("end", [0, 5, 100, -10])
def test_safetensors_that_are_cut_off_are_refused(net: nn.Module, end: int, tmp_path: Path):
    whole = safetensors(net.state_dict())
    (tmp_path / "model.safetensors").write_bytes(whole[:end])
    with pytest.raises(ValueError, match=r"^expected a whole safetensors file, got .*$"):
        load_weights(SmallResNet(), tmp_path / "model.safetensors")


def test_a_file_of_torch_before_zip_archives_that_is_cut_off_is_refused(tmp_path: Path):
    file = tmp_path / "file.pt"
    torch.save(nn.Linear(2, 2).state_dict(), file, _use_new_zipfile_serialization=False)
    whole = file.read_bytes()
    for end in range(len(whole)):
        file.write_bytes(whole[:end])
        with pytest.raises(ValueError, match=r"^expected weights in .*$"):
            load_weights(nn.Linear(2, 2), file)


@pytest.mark.parametrize("of_numpy", ["numpy._core", "numpy.core"], ids=["2", "1"])
def test_numbers_of_numpy_beside_the_weights_are_no_code(
    net: nn.Module, of_numpy: str, tmp_path: Path
):
    beside = {"valid_loss": np.float32(0.5), "best": np.float64(1), "epochs": np.arange(3)}
    torch.save({"epoch": 3, "model": net.state_dict(), **beside}, tmp_path / "new.pt")
    with ZipFile(tmp_path / "new.pt") as new, ZipFile(tmp_path / "file.pt", "w") as file:
        for name in new.namelist():
            file.writestr(name, new.read(name).replace(b"numpy._core", of_numpy.encode()))
    other = load_weights(SmallResNet(), tmp_path / "file.pt")
    assert torch.equal(other.conv.weight, net.get_parameter("conv.weight"))


class Code:
    """A pickle of it holds the path of this class, which is code."""


@pytest.mark.parametrize(
    "content",
    [Code(), SmallResNet(), {"state_dict": {}, "hyper": Code()}],
    ids=["code", "a network", "code beside weights"],
)
def test_a_file_that_runs_code_is_refused_in_one_line(content: Any, tmp_path: Path):
    torch.save(content, tmp_path / "file.pt")
    with pytest.raises(ValueError, match=r"^expected tensors alone in .*state_dict.*$"):
        load_weights(SmallResNet(), tmp_path / "file.pt")


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_what_is_no_file_of_weights_is_refused_in_one_line(tmp_path: Path):
    (tmp_path / "text.pt").write_text("version https://git-lfs.github.com/spec/v1")
    torch.jit.save(torch.jit.script(nn.Linear(2, 1)), tmp_path / "program.pt")
    (tmp_path / "empty.pt").write_bytes(b"")
    (tmp_path / "table.pt").write_text("channel,gain\nI,1\nII,1\n")
    torch.save(nn.Linear(2, 1), tmp_path / "later.pt", pickle_protocol=4)
    for name in ("text.pt", "program.pt", "empty.pt", "table.pt", "later.pt"):
        with pytest.raises(ValueError, match=r"^expected weights in .*$") as problem:
            load_weights(SmallResNet(), tmp_path / name)
        assert "\n" not in str(problem.value)


def test_a_missing_file_is_told(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"none\.pt"):
        load_weights(SmallResNet(), tmp_path / "none.pt")


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
