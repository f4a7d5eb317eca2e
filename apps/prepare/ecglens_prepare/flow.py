"""Flow of the ECGs of a source: those left out, with reasons, labels, and the median spectrum."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from ecglens.datamodules import (
    MARKS,
    MEASURED,
    SEPARATOR,
    TEXT,
    UNCERTAINTIES,
    Excluded,
    Group,
    Prepared,
    grouped,
    read_table,
    why_missing,
)
from ecglens.ecg import FS_HZ
from jaxtyping import Float

# Quantile by the name of its column.
QUANTILES = {"min": 0.0, "5 %": 0.05, "25 %": 0.25, "50 %": 0.5, "75 %": 0.75, "95 %": 0.95}
QUANTILES |= {"max": 1.0}
# Findings on how an ECG was recorded, as ecg.quality says them; others are about the heart.
FAULT = re.compile(
    r"lead \w+ is [\w ]+|electrodes of .*|unit or gain .*|jump of .*|no signal in any lead .*"
)


@dataclass(frozen=True)
class Label:
    """A label of the usable ECGs: its values, how many came with records, and who lacks it."""

    name: str
    values: Float[np.ndarray, " ecg"]
    given: int
    missing: tuple[Group, ...]

    @property
    def binary(self) -> bool:
        """True if all values are 0 or 1, as for a diagnosis."""
        return bool(np.isin(self.values, (0.0, 1.0)).all())

    @property
    def prominent(self) -> bool:
        """True if the label is shown open on the page.

        Measurements (ecg.measure) always do; a binary label, and a number with the same value in
        more than half of the ECGs, such as a rare code, do not.
        """
        if self.name in MEASURED:
            return True
        low, high = np.quantile(self.values, (0.25, 0.75)) if len(self.values) else (0.0, 0.0)
        return bool(low < high) and not self.binary

    @property
    def row(self) -> dict[str, Any]:
        """Row of a table: counts, mean, standard deviation (n − 1) and quantiles."""
        n = len(self.values)
        known = self.values if n else np.array([np.nan])
        at = np.quantile(known, list(QUANTILES.values()))
        return {
            "label": self.name,
            "n": n,
            "given": self.given,
            "missing": sum(len(group.names) for group in self.missing),
            "mean": known.mean(),
            "sd": self.values.std(ddof=1) if n > 1 else np.nan,
            **dict(zip(QUANTILES, at, strict=True)),
        }


@dataclass(frozen=True)
class Flow:
    """ECGs of a source: all, usable, excluded, and those with each label.

    `faults` are the usable ECGs with a fault of the recording, by fault: a lead without a heart
    signal, a limb lead that the others contradict, electrodes that may be exchanged, a size that
    another unit would explain, jumps and gaps (ecg.Quality).
    """

    source: str
    input: str
    usable: int
    patients: int
    excluded: tuple[Excluded, ...]
    labels: tuple[Label, ...]
    faults: tuple[Group, ...] = ()

    @property
    def ecgs(self) -> int:
        """Number of ECGs, usable or not."""
        return self.usable + len(self.excluded)

    @property
    def table(self) -> pd.DataFrame:
        """A row per label."""
        return pd.DataFrame([label.row for label in self.labels])


@dataclass
class _Column:
    """A label while blocks are read: known values, and ids without one by reason."""

    name: str
    values: list[np.ndarray] = field(default_factory=list)
    given: int = 0
    lacking: dict[str, list[str]] = field(default_factory=dict)

    def add(self, table: pd.DataFrame, came: Sequence[Collection[str]]) -> None:
        """Add a block; `came` are the labels that came with each of its ECGs."""
        if self.name not in table:
            return self.lacks(table["id"], ["{}"] * len(table))
        column = table[self.name].to_numpy()
        known = ~np.isnan(column)
        self.values.append(column[known])
        self.given += sum(self.name in came[row] for row in np.flatnonzero(known).tolist())
        return self.lacks(table["id"][~known], table["reasons"][~known])

    def lacks(self, ids: Iterable[str], reasons: Iterable[str]) -> None:
        """Add ECGs without the label; `reasons` are their fields of that name."""
        for id, each in zip(ids, reasons, strict=True):
            self.lacking.setdefault(why_missing(each, self.name), []).append(id)

    @property
    def label(self) -> Label:
        """Label over all blocks."""
        pairs = (Excluded(id, why) for why, ids in self.lacking.items() for id in ids)
        return Label(self.name, np.concatenate(self.values), self.given, grouped(pairs))


def flow_of(source: str, input: str, prepared: Prepared) -> Flow:
    """Flow of a prepared source, read block by block.

    Memory per ECG is 8 bytes per number and patient, and the names of ECGs that lack something; no
    tables or signals are kept.
    """
    columns: dict[str, _Column] = {}
    faults: dict[str, list[str]] = {}
    patients = [np.empty(0, np.int64)]
    for place, block in enumerate(prepared.blocks):
        table = read_table(block)
        patients.append(np.array([hash(patient) for patient in table["patient"]], np.int64))
        for id, flags in zip(table["id"], table["flags"], strict=True):
            for fault in filter(FAULT.fullmatch, flags.split(SEPARATOR)):
                faults.setdefault(fault, []).append(id)
        for name in table:
            if name not in columns and name not in (*TEXT, *MARKS, *UNCERTAINTIES):
                columns[name] = _Column(name)
                for earlier in map(read_table, prepared.blocks[:place]):
                    columns[name].add(earlier, ())
        came = [set(names.split(SEPARATOR)) for names in table["given"]]
        for column in columns.values():
            column.add(table, came)
    return Flow(
        source,
        input,
        usable=len(prepared),
        patients=len(np.unique(np.concatenate(patients))),
        excluded=tuple(prepared.excluded),
        labels=tuple(column.label for column in columns.values()),
        faults=tuple(
            Group(fault, tuple(ids))
            for fault, ids in sorted(faults.items(), key=lambda pair: -len(pair[1]))
        ),
    )


# ECGs used: the standard error of a median over 500 is 6 % of the SD.
ECGS = 500
# Strips read at a time: 15 MB.
CHUNK = 64
# Samples per piece of a strip: a resolution of 0.5 Hz separates mains, five pieces are averaged.
PIECE = 1000


def median_spectrum(
    prepared: Prepared, ecgs: int = ECGS
) -> tuple[Float[np.ndarray, " frequency"], Float[np.ndarray, "12 frequency"]]:
    """Frequencies (Hz), and the median amplitude (µV) over ECGs per lead.

    A sine of amplitude 1 µV at one of these frequencies has the value 1 (Hann window). The spectrum
    of a strip is the root mean square over pieces of 2 s. If there are more than `ecgs` ECGs, that
    many are taken at equal distances.
    """
    rows = prepared.spread(ecgs)
    found = [_spectra(prepared.x(rows[at : at + CHUNK])) for at in range(0, len(rows), CHUNK)]
    spectra = np.concatenate(found)
    samples = 2 * (spectra.shape[-1] - 1)
    return np.fft.rfftfreq(samples, 1.0 / FS_HZ), np.median(spectra, axis=0)


def _spectra(x: Float[np.ndarray, "ecg 12 time"]) -> Float[np.ndarray, "ecg 12 frequency"]:
    length = min(PIECE, x.shape[-1])
    pieces = x[..., : x.shape[-1] // length * length].reshape(*x.shape[:2], -1, length)
    window = np.hanning(length + 1)[:-1]  # periodic window
    centred = pieces - pieces.mean(axis=-1, keepdims=True)
    power = np.abs(np.fft.rfft(centred * window)) ** 2
    return (2.0 / window.sum() * np.sqrt(power.mean(axis=2))).astype(np.float32)
