"""What hospital files say of themselves beside what we measure on their strips.

python -m benchmarks.compare_embedded philips=FOLDER dicom=FOLDER …
"""

from dataclasses import dataclass, replace
from math import nan
from pathlib import Path

import numpy as np
from ecglens.datamodules import Records
from ecglens.ecg import (
    FS_HZ,
    INDEPENDENT_INDEX,
    Record,
    UnusableRecord,
    measure,
    median_beat,
    resampled,
)
from ecglens_formats.aecg import Aecg
from ecglens_formats.dicom import Dicom
from ecglens_formats.embedded import Embedded, TypicalBeat
from ecglens_formats.muse import Muse
from ecglens_formats.philips import Philips
from jaxtyping import Float

from .places import named, show

FORMATS = {"aecg": Aecg, "dicom": Dicom, "muse": Muse, "philips": Philips}
NAMES = ("pr", "qrs", "qt", "rate")
HEAD = ("file", "PR ms", "QRS ms", "QT ms", "rate /min", "r", "RMS µV", "R at ms", "beat taken")
# How far a typical beat is moved over ours to find where it fits: a recorder that centres its
# complex otherwise than on R puts it within this of ours.
REACH = 60  # samples at 500 Hz


@dataclass(frozen=True)
class Fit:
    """How a recorder's typical beat lies on ours, each lead around its own mean.

    `r` is the correlation over all eight independent leads, `rms_uv` what remains between them,
    `r_ms` where the recorder's beat has our R peak.
    """

    r: float = nan
    rms_uv: float = nan
    r_ms: float = nan


def fit(typical: TypicalBeat, ours: Float[np.ndarray, "12 600"]) -> Fit:
    """The shift of best correlation, on the samples that both have."""
    eight = list(INDEPENDENT_INDEX)
    theirs = resampled(np.asarray(typical.signal, float), typical.fs)[eight]
    mine = ours[eight].astype(float)
    found = Fit(r=-1.0)
    for shift in range(-REACH, REACH + 1):
        first, last = max(0, -shift), min(mine.shape[1], theirs.shape[1] - shift)
        a, b = mine[:, first:last], theirs[:, first + shift : last + shift]
        a, b = (x - x.mean(axis=1, keepdims=True) for x in (a, b))
        r = float(np.sum(a * b) / np.sqrt(np.sum(a**2) * np.sum(b**2)))
        if r > found.r:
            r_ms = (250 + shift) * 1e3 / FS_HZ
            found = Fit(r, float(np.sqrt(np.mean((a - b) ** 2))), r_ms)
    return found


def row(record: Record, embedded: Embedded) -> tuple[str, ...]:
    """A file: "the file's own / measured on our median beat" of each interval, and the beats."""
    beat = median_beat(replace(record, beat=None, labels={}, marks=None))
    measured = measure(beat).values()
    pairs = [f"{embedded.labels.get(name, nan):.0f} / {measured[name]:.0f}" for name in NAMES]
    if embedded.typical is None:
        return (record.id, *pairs, "–", "–", "–", "none in the file")
    found = fit(embedded.typical, beat.signal)
    taken = "yes"
    try:
        embedded.typical.placed()
    except ValueError as reason:
        taken = f"no: {reason}"
    beats = (f"{found.r:.4f}", f"{found.rms_uv:.0f}", f"{found.r_ms:.0f}")
    return (record.id, *pairs, *beats, taken)


def rows(format: str, folder: Path) -> list[tuple[str, ...]]:
    """All usable files of a folder; the others are printed with their reason."""
    if format not in FORMATS:
        raise ValueError(f"expected a format of {', '.join(FORMATS)}, got {format!r}")
    reader = FORMATS[format](folder)
    records, found = Records(format, reader), []
    for record in records:
        try:
            found.append(row(record, reader.embedded(record.id)))
        except UnusableRecord as problem:
            print(f"{record.id}: {problem}")
    for name, reason in records.excluded:
        print(f"{name}: {reason}")
    return found


def main(places: list[str]) -> None:
    """One table in Markdown."""
    show(HEAD, places, rows)


if __name__ == "__main__":
    main(named(__doc__))
