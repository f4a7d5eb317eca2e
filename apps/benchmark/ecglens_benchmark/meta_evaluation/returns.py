"""ECGs and networks of which it is known whether true contributions differ between ECGs.

Bumps of 40 ms are added to exact median beats with their true marks, where nothing else is, and a
network reads them alone. What each is for: docs/ladder.md, "The return test".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Literal

import numpy as np
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import LEADS, Record, Segments, draw_exact, exact_beat, segment_mask
from jaxtyping import Float
from torch import Tensor, nn

from .ladder import EVENT, FIXED, LEAD, SIZES_UV, Above, event
from .maps import without_labels
from .networks import ELSEWHERE, NETWORKS

Kind = Literal["differs", "template", "measured alone"]
# Twelve leads at two times behind the T wave, samples from the first.
STARTS = (FIXED, FIXED + 50)
AMOUNT_UV = 300.0  # SD of an amount that may be of either sign; QRS complexes are larger
SEED = 1950


class Places(nn.Module):
    """f = sum over leads of the means over both windows, in µV: linear."""

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch 1"]:
        windows = [x[:, :, start : start + EVENT].mean(2) for start in STARTS]
        return torch.stack(windows, -1).sum((1, 2))[:, None]


@dataclass(frozen=True)
class KnownReturn:
    """A network, its ECGs, and what true contributions to it are."""

    net: nn.Module
    ecgs: Callable[[int], Batch]
    kind: Kind


Bumps = Callable[[np.random.Generator, Segments], Float[np.ndarray, "lead time"]]


def _records() -> Iterator[tuple[int, Record, Segments]]:
    """Exact median beats with a P wave, with the number of each."""
    for index in count():
        record = exact_beat(draw_exact(SEED, index))
        if record.marks and np.isfinite(record.marks.edges()["P"]).all():
            yield index, record, record.marks


def _batch(ecgs: int, bumps: Bumps, *, v1: bool) -> Batch:
    """ECGs with their bumps; with `v1` lead V1 holds nothing else."""
    signals, marks, names = [], [], []
    for (index, record, own), _ in zip(_records(), range(ecgs), strict=False):
        signal = record.signal.astype(np.float32).copy()
        if v1:
            signal[LEAD] = 0
        signals.append(signal + bumps(np.random.default_rng([SEED, index]), own))
        marks.append(segment_mask(own, signal.shape[1]))
        names.append(f"return-{index}")
    return without_labels(np.stack(signals), np.stack(marks), names)


def _in_v1(place: Callable[[np.random.Generator, Segments], int], share: float = 1.0) -> Bumps:
    """A bump in V1 of this share of the ECGs."""

    def made(random: np.random.Generator, marks: Segments) -> Float[np.ndarray, "lead time"]:
        start, size = place(random, marks), random.uniform(*SIZES_UV)
        return event(start, size) * np.float32(random.random() < share)

    return made


def _at_places(amounts: Callable[[np.random.Generator], Float[np.ndarray, "lead window"]]) -> Bumps:
    """Bumps of these means (µV) at every place."""

    def made(random: np.random.Generator, marks: Segments) -> Float[np.ndarray, "lead time"]:
        found = np.zeros((len(LEADS), 600), np.float32)
        shape = event(0, 1.0)[LEAD, :EVENT]
        for sizes, start in zip(amounts(random).T, STARTS, strict=True):
            found[:, start : start + EVENT] += sizes[:, None] * shape / shape.mean()
        return found

    return made


def _anywhere(random: np.random.Generator, marks: Segments) -> int:
    """A start, such that no bump changes the level of its lead, to which typical ECGs are raised.

    The level is the mean of the 16 ms before QRS.
    """
    qrs, starts = round(marks.edges()["QRS"][0]), np.arange(600 - EVENT)
    return int(random.choice(starts[(starts + EVENT <= qrs - 8) | (starts >= qrs)]))


def _alike(random: np.random.Generator) -> Float[np.ndarray, "lead window"]:
    """One amount in the proportions of one profile."""
    profile = np.random.default_rng(SEED).uniform(0.5, 1.5, (len(LEADS), len(STARTS)))
    return AMOUNT_UV * random.standard_normal() * profile


def _independent(random: np.random.Generator) -> Float[np.ndarray, "lead window"]:
    return AMOUNT_UV * random.standard_normal((len(LEADS), len(STARTS)))


def _one(random: np.random.Generator) -> Float[np.ndarray, "lead window"]:
    """One amount of either sign, at one of the places."""
    found = np.zeros((len(LEADS), len(STARTS)))
    found.flat[random.integers(found.size)] = random.uniform(*SIZES_UV) * random.choice([-1, 1])
    return found


def _known(net: nn.Module, bumps: Bumps, kind: Kind) -> KnownReturn:
    v1 = isinstance(net, Above)
    return KnownReturn(net, lambda ecgs: _batch(ecgs, bumps, v1=v1), kind)


_NOTHING = np.zeros((len(LEADS), 600), np.float32)


def _exact(net: nn.Module) -> KnownReturn:
    return _known(net, lambda random, marks: _NOTHING, "measured alone")


_BUMP = Above(EVENT, 100.0)
RETURNS: Mapping[str, KnownReturn] = {
    "a bump that moves": _known(_BUMP, _in_v1(_anywhere), "differs"),
    "a bump in half of the ECGs": _known(_BUMP, _in_v1(_anywhere, 0.5), "differs"),
    "one of 24 places": _known(Places().eval(), _at_places(_one), "differs"),
    "amounts at 24 places": _known(Places().eval(), _at_places(_independent), "differs"),
    "a bump at one place": _known(_BUMP, _in_v1(lambda random, marks: FIXED), "template"),
    "one amount at 24 places": _known(Places().eval(), _at_places(_alike), "template"),
    "a bump at P onset": _known(
        _BUMP, _in_v1(lambda random, marks: round(marks.edges()["P"][0])), "template"
    ),
    "highest of several bumps": _exact(ELSEWHERE["moving wave"]),
    "tallest of six leads": _exact(ELSEWHERE["tallest lead"]),
    "edge": _exact(NETWORKS["edge"]),
    "product": _exact(NETWORKS["product"]),
    "T wave of either sign": _exact(NETWORKS["signed"]),
}
