"""What the ECGs of a run are drawn from: patients, or a generator that has none."""

from collections.abc import Mapping
from typing import Any

from .numerals import counted

# Sources of ECGs that no patient stands behind; the fact "generated" decides where it is given.
GENERATORS = ("exact", "deepfake", "deepfake_files")


def generated(facts: Mapping[str, Any]) -> bool:
    """Whether a program made the ECGs."""
    return bool(facts.get("generated", facts.get("source") in GENERATORS))


def sampled(facts: Mapping[str, Any]) -> str:
    """What intervals and tests generalise over."""
    return "generated ECGs" if generated(facts) else "patients"


def seen(ecgs: int, patients: int, facts: Mapping[str, Any], kind: str = "") -> str:
    """Number of ECGs, as "64 test ECGs of 60 patients" or "64 generated test ECGs"."""
    noun = f"{kind} ECG".strip()
    if generated(facts):
        return counted(ecgs, f"generated {noun}")
    return f"{counted(ecgs, noun)} of {counted(patients, 'patient')}"
