"""Areas, the order of single effects and the greedy order, against slow versions."""

import numpy as np
import pytest
import torch
from ecglens_benchmark.season.hearts import CHEST, Hearts
from ecglens_benchmark.season.network_parts import SEGMENT, STEPS, Swaps
from ecglens_benchmark.season.seasons import Season
from torch import nn

pytestmark = pytest.mark.heavy

SEASON = Season("test", 1, "6" * 64, False)
ECGS = Hearts(SEASON, "test").beats(2)


class Small(nn.Module):
    """Few samples of a few leads, with an interaction."""

    def __init__(self, linear: bool) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.linear = linear
        self.weight = nn.Parameter(torch.randn(12, 600) * (torch.rand(12, 600) < 0.01))

    def forward(self, x):
        z = x * self.weight / 100
        if self.linear:
            return z.sum((1, 2))[:, None]
        return (z[:, CHEST[0]].sum(1) * z[:, CHEST[1]].sum(1) + z.sum((1, 2)))[:, None]


def swaps(linear: bool) -> Swaps:
    return Swaps(Small(linear).eval(), ECGS.x, ECGS.others, 4)


@torch.no_grad()
def area_by_hand(own: Swaps, ecg: int, order) -> float:
    x, fields = own._each()[ecg]
    units = torch.arange(7200).reshape(12, 600) // SEGMENT
    found = []
    for field in fields:
        changed = x.clone()
        for segment in order:
            changed = torch.where(units == segment, x + field, changed)
            found.append((own.net(changed[None]) - own.net(x[None])).abs())
    return float(torch.stack(found).mean())


@torch.no_grad()
def greedy_by_hand(own: Swaps, ecg: int) -> list[int]:
    x, fields = own._each()[ecg]
    units = torch.arange(7200).reshape(12, 600) // SEGMENT
    order: list[int] = []
    for _ in range(STEPS):
        best = []
        for segment in range(480):
            if segment in order:
                best.append(-1.0)
                continue
            hit = torch.isin(units, torch.tensor([*order, segment]))
            copies = torch.where(hit, x + fields, x.expand_as(fields))
            best.append(float((own.net(copies) - own.net(x[None])).abs().mean()))
        order.append(int(np.argmax(best)))
    return order


@pytest.mark.parametrize("linear", [True, False])
def test_the_area_of_a_map_is_that_of_the_segments_with_the_largest_sums(linear):
    own = swaps(linear)
    maps = np.random.default_rng(0).normal(size=(2, 12, 600)).astype(np.float32)
    sums = np.abs(maps).reshape(2, 480, SEGMENT).sum(-1)
    for ecg, area in enumerate(own.of_maps(maps)):
        order = np.argsort(-sums[ecg])[:STEPS]
        assert area == pytest.approx(area_by_hand(own, ecg, order), rel=1e-4)


def test_the_greedy_area_is_that_of_a_slow_search():
    own = swaps(linear=False)
    order = greedy_by_hand(own, 0)
    assert own.greedy()[0] == pytest.approx(area_by_hand(own, 0, order), rel=1e-4)


def test_no_order_of_single_effects_is_above_the_greedy_one_where_effects_interact():
    own = swaps(linear=False)
    assert (own.greedy() >= own.oracle() * (1 - 1e-6)).all()
