"""The twelve leads, their order, and their completion from eight."""

from collections.abc import Collection, Sequence

import numpy as np
from jaxtyping import Float

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
INDEPENDENT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
INDEPENDENT_INDEX = tuple(LEADS.index(name) for name in INDEPENDENT)
V5 = LEADS.index("V5")


def _completion() -> Float[np.ndarray, "12 8"]:
    matrix = np.zeros((12, 8))
    for column, name in enumerate(INDEPENDENT):
        matrix[LEADS.index(name), column] = 1.0
    i, ii = 0, 1
    # Einthoven 1908 (III = II − I) and Goldberger 1942 (augmented leads).
    for name, (of_i, of_ii) in {
        "III": (-1.0, 1.0),
        "aVR": (-0.5, -0.5),
        "aVL": (1.0, -0.5),
        "aVF": (-0.5, 1.0),
    }.items():
        matrix[LEADS.index(name), [i, ii]] = of_i, of_ii
    return matrix


COMPLETION = _completion()


def from_eight(signal: Float[np.ndarray, "*batch 8 time"]) -> Float[np.ndarray, "*batch 12 time"]:
    """Twelve leads from I, II, V1…V6, by Einthoven's and Goldberger's equations."""
    return COMPLETION.astype(signal.dtype) @ signal


def missing_leads(signal: Float[np.ndarray, "12 time"]) -> tuple[str, ...]:
    """Independent leads whose samples are all equal: nothing was recorded."""
    still = np.ptp(signal[list(INDEPENDENT_INDEX)], axis=1) == 0.0
    return tuple(lead for lead, is_still in zip(INDEPENDENT, still, strict=True) if is_still)


def without_leads(
    signal: Float[np.ndarray, "12 time"], leads: Collection[str]
) -> Float[np.ndarray, "12 time"]:
    """Signal with these independent leads, and the leads that follow from them, at zero.

    III, aVR, aVL and aVF follow from I and II: without one of these, each would be a copy of the
    other under a wrong name.
    """
    off = signal.copy()
    off[[LEADS.index(lead) for lead in leads]] = 0.0
    if not {"I", "II"}.isdisjoint(leads):
        off[2:6] = 0.0
    return off


def in_order(
    signal: Float[np.ndarray, "lead time"], names: Sequence[str]
) -> Float[np.ndarray, "12 time"]:
    """Twelve leads in the standard order, by name (in any case); other leads are ignored.

    Missing limb leads are computed from I and II. Raises ValueError when that is impossible.
    """
    rows = {name.strip().lower(): row for row, name in zip(signal, names, strict=True)}
    if all(name.lower() in rows for name in LEADS):
        return np.stack([rows[name.lower()] for name in LEADS])
    if all(name.lower() in rows for name in INDEPENDENT):
        return from_eight(np.stack([rows[name.lower()] for name in INDEPENDENT]))
    missing = [name for name in LEADS if name.lower() not in rows]
    raise ValueError(
        f"expected the leads {', '.join(LEADS)} (or at least {', '.join(INDEPENDENT)}), "
        f"got {', '.join(names)}; missing: {', '.join(missing)}"
    )
