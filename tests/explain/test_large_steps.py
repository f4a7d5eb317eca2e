"""Steps that each are too small to see, and that no gradient shows; and designs that have none."""

import pytest
import torch
from ecglens import rank_methods
from ecglens.ecg import draw_exact, exact_beat
from ecglens.engine import accelerate
from ecglens.explain import lint
from ecglens.explain.checks import large_steps
from ecglens.explain.checks.discontinuities import may_hide_changes
from ecglens.explain.checks.large_steps import OTHER, WAVES, ZERO, missed_by_the_gradient
from ecglens.explain.passes import differentiable
from ecglens.models import ReferenceResNet, SmallResNet
from torch import Tensor, nn

from benchmarks.foreign import FOREIGN, Experts, foreign

from .hard_networks import HARD, hard
from .networks import ecgs

BEATS = torch.stack([torch.from_numpy(exact_beat(draw_exact(7, n)).signal) for n in range(4)])
BEATS = BEATS + 5 * torch.randn(BEATS.shape, generator=torch.Generator().manual_seed(0))  # µV
# What the checks of small steps pass.
SMALL_STEPS = ("ROCKET", "ordinal patterns", "spikes")


def missed(net, x, ecgs=2):
    with differentiable(net, x.device):
        return missed_by_the_gradient(net, x, 0, ecgs)


class Staircase(nn.Module):
    """The mean of an ECG, and `times` the same in steps of 1/100 µV."""

    def __init__(self, times: float) -> None:
        super().__init__()
        self.times = times

    def forward(self, x: Tensor) -> Tensor:
        mean = x.mean((1, 2))[:, None]
        return mean + self.times * (100 * mean).round() / 100


@pytest.mark.parametrize("times", [0.25, 1.0, 3.0])
def test_the_share_that_is_missed_is_that_of_the_steps(times):
    x = ecgs(4) + torch.tensor([5.0, 9.0, -3.0, 20.0])[:, None, None]
    found = missed(Staircase(times), x)
    assert found.share == pytest.approx(times / (1 + times), rel=0.02)


def test_a_change_that_the_gradient_promises_and_the_output_denies_is_missed_too():
    class Promised(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            mean = x.mean((1, 2))[:, None]
            return mean - mean.detach() + x.square().mean((1, 2))[:, None].detach() * 1e-3

    assert missed(Promised(), ecgs(4) + 5).share > 0.9


@pytest.mark.parametrize("kind", [ZERO, OTHER, WAVES])
def test_changes_by_which_nothing_moves_are_not_judged(kind, monkeypatch):
    kinds = [ZERO, OTHER, WAVES]
    moved = torch.tensor([1.0 if each == kind else 0.04 for each in kinds]).double()
    found = torch.where(moved == 1, moved * 0.7, 0.0)  # all of the weak changes is missed
    worst = large_steps._worst(kinds, moved, found, rounding=1e-3)
    assert worst.kind == kind
    assert worst.share == pytest.approx(0.3)
    assert large_steps._worst(kinds, 1e-4 * moved, found * 0, rounding=1e-3).share == 0


@pytest.mark.heavy
@pytest.mark.parametrize("name", HARD)
def test_a_network_of_hard_steps_is_an_error_for_all_that_needs_its_gradient(name):
    net = hard(name)
    findings = lint(net, BEATS)
    assert findings.errors
    assert all(findings.left_out(each) for each in ("saliency", "smoothgrad", "gradcam"))
    if name in SMALL_STEPS:
        assert "accounts for large changes of the ECG" in findings.errors[0]
        assert findings.left_out("occlusion") is None
        assert findings.left_out("shapley_sampling") is None
    assert missed(net, BEATS).share > large_steps.REFUSED


@pytest.mark.heavy
def test_methods_that_hide_parts_are_ranked_where_the_gradient_is_no_guide():
    ranking = rank_methods(hard("ordinal patterns"), BEATS, methods=["saliency", "occlusion"])
    (curves,) = ranking.finding.curves
    assert "accounts for large changes" in curves.left_out["saliency"]
    assert "occlusion" in {*ranking.table["method"]}
    assert ranking.best != "saliency"
    found = {each.name: each.gates for each in ranking.answer.methods}
    assert found["saliency"]["is right on this network"] == "fails"
    assert found["occlusion"]["is right on this network"] == "passes"
    assert any(note.startswith("saliency was left out") for note in ranking.learned.notes)


# 64 midpoints miss 23 % where waves are erased: sorted values change places thousands of times.
TOLD = {"median and quartiles"}


@pytest.mark.heavy
@pytest.mark.parametrize("name", FOREIGN)
def test_a_design_that_keeps_its_gradient_is_not_refused(name, monkeypatch):
    net = foreign(name)
    findings = lint(net, BEATS)
    assert findings.errors == ()
    told = [note for note in findings.notes if note.startswith("the gradient misses")]
    assert bool(told) == (name in TOLD)
    assert not any("0…1" in note for note in findings.notes)
    # The rule says the same of designs that have no operation with steps, and are not looked at.
    monkeypatch.setattr(large_steps, "may_hide_changes", lambda net, x: True)
    share = missed(net, BEATS).share
    assert large_steps.TOLD < share < large_steps.REFUSED if name in TOLD else share < 0.1


class Rounded(nn.Module):
    """Weights of −1 and 1 behind a straight-through sign (Hubara 2016), signs of features too."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv1d(12, 16, 9, 4), nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        z = self.first(1e-3 * x)
        z = z + (z.sign() - z).detach()
        return self.second(z.mean(-1))


def test_experts_with_a_strong_router_and_a_binary_network_are_refused():
    torch.manual_seed(0)
    experts = Experts(spread=20.0).eval()
    with torch.no_grad():  # another expert for 0 µV than for an ECG
        first, second = (experts.router(experts.body(x)) for x in (0 * BEATS, BEATS))
        middle = (first + second).mean(0) / 2
        experts.router.bias[0] -= middle[0] - middle[1]
    assert lint(experts, BEATS).errors
    assert lint(Rounded().eval(), BEATS).errors


@pytest.mark.filterwarnings("ignore")  # torch.ao is to be replaced by another package
def test_an_int8_network_says_whose_scale_it_takes():
    net = nn.Sequential(nn.AdaptiveAvgPool1d(8), nn.Flatten(), nn.Linear(96, 2)).eval()
    small = torch.ao.quantization.quantize_dynamic(net, {nn.Linear}, dtype=torch.qint8)
    (error,) = lint(small.eval(), BEATS).errors
    assert "int8 layers take their scale from the whole batch" in error


@pytest.mark.parametrize("way", ["no_grad", "detach"])
def test_a_part_that_is_made_without_gradients_is_seen_as_one_that_is_detached(way):
    class Weighted(nn.Module):
        def forward(self, x):
            with torch.set_grad_enabled(way == "detach"):
                weight = torch.softmax(x[:, 1] / 100, -1)
            weight = weight.detach() if way == "detach" else weight
            return (weight * x[:, 1]).sum(-1)[:, None]

    assert may_hide_changes(Weighted().eval(), BEATS[:1])
    net = nn.Sequential(nn.Flatten(), nn.Linear(7200, 1)).eval()
    assert not may_hide_changes(net, BEATS[:1])
    for fast in (SmallResNet(), ReferenceResNet()):  # whose convolutions are by FFT
        assert not may_hide_changes(accelerate(fast.eval()), BEATS[:1])
