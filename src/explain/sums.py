"""Sums of maps against what their methods promise: refused, told, or as promised."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..engine import keeps_statistics, unperturbed
from .context import Context
from .method import Method

# ECGs whose sums are compared: a network that breaks a promise breaks it on each of them.
ECGS = 4
# Share of the promised sum that may be missing. Above half, most of what a map is to explain is
# not in it: an exact method is refused. Told is what the numbers below do not explain: on networks
# of ReLUs 50 nodes leave 0.2 % in the median and 2 % at most, 50 random samples 8 to 80 %.
REFUSED = 0.5
TOLD = {"exact": 0.05, "mean": 0.5}
# Share of all that was added that steps along the line leave: 1e-3 at most, on those networks.
COARSE = 1e-3


def check_promise(
    method: Method,
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    context: Context,
    heatmap: Float[Tensor, "batch lead time"],
) -> None:
    """Raise ValueError where every map of an exact method misses more than half of its sum.

    One ECG alone whose output hardly changes proves nothing. A method that adds up in the mean
    is not checked here: one draw of its random numbers does not tell a broken promise from noise.
    """
    promised, found, added = _sums(method, net, x, target, context, heatmap)
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


def missed_sum(
    method: Method,
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    context: Context,
    heatmap: Float[Tensor, "batch lead time"],
) -> str | None:
    """Words on the share of the promised sum that the maps miss, median over ECGs; None if few."""
    sums = method.facts.sums
    if sums == "none" or not len(x):
        return None
    promised, found, _ = _sums(method, net, x, target, context, heatmap)
    missed = ((found - promised) / promised).abs().nan_to_num(nan=0.0)  # 0 of 0 is kept
    share = float(missed.median())
    if share <= TOLD[sums]:
        return None
    words = f"{100 * share:.0f}\u00a0%" if share < 10 else f"{share:.0f} times"
    why = "; more samples may mend it" if sums == "mean" else ""
    return (
        f"misses the sum that its maps promise by {words} of it (median of {len(missed)} ECGs)"
        f"{why}: read its values as an order, not as contributions"
    )


def _sums(
    method: Method,
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    context: Context,
    heatmap: Float[Tensor, "batch lead time"],
) -> tuple[Float[Tensor, " ecg"], Float[Tensor, " ecg"], Float[Tensor, " ecg"]]:
    """Promised sum of each of the first maps, their sum, and the sum of their sizes."""
    size = 1 if keeps_statistics(net) else ECGS
    promises = []
    for some, own in zip(x[:ECGS].split(size), context.split(size), strict=False):
        with torch.no_grad(), unperturbed(net, some[0]):
            promises.append(method.promised(net, some, target, own).double())
    promised = torch.cat(promises)
    maps = heatmap[:ECGS].to(x.device).double()
    return promised, maps.sum((1, 2)), maps.abs().sum((1, 2))
