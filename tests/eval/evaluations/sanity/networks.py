"""Networks and subjects of the evaluations' tests."""

from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
from ecglens.eval import Subject
from ecglens.explain import find_all
from ecglens.models import InUnits
from ecglens.store import Store
from scipy.stats import spearmanr
from torch import nn

from ...networks import exact_ecgs

ECGS = 6


def linear(seed: int) -> nn.Module:
    """A linear network: its gradient is its row of weights, whatever the ECG."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Flatten(), nn.Linear(12 * 600, 1)).eval()


@cache
def trained(seed: int) -> nn.Module:
    """A small network that has learned to read the T amplitude of exact ECGs."""
    ecgs = exact_ecgs(48, start=100)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        body = nn.Sequential(
            nn.Conv1d(12, 8, 15, stride=4),
            nn.BatchNorm1d(8),
            nn.ReLU(),
            nn.Conv1d(8, 8, 15, stride=4),
            nn.BatchNorm1d(8),
            nn.ReLU(),
            nn.AdaptiveAvgPool1d(1),
            nn.Flatten(),
            nn.Linear(8, 1),
        )
        net = InUnits(body, float(ecgs.y.mean()), float(ecgs.y.std()))
        adam = torch.optim.Adam(net.parameters(), 1e-2)
        for _ in range(60):
            adam.zero_grad()
            ((net(ecgs.x) - ecgs.y) / ecgs.y.std()).square().mean().backward()
            adam.step()
    return net.eval()


few = cache(partial(exact_ecgs, ECGS))


def made_subject(folder: Path, methods: tuple[str, ...] = ("saliency",), **changed: Any) -> Subject:
    """A few exact ECGs, explained by these methods and the controls."""
    fields = {"ecgs": few(), "methods": find_all(methods), "progress": False}
    return Subject(store=Store(folder), **(fields | changed))


def rho(one: Any, other: Any) -> float:
    """scipy's ρ, one pair at a time."""
    result: Any = spearmanr(one, other)
    return float(result.statistic)
