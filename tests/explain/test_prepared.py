"""Maps of a network behind a preparation: closed forms, completeness, and places on the record."""

from typing import Any

import pytest
import torch
from ecglens.ecg import LEADS
from ecglens.engine import points_read, unperturbed
from ecglens.explain import Inputs, attribute, find, lint
from ecglens.models import Adapted, InputSpec, Normalisation
from torch import Tensor, nn

EIGHT = ("aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
ZSCORE = Normalisation("z-score", ddof=1)
TIME, SAMPLES = 600, 400
FIRST = (TIME - SAMPLES) // 2


def ecgs(count: int = 3, time: int = TIME) -> Tensor:
    drawn = torch.randn(count, 12, time, generator=torch.manual_seed(1))
    return 200 * drawn + 100 * torch.arange(12.0)[:, None]


class Linear(nn.Module):
    """Linear with positive weights, through a ReLU that is always open."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(8, 1, 1, bias=False)
        self.relu = nn.ReLU()
        self.head = nn.Linear(SAMPLES, 1, bias=False)
        for weight in self.parameters():
            nn.init.uniform_(weight, 0.5, 1.5, generator=torch.manual_seed(2))

    def forward(self, z: Tensor) -> Tensor:
        return self.head(self.relu(self.conv(z)[:, 0] + 1000))


class Bent(nn.Module):
    """Convolutions, ReLUs and a mean over time."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.body = nn.Sequential(
            nn.Conv1d(8, 6, 7, padding=3), nn.ReLU(), nn.Conv1d(6, 6, 5, padding=2), nn.ReLU()
        )
        self.head = nn.Linear(6, 1)

    def forward(self, z: Tensor) -> Tensor:
        return self.head(self.body(z).mean(-1))


def adapted(net: nn.Module, **settings: Any) -> Adapted:
    given = {"leads": EIGHT, "samples": SAMPLES, "unit": "mV", "normalisation": ZSCORE} | settings
    return InputSpec(**given).adapt(net).eval()


def slope(net: Linear, x: Tensor) -> Tensor:
    """Gradient of the linear network in the record: weight by place, over SD in mV."""
    weight = net.conv.weight[0, :, 0, None] * net.head.weight[0]
    places = [LEADS.index(lead) for lead in EIGHT]
    within = x[:, places, FIRST : FIRST + SAMPLES]
    found = torch.zeros_like(x)
    found[:, places, FIRST : FIRST + SAMPLES] = (
        weight / within.std(-1, correction=1, keepdim=True)
    ).detach()
    return found


SLOPES = ("saliency", "smoothgrad", "guided_backprop", "deconvolution")
PRODUCTS = ("input_x_gradient", "integrated_gradients", "deeplift", "lrp_epsilon")


@pytest.mark.parametrize(
    "name", [*SLOPES, *PRODUCTS, "captum.attr.Saliency", "captum.attr.DeepLift"]
)
def test_on_a_linear_network_every_map_is_its_closed_form(name: str):
    body, x = Linear(), ecgs()
    settings = {"captum.attr.Saliency": {"abs": False}, "lrp_epsilon": {"epsilon": 1e-6}}
    found = attribute(find(name, **settings.get(name, {})), adapted(body), x)
    expected = slope(body, x)
    if name in PRODUCTS or name.endswith("DeepLift"):
        expected = expected * x
    torch.testing.assert_close(found, expected, rtol=2e-4, atol=float(1e-5 * expected.abs().max()))


def test_guided_gradcam_is_the_product_of_its_parts():
    net, x = adapted(Bent()), ecgs()
    guided = attribute(find("guided_gradcam", relu_cam=False), net, x)
    parts = attribute("guided_backprop", net, x) * attribute("gradcam", net, x)
    torch.testing.assert_close(guided, parts)


@pytest.mark.parametrize("settings", [{}, {"samples": 150, "hop": 100}, {"fs": 250.0}])
@pytest.mark.parametrize("name", ["integrated_gradients", "deeplift"])
def test_contributions_add_up_from_0_uv_with_the_statistics_of_the_ecg(
    name: str, settings: dict[str, Any]
):
    net, x = adapted(Bent(), **settings), ecgs()
    found = attribute(name, net, x).sum((1, 2))
    for one, total in zip(x, found, strict=True):
        with torch.no_grad(), unperturbed(net, one):
            change = net(one[None]) - net(torch.zeros_like(one)[None])
        torch.testing.assert_close(total, change[0, 0], rtol=2e-3, atol=1e-5)


def test_with_live_statistics_integrated_gradients_add_up_to_nothing_of_the_kind():
    live = Normalisation("z-score", statistics="live")
    net, x = adapted(Bent(), normalisation=live), ecgs(1)
    found = attribute("input_x_gradient", net, x)
    # Blind to scale: the terms of each lead cancel but for its mean.
    within = x - x[..., FIRST : FIRST + SAMPLES].mean(-1, keepdim=True)
    slopes = attribute("saliency", net, x)
    assert (slopes * within).sum().abs() < 1e-4 * found.abs().sum()


@pytest.mark.parametrize("name", ["saliency", "gradcam", "feature_ablation", "shapley_sampling"])
def test_a_map_does_not_depend_on_the_other_ecgs(name: str):
    net, x = adapted(Bent()), ecgs()
    records = ["a", "b", "c"]
    together = attribute(name, net, x, inputs=Inputs(records))
    alone = attribute(name, net, x[1:2], inputs=Inputs(records[1:2]))
    torch.testing.assert_close(together[1:2], alone)


def test_hidden_segments_are_hidden_from_the_network_of_the_whole_ecg():
    net, x = adapted(Bent()), ecgs(1)
    found = attribute(find("occlusion", width_ms=100.0, overlap=1, hidden="zero"), net, x)
    lead = LEADS.index("V2")
    without = x.clone()
    without[0, lead, 250:300] = 0.0
    with torch.no_grad(), unperturbed(net, x[0]):
        change = net(x) - net(without)
    torch.testing.assert_close(found[0, lead, 250:300].sum(), change[0, 0], rtol=1e-3, atol=1e-6)
    assert not found[0, LEADS.index("I")].any()


class Peak(nn.Module):
    """The mean of what a convolution finds around sample `at` of its own input."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(8, 1, 5, padding=2, bias=False)
        nn.init.ones_(self.conv.weight)
        self.at = at

    def forward(self, z: Tensor) -> Tensor:
        features = torch.relu(self.conv(z))
        window = torch.zeros(z.shape[-1])
        window[self.at] = 1.0
        return (features * window).sum(-1)


@pytest.mark.parametrize(
    ("settings", "at", "expected"),
    [
        ({"samples": 400, "window": "start"}, 120, 120),
        ({"samples": 400, "window": "centre"}, 120, 220),
        ({"samples": 400, "window": "end"}, 120, 320),
        ({"samples": 800, "window": "centre"}, 250, 150),
        ({"samples": 200, "fs": 250.0}, 100, 300),
    ],
)
def test_gradcam_lies_where_the_convolution_saw_it(
    settings: dict[str, Any], at: int, expected: int
):
    x = torch.zeros(1, 12, TIME)
    # A bump at the place that counts: the activation, and so the curve, is largest there.
    x[0, :, expected - 6 : expected + 7] = 500.0
    net = adapted(Peak(at), normalisation="none", **settings)
    found = attribute("gradcam", net, x)[0]
    assert torch.equal(found[0], found[11])
    peak = found[0] >= 0.999 * found[0].max()
    middle = peak.nonzero().float().mean()
    assert abs(float(middle) - expected) <= 4
    ends = found[0, [0, -1]]
    assert ends.abs().max() < 1e-6 or settings["samples"] == 800


def test_gradcam_of_windows_is_the_sum_of_their_curves():
    x = torch.zeros(1, 12, TIME)
    x[0, :, 95:105] = x[0, :, 395:405] = 500.0
    net = adapted(Peak(100), normalisation="none", samples=200, hop=300)
    found = attribute("gradcam", net, x)[0, 0]
    assert found[100] > 0
    torch.testing.assert_close(found[60:140], found[360:440])
    assert not found[210:290].any()


@pytest.mark.parametrize(
    "spec",
    [
        InputSpec(leads=EIGHT, samples=SAMPLES),
        InputSpec(leads=("V1", "I"), samples=150, hop=200),
        InputSpec(leads=("II",), fs=250, samples=100, window="end"),
    ],
    ids=["eight leads", "windows", "another rate"],
)
def test_controls_cover_what_the_network_reads_and_no_more(spec: InputSpec) -> None:
    class Sum(nn.Module):
        def forward(self, z: Tensor) -> Tensor:
            return z.sum((1, 2))[:, None]

    net, x = spec.adapt(Sum()).eval(), ecgs()
    read = points_read(net, TIME)
    assert read is not None
    gradient = attribute("saliency", net, x)[0]
    # Behind another rate the filter of the resampling reads a few samples more.
    assert torch.equal(read.any(-1), (gradient != 0).any(-1))
    assert ((gradient.abs() > 1e-3 * gradient.abs().max()) & ~read).sum() <= 40 * (spec.fs != 500)
    assert gradient[read].abs().max() > 0
    for control in ("random", "abs_x", "abs_dx"):
        assert torch.equal((attribute(control, net, x) != 0).any(0), read), control


def test_a_layer_of_one_of_several_networks_is_refused():
    with pytest.raises(ValueError, match="one network, got 2 whose outputs are averaged"):
        attribute("gradcam", InputSpec(leads=EIGHT).adapt([Bent(), Bent()]).eval(), ecgs())


def test_the_composite_rule_is_refused_behind_a_normalisation():
    with pytest.raises(
        ValueError,
        match=r"here the ECG is shifted or high-pass filtered before, .* take lrp_epsilon",
    ):
        attribute("lrp_composite", adapted(Bent()), ecgs())


def test_a_sound_network_with_frozen_statistics_has_no_errors():
    findings = lint(adapted(Bent()), ecgs())
    assert not findings.errors
    assert findings.left_out("deeplift") is None
    assert findings.notes == ()  # that leads are not read was declared
