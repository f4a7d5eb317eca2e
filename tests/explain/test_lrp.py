"""Relevance where it is known, that it adds up, and the networks on which it would be wrong."""

import pytest
import torch
from ecglens.explain import attribute, find
from torch import nn
from torch.nn import functional

from .networks import (
    LEADS,
    TIME,
    Linear,
    Residual,
    SkipAroundReLU,
    SkipAroundReLUInPlace,
    WithClamp,
    WithFunctionalReLU,
    WithGate,
    WithMethodReLU,
    WithReLUInPlace,
    WithReusedReLU,
    ecgs,
    filled,
)

NAMES = ["lrp_epsilon", "lrp_composite"]


def output(net, x):
    with torch.no_grad():
        return net(x)[:, 0]


def close(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5 * float(expected.abs().max()))


def without_biases(net):
    for key, value in (*net.named_parameters(), *net.named_buffers()):
        if key.endswith(("bias", "running_mean")):
            value.data.zero_()
    return net


def test_on_a_linear_network_relevance_is_weight_times_input_or_shared_by_squared_weights():
    net, x = filled(Linear()), ecgs()
    weights = net.head.weight[0].detach().view(LEADS, TIME)
    close(attribute("lrp_epsilon", net, x), weights * x)
    shares = weights**2 / (weights**2).sum()
    close(attribute("lrp_composite", net, x), output(net, x)[:, None, None] * shares)
    flat = attribute(find("lrp_composite", flat=True), net, x)
    close(flat, (output(net, x) / (LEADS * TIME))[:, None, None].expand_as(x))


def test_two_layers_written_out():
    net = nn.Sequential(nn.Flatten(), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1)).eval()
    net[1].weight.data = torch.tensor([[1.0, 2.0], [3.0, -4.0]])
    net[1].bias.data = torch.tensor([1.0, -0.5])
    net[3].weight.data, net[3].bias.data = torch.tensor([[-1.0, 6.0]]), torch.tensor([5.0])
    x = torch.tensor([[[1.0, 0.5]]])
    # Before the ReLU the units are 3 and 0.5, and give −3 and 3 of the output.
    rms = ((9 + 0.25) / 2) ** 0.5
    low, high = -3 / (3 + 0.1 * rms), 3 / (0.5 + 0.1 * rms)
    found = attribute(find("lrp_epsilon", epsilon=0.1), net, x)
    close(found, torch.tensor([[[low + 3 * high, (2 * low - 4 * high) * 0.5]]]))
    found = attribute(find("lrp_composite", epsilon=0.1), net, x)
    low, high = 3 * low, 0.5 * high
    first = low * 1 / 5 + high * 9 / 25
    close(found, torch.tensor([[[first, low + high - first]]]))


@pytest.mark.parametrize("kind", [Residual, WithReLUInPlace, SkipAroundReLU, SkipAroundReLUInPlace])
def test_without_epsilon_relevance_is_input_times_gradient(kind):
    net, x = filled(kind()), ecgs()
    found = attribute(find("lrp_epsilon", epsilon=0.0), net, x)
    close(found, attribute("input_x_gradient", net, x))


def test_without_gamma_it_is_that_too_behind_the_first_layer():
    """By the zero-padded first convolution alone, whose share is that of its squared weights."""
    net, x = without_biases(filled(Residual())), ecgs()
    none = attribute(find("lrp_composite", gamma=0.0), net, x)
    close(none.sum((1, 2)), attribute("input_x_gradient", net, x).sum((1, 2)))
    assert (none - attribute("lrp_composite", net, x)).abs().max() > 0.01 * none.abs().max()


class Pooled(Residual):
    """Strides, overlapping maxima, a dense layer with a ReLU, and no bias."""

    def __init__(self):
        super().__init__()
        self.conv2, self.dense = nn.Conv1d(6, 6, 4, stride=2, bias=False), nn.Linear(6, 6)

    def forward(self, x):
        x = functional.max_pool1d(self.rectify1(self.norm1(self.conv1(x))), 3, 2, 1)
        x = self.rectify2(self.norm2(self.conv2(x))).mean(-1)
        return self.head(functional.relu(self.dense(x)))


@pytest.mark.parametrize("kind", [Residual, SkipAroundReLU, Pooled])
def test_without_biases_and_epsilon_all_of_the_output_is_shared_out(kind):
    net, x = without_biases(filled(kind())), ecgs()
    for name in NAMES:
        found = attribute(find(name, epsilon=0.0), net, x)
        close(found.sum((1, 2)), output(net, x))


def test_a_bias_and_epsilon_absorb_their_share_of_what_passes_them():
    net = nn.Sequential(nn.Conv1d(1, 1, 1), nn.ReLU(), nn.Flatten(), nn.Linear(1, 1)).eval()
    for value, number in zip(net.parameters(), (2.0, 4.0, 3.0, 7.0), strict=True):
        value.data.fill_(number)
    x = torch.tensor([[[3.0]]])
    # 10 before the ReLU, of which 4 are bias, and 30 + 7 at the end; epsilon adds 5 to the 10.
    assert attribute(find("lrp_epsilon", epsilon=0.0), net, x).item() == pytest.approx(30 * 0.6)
    assert attribute(find("lrp_epsilon", epsilon=0.5), net, x).item() == pytest.approx(30 * 0.4)
    # The first layer's rule leaves its bias nothing.
    assert attribute("lrp_composite", net, x).item() == pytest.approx(30)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "kind", [WithFunctionalReLU, WithMethodReLU, WithReusedReLU, WithReLUInPlace, WithClamp]
)
def test_the_way_a_relu_is_written_changes_nothing(kind, name):
    x = ecgs()
    close(attribute(name, filled(kind()), x), attribute(name, filled(Residual()), x))


class TwoStems(Residual):
    """Two convolutions read the ECG, in the order in which the code calls them."""

    narrow_first = False

    def __init__(self):
        super().__init__()
        self.narrow = nn.Conv1d(LEADS, 6, 1)

    def forward(self, x):
        skip = self.narrow(x) if self.narrow_first else None
        y = self.conv2(self.rectify1(self.norm1(self.conv1(x))))
        y = y + (self.narrow(x) if skip is None else skip)
        return self.head(functional.relu(y).mean(-1))


class NarrowFirst(TwoStems):
    narrow_first = True


class Beside(Residual):
    """The output of the second convolution goes to its BatchNorm and past it."""

    def forward(self, x):
        x = self.rectify1(self.norm1(self.conv1(x)))
        y = self.conv2(x)
        return self.head((self.rectify2(self.norm2(y)) + self.beside(x, y)).mean(-1))

    def beside(self, x, y):
        return y


class CalledTwice(Beside):
    def beside(self, x, y):
        return self.conv2(x)


class ReLUBeforeNorm(Residual):
    """A ReLU between each convolution and its BatchNorm, which is not folded into it."""

    in_place = False

    def forward(self, x):
        x = self.norm1(functional.relu(self.conv1(x), self.in_place))
        return self.head(self.norm2(functional.relu(self.conv2(x), self.in_place)).mean(-1))


class ReLUInPlaceBeforeNorm(ReLUBeforeNorm):
    in_place = True


@pytest.mark.parametrize(
    ("kind", "same"),
    [(TwoStems, NarrowFirst), (Beside, CalledTwice), (ReLUBeforeNorm, ReLUInPlaceBeforeNorm)],
)
def test_the_way_a_network_is_written_changes_nothing(kind, same):
    x = ecgs()
    for name in NAMES:
        found = attribute(name, filled(kind()), x)
        close(found, attribute(name, filled(same()), x))


def test_each_layer_that_reads_the_ecg_divides_by_its_squared_weights():
    wide = nn.Conv1d(LEADS, 6, 3, padding=1, bias=False)
    narrow = nn.Conv1d(LEADS, 6, 1, bias=False)
    one = nn.Conv1d(LEADS, 12, 3, padding=1, bias=False)
    one.weight.data[:6], one.weight.data[6:] = wide.weight, functional.pad(narrow.weight, (1, 1))
    head = nn.Linear(12, 2)

    def net(stem):
        return nn.Sequential(stem, nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), head).eval()

    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.wide, self.narrow = wide, narrow

        def forward(self, x):
            return torch.cat([self.wide(x), self.narrow(x)], 1)

    x = ecgs()
    close(attribute("lrp_composite", net(Both()), x), attribute("lrp_composite", net(one), x))


class SignedInside(Residual):
    """Values of either sign go into the second convolution, and out of the last."""

    def forward(self, x):
        x = self.conv2(torch.tanh(self.norm1(self.conv1(x))))
        return self.head(self.norm2(x).mean(-1))


def test_gamma_takes_inputs_and_outputs_of_either_sign():
    net, x = without_biases(filled(SignedInside())), ecgs()
    found = {gamma: attribute(find("lrp_composite", gamma=gamma), net, x) for gamma in (0.0, 9.0)}
    for each in found.values():
        close(each.sum((1, 2)), output(net, x))
    assert (found[9.0] - found[0.0]).abs().max() > 0.01 * found[0.0].abs().max()


def test_batchnorm_is_folded_into_the_convolution_before_it():
    net, one, x = filled(Residual()), filled(Residual()), ecgs()
    one.conv1 = torch.nn.utils.fuse_conv_bn_eval(one.conv1, one.norm1)
    one.conv2 = torch.nn.utils.fuse_conv_bn_eval(one.conv2, one.norm2)
    for name in ("norm1", "norm2"):
        setattr(one, name, nn.Identity().eval())
    for name in NAMES:
        close(attribute(name, net, x), attribute(name, one, x))


class Squared(Residual):
    """A product of two values, neither of which is a gate."""

    def rectify2(self, x):
        return self.relu2(x) * torch.tanh(x)


class TwoGates(Residual):
    def rectify2(self, x):
        return x.sigmoid() * x.flip(1).sigmoid()


class SkipRoundTheFirst(Residual):
    def forward(self, x):
        return super().forward(x) + x.mean((1, 2))[:, None]


class Centred(Residual):
    def forward(self, x):
        return super().forward(x - x[:, :1])


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        (Squared, NAMES),
        (TwoGates, NAMES),
        (SkipRoundTheFirst, ["lrp_composite"]),
        (Centred, ["lrp_composite"]),
    ],
)
def test_a_network_on_which_it_would_be_wrong_is_refused(kind, refused):
    for name in NAMES:
        if name in refused:
            with pytest.raises(
                ValueError,
                match=r"expected relevance that adds up to f|shifted or high-pass filtered",
            ):
                attribute(name, filled(kind()), ecgs())
        else:
            attribute(name, filled(kind()), ecgs())


def test_a_first_layer_that_reads_more_than_the_ecg_is_refused():
    class Shifted(Residual):
        def forward(self, x):
            return super().forward(x + 1)

    class In2d(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 3, (2, 5))
            self.head = nn.Linear(3, 2)

        def forward(self, x):
            return self.head(functional.relu(self.conv(x[:, None])).mean((2, 3)))

    for net in (Shifted(), In2d()):
        with pytest.raises(ValueError, match="conv1d or linear layer that reads the ECG itself"):
            attribute("lrp_composite", filled(net), ecgs())
        attribute("lrp_epsilon", filled(net), ecgs())  # which it is told to take


class Maximum(nn.Module):
    """Its first layer reads the largest sample of each lead."""

    def __init__(self, kind):
        super().__init__()
        self.kind, self.head = kind, nn.Linear(LEADS, 1)

    def forward(self, x):
        reads = {
            "amax": lambda: x.amax(-1),
            "max": lambda: x.max(-1).values,
            "sort": lambda: x.sort(-1).values[..., -1],
            "matmul": lambda: (torch.ones(LEADS, LEADS) @ x)[..., 0],
        }
        return self.head(reads[self.kind]())


@pytest.mark.parametrize("kind", ["amax", "max", "sort", "matmul"])
def test_a_first_layer_that_reads_chosen_or_mixed_samples_is_refused(kind):
    with pytest.raises(ValueError, match="behind a maximum, an order or a product of matrices"):
        attribute("lrp_composite", filled(Maximum(kind)), ecgs())


@pytest.mark.parametrize("before", ["differences", "high-pass"])
def test_a_first_layer_that_an_ecg_of_ones_does_not_reach_is_refused(before):
    class Before(Residual):
        def forward(self, x):
            if before == "differences":
                return super().forward(x - x.roll(1, 1))
            return super().forward(x - nn.functional.avg_pool1d(x, 11, 1, 5))

    with pytest.raises(ValueError, match="shifted or high-pass filtered before"):
        attribute("lrp_composite", filled(Before()), ecgs())


def test_a_first_dense_layer_may_read_each_lead_by_itself():
    first, last = nn.Linear(TIME, 1, bias=False), nn.Linear(LEADS, 1, bias=False)
    net, x = filled(nn.Sequential(first, nn.Flatten(), last)), ecgs()
    shares = first.weight[0] ** 2 / (first.weight[0] ** 2).sum()
    of_leads = first(x)[..., 0] * last.weight[0]
    expected = (of_leads[..., None] * shares).detach()
    close(attribute(find("lrp_composite", epsilon=0.0), net, x), expected)


class Cropped(nn.Module):
    """As in a temporal convolutional network: the padded end is cut off around the norm."""

    def __init__(self, norm_first):
        super().__init__()
        self.norm_first, self.first = norm_first, nn.Conv1d(LEADS, 4, 3)
        self.conv, self.norm = nn.Conv1d(4, 4, 3, padding=2), nn.BatchNorm1d(4)
        self.head = nn.Linear(4, 1)

    def forward(self, x):
        y = self.conv(self.first(x).relu())
        y = self.norm(y)[..., :-2] if self.norm_first else self.norm(y[..., :-2])
        return self.head(y.relu().mean(-1))


def test_a_batchnorm_behind_a_part_of_a_layer_is_refused_as_it_is_not_folded():
    net = filled(Cropped(norm_first=False))
    with pytest.raises(ValueError, match="crop after it, which is the same network"):
        attribute("lrp_composite", net, ecgs())
    same = Cropped(norm_first=True).eval()
    same.load_state_dict(net.state_dict())
    close(output(same, ecgs()), output(net, ecgs()))
    assert attribute("lrp_composite", same, ecgs()).abs().max() > 0


class DenseNorm(nn.Module):
    """A BatchNorm behind a dense layer, which is none of its own; or both in one layer."""

    def __init__(self, fused):
        super().__init__()
        self.first, self.dense, self.head = (
            nn.Linear(LEADS * TIME, 8),
            nn.Linear(8, 6),
            nn.Linear(6, 1),
        )
        self.norm = nn.Identity() if fused else nn.BatchNorm1d(6)

    def forward(self, x):
        y = self.norm(self.dense(self.first(x.flatten(1)).relu()))
        return self.head(y.relu())


def test_a_batchnorm_behind_a_dense_layer_leaves_it_the_rule_of_dense_layers():
    net, fused = filled(DenseNorm(fused=False)), DenseNorm(fused=True).eval()
    fused.load_state_dict({k: v for k, v in net.state_dict().items() if "norm" not in k})
    together = nn.utils.fusion.fuse_linear_bn_eval(net.dense, net.norm)  # pyright: ignore[reportArgumentType]
    fused.dense.load_state_dict(together.state_dict())
    close(attribute("lrp_composite", net, ecgs()), attribute("lrp_composite", fused, ecgs()))


@pytest.mark.parametrize("written", ["clip", "clamp_min", "maximum of clamp"])
def test_the_way_a_limit_is_written_changes_nothing(written):
    class Limited(Residual):
        def forward(self, x):
            limits = {
                "clip": lambda y: y.clip(min=0.0),
                "clamp_min": lambda y: y.clamp_min(0.0),
                "maximum of clamp": lambda y: torch.clamp(y, min=0.0),
            }
            return super().forward(limits[written](x) - 0.5 * limits[written](-x))

    found = attribute("lrp_epsilon", filled(Limited()), ecgs())

    class Relus(Residual):
        def forward(self, x):
            return super().forward(x.relu() - 0.5 * (-x).relu())

    close(found, attribute("lrp_epsilon", filled(Relus()), ecgs()))


class Attending(Residual):
    """Weights along time, as attention has."""

    def rectify2(self, x):
        return self.relu2(x) * x.softmax(-1)


class SqueezeExcite(Residual):
    """A gate for each channel, made of means over time (Hu 2018)."""

    def __init__(self):
        super().__init__()
        self.squeeze, self.excite = nn.Linear(6, 3), nn.Linear(3, 6)

    def gate(self, x):
        return self.excite(functional.relu(self.squeeze(x.mean(-1)))).sigmoid()

    def rectify2(self, x):
        return self.gate(x)[:, :, None] * self.relu2(x)


class SelfGated(Residual):
    def rectify2(self, x):
        return x * torch.sigmoid(x)


def with_values_kept(kind, kept):
    """The network with the gate, or the size that a norm divides by, that it has for one ECG."""

    class Kept(kind):
        def rectify2(self, x):
            return kept(self, x)

    return filled(Kept())


def values_of(net, x, read):
    """What `read` gives for the input of the second rectifier."""
    seen = []
    hook = net.norm2.register_forward_hook(lambda _module, _x, y: seen.append(read(net, y)))
    with torch.no_grad():
        net(x)
    hook.remove()
    return seen[0]


GATES = {
    WithGate: lambda net, x: x.sigmoid(),
    Attending: lambda net, x: x.softmax(-1),
    SqueezeExcite: lambda net, x: net.gate(x)[:, :, None],
    SelfGated: lambda net, x: x.sigmoid(),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", GATES)
def test_a_signal_takes_all_relevance_and_its_gate_none(kind, name):
    """Arras 2017: as on the network whose gate is the constant that it is for this ECG."""
    net, x = filled(kind()), ecgs()
    found = attribute(name, net, x)
    for one, own in zip(x.split(1), found.split(1), strict=True):
        gate = values_of(net, one, GATES[kind])
        signal = (lambda net, x: x) if kind is SelfGated else (lambda net, x: net.relu2(x))
        expected = with_values_kept(kind, lambda net, x, s=signal, g=gate: s(net, x) * g)
        close(own, attribute(name, expected, one))


class LayerNormed(Residual):
    dims = (-1,)

    def __init__(self):
        super().__init__()
        self.scaled = nn.LayerNorm(TIME)

    def rectify2(self, x):
        return self.scaled(self.relu2(x))


class GroupNormed(LayerNormed):
    dims = (2, 3)

    def __init__(self):
        super().__init__()
        self.scaled = nn.GroupNorm(2, 6)


class InstanceNormed(LayerNormed):
    def __init__(self):
        super().__init__()
        self.scaled = nn.InstanceNorm1d(6, affine=True)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", [LayerNormed, GroupNormed, InstanceNormed])
def test_a_norm_divides_relevance_as_one_with_the_size_of_this_ecg(kind, name):
    """Ali 2022: centring is linear, and what it divides by is a constant."""

    def cut(x):
        return x.unflatten(1, (2, 3)) if kind is GroupNormed else x

    def kept_by(sd):
        def kept(net, x):
            y = cut(net.relu2(x))
            weight, bias = net.scaled.weight, net.scaled.bias
            if kind is not LayerNormed:
                weight, bias = weight[:, None], bias[:, None]
            return ((y - y.mean(kind.dims, keepdim=True)) / sd).reshape(x.shape) * weight + bias

        return kept

    def size(net, y):
        values = cut(functional.relu(y))
        return (values.var(kind.dims, correction=0, keepdim=True) + 1e-5).sqrt()

    net, x = filled(kind()), ecgs()
    found = attribute(name, net, x)
    for one, own in zip(x.split(1), found.split(1), strict=True):
        expected = with_values_kept(kind, kept_by(values_of(net, one, size)))
        close(own, attribute(name, expected, one))


def test_an_instance_norm_by_running_statistics_is_linear():
    class Running(LayerNormed):
        def __init__(self):
            super().__init__()
            self.scaled = nn.InstanceNorm1d(6, affine=True, track_running_stats=True)

    class AsBatchNorm(LayerNormed):
        def __init__(self):
            super().__init__()
            self.scaled = nn.BatchNorm1d(6)

    net, other = filled(Running()), filled(AsBatchNorm())
    net.scaled.running_var.abs_().add_(0.5)  # pyright: ignore[reportOptionalMemberAccess]
    other.load_state_dict(net.state_dict())
    close(attribute("lrp_epsilon", net, ecgs()), attribute("lrp_epsilon", other, ecgs()))
