"""Networks that are programs or functions."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ecglens.engine import has_gradient
from ecglens.models import InputSpec, as_network, load_program, network_key
from torch import Tensor, nn

from .filled import fill

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")

# Made by torch.onnx.export from the network below, for ECGs of 60 samples.
ONNX = Path(__file__).parents[1] / "data" / "networks"
Box = Callable[[nn.Module, Tensor], Any]


@pytest.fixture
def net() -> nn.Module:
    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv1d(12, 4, 7), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten())
    return nn.Sequential(body, nn.Linear(4, 2)).eval()


@pytest.fixture
def x() -> Tensor:
    return torch.randn(5, 12, 60)


def gradient(net: nn.Module, x: Tensor) -> Tensor:
    x = x.clone().requires_grad_()
    return torch.autograd.grad(net(x)[:, 0].sum(), x)[0]


def traced(net: nn.Module, x: Tensor) -> Any:
    return torch.jit.trace(net, x)


def frozen(net: nn.Module, x: Tensor) -> Any:
    return torch.jit.freeze(traced(net, x))


def exported_of_three(net: nn.Module, x: Tensor) -> Any:
    return torch.export.export(net, (x[:3],))


def exported_of_any_number(net: nn.Module, x: Tensor) -> Any:
    return torch.export.export(net, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))


PROGRAMS: list[Box] = [traced, frozen, exported_of_three, exported_of_any_number]


@pytest.mark.parametrize("made", PROGRAMS)
def test_a_saved_program_gives_the_outputs_and_gradients_of_its_network(
    made: Box, net: nn.Module, x: Tensor, tmp_path: Path
):
    program = made(net, x)
    save = torch.export.save if "exported" in made.__name__ else torch.jit.save
    save(program, tmp_path / "program.pt2")
    loaded = load_program(tmp_path / "program.pt2")
    assert not loaded.train().training
    torch.testing.assert_close(loaded(x), net(x))
    torch.testing.assert_close(gradient(loaded, x), gradient(net, x))
    assert len(network_key(loaded, (12, 60))) == 16


def exported_module(net: nn.Module, x: Tensor) -> Any:
    return torch.export.export(net, (x,)).module()


def function_of_tensors(net: nn.Module, x: Tensor) -> Any:
    del x
    return lambda given: net(given)


def compiled(net: nn.Module, x: Tensor) -> Any:
    del x
    return torch.compile(net)


def on_devices(net: nn.Module, x: Tensor) -> Any:
    del x
    return nn.DataParallel(net)


def traced_by_fx(net: nn.Module, x: Tensor) -> Any:
    del x
    return torch.fx.symbolic_trace(net)


@pytest.mark.parametrize(
    "made", [*PROGRAMS, exported_module, function_of_tensors, compiled, on_devices, traced_by_fx]
)
def test_what_passes_gradients_on_is_a_network_with_gradients(made: Box, net: nn.Module, x: Tensor):
    given = as_network(made(net, x), x)
    torch.testing.assert_close(given(x), net(x))
    torch.testing.assert_close(gradient(given, x), gradient(net, x))


@pytest.mark.parametrize("made", [compiled, on_devices])
def test_a_compiled_network_is_the_network_inside(made: Box, net: nn.Module, x: Tensor):
    assert as_network(made(net, x), x) is net


def of_arrays(x: np.ndarray) -> np.ndarray:
    assert isinstance(x, np.ndarray)
    assert x.dtype == np.float32
    return x.mean((1, 2), dtype=np.float64)[:, None]


def of_arrays_by_lists(x: np.ndarray) -> list[list[float]]:
    return [[float(one.mean())] for one in of_arrays(x)[:, 0]]


def of_tensors(x: Tensor) -> Tensor:
    return torch.from_numpy(x.detach().numpy().mean((1, 2)))[:, None]


@pytest.mark.parametrize("function", [of_arrays, of_arrays_by_lists, of_tensors])
def test_another_function_is_a_network_without_gradients(function: Callable[[Any], Any], x: Tensor):
    net = as_network(function, x)
    got = net(x.clone().requires_grad_())
    assert not got.requires_grad
    assert got.dtype == torch.float32
    torch.testing.assert_close(got, x.mean((1, 2))[:, None])


def test_a_program_of_a_fixed_number_of_ecgs_takes_any_number(net: nn.Module, x: Tensor):
    box = as_network(exported_of_three(net, x), x)
    for ecgs in (x[:1], x[:3], x):
        torch.testing.assert_close(box(ecgs), net(ecgs))


@pytest.mark.parametrize("given", ["saliency", 3, None, nn.Linear])
def test_what_is_no_network_is_refused(given: Any, x: Tensor):
    with pytest.raises(ValueError, match=r"^expected a torch\.nn\.Module, or a function"):
        as_network(given, x)


def test_a_program_in_training_mode_is_refused(net: nn.Module, tmp_path: Path):
    torch.jit.save(torch.jit.script(net.train()), tmp_path / "program.pt")
    with pytest.raises(ValueError, match=r"^expected a program in evaluation mode, got "):
        load_program(tmp_path / "program.pt")


def test_what_is_no_program_is_refused(net: nn.Module, tmp_path: Path):
    torch.save(net.state_dict(), tmp_path / "weights.pt")
    (tmp_path / "text.pt").write_text("no program")
    for name in ("weights.pt", "text.pt"):
        with pytest.raises(ValueError, match=r"^expected a program of .* read by load_weights"):
            load_program(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        load_program(tmp_path / "none.onnx")


@pytest.mark.parametrize("name", ["any_batch", "batch_of_two"])
def test_onnx_gives_the_outputs_of_its_network_without_gradients(name: str, x: Tensor):
    net = nn.Sequential(
        nn.Conv1d(12, 2, 5), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(2, 1)
    )
    fill(net)
    loaded = load_program(ONNX / f"{name}.onnx")
    got = loaded(x.requires_grad_())
    assert not got.requires_grad
    torch.testing.assert_close(got, net(x).detach(), rtol=1e-4, atol=1e-5)


def test_onnx_without_its_package_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ImportError, match=r"onnxruntime, .* pip install '\.\[onnx\]'"):
        load_program(ONNX / "any_batch.onnx")


def test_a_function_behind_a_spec_gets_arrays_of_its_own_layout():
    def second_lead(x: np.ndarray) -> np.ndarray:
        assert isinstance(x, np.ndarray)
        assert x.shape[1:] == (250, 2)
        return x[:, :, 1].mean(1)

    spec = InputSpec(leads=("V1", "II"), fs=250, layout="time lead", unit="mV")
    records = 100 * torch.randn(3, 12, 500)
    net = spec.adapt(second_lead)
    assert not has_gradient(net)
    expected = InputSpec(leads=("II",), fs=250, unit="mV").adapt(Means())(records)
    torch.testing.assert_close(net(records), expected)


class Means(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((1, 2))[:, None]


def test_a_program_of_fixed_size_stands_behind_a_spec(net: nn.Module, tmp_path: Path):
    torch.export.save(exported_of_three(net, torch.randn(5, 12, 60)), tmp_path / "net.pt2")
    spec = InputSpec(samples=60, window="start")
    records = torch.randn(4, 12, 100)
    adapted = spec.adapt(load_program(tmp_path / "net.pt2"))
    torch.testing.assert_close(adapted(records), net(records[:, :, :60]))
