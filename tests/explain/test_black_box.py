"""Networks that give outputs alone: programs without gradients, and functions of arrays."""

import numpy as np
import pytest
import torch
from ecglens import rank_methods
from ecglens.engine import BlackBox, has_gradient
from ecglens.explain import attribute, find, lint, methods
from ecglens.models import as_network, layers, randomised
from torch import Tensor, nn

# Hide parts of the ECG, and read outputs alone.
PERTURBING = {"occlusion", "feature_ablation", "shapley_sampling", "kernel_shap", "lime"}
REASON = "expected a network that passes gradients on, got a program or a function"

WEIGHTS = np.random.default_rng(0).normal(size=(12, 600)).astype(np.float32)


def function(x: np.ndarray) -> np.ndarray:
    return np.tanh(np.einsum("blt,lt->b", x, WEIGHTS) / 1e4)[:, None]


class Net(nn.Module):
    """The same with gradients."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.einsum("blt,lt->b", x, torch.from_numpy(WEIGHTS)).div(1e4).tanh()[:, None]


def box() -> BlackBox:
    return BlackBox(lambda x: torch.from_numpy(function(x.numpy())))


@pytest.fixture
def x() -> Tensor:
    return 100 * torch.randn(4, 12, 600, generator=torch.Generator().manual_seed(0))


def test_the_methods_that_hide_parts_are_those_that_need_no_gradient():
    assert {name for name in methods() if not find(name).facts.needs_gradient} == PERTURBING


@pytest.mark.parametrize("name", [*sorted(PERTURBING), "random", "abs_x", "abs_dx"])
def test_a_map_is_that_of_the_same_network_with_gradients(name: str, x: Tensor):
    expected = attribute(name, Net().eval(), x[:1])
    torch.testing.assert_close(attribute(name, box(), x[:1]), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["saliency", "lrp_epsilon", "gradcam", "integrated_gradients"])
def test_a_method_that_needs_more_is_left_out_by_name(name: str, x: Tensor):
    findings = lint(box(), x)
    assert findings.errors == ()
    assert any("gives outputs alone" in note for note in findings.notes)
    assert REASON in str(findings.left_out(name))
    with pytest.raises(ValueError, match=REASON):
        attribute(name, box(), x)


def test_a_black_box_within_a_network_has_no_gradient_either(x: Tensor):
    net = nn.Sequential(nn.Flatten(2), box()).eval()
    assert not has_gradient(net)
    assert REASON in str(lint(net, x).left_out("saliency"))
    assert lint(net, x).left_out("occlusion") is None


def test_an_output_that_changes_with_the_batch_is_refused(x: Tensor):
    (error,) = lint(BlackBox(lambda x: (x - x.mean(0)).mean((1, 2))[:, None]), x).errors
    assert "expected" in error


@pytest.mark.heavy
def test_a_function_of_arrays_is_ranked_by_the_methods_that_can(x: Tensor):
    ranked = rank_methods(function, x.numpy(), methods=["occlusion", "saliency"])
    found = ranked.finding.curves[0]
    assert REASON in found.left_out["saliency"]
    expected = rank_methods(Net().eval(), x.numpy(), methods=["occlusion"]).table
    assert ranked.table["method"].tolist() == expected["method"].tolist()
    assert ranked.table["value"].tolist() == pytest.approx(expected["value"].tolist(), rel=1e-3)


def test_what_a_function_or_a_network_writes_into_its_input_reaches_no_ecg() -> None:
    class Writes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv1d(12, 1, 3)

        def forward(self, x: Tensor) -> Tensor:
            x /= 1000
            return self.conv(x).mean(-1)

    def writes(x: np.ndarray) -> np.ndarray:
        x /= 1000
        return x.mean((1, 2))[:, None]

    x = 100 * torch.randn(4, 12, 600, generator=torch.Generator().manual_seed(0))
    before, net = x.clone(), Writes().eval()
    heatmap = attribute("occlusion", as_network(writes, x), x)
    torch.testing.assert_close(heatmap[0], attribute("occlusion", as_network(writes, x), x[:1])[0])
    randomised(net, layers(net, x), x, seed=0)
    torch.testing.assert_close(x, before)
