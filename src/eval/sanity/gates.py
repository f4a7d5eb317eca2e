"""When a method passes: the rules and their limits, written before anything was measured."""

from dataclasses import dataclass
from typing import Literal

from .estimates import Estimate

Verdict = Literal["passes", "fails", "cannot be said", "not judged"]
VERDICTS: tuple[Verdict, ...] = ("passes", "fails", "cannot be said", "not judged")


@dataclass(frozen=True)
class Thresholds:
    """Limits of ρ between absolute maps at the scale of samples; our own definition."""

    # ρ = 0.1 is a small effect (Cohen 1988), 1 % of the variance of the ranks: two maps that are
    # nearer than that to a floor are called equal to it. Maps of one ECG also share what is
    # its own (flat stretches, wander), so that a little more than the floor is no fault.
    margin: float = 0.1
    # Half of the variance of the ranks (ρ² = 0.5) that outlives the weights is too much, however
    # alike the ECGs are: without this a fixed template, whose floor is 1, would pass.
    ceiling: float = 0.7
    # Of a map whose ranks are those of |x| but for 2 % of their variance nothing is left to judge:
    # it shows the ECG, whatever the network is. Maps of x times noise reach 94 % on exact beats.
    copy_of_x: float = 0.98
    # Where most maps are constant, a mean over the others would speak for the minority.
    missing: float = 0.5


THRESHOLDS = Thresholds()


def forgets(
    rho: Estimate, above_floor: Estimate, abs_x: Estimate, limits: Thresholds = THRESHOLDS
) -> Verdict:
    """Whether the map is lost with what the network had learned (Adebayo 2018).

    `rho` is the partial ρ given |x| of the original's map with the randomised (or label-permuted)
    network's, `above_floor` how far it lies above that of two ECGs, in pairs, and `abs_x` the ρ of
    |map| with |x|. It fails when either of the first is surely at or above its limit (ceiling,
    margin) or the map is surely a copy of |x|, and passes when both are surely below.
    """
    if not unsure(abs_x, limits) and abs_x.low >= limits.copy_of_x**0.5:
        return "fails"
    if unsure(rho, limits) or unsure(above_floor, limits):
        return "cannot be said"
    if rho.low >= limits.ceiling or above_floor.low >= limits.margin:
        return "fails"
    if rho.high < limits.ceiling and above_floor.high < limits.margin:
        return "passes"
    return "cannot be said"


def agrees(above_floor: Estimate, limits: Thresholds = THRESHOLDS) -> Verdict:
    """Whether maps of retrained networks agree more than maps of two ECGs do, by the margin."""
    if unsure(above_floor, limits):
        return "cannot be said"
    if above_floor.low >= limits.margin:
        return "passes"
    return "fails" if above_floor.high < limits.margin else "cannot be said"


def both(one: Verdict, other: Verdict) -> Verdict:
    """Fails when either does, passes when both do; what was not judged does not count."""
    judged = {one, other} - {"not judged"}
    for verdict in ("fails", "cannot be said", "passes"):
        if verdict in judged:
            return verdict
    return "not judged"


def unsure(estimate: Estimate, limits: Thresholds) -> bool:
    """Whether there is no interval, or it stands on a minority of the ECGs."""
    return not estimate.low <= estimate.high or estimate.missing > limits.missing
