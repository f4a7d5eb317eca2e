"""Networks of every kind that users bring: ranked, or refused in one clear line."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from ecglens import rank_methods
from ecglens.engine import accelerate
from ecglens.models import network_key
from torch import Tensor, nn

from .conftest import beats

X = beats(4)


def body() -> nn.Sequential:
    torch.manual_seed(0)
    conv = nn.Conv1d(12, 4, 41, padding=20)
    layers = (conv, nn.BatchNorm1d(4), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten())
    return nn.Sequential(*layers, nn.Linear(4, 2)).eval()


class InATuple(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = body()

    def forward(self, x: Tensor) -> object:
        return self.net(x), x.mean(-1)


class InADict(InATuple):
    def forward(self, x: Tensor) -> object:
        return {"logits": self.net(x), "features": x}


def exported(**shapes: Any) -> nn.Module:
    return torch.export.export(body(), (torch.from_numpy(X),), **shapes).module()


def with_any_batch() -> nn.Module:
    return exported(dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=512)},))


RANKED: dict[str, Callable[[], nn.Module]] = {
    "torch.fx": lambda: torch.fx.symbolic_trace(body()),
    "frozen": lambda: torch.jit.freeze(torch.jit.trace(body(), torch.from_numpy(X))),
    "scripted": lambda: torch.jit.script(body()),
    "exported": with_any_batch,
}


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    "kind", [pytest.param(each, marks=[pytest.mark.long] * (each == "frozen")) for each in RANKED]
)
def test_a_network_without_classes_of_its_own_is_ranked(kind: str) -> None:
    ranked = rank_methods(RANKED[kind](), X, methods=["saliency", "guided_backprop"])
    expected = rank_methods(body(), X, methods=["saliency"]).finding.curves[0]
    found = ranked.finding.curves[0]
    np.testing.assert_allclose(
        found.predictions["saliency"], expected.predictions["saliency"], rtol=1e-3, atol=1e-3
    )
    # torch.fx calls the functions that the rule replaces, the others hide them.
    reason = found.left_out.get("guided_backprop", "")
    assert ("expected ReLU activations" in reason) == (kind != "torch.fx")


def test_a_traced_network_is_accelerated_and_stays_what_it_was() -> None:
    traced, x = torch.fx.symbolic_trace(body()), torch.from_numpy(X)
    fast = accelerate(traced)
    torch.testing.assert_close(fast(x), traced(x), rtol=1e-4, atol=1e-3)
    assert type(fast.get_submodule("0")).__name__ == "FftConv1d"
    assert type(traced.get_submodule("0")) is nn.Conv1d


REFUSED: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "tuple": (
        lambda: InATuple().eval(),
        "got a tuple of 2 for a batch of 2; a single value per ECG is (batch, 1): take net = "
        "InputSpec(output=0).adapt(net)",
    ),
    "dict": (
        lambda: InADict().eval(),
        "got a dict with 'logits', 'features' for a batch of 2; a single value per ECG is "
        "(batch, 1): take net = InputSpec(output='logits').adapt(net)",
    ),
    "float64": (lambda: body().double(), "float32 weights, got torch.float64 in 0.weight; call"),
    "bf16": (lambda: body().bfloat16(), "float32 weights, got torch.bfloat16 in 0.weight; call"),
    "one batch": (exported, "12 leads, 600 samples and any number of ECGs"),
}


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_ranked_is_refused_in_one_line_with_the_true_reason(kind: str) -> None:
    make, words = REFUSED[kind]
    with pytest.raises(ValueError, match="expected") as refusal:
        rank_methods(make(), X, methods=["saliency"])
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("kind", [InATuple, InADict])
def test_there_is_no_key_of_a_network_that_returns_no_tensor(kind: type[nn.Module]) -> None:
    with pytest.raises(ValueError, match=r"shape \(batch, n_targets\), got (tuple|dict); wrap"):
        network_key(kind().eval())
