"""Perturbed copies of a record, walked through the network behind its preparation."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from ecglens.engine import NEVER, Copies, Walker, unperturbed
from ecglens.models import InputSpec, Normalisation
from torch import Tensor, nn


class Body(nn.Module):
    """Convolutions that the walker understands."""

    def __init__(self, leads: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Sequential(
            nn.Conv1d(leads, 6, 7, padding=3), nn.ReLU(), nn.Conv1d(6, 6, 5, stride=2), nn.ReLU()
        )
        self.head = nn.Linear(6, 2)

    def forward(self, z: Tensor) -> Tensor:
        return self.head(self.body(z).mean(-1))


def some_copies(time: int) -> Copies:
    """Two draws of ten steps, which hit points of all leads and both ends."""
    torch.manual_seed(1)
    x = 200 * torch.randn(12, time) + 50 * torch.arange(12.0)[:, None]
    hit = torch.full((12 * time,), NEVER)
    hit[torch.randperm(12 * time)[:200]] = torch.arange(200) % 10 + 1
    hit[0], hit[-1] = 3, 4
    return Copies(x, hit.reshape(12, time), 100 * torch.randn(2, 12, time), steps=10)


EIGHT = ("aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
SCALED: dict[str, Any] = {"unit": 100.0}  # values near 1
ZSCORE = {"normalisation": "z-score per lead"}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"leads": EIGHT, "unit": "mV"},
        {"samples": 400, "window": "end", **ZSCORE},
        {"samples": 401, "window": "centre", **ZSCORE},
        {"samples": 751, "window": "centre", **ZSCORE},
        {"samples": 750, "window": "end", "leads": EIGHT, **ZSCORE},
        {"normalisation": "z-score over all"},
        {"normalisation": Normalisation("min-max", over="record", to=(-1, 1)), "samples": 300},
        {"normalisation": Normalisation("fixed", mean=5.0, sd=[2.0] * 12)},
    ],
)
def test_walked_copies_are_whole_passes_with_the_statistics_of_the_record(settings: dict[str, Any]):
    spec = InputSpec(**SCALED | settings)
    net, copies = spec.adapt(Body(len(spec.leads)).eval()), some_copies(600)
    walker = Walker(net, copies.x)
    assert walker._core is not None
    assert walker._core._network is not None  # not by whole passes
    found = walker(copies)
    with torch.no_grad(), unperturbed(net, copies.x):
        expected = net(copies.full(slice(0, len(copies)))).double()
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    each = replace(copies, hit=torch.stack([copies.hit, copies.hit.flip(1)]))
    with torch.no_grad(), unperturbed(net, copies.x):
        expected = net(each.full(slice(0, len(each)))).double()
    torch.testing.assert_close(walker(each), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "settings",
    [
        {"fs": 250.0},
        {"band": (0.5, 40.0)},
        {"samples": 200, "hop": 100},
        {"normalisation": Normalisation("z-score", statistics="live")},
    ],
)
def test_where_samples_are_mixed_whole_passes_are_made(settings: dict[str, Any]):
    spec = InputSpec(**SCALED | settings)
    net, copies = spec.adapt(Body(12).eval()), some_copies(600)
    walker = Walker(net, copies.x)
    assert walker._core is None
    with torch.no_grad():
        expected = net(copies.full(slice(0, len(copies)))).double()
    torch.testing.assert_close(walker(copies), expected, rtol=1e-4, atol=1e-5)
