"""The order of methods: tiers, and whether it depends on the cut-off of the curve."""

import numpy as np
from jaxtyping import Float, Int


def positions(aucs: Float[np.ndarray, "*cutoff method"]) -> Int[np.ndarray, "*cutoff method"]:
    """1 for the highest AUC, 2 for the next, …; equal ones in the order they are given in."""
    return (-aucs).argsort(axis=-1, kind="stable").argsort(axis=-1, kind="stable") + 1


def tiers(aucs: Float[np.ndarray, " method"], random: float) -> Int[np.ndarray, " method"]:
    """Best (1), medium (2) or poor (3) by thirds of the range from random to the winner.

    The three tiers and the two ends are from Storås 2025; equal thirds, and 3 at or below
    random, are our own definition, since the article prints no cut-points.
    """
    length = aucs.max(initial=random) - random
    if length <= 0:
        return np.full(len(aucs), 3)
    way = (aucs - random) / length
    return 3 - (way > 1 / 3).astype(int) - (way > 2 / 3).astype(int)


def held(
    aucs: Float[np.ndarray, "cutoff method"], reference: Float[np.ndarray, " method"]
) -> tuple[Float[np.ndarray, " method"], float]:
    """Share of cut-offs at which each method holds its place, and the lowest Kendall τ of all.

    τ is 1 where the order is the reference's; one method alone has nothing to change places with.
    """
    place, places = positions(reference), positions(aucs)
    if len(reference) < 2:
        return np.ones(len(reference)), 1.0
    one, other = np.triu_indices(len(reference), 1)
    # Positions have no ties, so each pair of methods stands as in the reference (1) or not (−1).
    pairs = np.sign(places[:, one] - places[:, other]) * np.sign(place[one] - place[other])
    return (places == place).mean(0), float(pairs.mean(1).min())
