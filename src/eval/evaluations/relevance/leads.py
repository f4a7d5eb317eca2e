"""Relevance lead by lead, in the 12 leads that are read and the 8 that are independent.

III, aVR, aVL and aVF follow from I and II: x₁₂ = A x₈. A network that reads twelve leads may lean
on any of these six, and a map may say so, but no ECG can move one of them alone. What the network
makes of a change that a heart can make is the map of f(A x₈), which has eight leads.
"""

import numpy as np
from jaxtyping import Float

from ....ecg import COMPLETION, INDEPENDENT_INDEX
from ....explain import Form

LIMB = slice(0, 6)
# What real ECGs move the six limb leads in: two directions, those of I and II.
MOVED = np.linalg.qr(COMPLETION[LIMB, :2])[0]


def of_slopes(maps: Float[np.ndarray, "*ecg 12 time"]) -> Float[np.ndarray, "*ecg 8 time"]:
    """Aᵀ a: the slope of f(A x₈) by each independent lead, by the chain rule."""
    return COMPLETION.T @ maps.astype(np.float64)


def of_products(
    maps: Float[np.ndarray, "*ecg 12 time"], x: Float[np.ndarray, "*ecg 12 time"]
) -> Float[np.ndarray, "*ecg 8 time"]:
    """x₈ · Aᵀ(a ∕ x): slopes first, then their product with the independent leads.

    Aᵀ a itself would be no map of f(A x₈), nor keep its sum: a limb lead's share goes to I and II
    as they make up its voltage, so every sample keeps its sum over the leads. Where a lead is at
    exactly 0 µV its product does not tell its slope, which counts as 0.
    """
    slopes = np.divide(maps, x, out=np.zeros(maps.shape), where=x != 0, dtype=np.float64)
    return x[..., INDEPENDENT_INDEX, :] * of_slopes(slopes)


def in_eight(
    maps: Float[np.ndarray, "*ecg 12 time"], x: Float[np.ndarray, "*ecg 12 time"], kind: Form
) -> Float[np.ndarray, "*ecg 8 time"] | None:
    """The map of the independent leads; None where it does not follow from that of twelve."""
    if kind == "slope":
        return of_slopes(maps)
    return of_products(maps, x) if kind == "product" else None


def unmovable(maps: Float[np.ndarray, "ecg 12 time"]) -> Float[np.ndarray, " ecg"]:
    """The share of the limb leads' energy (Σ a²) in directions in which no ECG can differ.

    For maps of slopes; four of six directions are such, so random numbers have 2/3. NaN for limb
    leads without relevance.
    """
    limb = maps[:, LIMB].astype(np.float64)
    whole, moved = (np.square(each).sum((1, 2)) for each in (limb, MOVED.T @ limb))
    return 1 - np.divide(moved, whole, out=np.full(len(maps), np.nan), where=whole > 0)
