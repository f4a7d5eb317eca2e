"""Numbers and counts as they are printed; each may be a NaN or pandas' own missing value."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

MINUS = "−"
NOTHING = "–"


def number(value: Any) -> str:
    """Three significant digits with a true minus sign; a dash for NaN."""
    if pd.isna(value):
        return NOTHING
    if value != 0 and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.1e}".replace("-", MINUS)
    return fixed(value, decimals([value]))


def decimals(values: Iterable[float]) -> int:
    """Decimals that give the largest of these numbers three digits, so that columns align."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    return 2 if largest == 0 else max(0, 2 - math.floor(math.log10(largest)))


def fixed(value: Any, places: int, form: str = "f") -> str:
    """So many decimals, of a power of ten with form "e"; never a minus before a zero."""
    if pd.isna(value):
        return NOTHING
    text = f"{value:.{places}{form}}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def probability(value: Any, least: float = 0.0) -> str:
    """A p value; a bound where it is the `least` that there may be."""
    if pd.isna(value):
        return ""
    if 0.001 <= value <= least * (1 + 1e-9) < 1:
        return f"≤ {value:.3f}"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def percent(value: Any) -> str:
    """A share in whole percent."""
    return "" if pd.isna(value) else f"{fixed(100 * value, 0)} %"


def whole(value: Any) -> str:
    """A place in an order."""
    return "" if pd.isna(value) else str(int(value))


def counted(count: int, noun: str) -> str:
    """A number with its noun, such as "1 ECG" and "2 ECGs"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


# Sources of ECGs that no patient stands behind; the fact "generated" decides where it is given.
GENERATORS = ("exact", "deepfake", "deepfake_files")


def generated(facts: Mapping[str, Any]) -> bool:
    """True if a program made the ECGs."""
    return bool(facts.get("generated", facts.get("source") in GENERATORS))


def sampled(facts: Mapping[str, Any]) -> str:
    """Population that intervals and tests generalise over."""
    return "generated ECGs" if generated(facts) else "patients"


def seen(ecgs: int, patients: int, facts: Mapping[str, Any], kind: str = "") -> str:
    """Number of ECGs, as "64 test ECGs of 60 patients" or "64 generated test ECGs"."""
    noun = f"{kind} ECG".strip()
    if generated(facts):
        return counted(ecgs, f"generated {noun}")
    return f"{counted(ecgs, noun)} of {counted(patients, 'patient')}"
