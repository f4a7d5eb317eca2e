"""Grad-CAM on networks whose feature maps are known, and where its features lie on the ECG."""

import numpy as np
import pytest
import torch
from ecglens.engine import FftConv1d
from ecglens.explain import GradCam, GuidedGradCam, Inputs, attribute, context_of, find, map_notes
from ecglens.explain.rules.features import feature_shift
from ecglens.models.reference import Block
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from .networks import Residual, ecgs, filled

EVEN = "ignore:Using padding='same' with even kernel:UserWarning"


def pooled_first():
    """Ten features, each of four samples, and a head that weighs them."""
    layers = nn.AvgPool1d(4), nn.Conv1d(12, 1, 1), nn.Flatten(), nn.Linear(10, 1)
    return filled(nn.Sequential(*layers))


def cam_of(net, x):
    """Channel weight (the mean gradient) times feature, at the middles of 40 samples."""
    with torch.no_grad():
        cam = net[1](net[0](x))[0, 0] * net[3].weight.mean()
    places = ((torch.arange(40) + 0.5) / 4 - 0.5).clamp(0, 9)
    return np.interp(places, np.arange(10), cam.numpy())


def test_a_shorter_layer_is_stretched_linearly_and_every_lead_gets_the_same():
    net, x = pooled_first(), ecgs(1)
    found = attribute("gradcam", net, x)[0].numpy()
    np.testing.assert_allclose(found, np.tile(cam_of(net, x), (12, 1)), rtol=1e-4, atol=1e-6)


def test_guided_gradcam_is_the_product_with_guided_backprop():
    net, x = pooled_first(), ecgs(1)
    found = attribute(find("guided_gradcam", relu_cam=False), net, x)[0].numpy()
    # Without a ReLU, Guided Backprop is the gradient.
    expected = attribute("saliency", net, x)[0].numpy() * cam_of(net, x)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)


def boxes(kernel, layers=3, leads=1):
    """Convolutions of ones, and the mean of what comes out: it sees each impulse as a bump."""
    stack = [nn.Conv1d(leads, leads, kernel, padding="same", bias=False) for _ in range(layers)]
    for layer in stack:
        layer.weight.data.fill_(1)
    net = nn.Sequential(*stack, nn.AdaptiveAvgPool1d(1), nn.Flatten())
    return net.eval()


@pytest.mark.filterwarnings(EVEN)
@pytest.mark.parametrize(("kernel", "early"), [(7, 0.0), (8, 0.5)])
def test_even_kernels_put_the_map_half_a_sample_early_each_unless_it_is_corrected(kernel, early):
    x = torch.zeros(1, 1, 101)
    x[0, 0, 50] = 1

    def middle(corrected):
        cam = attribute(find("gradcam", corrected=corrected), boxes(kernel), x)[0, 0]
        return float((cam * torch.arange(101)).sum() / cam.sum())

    assert middle(corrected=False) == pytest.approx(50 - 3 * early, abs=1e-4)
    assert middle(corrected=True) == pytest.approx(50, abs=1e-4)


class Branching(nn.Module):
    """A pooling, then residual blocks as in the reference network, with functions in between."""

    def __init__(self, convolution=nn.Conv1d):
        super().__init__()
        self.blocks = nn.Sequential(*(Block(32, 64, kernels=(10, 10), skip=True) for _ in range(3)))
        for block in self.blocks:
            block.conv1, block.conv2 = (
                convolution(32, 64, 10, padding="same"),
                convolution(64, 32, 10, padding="same"),
            )
        self.first, self.last = nn.Conv1d(12, 32, 1), nn.Conv1d(32, 4, 1)

    def forward(self, x):
        x = functional.max_pool1d(functional.gelu(self.first(x)), 2)
        return self.last(self.blocks(x)).mean(-1)


@pytest.mark.filterwarnings(EVEN)
@pytest.mark.parametrize("convolution", [nn.Conv1d, FftConv1d])
def test_the_shift_is_the_mean_over_the_paths_in_samples_of_the_ecg(convolution):
    net = filled(Branching(convolution))
    x = torch.zeros(1, 12, 400)
    # Two samples of the ECG for one of the halved axis; half of the paths go round each block.
    assert feature_shift(net, x, net.last) == pytest.approx(3 * 2 * (0.5 + 0.5) / 2, abs=1e-3)
    inner = net.get_submodule("blocks.0.conv1")
    assert isinstance(inner, nn.Conv1d)
    assert feature_shift(net, x, inner) == pytest.approx(2 * 0.5, abs=1e-3)
    assert feature_shift(net, x, net.first) == pytest.approx(0, abs=1e-3)


def test_strides_that_begin_at_the_first_sample_look_back():
    layers = [nn.Conv1d(12, 12, 3, stride=2, padding=1) for _ in range(2)]
    net = filled(nn.Sequential(*layers, nn.AdaptiveAvgPool1d(1), nn.Flatten()))
    # Feature k lies at sample 4k, the middle of its share of the ECG at 4k + 1.5.
    assert feature_shift(net, torch.zeros(1, 12, 80), layers[1]) == pytest.approx(-1.5, abs=1e-3)


class Gated(nn.Module):
    """Squeeze and excitation between two even kernels: the gate weighs all times alike."""

    def __init__(self):
        super().__init__()
        self.first, self.last = (nn.Conv1d(12, 12, 8, padding="same") for _ in range(2))
        self.gate = nn.Sequential(nn.Linear(12, 3), nn.ReLU(), nn.Linear(3, 12), nn.Sigmoid())

    def forward(self, x):
        x = self.first(x).relu()
        x = x * self.gate(x.mean(-1))[..., None].expand_as(x)
        return self.last(x).relu().mean(-1)


@pytest.mark.filterwarnings(EVEN)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_gate_moves_no_feature(seed):
    torch.manual_seed(seed)
    net = Gated().eval()
    assert feature_shift(net, torch.zeros(1, 12, 100), net.last) == pytest.approx(
        0.5 + 0.5, abs=1e-3
    )


@pytest.mark.filterwarnings(EVEN)
def test_normed_weights_and_convolutions_without_a_bias_are_flat_as_well():
    class Written(nn.Module):
        def __init__(self):
            super().__init__()
            self.last = nn.Conv1d(12, 2, 4, padding="same")
            weight_norm(self.last)

        def forward(self, x):
            x = functional.conv1d(x, torch.ones(12, 12, 4), padding="same")
            return self.last(x).mean(-1)

    net = Written().eval()
    assert feature_shift(net, torch.zeros(1, 12, 80), net.last) == pytest.approx(1, abs=1e-3)


class Skipped(nn.Module):
    """A block of two convolutions with a third one on its skip, which is made and may run last."""

    def __init__(self, skip_first):
        super().__init__()
        self.skip_first = skip_first
        self.conv1, self.conv2 = (nn.Conv1d(12, 12, 5, padding=2) for _ in range(2))
        self.skip, self.gate = nn.Conv1d(12, 12, 1), nn.Conv1d(12, 12, 1)
        self.unused = nn.Conv1d(12, 12, 1)

    def forward(self, x):
        skipped = self.skip(x) if self.skip_first else None
        y = self.conv2(self.conv1(x).relu())
        y = y * self.gate(y.mean(-1, keepdim=True)).sigmoid()
        return (y + (self.skip(x) if skipped is None else skipped)).relu().mean(-1)


@pytest.mark.parametrize("skip_first", [True, False])
def test_the_last_convolution_lies_on_no_skip_is_no_gate_and_runs(skip_first):
    net, x = filled(Skipped(skip_first)), ecgs(1)
    expected = attribute(find("gradcam", layer="conv2"), net, x)
    assert torch.equal(attribute("gradcam", net, x), expected)
    with pytest.raises(ValueError, match="one beside it"):
        attribute(find("gradcam", layer="unused"), net, x)


class Pooled(nn.Module):
    """Features, weighted over time by a convolution of their own, or passed through gates."""

    def __init__(self, kind):
        super().__init__()
        self.kind, self.features = kind, nn.Conv1d(12, 8, 9)
        self.weights, self.head = nn.Conv1d(8, 8 if kind == "silu" else 1, 1), nn.Linear(8, 1)

    def forward(self, x):
        y = self.features(x).relu()
        score = self.weights(y)
        passed = {
            "attention": lambda: score.softmax(-1) * y,
            "gate": lambda: score.sigmoid() * y / y.shape[-1],
            "silu": lambda: score * score.sigmoid() / y.shape[-1],
        }[self.kind]()
        return self.head(passed.sum(-1))


@pytest.mark.parametrize("kind", ["attention", "gate", "silu"])
def test_a_convolution_that_only_weighs_the_features_of_another_is_not_explained(kind):
    net, x = filled(Pooled(kind)), ecgs()
    wanted = "weights" if kind == "silu" else "features"
    found = attribute("gradcam", net, x)
    assert torch.equal(found, attribute(find("gradcam", layer=wanted), net, x))
    one = torch.cat([attribute("gradcam", net, each[None]) for each in x])
    assert torch.allclose(one, found, rtol=1e-4, atol=1e-6 * float(found.abs().max()))


@pytest.mark.parametrize("name", ["gradcam", "guided_gradcam"])
def test_a_network_that_sees_leads_one_by_one_is_left_out_with_the_reason(name):
    class Folded(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(1, 2, 5)

        def forward(self, x):
            features = self.conv(x.flatten(0, 1)[:, None]).relu()
            return features.mean(-1).unflatten(0, (len(x), -1)).sum(1)

    with pytest.raises(ValueError, match="24 rows for 2 ECGs"):
        attribute(name, filled(Folded()), ecgs(2))


class Normalising(nn.Module):
    """Normalises each ECG before the network: sent ones, it divides by 0."""

    def __init__(self) -> None:
        super().__init__()
        self.net = filled(Residual())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mean, sd = x.mean((1, 2), keepdim=True), x.std((1, 2), keepdim=True)
        return self.net((x - mean) / (sd + 1e-6))


@pytest.mark.parametrize("kind", [GradCam, GuidedGradCam])
def test_a_shift_that_cannot_be_measured_is_not_corrected_and_said(kind):
    net, x = Normalising().eval(), ecgs()
    assert feature_shift(net, x, net.net.conv2) is None
    found = attribute(kind(), net, x)
    assert torch.equal(found, attribute(kind(corrected=False), net, x))
    (note,) = map_notes(kind(), net, x, found, 0, context_of(kind(), x, 0, Inputs()))
    assert note.startswith("is not corrected for the feature shift, which cannot be measured")
    for method, other in ((kind(corrected=False), net), (kind(), filled(Residual()))):
        context = context_of(method, x, 0, Inputs())
        assert map_notes(method, other, x, found, 0, context) == ()
