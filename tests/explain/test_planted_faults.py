"""The linter's promise: it names each planted fault, and is silent on networks that are right.

A fault is refused (every method would be wrong), remarked (the methods named in the remark), or
leaves methods out.
"""

from typing import NamedTuple

import pytest
import torch
from ecglens.ecg import draw_exact, exact_beat
from ecglens.explain import attribute, lint, methods
from ecglens.models import InputSpec, InUnits, Normalisation, ReferenceResNet, SmallResNet
from ecglens_zoo import Inception, InceptionTime, RibeiroResNet, XResNet1d101
from torch import Tensor, nn

from . import faults
from .networks import Residual, ecgs, filled
from .test_gradient_check import LogSpectrogram

pytestmark = pytest.mark.heavy

ALL = frozenset(methods())
GRADIENT = {"saliency", "smoothgrad", "integrated_gradients", "deeplift", "gradcam"}
GUIDED = {"guided_backprop", "deconvolution", "guided_gradcam"}
RESCALE = {"deeplift", "deeplift_shap"}
LRP = {"lrp_epsilon", "lrp_composite"}
FROM_ZERO = {"integrated_gradients", "gradient_shap", "deeplift"}


class Refused(NamedTuple):
    """An error that forbids every method."""

    because: str
    look_for: str


class Remarked(NamedTuple):
    """A remark, methods that it names as wrong, some that it does not, and its advice."""

    measured: str
    wrong: set[str] | frozenset[str]
    right: set[str]
    advice: str


class LeftOut(NamedTuple):
    """Exactly these methods are left out, with a reason that says this and names another method."""

    methods: set[str]
    reason: str
    instead: str


def one_module_in_training() -> Residual:
    net = filled(Residual())
    net.norm2.train()
    return net


def flat_parts() -> Tensor:
    x = ecgs().repeat_interleave(2, dim=-1)[..., :40]
    x[..., 8:32] = 3.0
    return x


def one_out_of_range() -> Tensor:
    x = ecgs()
    x[1] *= 1000
    return x


FAULTS = {
    "one module in training mode": (
        one_module_in_training,
        Refused("got the module 'norm2' training", "call eval()"),
    ),
    "normalised by the batch": (
        faults.ByTheBatch,
        Refused("depends on its own ECG alone", "normalisation over the batch"),
    ),
    "functional dropout": (faults.Dropping, Refused("the same output twice", "functional dropout")),
    "a label by place": (
        faults.WithLabels,
        Refused("depends on its own ECG alone", "labels or random numbers by place"),
    ),
    "a state that is kept": (
        faults.Remembering,
        Refused("the same output in every call", "state that the network keeps"),
    ),
    "dead ReLUs": (faults.Dead, Refused("gradient of exactly 0 everywhere", "dead ReLUs")),
    "an own backward pass": (
        faults.GradientReversal,
        Refused("says how the output changes", "own backward passes"),
    ),
    "straight-through rounding": (
        faults.StraightThrough,
        Refused("says how the output changes", "own backward passes"),
    ),
    "a gate without gradient": (
        faults.GateDetached,
        Refused("says how the output changes", "detach()"),
    ),
    "a feature from numpy": (
        faults.ThroughNumpy,
        Refused("says how the output changes", "detach()"),
    ),
    "a table by whole numbers": (faults.Table, Refused("a discontinuity of", "rounding")),
    "a live z-score": (
        faults.LiveZScore,
        Remarked(
            "f(x/2) = f(x) = f(2x) and f(x + c) = f(x)",
            FROM_ZERO | {"input_x_gradient", "lrp_epsilon"},
            {"saliency", "occlusion"},
            "freeze its statistics",
        ),
    ),
    "blind to an offset": (
        faults.LeadMean,
        Remarked(
            "does not depend on an offset",
            FROM_ZERO | {"input_x_gradient", "lrp_epsilon"},
            {"saliency", "occlusion"},
            "remove it from the ECGs",
        ),
    ),
    "a probability": (
        faults.Probability,
        Remarked("the last operation is a sigmoid", GRADIENT, {"occlusion"}, "explain the logit"),
    ),
    "leads that are not read": (
        faults.TwoLeads,
        Remarked("leads without a gradient", set(), set(), ""),
    ),
    "half precision inside": (
        faults.HalfInside,
        Remarked("computes in bfloat16 inside", ALL, set(), "compute in float32"),
    ),
    "ties in max pooling": (
        faults.PooledFirst,
        Remarked(
            "equal values in a max pooling decide the gradient",
            {"saliency", "integrated_gradients", "guided_backprop", "lrp_composite"},
            {"smoothgrad", "occlusion"},
            "methods that add noise",
        ),
    ),
    "a clamp that saturates": (
        faults.Clamped,
        Remarked("1 of the first 3 ECGs", GRADIENT, {"occlusion"}, "look for a clamp()"),
    ),
    "no output at 0 µV": (
        faults.MeanOverLength,
        Remarked(
            "the output for 0 µV is",
            FROM_ZERO,
            {"saliency", "occlusion", "expected_gradients"},
            "division by the size or the length",
        ),
    ),
    "an output that rounding decides": (
        faults.NearlyConstant,
        Remarked("the output is 160 for every ECG", ALL, set(), "maps would rank rounding"),
    ),
    "x · sigmoid(x)": (faults.SelfGate, LeftOut(GUIDED | RESCALE, "sigmoid", "take saliency")),
    "torch.where as a rectifier": (
        faults.OwnLeaky,
        LeftOut(GUIDED | RESCALE | LRP, "Where", "take saliency"),
    ),
    "a product of two values": (
        faults.Product,
        LeftOut(RESCALE | LRP, "no other products of values", "take integrated_gradients"),
    ),
    "an LSTM": (
        faults.Recurrent,
        LeftOut(
            GUIDED | RESCALE | {"gradcam", "lrp_composite"},
            "rescale rule",
            "take integrated_gradients",
        ),
    ),
}
INPUTS = {"ties in max pooling": flat_parts, "a clamp that saturates": one_out_of_range}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_with_its_methods_and_its_remedy(fault):
    make, expected = FAULTS[fault]
    net = make()
    net = net if fault == "one module in training mode" else filled(net)
    findings = lint(net, INPUTS.get(fault, ecgs)())
    if isinstance(expected, Refused):
        (error,) = findings.errors
        assert expected.because in error
        assert expected.look_for in error
        assert {findings.left_out(name) for name in ALL} == {error}
        return
    assert findings.errors == ()
    if isinstance(expected, Remarked):
        (remark,) = [one for one in findings.remarks if expected.measured in one.measured]
        assert set(expected.wrong) <= {*remark.wrong} <= ALL
        assert not expected.right & {*remark.wrong}
        assert expected.advice in str(remark)
        return
    reasons = {name: findings.left_out(name) for name in ALL}
    assert {name for name, reason in reasons.items() if reason} == expected.methods
    said = [reason for reason in reasons.values() if reason and expected.reason in reason]
    assert any(expected.instead in reason for reason in said)


# As a recorder gives them: without noise the samples between two beats are equal, and tie.
BEATS = torch.stack([torch.from_numpy(exact_beat(draw_exact(7, n)).signal) for n in range(2)])
BEATS = BEATS + 5 * torch.randn(BEATS.shape, generator=torch.Generator().manual_seed(0))  # µV


def seeded(kind):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return InUnits(kind(), 160.0, 20.0)


class ConvolutionAndLstm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.pool = nn.Conv1d(12, 8, 7), nn.MaxPool1d(8)
        self.lstm = nn.LSTM(8, 8, batch_first=True, bidirectional=True)
        self.head = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        features, _ = self.lstm(self.pool(self.conv(x)).transpose(1, 2))
        return self.head(features.mean(1))


class Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv1d(12, 8, 20, 20)
        layer = nn.TransformerEncoderLayer(8, 2, 16, activation="gelu", batch_first=True)
        self.blocks = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(8, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.blocks(self.embed(x).transpose(1, 2)).mean(1))


def behind(spec: InputSpec) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return spec.adapt(SmallResNet(leads=len(spec.leads)).eval())


SD = [float(one) for one in BEATS.std((0, 2))]
MEAN = [float(one) for one in BEATS.mean((0, 2))]
SOUND = {
    "small": lambda: seeded(SmallResNet),
    "reference": lambda: seeded(ReferenceResNet),
    "convolution and LSTM": lambda: seeded(ConvolutionAndLstm),
    "log-spectrogram": lambda: LogSpectrogram(1),
    "inception": lambda: seeded(lambda: Inception(leads=12)),
    "inception_time": lambda: seeded(InceptionTime),
    "ribeiro": lambda: seeded(lambda: RibeiroResNet(targets=1, samples=600)),
    "xresnet1d101": lambda: seeded(lambda: XResNet1d101(targets=1)),
    "transformer": lambda: seeded(Transformer),
    "frozen z-score": lambda: behind(InputSpec(normalisation="z-score per lead")),
    "fixed normalisation": lambda: behind(
        InputSpec(normalisation=Normalisation("fixed", mean=MEAN, sd=SD))
    ),
    "mV at 250 Hz": lambda: behind(InputSpec(leads=("II", "V5"), fs=250, unit="mV")),
}


@pytest.mark.parametrize("kind", SOUND)
def test_of_a_network_that_is_right_nothing_is_said(kind):
    findings = lint(SOUND[kind]().eval(), BEATS, background=BEATS.flip(0))
    assert (findings.errors, findings.notes) == ((), ())


def test_half_precision_has_no_slope_where_the_gradient_has_one():
    net, x = filled(faults.HalfInside()), ecgs()
    gradient = attribute("saliency", net, x)
    lead, time = 3, 20
    up = x.clone()
    up[:, lead, time] += 1e-3 * x[:, lead, time].abs()  # below the last bit of bfloat16
    with torch.no_grad():
        moved = (net(up) - net(x))[:, 0]
    assert (gradient[:, lead, time] != 0).all()
    assert (moved == 0).all()


def test_of_equal_samples_the_first_gets_what_each_of_them_does():
    net = filled(nn.Sequential(nn.MaxPool1d(4), nn.Flatten(), nn.Linear(120, 1)))
    x = torch.zeros(1, 12, 40)
    gradient = attribute("saliency", net, x)
    slope = gradient[0, 3, 20]
    for time in range(20, 24):
        up = x.clone()
        up[0, 3, time] += 1.0
        with torch.no_grad():
            torch.testing.assert_close((net(up) - net(x))[0, 0], slope)
    assert (gradient[0, 3, 21:24] == 0).all()


def test_a_sum_from_an_output_that_is_none_is_refused():
    net, x = filled(faults.MeanOverLength()), ecgs()
    with pytest.raises(ValueError, match="expected a finite output at the baseline"):
        attribute("integrated_gradients", net, x)
