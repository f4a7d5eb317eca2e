"""DeepLIFT's rule at every activation, however it is written, against captum and by hand."""

import captum.attr
import pytest
import torch
from ecglens.explain import attribute
from torch import nn
from torch.nn import functional

from .networks import (
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

KNOWN_TO_CAPTUM = [nn.ReLU(), nn.ELU(), nn.LeakyReLU(), nn.Sigmoid(), nn.Tanh(), nn.Softplus()]
OTHERS = [nn.GELU(), nn.SiLU(), nn.Hardswish(), nn.PReLU(6), nn.SELU(inplace=True), nn.ReLU6()]
POOLS = [nn.MaxPool1d(3, 2, 1), nn.AdaptiveMaxPool1d(7), nn.MaxPool1d(4, dilation=3)]


def from_captum(net, x):
    with pytest.warns(UserWarning, match="Setting forward, backward hooks"):
        return captum.attr.DeepLift(net).attribute(x.clone().requires_grad_(), target=0).detach()


def change(net, x):
    with torch.no_grad():
        return (net(x) - net(0 * x))[:, 0]


class Activated(Residual):
    def __init__(self, activation, pool=None):
        super().__init__()
        self.relu2, self.pool = activation, pool or nn.Identity()

    def forward(self, x):
        x = self.pool(self.relu1(self.norm1(self.conv1(x))))
        return self.head((x + self.relu2(self.norm2(self.conv2(x)))).mean(-1))


class Rising(nn.Module):
    """Without it all places of a window are equal at 0 µV, and any of them may be the largest."""

    def forward(self, x):
        return x + torch.linspace(0, 1, x.shape[-1])


def name(module):
    return type(module).__name__


def test_the_rule_on_two_layers_written_out():
    net = nn.Sequential(nn.Flatten(), nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)).eval()
    net[1].weight.data = torch.tensor([[1.0, 2.0], [3.0, -4.0], [5.0, 6.0]])
    net[1].bias.data = torch.tensor([1.0, -2.0, 20.0])
    net[3].weight.data = torch.tensor([[-1.0, 7.0, 2.0]])
    x = torch.tensor([[[1.0, 0.5]]])
    # Before the ReLU the units go from 1, −2, 20 to 3, −1, 28; after it by 2 of 2, 0 of 1, 8 of 8.
    assert attribute("deeplift", net, x).tolist() == [[[-1 + 10, (-2 + 12) * 0.5]]]
    # A unit that opens on the way, from −4 to 1, sends back a fifth.
    net[1].bias.data = torch.tensor([1.0, -4.0, 20.0])
    net[1].weight.data[1] = torch.tensor([3.0, 4.0])
    found = attribute("deeplift", net, x)
    torch.testing.assert_close(found, torch.tensor([[[9 + 7 * 0.6, 5 + 7 * 0.8 * 0.5]]]))


@pytest.mark.parametrize("activation", KNOWN_TO_CAPTUM, ids=name)
@pytest.mark.parametrize("pool", [None, nn.Sequential(Rising(), nn.MaxPool1d(2))], ids=name)
def test_a_map_equals_captums_where_captum_is_right(activation, pool):
    net, x = filled(Activated(activation, pool)), ecgs()
    expected = from_captum(net, x)
    found = attribute("deeplift", net, x)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5 * float(expected.abs().max()))


@pytest.mark.parametrize("kind", [WithFunctionalReLU, SkipAroundReLU, SkipAroundReLUInPlace])
def test_captum_is_silently_wrong_where_this_adds_up(kind):
    net, x = filled(kind()), ecgs()
    missed = (from_captum(net, x).sum(dim=(1, 2)) - change(net, x)).abs()
    assert (missed > 0.01 * change(net, x).abs()).any()
    torch.testing.assert_close(attribute("deeplift", net, x).sum(dim=(1, 2)), change(net, x))


@pytest.mark.parametrize(
    "kind", [WithFunctionalReLU, WithMethodReLU, WithReusedReLU, WithReLUInPlace, WithClamp]
)
def test_the_way_a_relu_is_written_changes_nothing(kind):
    x = ecgs()
    found = attribute("deeplift", filled(kind()), x)
    torch.testing.assert_close(found, attribute("deeplift", filled(Residual()), x))


@pytest.mark.parametrize("pool", [None, *POOLS], ids=name)
@pytest.mark.parametrize("activation", OTHERS, ids=name)
def test_other_activations_and_overlapping_maxima_add_up(activation, pool):
    net, x = filled(Activated(activation, pool)), ecgs()
    torch.testing.assert_close(attribute("deeplift", net, x).sum(dim=(1, 2)), change(net, x))


def test_leads_may_be_counted_as_ecgs_on_the_way():
    class LeadByLead(nn.Module):
        """The same activation, on (batch · lead, time) or on (batch, lead, time)."""

        def __init__(self, merged):
            super().__init__()
            self.merged, self.head = merged, nn.Linear(480, 1)

        def forward(self, x):
            y = torch.tanh(x.flatten(0, 1)).view_as(x) if self.merged else torch.tanh(x)
            return self.head(y.flatten(1))

    x = ecgs()
    merged, apart = (attribute("deeplift", filled(LeadByLead(how)), x) for how in (True, False))
    torch.testing.assert_close(merged, apart)


def test_what_is_computed_from_the_weights_or_from_indices_is_left_alone():
    class WithConstants(Residual):
        def rectify1(self, x):
            places = torch.arange(x.shape[-1]).clamp(max=30)
            return self.relu1(x)[..., places] * functional.softplus(self.norm1.weight)[:, None]

    net, x = filled(WithConstants()), ecgs(1)  # with the one of 0 µV two rows: both can be split
    torch.testing.assert_close(attribute("deeplift", net, x).sum(dim=(1, 2)), change(net, x))


def test_an_ecg_that_is_flat_gets_the_gradient_as_its_multipliers():
    net, x = filled(Activated(nn.Tanh(), nn.MaxPool1d(2))), ecgs() * 0
    assert (attribute("deeplift", net, x) == 0).all()


def test_a_product_of_what_depends_on_the_ecg_is_refused():
    with pytest.raises(ValueError, match="expected contributions that add up to f"):
        attribute("deeplift", filled(WithGate()), ecgs())


def test_what_follows_a_maximum_may_write_into_it():
    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.head = nn.Conv1d(12, 4, 5), nn.Linear(4, 1)

        def forward(self, x):
            y = functional.max_pool1d(self.conv(x), 2)
            return self.head(functional.relu(y, inplace=True).mean(-1))

    torch.manual_seed(0)
    net, x = Pooled().eval(), torch.randn(2, 12, 60)
    total = attribute("deeplift", net, x).sum((1, 2))
    assert torch.allclose(total, change(net, x).to(total), atol=1e-5)
