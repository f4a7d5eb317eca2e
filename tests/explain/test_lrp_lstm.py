"""Relevance through an LSTM: the rule of Arras 2017 written out, and that it adds up."""

import pytest
import torch
from ecglens.explain import attribute, find
from torch import Tensor, nn

from .networks import ecgs, filled

EPSILON = 0.25


class Recurrent(nn.Module):
    """Pooled samples, an LSTM, and the mean or the last of its states."""

    def __init__(self, last: bool = False, **settings: bool | int) -> None:
        super().__init__()
        self.pool, self.last = nn.AvgPool1d(4), last
        self.first = bool(settings.get("batch_first", True))
        self.lstm = nn.LSTM(12, 5, **({"batch_first": True} | settings))  # pyright: ignore
        width = 10 if settings.get("bidirectional") else 5
        self.head = nn.Linear(width, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(x).permute(*((0, 2, 1) if self.first else (2, 0, 1)))
        states, (last, _) = self.lstm(x)
        return self.head(last[-1] if self.last else states.mean(1 if self.first else 0))


def by_hand(net: Recurrent, x: Tensor) -> Tensor:
    """Arras 2017 in float64 for one ECG, one layer and one direction, step by step backwards.

    Relevance of a sum is divided by its parts; that of a product goes to the signal; that of tanh
    to its input, of which epsilon absorbs a share.
    """
    net = net.double()
    w, v, b, d = (one.detach() for one in net.lstm.parameters())
    head = net.head.weight[0].detach()
    time = x.shape[-1] // 4
    seen = x.double().unflatten(1, (time, 4)).mean(-1).T
    h, c, steps = torch.zeros(5).double(), torch.zeros(5).double(), []
    for one in seen:
        i, f, g, o = (w @ one + v @ h + b + d).chunk(4)
        before, old = c, h
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        steps.append((i.sigmoid(), f.sigmoid(), g, before, c, old, h))

    def through_tanh(relevance: Tensor, z: Tensor) -> Tensor:
        """Share that is left of the relevance of tanh z, without epsilon's."""
        added = EPSILON * z.square().mean().sqrt() * torch.where(z < 0, -1.0, 1.0)
        return relevance * z / (z + added)

    relevance = torch.zeros(time, 12).double()
    of_h, of_c = torch.zeros(5).double(), torch.zeros(5).double()
    wg, vg = w[10:15], v[10:15]
    for t in reversed(range(time)):
        i, f, g, before, c, old, h = steps[t]
        of_h = of_h + head * h / time
        of_c = of_c + through_tanh(of_h, c)
        of_g = through_tanh(of_c * i * g.tanh() / c, g)
        share = of_g / g
        relevance[t] = (share[:, None] * wg * seen[t]).sum(0)
        of_h = (share[:, None] * vg * old).sum(0)
        of_c = of_c * f * before / c
    # The mean of four samples divides relevance by the samples.
    four = x.double().unflatten(1, (time, 4))
    return (relevance.T[:, :, None] * four / four.sum(-1, keepdim=True)).flatten(1)


def test_it_is_the_rule_of_arras_written_out():
    net, x = filled(Recurrent()), ecgs() + 3.0
    found = attribute(find("lrp_epsilon", epsilon=EPSILON), net, x)
    for one, own in zip(x, found, strict=True):
        expected = by_hand(filled(Recurrent()), one)
        torch.testing.assert_close(own.double(), expected, rtol=1e-3, atol=1e-4)


FORMS = [
    {},
    {"last": True},
    {"bias": False},
    {"bidirectional": True},
    {"num_layers": 2, "bidirectional": True},
    {"batch_first": False},
]


@pytest.mark.parametrize("settings", FORMS, ids=str)
def test_without_biases_and_epsilon_relevance_adds_up_to_the_output(settings):
    net, x = filled(Recurrent(**settings)), ecgs()
    for name, value in net.named_parameters():
        if "bias" in name:
            value.data.zero_()
    with torch.no_grad():
        expected = net(x)[:, 0]
    found = attribute(find("lrp_epsilon", epsilon=0.0), net, x).sum((1, 2))
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["lrp_epsilon", "lrp_composite"])
def test_it_is_the_map_of_each_ecg_alone(name):
    class Conv(Recurrent):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv1d(12, 12, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            return super().forward(self.conv(x).relu())

    net, x = filled(Conv()), ecgs()
    together = attribute(name, net, x)
    alone = torch.cat([attribute(name, net, one) for one in x.split(1)])
    torch.testing.assert_close(together, alone, rtol=1e-3, atol=1e-5)


class Projected(Recurrent):
    def __init__(self) -> None:
        super().__init__(proj_size=3)
        self.head = nn.Linear(3, 2)


class Gru(Recurrent):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.GRU(12, 5, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.lstm(self.pool(x).transpose(1, 2))
        return self.head(states.mean(1))


class Begun(Recurrent):
    """Begins with other states than 0."""

    def forward(self, x: Tensor) -> Tensor:
        begin = torch.ones(1, len(x), 5)
        states, _ = self.lstm(self.pool(x).transpose(1, 2), (begin, begin))
        return self.head(states.mean(1))


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize("kind", [Projected, Gru, Begun])
def test_a_form_without_a_rule_is_refused(kind):
    with pytest.raises(ValueError, match=r"expected relevance|expected a map from LrpEpsilon"):
        attribute("lrp_epsilon", filled(kind()), ecgs())
