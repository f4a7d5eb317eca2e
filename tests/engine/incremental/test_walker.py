"""Walker: predictions of perturbed copies are those of whole passes, whatever the network."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from ecglens.engine import NEVER, Copies, Walker, accelerate, evaluating
from ecglens.engine.incremental import stepwise, walker
from ecglens.engine.incremental.steps import Local, Pointwise, Span, Whole
from ecglens.engine.incremental.walker import trace
from ecglens.models import InUnits, ReferenceResNet, SmallResNet
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrizations

from ...networks import add_statistics, with_torchs_convolutions

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")

LEADS, CHANNELS = 3, 8


class Residual(nn.Module):
    """A branch next to the signal it starts from, written into in place."""

    def __init__(self, *branch: nn.Module) -> None:
        super().__init__()
        self.branch = nn.Sequential(*branch)

    def forward(self, x: Tensor) -> Tensor:
        y = self.branch(x)
        y += x
        return y


class MeanAndHead(nn.Module):
    def __init__(self, channels: int = CHANNELS) -> None:
        super().__init__()
        self.head = nn.Linear(channels, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x.mean(-1))


class Beside(nn.Module):
    """Branches next to one another, as in an Inception block."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self.together = nn.Conv1d(CHANNELS * len(branches), CHANNELS, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.together(torch.cat([branch(x) for branch in self.branches], 1))


class Sloping(nn.Module):
    """Each sample has a weight of its own, whatever the length."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.linspace(-1, 1, x.shape[-1], dtype=x.dtype) + torch.ones(8, 1).to(x)


def conv(channels: int, kernel: int, **settings) -> nn.Conv1d:
    return nn.Conv1d(channels, CHANNELS, kernel, **settings)


LAYERS = {
    "long": lambda: conv(CHANNELS, 26, padding="same"),
    "longer than the signal": lambda: conv(CHANNELS, 130, padding="same"),
    "short": lambda: conv(CHANNELS, 3, padding=1),
    "strided": lambda: conv(CHANNELS, 7, stride=2, padding=3),
    "skipping": lambda: conv(CHANNELS, 1, stride=3),
    "dilated": lambda: conv(CHANNELS, 5, dilation=4, padding="same", bias=False),
    "grouped": lambda: conv(CHANNELS, 9, groups=4, padding=4),
    "causal": lambda: nn.Sequential(nn.ConstantPad1d((25, 0), 0.0), conv(CHANNELS, 26)),
    "cut": lambda: nn.ConstantPad1d((-3, -4), 0.0),
    "padded twice": lambda: nn.Sequential(nn.ZeroPad1d(2), conv(CHANNELS, 5, padding=1)),
    "batch norm": lambda: nn.BatchNorm1d(CHANNELS),
    "normed": lambda: nn.Sequential(conv(CHANNELS, 25, padding=12), nn.BatchNorm1d(CHANNELS)),
    "weight norm": lambda: parametrizations.weight_norm(conv(CHANNELS, 5, padding=2)),
    "relu": nn.ReLU,
    "relu in place": lambda: nn.ReLU(inplace=True),
    "prelu": lambda: nn.PReLU(CHANNELS),
    "gelu": nn.GELU,
    "dropout": nn.Dropout,
    "average": lambda: nn.AvgPool1d(3, 2),
    "padded average": lambda: nn.AvgPool1d(4, 2, padding=2),
    "average without its padding": lambda: nn.AvgPool1d(4, 2, 2, count_include_pad=False),
    "average beyond the end": lambda: nn.AvgPool1d(4, 3, ceil_mode=True),
    "both": lambda: nn.AvgPool1d(4, 3, 1, ceil_mode=True, count_include_pad=False),
    "maximum": lambda: nn.MaxPool1d(2),
    "padded maximum": lambda: nn.MaxPool1d(3, 1, 1),
    "maximum beyond the end": lambda: nn.MaxPool1d(3, 2, 1, ceil_mode=True),
    "constant around": lambda: nn.ConstantPad1d((3, 2), 0.7),
    "inception": lambda: Beside(
        conv(CHANNELS, 9, padding=4),
        conv(CHANNELS, 39, padding=19),
        nn.Sequential(nn.MaxPool1d(3, 1, 1), conv(CHANNELS, 1)),
    ),
    "sloping": Sloping,
    "dilated maximum": lambda: nn.MaxPool1d(3, 1, dilation=2),
    "residual": lambda: Residual(
        conv(CHANNELS, 25, padding="same"), nn.ReLU(), conv(CHANNELS, 6, padding="same"), nn.Tanh()
    ),
}


def network(names: list[str], seed: int) -> nn.Sequential:
    torch.manual_seed(seed)
    net = nn.Sequential(conv(LEADS, 5, padding=2), *(LAYERS[name]() for name in names))
    net.append(MeanAndHead())
    add_statistics(net)
    return net


def copies(seed: int, time: int, points: int, shared: int, draws: int, alone: bool) -> Copies:
    """Copies with `shared` points a step somewhere, the first of them at the edges."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(LEADS, time, generator=generator, dtype=torch.float64)
    order = torch.randperm(LEADS * time, generator=generator)
    edges = torch.tensor([0, LEADS * time - 1])
    order = torch.cat([edges, order[~torch.isin(order, edges)]])
    hit = torch.full((LEADS * time,), NEVER)
    hit[order[: points * shared]] = torch.arange(points * shared) // shared + 1
    fields = torch.randn(draws, LEADS, time, generator=generator, dtype=torch.float64)
    return Copies(x, hit.reshape(LEADS, time), fields, points, alone)


@torch.no_grad()
def whole_passes(net: nn.Module, given: Copies) -> Tensor:
    with evaluating(net):
        return net(given.full(slice(0, len(given))))


@pytest.mark.heavy
@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(st.sampled_from(sorted(LAYERS)), max_size=4),
    seed=st.integers(0, 10_000),
    time=st.integers(100, 300),
    points=st.integers(1, 12),
    shared=st.sampled_from([1, 1, 2]),
    draws=st.integers(1, 3),
    alone=st.booleans(),
)
def test_any_stack_of_layers_is_understood_and_read_as_by_whole_passes(
    names, seed, time, points, shared, draws, alone
):
    net = network(names, seed).double()
    given = copies(seed, time, points, shared, draws, alone)
    understood = trace(net, given.x)
    assert understood is not None
    found = stepwise.follow(understood, given)
    expected = whole_passes(net, given)
    change = (expected - expected[0]).abs().max()
    error = ((found - found[0]) - (expected - expected[0])).abs().max()
    assert error < 1e-9 * change + 1e-13 * expected.abs().max()
    assert (found - expected).abs().max() < 1e-9 * expected.abs().max()


@pytest.mark.parametrize("alone", [False, True])
def test_draws_with_an_order_each_are_read_as_one_after_another(alone):
    net = network(["long", "strided", "residual"], 3).double()
    each = [copies(seed, 150, 6, 1 + seed, 1, alone) for seed in range(3)]
    hits, fields = torch.stack([one.hit for one in each]), torch.cat([one.fields for one in each])
    given = Copies(each[0].x, hits, fields, 6, alone)
    understood = trace(net, given.x)
    assert understood is not None
    found = stepwise.follow(understood, given)
    torch.testing.assert_close(found, whole_passes(net, given), rtol=1e-9, atol=1e-12)
    for draw, one in enumerate(each):
        alone_in_turn = whole_passes(net, replace(one, x=given.x))
        torch.testing.assert_close(
            found[1 + 6 * draw : 7 + 6 * draw], alone_in_turn[1:], rtol=1e-9, atol=1e-12
        )


@pytest.mark.heavy
@pytest.mark.parametrize("length", [600, 5000])
@pytest.mark.parametrize("body", [SmallResNet, ReferenceResNet])
def test_steps_are_as_exact_as_those_of_torchs_own_convolution(body, length):
    torch.manual_seed(0)
    net = InUnits(body(leads=LEADS), 160.0, 20.0)
    add_statistics(net)
    plain = with_torchs_convolutions(net)
    given = copies(5, length, 12 if length == 600 else 4, 1, 1, False)
    given = Copies(300 * given.x.float(), given.hit, 100 * given.fields.float(), given.steps)
    doubled = Copies(given.x.double(), given.hit, given.fields.double(), given.steps)
    exact = whole_passes(plain.double(), doubled)
    theirs = whole_passes(plain.float(), given)
    ours = Walker(net, given.x)(given)
    assert trace(net, given.x) is not None

    def error(found: Tensor) -> Tensor:
        return ((found.double() - found[0].double()) - (exact - exact[0])).abs().max()

    assert error(ours) <= 2 * error(theirs)
    assert (ours - exact).abs().max() <= 2 * (theirs - exact).abs().max() + 1e-6


def test_a_window_is_where_a_change_can_reach_and_no_more():
    for name in ("long", "short", "strided", "skipping", "dilated", "grouped", "average"):
        layer = LAYERS[name]().double()
        x = torch.randn(1, CHANNELS, 300, dtype=torch.float64)
        net = nn.Sequential(layer, MeanAndHead().double())
        understood = trace(net, x[0])
        assert understood is not None
        (step,) = [one for one in understood.steps.values() if isinstance(one, Local)]
        for at in (0, 3, 150, 298):
            other = x.clone()
            other[..., at : at + 2] += 1
            with torch.no_grad():
                change = (layer(other) - layer(x)).abs().amax((0, 1)) > 1e-12
            changed = change.nonzero().flatten()
            start, width = step.span([Span(torch.tensor([at]), 2)])
            inside = torch.arange(int(start), int(start) + width)
            assert torch.isin(changed, inside).all()
            assert (
                width <= len(LAYERS[name]().weight[0, 0]) * 5 if name != "average" else width <= 3
            )


class Gated(nn.Module):
    """Squeeze and excitation: a signal times a function of its own mean."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Conv1d(LEADS, LEADS, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gate(x.mean(-1, keepdim=True)).sigmoid()


class Recurrent(nn.Module):
    def __init__(self, kind: type[nn.LSTM] | type[nn.GRU]) -> None:
        super().__init__()
        self.layer = kind(LEADS, CHANNELS, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x.transpose(1, 2))[0].transpose(1, 2)


class Attending(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.MultiheadAttention(LEADS, 1, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        x = x.transpose(1, 2)
        return self.layer(x, x, x)[0].transpose(1, 2)


class Deciding(nn.Module):
    """What it does depends on the values."""

    def forward(self, x: Tensor) -> Tensor:
        return x if x.max() > 2.5 else -x


class Overwriting(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        y = x * 2
        z = y * 3
        y.tanh_()
        return y + z


class PreActivated(nn.Module):
    """In evaluation dropout returns its very input, into which the ReLU then writes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.conv = conv(LEADS, 5, padding=2), conv(CHANNELS, 5, padding=2)
        self.drop, self.relu = nn.Dropout(), nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.stem(x)
        return 1e-3 * (y + self.conv(self.relu(self.drop(y)))).relu() + 400


class Shaking(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + 1e-14 * torch.randn(1, dtype=x.dtype)


class Normed(nn.Module):
    """LayerNorm over the channels of each sample."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(LEADS)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x.transpose(1, 2)).transpose(1, 2)


class Largest(nn.Module):
    """Maximum over time beside the mean."""

    def __init__(self) -> None:
        super().__init__()
        self.largest, self.head = nn.AdaptiveMaxPool1d(1), nn.Linear(2 * LEADS, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.cat([self.largest(x)[..., 0], x.mean(-1)], 1))


READ_WHOLE = {
    "gated": lambda: nn.Sequential(Gated(), MeanAndHead(LEADS)),
    "lstm": lambda: nn.Sequential(Recurrent(nn.LSTM), MeanAndHead()),
    "gru": lambda: nn.Sequential(Recurrent(nn.GRU), MeanAndHead()),
    "attention": lambda: nn.Sequential(Attending(), MeanAndHead(LEADS)),
    "circular": lambda: nn.Sequential(
        conv(LEADS, 5, padding=2, padding_mode="circular"), MeanAndHead()
    ),
    "transposed": lambda: nn.Sequential(nn.ConvTranspose1d(LEADS, CHANNELS, 4), MeanAndHead()),
    "flattened": lambda: nn.Sequential(nn.Flatten(), nn.Linear(LEADS * 120, 2)),
    "instance norm": lambda: nn.Sequential(nn.InstanceNorm1d(LEADS), nn.ReLU(), MeanAndHead(LEADS)),
    "layer norm": lambda: nn.Sequential(Normed(), nn.GELU(), MeanAndHead(LEADS)),
    "largest": Largest,
    "long after the gate": lambda: nn.Sequential(
        Gated(), conv(LEADS, 40, padding="same"), nn.ReLU(inplace=True), MeanAndHead()
    ),
}


@pytest.mark.parametrize("name", READ_WHOLE)
def test_windows_end_where_an_operation_reads_whole_signals(name):
    torch.manual_seed(0)
    front = nn.Sequential(nn.Conv1d(LEADS, LEADS, 7, padding=3), nn.ReLU())
    net = nn.Sequential(front, READ_WHOLE[name]()).double().eval()
    given = copies(1, 120, 9, 1, 4, False)
    understood = trace(net, given.x)
    assert understood is not None
    kinds = [type(step) for step in understood.steps.values()]
    assert kinds[:2] == [Local, Pointwise]
    assert Whole in kinds
    found = stepwise.follow(understood, given)
    expected = whole_passes(net, given)
    assert (found - expected).abs().max() <= 1e-12 * expected.abs().max()
    change = (expected - expected[0]).abs().max()
    assert ((found - found[0]) - (expected - expected[0])).abs().max() <= 1e-9 * change


def test_what_follows_means_alone_is_precise_and_what_follows_whole_signals_as_the_network_is():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv1d(LEADS, LEADS, 7, padding=3), Largest()).eval()
    given = copies(1, 120, 9, 1, 4, False)
    given = Copies(given.x.float(), given.hit, given.fields.float(), given.steps)
    expected = whole_passes(net, given)
    assert torch.allclose(Walker(net, given.x)(given).float(), expected, rtol=1e-5)


def test_a_walker_says_its_way():
    given = copies(1, 120, 3, 1, 1, False)
    front = nn.Sequential(conv(LEADS, 3), nn.Conv1d(CHANNELS, LEADS, 1))
    ways = {
        "windows": network(["short"], 0),
        "windows up to adaptive_max_pool1d": nn.Sequential(front, Largest()),
        "windows up to mul": nn.Sequential(front, READ_WHOLE["gated"]()),
        "whole passes": nn.Sequential(nn.Flatten(), nn.Linear(LEADS * 120, 2)),
    }
    assert {way: Walker(net.double().eval(), given.x).way for way, net in ways.items()} == {
        way: way for way in ways
    }


OTHERS = {
    "pre-activated": lambda: nn.Sequential(PreActivated(), MeanAndHead()),
    "random": lambda: nn.Sequential(Shaking(), MeanAndHead(LEADS)),
    "deciding": lambda: nn.Sequential(Deciding(), MeanAndHead(LEADS)),
    "overwriting": lambda: nn.Sequential(Overwriting(), MeanAndHead(LEADS)),
    "nothing along time": lambda: nn.Sequential(nn.Flatten(), nn.Linear(LEADS * 120, 2)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_network_makes_whole_passes(name):
    torch.manual_seed(0)
    net = OTHERS[name]().double().eval()
    given = copies(1, 120, 6, 1, 2, False)
    assert trace(net, given.x) is None
    found = Walker(net, given.x)(given)
    expected = whole_passes(net, given)
    assert (found - expected).abs().max() <= 1e-12 * expected.abs().max()


def test_a_network_that_cannot_be_traced_is_no_reason_to_say_anything(capfd):
    given = copies(1, 120, 6, 1, 2, False)
    assert trace(OTHERS["deciding"]().double().eval(), given.x) is None
    assert capfd.readouterr() == ("", "")


def test_hooks_see_whole_passes():
    net = network(["short"], 0).double()
    given = copies(1, 120, 6, 1, 1, False)
    seen = []
    net[0].register_forward_hook(lambda module, inputs, output: seen.append(output.shape[-1]))
    Walker(net, given.x)(given)
    assert seen
    assert set(seen) == {120}


class SaysSomethingElseWhenExported(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return 1.01 * x if torch.compiler.is_compiling() else x


class Above(nn.Module):
    """A small output on a large offset."""

    def forward(self, x: Tensor) -> Tensor:
        return 400 + x


def test_a_network_that_was_misread_makes_whole_passes():
    net = nn.Sequential(SaysSomethingElseWhenExported(), network(["short"], 0).double(), Above())
    given = copies(1, 120, 6, 1, 1, False)
    assert trace(net, given.x) is not None
    found = Walker(net, given.x)(given)
    assert torch.allclose(found, whole_passes(net, given), rtol=1e-12)


def test_within_autocast_windows_are_read_as_far_as_bfloat16_tells_them_apart():
    net = network(["short"], 0).eval()
    given = copies(1, 120, 6, 1, 1, False)
    given = replace(given, x=given.x.float(), fields=given.fields.float())
    before = Walker(net, given.x)
    assert before.way == "windows"
    expected = before(given)
    with torch.autocast("cpu", torch.bfloat16):
        found = [walker(given) for walker in (before, Walker(net, given.x))]
    for one in found:
        assert not torch.equal(one, expected)
        assert (one - expected).abs().max() <= 0.05 * expected.abs().max()


def test_the_pieces_in_which_copies_are_read_change_nothing_but_rounding():
    net = network(["residual", "average", "long"], 2).double()
    given = copies(2, 250, 20, 1, 2, False)
    found = []
    for rows in (2, 7, 64):
        understood = trace(net, given.x, rows)
        assert understood is not None
        found.append(stepwise.follow(understood, given))
    assert torch.allclose(found[0], found[1], rtol=1e-10)
    assert torch.allclose(found[0], found[2], rtol=1e-10)


class Unnested(nn.Module):
    """A sum of two windows; which of them is the wider depends on whether the time is even."""

    def __init__(self) -> None:
        super().__init__()
        self.even = nn.Conv1d(LEADS, CHANNELS, 1, stride=2)
        self.both = nn.Conv1d(LEADS, CHANNELS, 2, stride=2)
        self.next, self.head = nn.Conv1d(CHANNELS, CHANNELS, 5, padding=2), nn.Linear(CHANNELS, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.even(x) + self.both(x))
        return self.head(self.next(x).mean(-1))


@pytest.mark.parametrize("width", [1, 3])
def test_a_signal_that_only_some_copies_read_beside_their_window_is_up_to_date_for_them(width):
    torch.manual_seed(0)
    net = Unnested().double().eval()
    x, fields = torch.randn(2, 2, LEADS, 100).double()
    hit = torch.full(x.shape[1:], NEVER)
    times = [*range(0, 60, 2), *range(1, 60, 2)]  # even ones first: batches of either kind
    for step, time in enumerate(times, 1):
        for at in range(time, min(time + width, 100)) if step == len(times) // 2 else [time]:
            hit[0, at] = hit[0, at].clamp(max=step)
    given = Copies(x[0], hit, fields, len(times))
    understood = trace(net, given.x, rows=4)
    assert understood is not None
    for _ in range(2):  # what was found while they are followed stays known
        found = stepwise.follow(understood, given)
        torch.testing.assert_close(found, whole_passes(net, given), rtol=1e-9, atol=1e-12)
    assert understood.carried


def test_a_new_walker_reads_the_weights_as_they_are_now():
    plain = network(["long"], 0).double()
    net = accelerate(plain)
    given = copies(1, 120, 3, 1, 1, False)
    before = Walker(net, given.x)(given)
    with torch.no_grad():
        plain.get_parameter("0.weight").mul_(2)
    after = Walker(net, given.x)(given)
    assert not torch.allclose(before, after)
    assert torch.allclose(after, whole_passes(net, given), rtol=1e-9)


def test_a_network_keeps_its_modes():
    net = network(["dropout"], 0)
    net.train()
    net[0].eval()
    modes = [module.training for module in net.modules()]
    given = copies(1, 120, 3, 1, 1, False)
    Walker(net.double(), given.x)(given)
    assert [module.training for module in net.modules()] == modes


class Cached(nn.Module):
    """Keeps what it made in its first pass, and counts its passes."""

    def __init__(self) -> None:
        super().__init__()
        self.weights: Tensor | None = None
        self.passes = 0
        self.conv, self.head = conv(LEADS, 5), MeanAndHead()

    def forward(self, x: Tensor) -> Tensor:
        self.passes += 1
        if self.weights is None:
            self.weights = torch.linspace(0.5, 1, x.shape[-1]).to(x)
        return self.head(self.conv(x * self.weights).relu())


def test_a_trace_leaves_nothing_in_the_network():
    net = Cached().double().eval()
    given = copies(1, 120, 3, 1, 1, False)
    trace(net, given.x)
    assert (net.passes, net.weights) == (0, None)
    assert type(Walker(net, given.x)(given)) is Tensor
    assert type(net.weights) is Tensor


class Head(nn.Module):
    """A head with something behind the mean."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.conv, self.cell, self.head = conv(LEADS, 26), nn.GRUCell(8, 8), nn.Linear(CHANNELS, 2)

    def forward(self, x: Tensor) -> Tensor:
        found = self.conv(x).mean(-1)
        if self.kind == "cast":
            return self.head(found.float())
        if self.kind == "written":
            outputs = torch.zeros(len(x), 2)
            outputs[:, :2] = self.head(found)
            return outputs
        return self.head(self.cell(found))


@pytest.mark.parametrize("kind", ["cast", "written", "cell"])
def test_any_head_is_read_without_a_word(kind, capfd):
    torch.manual_seed(0)
    net = Head(kind).eval()
    given = copies(1, 120, 3, 1, 1, False)
    given = Copies(given.x.float(), given.hit, given.fields.float(), given.steps)
    found = Walker(net, given.x)(given)
    assert torch.allclose(found, whole_passes(net, given).double(), atol=1e-5)
    assert capfd.readouterr() == ("", "")


def test_ecgs_of_another_length_or_type_are_refused():
    given = copies(1, 120, 3, 1, 1, False)
    walker = Walker(network(["long"], 0).double(), given.x)
    with pytest.raises(ValueError, match=r"\(3, 120\).*as the walker was made for, got \(3, 121\)"):
        walker(copies(1, 121, 3, 1, 1, False))
    with pytest.raises(ValueError, match=r"float64.*got \(3, 120\) and torch.float32"):
        walker(Copies(given.x.float(), given.hit, given.fields.float(), given.steps))


def test_functional_activations_are_understood():
    class Functional(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = conv(LEADS, 9, padding=4)
            self.head = nn.Linear(CHANNELS, 2)

        def forward(self, x: Tensor) -> Tensor:
            y = functional.leaky_relu(self.conv(x), 0.1)
            y = functional.max_pool1d(functional.silu(y) / 3 + 1, 2)
            y = functional.adaptive_avg_pool1d(y, 1)
            return 3 * self.head(y.view(x.shape[0], -1)) + 1

    torch.manual_seed(0)
    net = Functional().double().eval()
    given = copies(1, 120, 6, 1, 2, False)
    assert trace(net, given.x) is not None
    found = Walker(net, given.x)(given)
    assert torch.allclose(found, whole_passes(net, given), rtol=1e-9)


def test_outputs_without_a_target_axis_are_refused():
    net = nn.Sequential(nn.Conv1d(LEADS, 1, 3), nn.Flatten(0)).double()
    given = copies(1, 120, 3, 1, 1, False)
    with pytest.raises(ValueError, match=r"shape \(batch, targets\)"):
        Walker(net, given.x)(given)


class ReadTwice(nn.Module):
    """A convolution, pooled, and a recurrent layer read by its outputs and its last states."""

    def __init__(self, kind: Any, **settings: Any) -> None:
        super().__init__()
        self.conv, self.pool = nn.Conv1d(LEADS, CHANNELS, 5), nn.MaxPool1d(2)
        self.recurrent = kind(CHANNELS, 4, batch_first=True, **settings)
        sides = 1 + self.recurrent.bidirectional
        self.head = nn.Linear(8 * sides, 2)

    def forward(self, x: Tensor) -> Tensor:
        out, last = self.recurrent(self.pool(self.conv(x).relu()).transpose(1, 2))
        state = last[0] if isinstance(last, tuple) else last
        sides = 1 + self.recurrent.bidirectional
        ends = state[-sides:].transpose(0, 1).flatten(1)
        return self.head(torch.cat([out.mean(1), ends], 1))


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM, nn.RNN])
@pytest.mark.parametrize(
    "settings", [{}, {"num_layers": 2, "bidirectional": True, "dropout": 0.3}, {"bias": False}]
)
def test_a_recurrent_layer_is_one_operation_with_the_predictions_of_whole_passes(kind, settings):
    torch.manual_seed(0)
    net, x = ReadTwice(kind, **settings).eval(), torch.randn(LEADS, 400)
    walker = Walker(net, x)
    assert walker.way == "windows up to transpose"
    network = trace(net, x)
    assert network is not None
    assert len(network.readout.nodes) < 20  # and not one for each step of time
    hit = torch.full((LEADS, 400), NEVER)
    hit[1, 50:60] = torch.arange(1, 11)
    copies = Copies(x, hit, torch.randn(2, LEADS, 400), steps=10)
    with torch.no_grad():
        whole = net(copies.full(slice(0, len(copies)))).double()
    torch.testing.assert_close(walker(copies), whole, rtol=1e-4, atol=1e-5)


def test_an_rnn_of_rectifiers_is_one_operation_too():
    torch.manual_seed(0)
    net, x = ReadTwice(nn.RNN, nonlinearity="relu").eval(), torch.randn(LEADS, 100)
    assert Walker(net, x).way == "windows up to transpose"


def test_a_loop_over_time_in_python_is_not_traced():
    class Loop(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.head = nn.Conv1d(LEADS, CHANNELS, 5), nn.Linear(CHANNELS, 1)

        def forward(self, x: Tensor) -> Tensor:
            z = self.conv(x)
            state = z[..., 0]
            for at in range(z.shape[-1]):
                state = (0.9 * state + z[..., at]).tanh()
            return self.head(state)

    net = Loop().eval()
    assert Walker(net, torch.randn(LEADS, 500)).way == "whole passes"
    assert Walker(net, torch.randn(LEADS, 50)).way != "whole passes"


def test_a_small_network_makes_whole_passes(monkeypatch):
    net = network(["short"], 0).double().eval()
    x = torch.randn(LEADS, 10_000, dtype=torch.float64)
    monkeypatch.setattr(walker, "LEAST_VALUES", 100_000)
    assert Walker(net, x).way == "windows"
    assert Walker(net, x[:, :120]).way == "whole passes"
