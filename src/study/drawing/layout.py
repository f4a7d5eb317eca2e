"""Layout of a view: positions of the traces, and pixels per millimetre."""

import numpy as np
from jaxtyping import Float

from ...ecg import LEADS, V5
from ...report.figures import Sheet, small_multiples, twelve_leads
from ..ballots import VIEWS

NARROW = 100.0  # mm; narrower sheets (one lead) are shown larger and need more pixels
USUAL, SHARP = 8, 16  # pixels per mm: 203 and 406 dpi


def laid_out(x: Float[np.ndarray, "12 time"], view: str, fs: float) -> Sheet:
    """Sheet of an ECG (µV): twelve leads in view "full", only V5 in "averaged".

    Raises ValueError for another view and for values that are not finite.
    """
    if view not in VIEWS:
        raise ValueError(f"expected a view of {', '.join(VIEWS)}, got {view!r}")
    if not np.isfinite(x).all():
        raise ValueError("expected a finite ECG, got NaN or infinite values")
    if view == "averaged":
        return small_multiples([LEADS[V5]], x[None, V5], fs)
    return twelve_leads(x[None], fs)


def pixels_per_mm(sheet: Sheet) -> int:
    """Pixels per millimetre: a whole number, so that paper, trace and colour coincide."""
    return SHARP if sheet.width < NARROW else USUAL
