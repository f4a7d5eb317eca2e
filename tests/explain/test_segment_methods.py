"""Methods that hide segments: games whose answer is known, captum's maps, and what they promise."""

from math import comb
from typing import Any

import captum.attr
import pytest
import torch
from captum._utils.models import Model
from captum._utils.models.linear_model import SkLearnRidge
from ecglens.ecg import Segments, segment_mask
from ecglens.engine import generator
from ecglens.explain import (
    FeatureAblation,
    Inputs,
    KernelShap,
    Lime,
    Occlusion,
    ShapleySampling,
    attribute,
)
from ecglens.explain.methods.lime import ridge_slopes
from ecglens.explain.methods.shapley import (
    drawn_coalitions,
    every_coalition,
    least_squares,
    mean_gains,
)
from ecglens.explain.segments import segmented, wave_segments
from torch import nn

from .by_hand_segments import exact_shapley
from .networks import LEADS, TIME, Linear, Residual, ecgs, filled

MARKS = torch.from_numpy(segment_mask(Segments(4.0, 8.0, 12.0, 16.0, 20.0, 30.0, 14), TIME))
CONTRIBUTIONS = [FeatureAblation, ShapleySampling, KernelShap, Lime]


def of_linear(hidden):
    """Weight × what is hidden, summed over each wave and laid evenly over it."""
    net, x = filled(Linear()), ecgs()
    marks = MARKS.expand(len(x), -1)
    weights = net.head.weight[1].detach().view(LEADS, TIME)
    expected = torch.zeros_like(x)
    number = wave_segments(MARKS)
    for place, one in enumerate(x):
        change = weights * (one - segmented(one, number, hidden).hidden)
        for segment in range(6):
            inside = number == segment
            expected[place][:, inside] = change[:, inside].mean(1, keepdim=True)
    return net, x, marks, expected


@pytest.mark.parametrize("hidden", ["line", "zero"])
@pytest.mark.parametrize("kind", CONTRIBUTIONS)
def test_on_a_linear_network_a_wave_gets_weight_times_what_is_hidden(kind, hidden):
    net, x, marks, expected = of_linear(hidden)
    method = Lime(ridge=0.0, hidden=hidden) if kind is Lime else kind(hidden=hidden)
    found = attribute(method, net, x, target=1, inputs=Inputs(segments=marks))
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_on_a_linear_network_occlusion_is_the_mean_contribution_of_its_windows():
    net, x = filled(Linear()), ecgs()
    found = attribute(Occlusion(width_ms=20.0, overlap=2, hidden="zero"), net, x, target=1)
    change = net.head.weight[1].detach().view(LEADS, TIME) * x
    expected = torch.zeros_like(x)
    for t in range(TIME):
        for start in (0, 5):
            first = (t + start) // 10 * 10 - start
            expected[..., t] += change[..., max(first, 0) : first + 10].mean(-1) / 2
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(found.sum((1, 2)), change.sum((1, 2)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", [ShapleySampling, KernelShap])
def test_shapley_values_add_up_to_what_hiding_everything_takes_away(kind):
    net, x = filled(Residual()), ecgs()
    found = attribute(kind(), net, x, inputs=Inputs(segments=MARKS.expand(3, -1))).sum((1, 2))
    flat = torch.stack([segmented(one, wave_segments(MARKS), "line").hidden for one in x])
    with torch.no_grad():
        change = (net(x) - net(flat))[:, 0]
    torch.testing.assert_close(found, change, rtol=1e-4, atol=1e-5)


class OneLead(nn.Module):
    """A convolution, a ReLU and the mean of the products of neighbouring channels."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu = nn.Conv1d(1, 4, 7, padding=3), nn.ReLU()

    def forward(self, x):
        y = self.relu(self.conv(x)).mean(-1)
        return (y * y.roll(1, 1)).sum(1, keepdim=True)


def exact(net, one):
    segments = segmented(one, wave_segments(MARKS), "line")
    game = segments.game(net, target=0)

    def output(shown):
        row = torch.zeros(1, segments.count, dtype=torch.bool)
        row[0, list(shown)] = True
        return float(game(row))

    return exact_shapley(output, segments.count)


def by_wave(heatmap):
    return torch.stack(
        [heatmap[0, wave_segments(MARKS) == segment].sum() for segment in range(6)]
    ).double()


def test_all_coalitions_give_exact_shapley_values_and_orders_come_near_them():
    net, x = filled(OneLead()), 10 * ecgs(1)[:, :1]
    expected = torch.from_numpy(exact(net, x[0]))
    alone = by_wave(attribute(FeatureAblation(), net, x, inputs=Inputs(segments=MARKS[None]))[0])
    # The waves act together: hiding each alone tells another story.
    assert (alone - expected).abs().max() > 0.1 * expected.abs().max()
    found = by_wave(attribute(KernelShap(pairs=31), net, x, inputs=Inputs(segments=MARKS[None]))[0])
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))
    sampled = torch.stack(
        [
            by_wave(
                attribute(
                    ShapleySampling(pairs=8), net, x, seed=seed, inputs=Inputs(segments=MARKS[None])
                )[0]
            )
            for seed in range(12)
        ]
    )
    error = sampled.std(0) / len(sampled) ** 0.5
    assert ((sampled.mean(0) - expected).abs() <= 4 * error + 1e-4).all()
    assert error.max() < 0.1 * expected.abs().max()


def quorum(shown):
    """1 as soon as segments 0 and 1 are both shown, and 2 for each segment shown."""
    return (shown[:, 0] & shown[:, 1]).double() + 2 * shown.sum(1)


def test_a_gain_that_two_segments_make_together_is_halved():
    expected = torch.tensor([2.5, 2.5, 2.0, 2.0, 2.0]).double()
    torch.testing.assert_close(least_squares(quorum, 5, generator(0), 15), expected)
    # One order and its reverse: each of the two comes second once.
    torch.testing.assert_close(mean_gains(quorum, 5, generator(0), 1), expected)
    drawn = least_squares(quorum, 12, generator(0), 500)
    torch.testing.assert_close(drawn[:2], torch.full((2,), 2.5).double(), atol=0.1, rtol=0)
    assert (drawn.sum() - 25).abs() < 1e-9


def test_every_coalition_has_the_kernels_weight_and_draws_follow_it():
    coalitions, weights = every_coalition(6)
    assert len({tuple(row) for row in coalitions.tolist()}) == 62
    size = coalitions.sum(1).tolist()
    expected = [5 / (comb(6, s) * s * (6 - s)) for s in size]
    torch.testing.assert_close(weights, torch.tensor(expected).double())
    drawn = drawn_coalitions(6, 4000, generator(3))
    numbers = (drawn * 2 ** torch.arange(6)).sum(1).bincount(minlength=63)[1:]
    share = weights / weights.sum()
    spread = (8000 * share * 2).sqrt()  # pairs come together: twice the variance
    assert ((numbers - 8000 * share).abs() < 5 * spread).all()


def test_too_few_coalitions_are_refused():
    with pytest.raises(ValueError, match="expected coalitions that tell 72 segments apart, got 20"):
        attribute(KernelShap(pairs=20), filled(Residual()), ecgs(1))


def test_a_kernel_without_width_is_refused():
    with pytest.raises(ValueError, match="expected a kernel_width above 0, got 0"):
        Lime(kernel_width=0.0)


@pytest.mark.parametrize("kind", [*CONTRIBUTIONS, Occlusion])
def test_another_word_for_what_is_hidden_is_refused(kind):
    method = kind()
    object.__setattr__(method, "hidden", "mean")  # which no type checker lets through
    with pytest.raises(ValueError, match=r"hidden to be one of 'line', 'zero', got 'mean'"):
        method.__post_init__()


# captum's classes under the same settings, one ECG at a time, with our draws in place of theirs.


NET, ECG, NUMBER = filled(Residual()), ecgs(1), wave_segments(MARKS)
GIVEN: dict[str, Any] = {
    "inputs": ECG,
    "baselines": segmented(ECG[0], NUMBER, "line").hidden[None],
    "feature_mask": (6 * torch.arange(LEADS)[:, None] + NUMBER)[None],
    "target": 1,
}


def draws(ours):
    return generator(2, "method", type(ours).__name__, "a")


def check_same(ours, theirs):
    """A segment's value is laid over its samples here, and stands at each of them there."""
    found = attribute(ours, NET, ECG, 1, seed=2, inputs=Inputs(records=["a"], segments=MARKS[None]))
    found = found * NUMBER.bincount()[NUMBER]
    allowed = 1e-5 * float(theirs.abs().max())
    torch.testing.assert_close(found, theirs.detach(), rtol=0, atol=allowed)


def test_feature_ablation_is_captums():
    theirs = captum.attr.FeatureAblation(NET).attribute(**GIVEN)
    check_same(FeatureAblation(), theirs)


def test_occlusion_is_captums_where_no_window_is_cut_off():
    theirs = captum.attr.Occlusion(NET).attribute(
        ECG, sliding_window_shapes=(1, 10), strides=(1, 5), baselines=0, target=1
    )
    ours = attribute(Occlusion(width_ms=20.0, hidden="zero"), NET, ECG, 1)
    allowed = 1e-5 * float(theirs.abs().max())
    inside = slice(5, 35)
    torch.testing.assert_close(10 * ours[..., inside], theirs[..., inside], rtol=0, atol=allowed)


def test_shapley_sampling_is_captums():
    ours = ShapleySampling(pairs=2)
    own = draws(ours)
    forth = [torch.randperm(72, generator=own) for _ in range(2)]
    orders = [turn.argsort() for turn in (*forth, *(71 - turn for turn in forth))]
    explainer = captum.attr.ShapleyValueSampling(NET)
    explainer.permutation_generator = lambda num_features, num_samples: (
        one.tolist() for one in orders
    )
    theirs = explainer.attribute(**GIVEN, n_samples=4)
    check_same(ours, theirs)


def replayed(shown):
    """A perturbation generator of captum that gives these rows."""

    def rows(original, **_):
        for row in shown:
            yield row[None].to(original)

    return rows


class InFloat64(Model):
    """The weighted regression of a linear model, which captum's own does in float32."""

    def fit(self, train_data, **_):
        members, gain, weight = (
            torch.cat(column).double() for column in zip(*train_data, strict=True)
        )
        root = weight.sqrt()[:, None]
        design = torch.cat([torch.ones(len(members), 1).double(), members], dim=1)
        self.found = torch.linalg.lstsq(root * design, root * gain[:, None]).solution[1:, 0]

    def representation(self):
        return self.found.float()

    def __call__(self, x):
        raise NotImplementedError


def test_kernel_shap_is_captums():
    ours = KernelShap(pairs=160)
    ends = torch.tensor([[True], [False]]).expand(2, 72)
    shown = torch.cat([ends, drawn_coalitions(72, 160, draws(ours))])
    explainer = captum.attr.KernelShap(NET)
    explainer.perturb_func = replayed(shown)
    # In float32, with a weight of a million for both ends, captum is off by 0.1 to 0.2 %.
    explainer.interpretable_model = InFloat64()
    theirs = explainer.attribute(**GIVEN, n_samples=len(shown))
    check_same(ours, theirs)


def test_lime_is_captums_with_a_ridge():
    ours = Lime(samples=200)
    shown = torch.rand(200, 72, generator=draws(ours)) < 0.5
    shown[0] = True

    def similarity(original, perturbed, members, **_):
        distance = 1 - torch.cosine_similarity(members.double(), torch.ones(1, 72).double())
        return torch.exp(-(distance**2) / (2 * 0.25**2))

    explainer = captum.attr.Lime(
        NET, SkLearnRidge(alpha=1.0), similarity, perturb_func=replayed(shown)
    )
    theirs = explainer.attribute(**GIVEN, n_samples=200)
    check_same(ours, theirs)


def test_slopes_of_an_output_that_never_changes_are_exactly_zero():
    # Not 1e-17, which a ranking would take for an order.
    generated = generator(0, "slopes")
    shown = (torch.rand(50, 6, generator=generated) < 0.5).double()
    weights = torch.rand(50, generator=generated, dtype=torch.float64)
    for output in torch.linspace(1, 200, 20, dtype=torch.float64):
        assert not ridge_slopes(shown, output.expand(50), weights, 1.0).any()


@pytest.mark.parametrize("kind", [FeatureAblation, Occlusion])
def test_a_segment_without_signal_gets_exactly_nothing_in_whichever_pass_it_comes(kind):
    class Counted(nn.Module):
        """Differs with the number of ECGs in the pass, as rounding does, by more than that."""

        def forward(self, x):
            return x.mean((1, 2))[:, None] + len(x)

    x = torch.arange(LEADS * 600.0).view(1, LEADS, 600) ** 2 % 97  # 36 copies fit into a pass
    x[:, -1] = 5
    heatmap = attribute(kind(), Counted().eval(), x)
    assert not heatmap[:, -1].any()
    assert heatmap[:, :-1].any()


def test_windows_of_occlusion_have_the_same_ms_at_every_rate():
    x = 100 * torch.randn(1, 12, 60, generator=torch.manual_seed(0))
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(720, 1)).eval()
    method = Occlusion(width_ms=100.0, overlap=1)
    found = attribute(method, net, x, inputs=Inputs(fs=100.0))[0]
    windows = found.unflatten(1, (6, 10))  # 100 ms are ten samples
    torch.testing.assert_close(windows, windows[..., :1].expand_as(windows))
    assert windows[..., 0].diff(dim=1).abs().min() > 0
