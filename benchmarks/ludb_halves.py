"""LUDB in two halves, one to choose rules on and one to judge them on, once.

A record belongs to the half that rules may be chosen on when the first byte of the SHA-256 of
"ludb <number>" is even and its signal is not in tests/data, whose marks have never chosen anything;
all others judge. Thresholds and offsets of ecg/ are older than these halves: they were chosen on
all records that are not in tests/data. What is judged here is what was changed since.
"""

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256

import numpy as np

from benchmarks.ludb_reading import INTERVALS, Reading

LARGE_MS = 60.0  # no error should be larger
HEAD = f"{'measured − manual, ms':<31} {'':<4} {'n':>4} {'MAE':>6} {'SD':>6} {'largest':>8} > 60"


def chooses(name: str, held_out: Collection[str]) -> bool:
    """True for a record that rules may be chosen on."""
    return name not in held_out and sha256(f"ludb {name}".encode()).digest()[0] % 2 == 0


def rows(of: Sequence[Reading], held_out: Collection[str]) -> Iterator[str]:
    """A line per half and interval: number, MAE, SD, largest error, errors above LARGE_MS.

    None for a group without a measured record.
    """
    for title, chosen in (("rules were chosen on", True), ("judged", False)):
        half = [one for one in of if chooses(one.name, held_out) == chosen]
        for kind, clean in (("clean sinus", True), ("all others", False)):
            group = [one.errors_ms for one in half if one.marked.clean == clean]
            for place, name in enumerate(INTERVALS):
                errors_ms = np.array([errors[place] for errors in group])
                if (known := errors_ms[np.isfinite(errors_ms)]).size:
                    yield _row(f"{title}: {kind}", name, known)


def _row(title: str, name: str, d: np.ndarray) -> str:
    return (
        f"{title:<31} {name.upper():<4} {len(d):4d} {np.abs(d).mean():6.1f} {d.std():6.1f} "
        f"{d[np.abs(d).argmax()]:+8.0f} {np.sum(np.abs(d) > LARGE_MS):4d}"
    )
