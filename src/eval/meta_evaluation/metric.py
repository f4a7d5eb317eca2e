"""Metrics of the meta-evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...datamodules import Batch
from ...ecg import R_INDEX, R_PEAK
from ...engine import sample_ids
from ..evaluations.perturbation.changes import changes
from ..evaluations.perturbation.kept_curves import ecg_curves
from ..evaluations.perturbation.units import units_of
from ..heatmaps.folding import fold
from ..heatmaps.order import rank_points
from ..heatmaps.probe import Probe
from ..outcomes import area_under_curve
from ..protocol import DEFAULT, POINTS, STORAS2025
from ..protocol import Protocol as Rules
from ..ranking.outcome import read
from ..subject import Subject


@runtime_checkable
class Metric(Protocol):
    """Score of a heatmap of each ECG (µV) on the network's first output; NaN where undefined."""

    higher_is_better: ClassVar[bool]

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        heatmap: Float[Tensor, "batch lead time"],
        seed: int,
    ) -> Float[Tensor, " batch"]: ...


@runtime_checkable
class OnChangedEcgs(Metric, Protocol):
    """A metric that reads the maps of changed ECGs beside those of the ECGs it scores."""

    @staticmethod
    def changed_ecgs(count: int) -> Float[Tensor, "batch lead time"]:
        """`count` exact ECGs, then all of them changed in one way, in another …."""
        ...


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

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        heatmap: Float[Tensor, "batch lead time"],
        seed: int,
    ) -> Float[Tensor, " batch"]:
        rules, names = self.rules, sample_ids(x)
        segments = torch.zeros(len(x), x.shape[2], dtype=torch.int8)
        segments[:, R_INDEX] = R_PEAK
        ecgs = Batch(x, torch.full((len(x), 1), torch.nan), segments, [*names])
        probe = Probe(net, "", Subject(ecgs, {}, seed=seed))
        units, changed = units_of(probe, rules), changes(probe, rules)
        curves = []
        for ecg, (one, own, name) in enumerate(zip(heatmap, units, names, strict=True)):
            order = rank_points(fold(one, own)[None], rules.until, seed, [name], rules.order)[0]
            curves.append(ecg_curves(probe, rules.until, ecg, order, own, changed(ecg)))
        curve = torch.stack(curves, dim=1).numpy()
        outcome = torch.from_numpy(read(rules, curve, curve[0, :, 0]))
        return area_under_curve(outcome, rules.until).mean(0)


@dataclass(frozen=True)
class Completeness:
    """|Σ map − (f(x) − f(0))| as a share of |f(x) − f(0)| (Sundararajan 2017, axiom)."""

    higher_is_better: ClassVar[bool] = False

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        heatmap: Float[Tensor, "batch lead time"],
        seed: int,
    ) -> Float[Tensor, " batch"]:
        with torch.no_grad():
            change = (net(x) - net(torch.zeros_like(x)))[:, 0].double()
        missed = (heatmap.double().sum((1, 2)) - change).abs()
        return missed / torch.where(change == 0, torch.nan, change.abs())


METRICS: Mapping[str, Metric] = {
    "perturbation AUC, default protocol": PerturbationAuc(),
    "perturbation AUC, points": PerturbationAuc(POINTS),
    "perturbation AUC, Storås 2025": PerturbationAuc(STORAS2025),
    "perturbation AUC, segments": PerturbationAuc(replace(POINTS, name="segments", unit="segment")),
    "perturbation AUC, least relevant segments first": PerturbationAuc(
        replace(POINTS, name="lerf", order="lerf", unit="segment")
    ),
    **{
        f"perturbation AUC, segments filled: {fill}": PerturbationAuc(
            replace(DEFAULT, name=fill, fill=fill, draws=1)
        )
        for fill in ("zero", "mean", "linear")
    },
    **{
        f"perturbation AUC, noise of {share} %": PerturbationAuc(
            replace(POINTS, name=f"noise_{share}", noise=share / 100)
        )
        for share in (2, 5, 10)
    },
    "completeness": Completeness(),
}
