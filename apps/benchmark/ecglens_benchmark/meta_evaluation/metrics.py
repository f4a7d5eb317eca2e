"""Metrics of the meta-evaluation: what a metric is, perturbation scores, completeness."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import R_INDEX, R_PEAK
from ecglens.engine import sample_ids
from ecglens.eval import DEFAULT, PROTOCOLS, Subject, score
from ecglens.eval import Protocol as Rules
from ecglens.eval.ranking import areas, errors, usable
from ecglens.explain import GivenMaps
from ecglens.store import Store
from jaxtyping import Float, Float64
from torch import Tensor, nn

from .maps import exact_batch

ROWS = 64  # ECGs in one pass

Ecgs = Float[Tensor, "batch lead time"]  # in µV, and maps of them
Scores = Float[Tensor, " batch"]


@runtime_checkable
class Metric(Protocol):
    """Score of a heatmap of each ECG (µV) on the network's first output; NaN where undefined."""

    higher_is_better: ClassVar[bool]

    def __call__(self, net: nn.Module, x: Ecgs, heatmap: Ecgs, seed: int) -> Scores: ...


@runtime_checkable
class OnChangedEcgs(Metric, Protocol):
    """A metric that reads the maps of changed ECGs beside those of the ECGs it scores."""

    @staticmethod
    def changed_ecgs(count: int) -> Ecgs:
        """`count` exact ECGs, then all of them changed in one way, in another …."""
        ...


def outputs(net: nn.Module, x: Ecgs) -> Float64[np.ndarray, " batch"]:
    """First output for each ECG."""
    with torch.no_grad():
        return torch.cat([net(part)[:, 0] for part in x.split(ROWS)]).double().numpy()


@lru_cache(maxsize=1)
def store_of(net: nn.Module) -> Store:
    """Store of what all maps on a network share, such as the controls; deleted with the next."""
    return Subject(exact_batch(1), {}).store


@dataclass(frozen=True)
class PerturbationAuc:
    """Area under the perturbation curve by a protocol's rules, mean over its draws.

    The ECGs are median beats with their R peak at R_INDEX. Where the protocol needs a true value,
    it is the output: the network is taken as perfect. Raises ValueError for the outcome logit.
    """

    rules: Rules = DEFAULT

    higher_is_better: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.rules.outcome == "logit":
            raise ValueError(
                "expected the outcome change or relative_error, got logit: the networks of "
                "the meta-evaluation have no classes"
            )

    def __call__(self, net: nn.Module, x: Ecgs, heatmap: Ecgs, seed: int) -> Scores:
        until, names = self.rules.until, sample_ids(x)
        # The area alone: neither the curve beyond it, nor the null ladder.
        rules = replace(self.rules, steps=until, cutoffs=(1, until), oracle=0, ladder=0)
        given = {"map": GivenMaps(dict(zip(names, heatmap, strict=True)))}
        segments = torch.zeros(len(x), x.shape[2], dtype=torch.int8)
        segments[:, R_INDEX] = R_PEAK
        y = torch.from_numpy(outputs(net, x))[:, None].float()
        subject = Subject(
            Batch(x, y, segments, [*names]), given, seed=seed, gallery=0, store=store_of(net),
            progress=False,
        )  # fmt: skip
        curves = score(net, subject, rules)
        found = torch.full((len(x),), torch.nan, dtype=torch.float64)
        found[usable(curves)] = torch.from_numpy(areas(errors([curves])[0, 0], until))
        return found


@dataclass(frozen=True)
class Completeness:
    """|Σ map − (f(x) − f(0))| as a share of |f(x) − f(0)| (Sundararajan 2017, axiom)."""

    higher_is_better: ClassVar[bool] = False

    def __call__(self, net: nn.Module, x: Ecgs, heatmap: Ecgs, seed: int) -> Scores:
        with torch.no_grad():
            change = (net(x) - net(torch.zeros_like(x)))[:, 0].double()
        missed = (heatmap.double().sum((1, 2)) - change).abs()
        return missed / torch.where(change == 0, torch.nan, change.abs())


METRICS: Mapping[str, Metric] = {
    **{name: PerturbationAuc(rules) for name, rules in PROTOCOLS.items()},
    "completeness": Completeness(),
}
