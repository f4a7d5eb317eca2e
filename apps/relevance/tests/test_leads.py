"""Maps of twelve leads as maps of the eight that can differ."""

import numpy as np
import pytest
import torch
from ecglens.ecg.record import COMPLETION, from_eight
from ecglens.explain import attribute, find
from ecglens_relevance.output import in_eight, of_products, of_slopes, unmovable
from torch import nn

ECGS, TIME = 3, 40


def net() -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        body = (nn.Conv1d(12, 4, 5, padding=2), nn.Tanh(), nn.Flatten(), nn.Linear(4 * TIME, 1))
        return nn.Sequential(*body).eval()


class OfEight(nn.Module):
    """The same network behind Einthoven's and Goldberger's equations."""

    def __init__(self) -> None:
        super().__init__()
        self.net, self.completion = net(), torch.from_numpy(COMPLETION).float()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(self.completion @ x)


def ecgs() -> tuple[np.ndarray, np.ndarray]:
    eight = np.random.default_rng(0).normal(size=(ECGS, 8, TIME)).astype(np.float32)
    return eight, from_eight(eight)


@pytest.mark.parametrize("name", ["saliency", "input_x_gradient", "integrated_gradients"])
def test_the_map_of_eight_leads_is_that_of_the_network_that_reads_eight(name):
    eight, twelve = ecgs()
    maps = attribute(name, net(), torch.from_numpy(twelve)).numpy()
    known = attribute(name, OfEight().eval(), torch.from_numpy(eight)).numpy()
    found = in_eight(maps, twelve, find(name).facts.form)
    assert found == pytest.approx(known, abs=1e-5)


def test_slopes_follow_the_transposed_equations_and_products_do_not():
    _, twelve = ecgs()
    weights = np.random.default_rng(1).normal(size=twelve.shape)
    slopes = COMPLETION.T @ weights
    assert of_slopes(weights) == pytest.approx(slopes)
    products = of_products(weights * twelve, twelve)
    assert products == pytest.approx(slopes * twelve[:, [0, 1, 6, 7, 8, 9, 10, 11]], rel=1e-5)
    assert products.sum(1) == pytest.approx((weights * twelve).sum(1), abs=1e-5)
    assert of_slopes(weights * twelve) != pytest.approx(products, abs=0.1)


def test_what_is_neither_has_no_map_of_eight_leads():
    _, twelve = ecgs()
    assert find("random").facts.form == "other"
    assert in_eight(twelve, twelve, "other") is None


@pytest.mark.parametrize(
    ("name", "kind"), [("saliency", "slope"), ("guided_backprop", "slope"), ("deeplift", "product")]
)
def test_slopes_are_told_from_products(name, kind):
    assert find(name).facts.form == kind


def test_sizes_of_noisy_gradients_and_products_with_a_noisy_ecg_are_neither():
    """|∇f| is not moved by Aᵀ, and noisy z · ∇f over x is no slope where x is near 0 µV."""
    assert find("smoothgrad").facts.form == "slope"
    assert find("smoothgrad", signed=False).facts.form == "other"
    assert find("gradient_shap").facts.form == "other"
    assert find("gradient_shap", noise=0.0).facts.form == "product"


def test_a_slope_switched_to_gradients_is_a_slope():
    assert find("deeplift", multiply_by_inputs=False).facts.form == "slope"


def test_an_ecg_is_movable_and_what_is_at_right_angles_to_all_ecgs_is_not():
    _, twelve = ecgs()
    assert unmovable(twelve) == pytest.approx(0, abs=1e-6)
    against = np.zeros((1, 12, TIME))
    against[:, :3] = np.array([1.0, -1.0, 1.0])[:, None]  # I − II + III is 0 in every ECG
    assert unmovable(against) == pytest.approx(1)
    noise = np.random.default_rng(2).normal(size=(4, 12, 5000))
    assert unmovable(noise) == pytest.approx(2 / 3, abs=0.01)
    assert np.isnan(unmovable(np.zeros((1, 12, TIME)))).all()
