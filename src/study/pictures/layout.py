"""Where the traces of a view stand on their sheet, and how many pixels a millimetre has."""

import numpy as np
from jaxtyping import Float

from ...ecg import LEADS, V5
from ...report.paper import Sheet, small_multiples, twelve_leads
from ..ballot import VIEWS

NARROW = 100.0  # mm; a beat of one lead is shown larger than one of twelve, and must be as sharp
USUAL, SHARP = 8, 16  # pixels per mm: 203 and 406 dpi


def laid_out(x: Float[np.ndarray, "12 time"], view: str, fs: float) -> Sheet:
    """The sheet of an ECG (µV): twelve leads in the view "full", V5 alone in "averaged".

    Raises ValueError for another view and for an ECG with gaps.
    """
    if view not in VIEWS:
        raise ValueError(f"expected a view of {', '.join(VIEWS)}, got {view!r}")
    if not np.isfinite(x).all():
        raise ValueError("expected an ECG without gaps, got values that are not finite")
    if view == "averaged":
        return small_multiples([LEADS[V5]], x[None, V5], fs)
    return twelve_leads(x[None], fs)


def pixels_per_mm(sheet: Sheet) -> int:
    """Whole pixels, so that paper, trace and colour fall on the same ones."""
    return SHARP if sheet.width < NARROW else USUAL
