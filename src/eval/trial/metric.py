"""What a metric is, and those that stand trial."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...engine import Walker
from .. import protocol
from ..curves import area_under_curve, perturbation_curve, prediction_change, relative_error


@runtime_checkable
class Metric(Protocol):
    """Scores a heatmap of each ECG (µV) on the network's first output; NaN where it cannot."""

    higher_is_better: ClassVar[bool]

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        heatmap: Float[Tensor, "batch lead time"],
        seed: int,
    ) -> Float[Tensor, " batch"]: ...


@dataclass(frozen=True)
class PerturbationAuc:
    """The area under the perturbation curve by a protocol's rules, mean over its draws.

    Where the protocol needs a true value the network is taken as perfect: it is the output.
    """

    rules: protocol.Protocol = protocol.HOUSE

    higher_is_better: ClassVar[bool] = True

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        heatmap: Float[Tensor, "batch lead time"],
        seed: int,
    ) -> Float[Tensor, " batch"]:
        rules, walker = self.rules, Walker(net, x[0])
        aucs = []
        for draw in range(rules.draws):
            curve = perturbation_curve(
                walker,
                x,
                heatmap,
                steps=rules.until,
                noise=rules.noise,
                seed=seed,
                draw=draw,
                noise_scope=rules.noise_scope,
            )
            aucs.append(area_under_curve(self._outcome(curve.double()), rules.until))
        return torch.stack(aucs).mean(0)

    def _outcome(self, curve: Float[Tensor, "batch point"]) -> Float[Tensor, "batch point"]:
        if self.rules.outcome == "change":
            return prediction_change(curve)
        y = curve[:, 0]
        return relative_error(curve, y.round() if self.rules.whole_labels else y)


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
    "perturbation AUC, house rules": PerturbationAuc(),
    "perturbation AUC, Storås 2025": PerturbationAuc(protocol.STORAS2025),
    "completeness": Completeness(),
}
