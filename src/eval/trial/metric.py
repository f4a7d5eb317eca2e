"""What a metric is, and those that stand trial."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...engine import Copies, Walker, noise_field, sample_ids
from ..perturbation import protocol
from ..perturbation.curves import (
    area_under_curve,
    noise_deviation,
    prediction_change,
    predictions,
    relative_error,
)
from ..perturbation.points import rank_points, step_of_points


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
    Raises ValueError for rules other than noise on points, the most relevant first.
    """

    rules: protocol.Protocol = protocol.HOUSE

    higher_is_better: ClassVar[bool] = True

    def __post_init__(self) -> None:
        rules = self.rules
        if not rules.plain or rules.fill != "noise" or rules.outcome == "logit":
            raise ValueError(
                "expected rules of noise on points, most relevant first, and the outcome change or "
                f"relative_error, got {rules.unit}s, {rules.order} first, fill={rules.fill} and "
                f"outcome={rules.outcome}; the trial knows no others yet"
            )

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        heatmap: Float[Tensor, "batch lead time"],
        seed: int,
    ) -> Float[Tensor, " batch"]:
        rules, walker, names = self.rules, Walker(net, x[0]), sample_ids(x)
        leads, time = x.shape[1:]
        hit = step_of_points(rank_points(heatmap, rules.until, seed, names), (leads, time))
        deviation = noise_deviation(x, rules.noise, rules.noise_scope)
        aucs = []
        for number, (one, name) in enumerate(zip(x, names, strict=True)):
            fields = [noise_field(seed, [name], draw, (leads, time)) for draw in range(rules.draws)]
            copies = Copies(one, hit[number], deviation[number] * torch.cat(fields), rules.until)
            outcome = self._outcome(predictions(walker, copies, 0).double())
            aucs.append(area_under_curve(outcome, rules.until).mean())
        return torch.stack(aucs)

    def _outcome(self, curve: Float[Tensor, "draw point"]) -> Float[Tensor, "draw point"]:
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
