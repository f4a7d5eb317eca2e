"""What the linter says of networks that run and mislead; and that it is silent on sound ones."""

import pytest
import torch
from ecglens.ecg import draw_exact, exact_beat
from ecglens.explain import Remark, find, lint
from ecglens.models import InUnits, SmallResNet
from torch import Tensor, nn

from .networks import Residual, WithGate, WithGelu, WithReLUInPlace, ecgs, filled
from .test_gradient_check import LogSpectrogram, Recurrent

BEATS = torch.stack([torch.from_numpy(exact_beat(draw_exact(7, n)).signal) for n in range(4)])

# Without noise the samples between two beats are equal, and tie in a max pooling.
NOISE = 5 * torch.randn(BEATS.shape, generator=torch.Generator().manual_seed(0))  # µV


class Before(nn.Module):
    """A network behind a change of its input."""

    def __init__(self, change: str) -> None:
        super().__init__()
        self.net, self.change, self.norm = filled(Residual()), change, nn.InstanceNorm1d(12)

    def forward(self, x: Tensor) -> Tensor:
        low, high = x.amin((1, 2), keepdim=True), x.amax((1, 2), keepdim=True)
        mean = x.mean((1, 2), keepdim=True)
        return self.net(
            {
                "z-score": lambda: (x - mean) / (x.std((1, 2), keepdim=True) + 1e-6),
                "z-score of each lead": lambda: (
                    (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-6)
                ),
                "instance norm": lambda: self.norm(x),
                "layer norm": lambda: nn.functional.layer_norm(x, x.shape[1:]),
                "min-max": lambda: (x - low) / (high - low + 1e-6),
                "RMS": lambda: x / (x.square().mean((1, 2), keepdim=True).sqrt() + 1e-6),
                "length 1": lambda: 10 * nn.functional.normalize(x.flatten(1)).view_as(x),
                "centred": lambda: x - mean,
                "each lead centred": lambda: x - x.mean(-1, keepdim=True),
                "differences": lambda: nn.functional.pad(x.diff(dim=-1), (1, 0)),
                "frozen": lambda: (x - 1.0) / 5.0,
            }[self.change]()
        )


BLIND = ["z-score", "z-score of each lead", "instance norm", "layer norm", "min-max"]
TO_SIZE = ["RMS", "length 1"]
TO_OFFSET = ["centred", "each lead centred", "differences"]
WRONG = {"input_x_gradient", "integrated_gradients", "gradient_shap", "deeplift", "lrp_epsilon"}


@pytest.mark.parametrize("change", [*BLIND, *TO_SIZE])
def test_a_network_that_is_blind_to_the_size_of_an_ecg_is_named(change):
    findings = lint(Before(change).eval(), ecgs())
    assert findings.errors == ()
    remark = findings.remarks[0]
    assert "f(x/2) = f(x) = f(2x)" in remark.measured
    assert ("f(x + c) = f(x)" in remark.measured) == (change in BLIND)
    assert {*remark.wrong} > WRONG
    assert "saliency" not in remark.wrong
    assert remark.advice.startswith("freeze its statistics")
    assert findings.notes[0] == str(remark)
    # The 1e-5 in torch's norms is not nothing beside signals of a few µV.
    most = "misses" if "norm" in change else "misses more than half of f(x) − f(0), and is refused"
    assert findings.notes[1].startswith(f"integrated_gradients {most}")


@pytest.mark.parametrize("change", TO_OFFSET)
def test_a_network_that_is_blind_to_an_offset_is_named(change):
    (remark,) = lint(Before(change).eval(), ecgs()).remarks
    assert remark.measured == "the output does not depend on an offset of the ECG: f(x + c) = f(x)"
    assert {*remark.wrong} > WRONG
    assert "remove it" in remark.advice


class After(nn.Module):
    """A network whose outputs go through a function."""

    def __init__(self, change: str) -> None:
        super().__init__()
        self.net, self.change = filled(Residual()), change

    def forward(self, x: Tensor) -> Tensor:
        y = self.net(x)
        return {
            "sigmoid": lambda: y.sigmoid(),
            "percent": lambda: 100 * y.sigmoid(),
            "softmax": lambda: y.softmax(1),
            "own sigmoid": lambda: 1 / (1 + (-y).exp()),
            "own softmax": lambda: y.exp() / y.exp().sum(1, keepdim=True),
            "one of two": lambda: y.softmax(1)[:, :1],
        }[self.change]()


@pytest.mark.parametrize(
    ("change", "measured"),
    [
        ("sigmoid", "the last operation is a sigmoid: output 0 is a probability"),
        ("percent", "the last operation is a sigmoid: output 0 is a probability"),
        ("softmax", "the last operation is a softmax: output 0 is a probability"),
        ("one of two", "the last operation is a softmax: output 0 is a probability"),
        ("own softmax", "the outputs lie in 0…1 and add up to 1: they are probabilities"),
        ("own sigmoid", "all outputs lie in 0…1, also of ECGs ten times as large: as probab"),
    ],
)
def test_outputs_that_are_probabilities_are_named(change, measured):
    (remark,) = lint(After(change).eval(), ecgs()).remarks
    assert remark.measured.startswith(measured)
    assert {"saliency", "integrated_gradients", "gradcam"} < {*remark.wrong}
    assert "occlusion" not in remark.wrong
    assert "explain the logit" in remark.advice


def test_a_sigmoid_between_two_units_is_found():
    net = InUnits(nn.Sequential(filled(Residual()), nn.Sigmoid()), [0.0, 0.0], [1.0, 1.0], 1.0)
    assert "last operation is a sigmoid" in lint(net.eval(), ecgs()).notes[0]


def test_leads_without_a_signal_are_named():
    x = BEATS.clone()
    x[1, 3], x[2, 8] = 0.0, 50.0
    net = InUnits(filled(Residual()), [0.0, 0.0], [1.0, 1.0]).eval()
    (remark,) = lint(net, x).remarks
    assert remark.measured == "2 of the first 4 ECGs have leads without a signal (aVR, V3)"
    assert {"saliency", "smoothgrad", "guided_backprop", "lrp_composite"} <= {*remark.wrong}
    assert "input_x_gradient" not in remark.wrong


def test_a_saturated_line_that_few_nodes_miss_is_told_with_the_methods_own_nodes():
    class Saturated(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.tanh(x.mean((1, 2)) / 2)[:, None] + 1e-4 * x[:, 0, :1]

    def told(size: float) -> bool:
        notes = lint(Saturated().eval(), torch.full((2, 12, 40), size) + 0.1 * ecgs(2)).notes
        return any(note.startswith("integrated_gradients misses") for note in notes)

    assert not told(40.0)
    assert told(50_000.0)


def test_a_remark_says_what_was_measured_what_is_wrong_and_what_to_do():
    assert str(Remark("blind")) == "blind"
    assert str(Remark("blind", ("a", "b"), "look")) == "blind; wrong here: a, b; look"
    many = Remark("blind", tuple("abcdefghijkl"))
    assert str(many) == "blind; wrong here: a, b, c, d, e, f, g, h and 4 more"
    assert all(find(name) for name in lint(After("sigmoid").eval(), ecgs()).remarks[0].wrong)


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv1d(12, 8, 10, 10)
        self.block = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.head = nn.Linear(8, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.block(self.embed(x).transpose(1, 2)).mean(1))


class Bounded(Residual):
    """A regressor that keeps its outputs between −1 and 1: no probabilities."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(super().forward(x) / 50)


def seeded(kind):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return kind()


def test_a_max_pooling_of_ecgs_without_noise_is_decided_by_ties():
    """Equal samples between the beats: the gradient of one of them is as good as another's."""
    net = Recurrent(1).eval()
    (remark,) = lint(net, BEATS).remarks
    assert remark.measured.startswith("equal values in a max pooling decide the gradient")
    assert not any("equal values" in note for note in lint(net, BEATS + NOISE).notes)


SOUND = {
    "residual": lambda: (filled(Residual()), ecgs()),
    "gelu": lambda: (filled(WithGelu()), ecgs()),
    "gate": lambda: (filled(WithGate()), ecgs()),
    "in place": lambda: (filled(WithReLUInPlace()), ecgs()),
    "frozen statistics": lambda: (Before("frozen"), ecgs()),
    "bounded": lambda: (filled(Bounded()), ecgs()),
    "small": lambda: (InUnits(seeded(SmallResNet), 160.0, 20.0), BEATS),
    "log-spectrogram": lambda: (LogSpectrogram(1), BEATS),
    "recurrent": lambda: (Recurrent(0), BEATS + NOISE),
    "attention": lambda: (seeded(Attention), ecgs()),
    "one ECG": lambda: (filled(Residual()), ecgs(1)),
    "pooling": lambda: (
        nn.Sequential(nn.MaxPool1d(2), nn.Flatten(), seeded(lambda: nn.Linear(240, 1)), nn.ELU()),
        ecgs(),
    ),
}


@pytest.mark.parametrize("kind", SOUND)
def test_of_a_sound_network_nothing_is_said(kind):
    net, x = SOUND[kind]()
    findings = lint(net.eval(), x)
    assert (findings.errors, findings.notes) == ((), ())


class Above(nn.Module):
    """Lead II, and how far V1 is above 400 µV: on most ECGs nowhere."""

    def forward(self, x: Tensor) -> Tensor:
        return (x[:, 1].mean(-1) + (x[:, 6] - 400.0).relu().sum(-1))[:, None]


def test_a_lead_that_moves_the_output_where_it_is_larger_is_not_said_to_be_ignored():
    small = BEATS * 300 / BEATS[:, 6:7].amax(-1, keepdim=True)
    said = "; ".join(each.measured for each in lint(Above().eval(), small).remarks)
    ignored = said.partition("which the network ignores: ")[2].partition(";")[0].split(", ")
    assert "I" in ignored
    assert "V1" not in ignored


@pytest.mark.parametrize("bend", ["none", "twice", "infinite"])
def test_a_network_is_linear_only_where_larger_ecgs_have_the_same_gradient(bend: str):
    def forward(x: Tensor) -> Tensor:
        y = x[:, :, 100:500].mean((1, 2))[:, None]
        above = (y - 500.0).relu()
        return {"none": y, "twice": y + above, "infinite": y + (above * above).exp()}[bend]

    class Net(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return forward(x)

    said = [each.measured for each in lint(Net().eval(), -BEATS).remarks]
    (same,) = [each for each in said if each.startswith("the gradient is the same")]
    assert same.endswith("the network is linear") == (bend == "none")


def test_rounding_of_small_slopes_does_not_make_a_linear_network_bent():
    head = nn.Sequential(nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(8, 1))
    net = filled(nn.Sequential(nn.Conv1d(12, 8, 9), nn.Conv1d(8, 8, 9), *head))
    assert "the gradient is the same for every ECG: the network is linear" in lint(net, BEATS).notes


def test_a_saturated_output_is_not_said_to_be_of_a_network_that_normalises():
    class Saturated(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.sigmoid(x[:, 1, 240:260].mean(-1) - 20.0)[:, None]

    said = [each.measured for each in lint(Saturated().eval(), BEATS).remarks]
    assert not [each for each in said if "normalises" in each]
