"""Verbal scale for a coefficient of agreement."""

import math

# Upper ends, as Storås 2025 print them after Landis & Koch 1977.
BINS = (
    (0.0, "none"),
    (0.20, "slight"),
    (0.40, "fair"),
    (0.60, "moderate"),
    (0.80, "substantial"),
)


def strength(kappa: float) -> str:
    """Word for a coefficient rounded to two decimals; "" for NaN."""
    if math.isnan(kappa):
        return ""
    printed = round(kappa, 2)
    if printed >= 1:
        return "perfect"
    return next((word for end, word in BINS if printed <= end), "near perfect")
