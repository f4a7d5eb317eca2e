"""Whether maps add up to what their method promises."""

from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..engine import keeps_statistics, unperturbed
from .method import Context, Method
from .passes import Ecgs, Maps

# ECGs whose sums are compared: a network that breaks a promise breaks it on each of them.
CHECKED_ECGS = 4
# Share of the promised sum that may be missing. Above half, most of what a map is to explain is
# not in it: an exact method is refused. Told is what the numbers below do not explain: on networks
# of ReLUs 50 nodes leave 0.2 % in the median and 2 % at most, 50 random samples 8 to 80 %.
REFUSED = 0.5
TOLD = {"exact": 0.05, "mean": 0.5}
# Steps along the line leave at most 0.29 % of all that was added, on 64 maps of two networks.
COARSE = 4e-3


class Sums(NamedTuple):
    """Sum that a method promised, sum of the map and of its sizes, for each of the first ECGs."""

    promised: Float[Tensor, " ecg"]
    found: Float[Tensor, " ecg"]
    added: Float[Tensor, " ecg"]


def sums_of(
    method: Method, net: nn.Module, x: Ecgs, target: int, context: Context, heatmap: Maps
) -> Sums:
    """Sums of the first maps."""
    size = 1 if keeps_statistics(net) else CHECKED_ECGS
    promises = []
    for some, own in zip(x[:CHECKED_ECGS].split(size), context.split(size), strict=False):
        with torch.no_grad(), unperturbed(net, some[0]):
            promises.append(method.promised(net, some, target, own).double())
    maps = heatmap[:CHECKED_ECGS].to(x.device).double()
    return Sums(torch.cat(promises), maps.sum((1, 2)), maps.abs().sum((1, 2)))


def check_promise(sums: Sums) -> None:
    """Raise ValueError where every map of an exact method misses more than half of its sum.

    One ECG alone whose output hardly changes proves nothing. A method that adds up in the mean
    is not checked here: one draw of its random numbers does not tell a broken promise from noise.
    """
    promised, found, added = sums
    if not promised.isfinite().all():
        raise ValueError(
            "expected a finite output at the baseline, from which contributions add up, got NaN or "
            "infinity; take a method that promises no sum, such as saliency"
        )
    missed = (found - promised).abs()
    if (missed > REFUSED * promised.abs() + COARSE * added).all():
        worst = int((missed / promised.abs()).argmin())
        raise ValueError(
            f"expected contributions that add up to {promised[worst]:.4g}, the change of the "
            f"output from the baseline, got {found[worst]:.4g}, and no nearer on any other ECG; "
            "the gradients on the way from the baseline miss the change, as where the network "
            "normalises each ECG: freeze its statistics, or take a method that promises no sum, "
            "such as saliency"
        )


def missed_sum(sums: Sums, kind: Literal["exact", "mean"]) -> str | None:
    """Words on the share of the promised sum that the maps miss, median over ECGs; None if few."""
    promised, found, added = sums
    rounding = COARSE * added if kind == "exact" else 0.0
    missed = ((found - promised).abs() - rounding).clamp(min=0) / promised.abs()
    share = float(missed.nan_to_num(nan=0.0).median())  # 0 of 0 is kept
    if share <= TOLD[kind]:
        return None
    words = f"{100 * share:.0f}\u00a0%" if share < 10 else f"{share:.0f} times"
    why = "; more samples may mend it" if kind == "mean" else ""
    return (
        f"misses the sum that its maps promise by {words} of it (median of {len(missed)} ECGs)"
        f"{why}: read its values as an order, not as contributions"
    )
