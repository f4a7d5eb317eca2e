"""Disturbances by the recorder of an exact ECG: baseline wander, mains, a lead that is off."""

from dataclasses import dataclass, replace
from math import inf, nan

import numpy as np

from ..record import INDEPENDENT, LEADS, V5, Record, from_eight, without_leads
from ..waves import FS_HZ
from .kinds import RECORDING, stream

# Breathing, 9 to 24 breaths a minute.
WANDER_HZ = (0.15, 0.40)


@dataclass(frozen=True)
class Recording:
    """Largest sizes in µV, frequency of the mains, and share of ECGs with a lead off.

    Every ECG draws its size of wander and of mains between zero and the largest, independently of
    each other and of the heart. Wander and mains are only in the strip, as a median beat is free of
    them; a lead that is off is zero in both. Raises ValueError for a negative size, a share above
    1, or mains above half the sampling rate.
    """

    wander_uv: float = 0.0
    mains_uv: float = 0.0
    mains_hz: float = 50.0
    dropped: float = 0.0

    def __post_init__(self) -> None:
        for name in ("wander_uv", "mains_uv"):
            if not 0 <= (value := getattr(self, name)) < inf:
                raise ValueError(f"expected data.{name} of at least 0 µV, got {value}")
        if not 0 < self.mains_hz < FS_HZ / 2:
            raise ValueError(
                f"expected data.mains_hz between 0 and {FS_HZ / 2:g} Hz, got {self.mains_hz}"
            )
        if not 0 <= self.dropped <= 1:
            raise ValueError(f"expected data.dropped as a share from 0 to 1, got {self.dropped}")


@dataclass(frozen=True)
class Disturbance:
    """Disturbances of one ECG: sizes in µV in the most affected lead, and the lead that is off.

    `dropped` is "" if all leads are on.
    """

    wander_uv: float
    wander_hz: float
    mains_uv: float
    dropped: str


def disturbance(recording: Recording, seed: int, index: int) -> Disturbance:
    """Disturbances of ECG number `index`: random shares of the largest sizes."""
    wander, breath, mains, off, lead = stream(seed, index, RECORDING).random(5)
    low, high = WANDER_HZ
    return Disturbance(
        wander_uv=wander * recording.wander_uv,
        wander_hz=low + breath * (high - low),
        mains_uv=mains * recording.mains_uv,
        dropped=INDEPENDENT[int(lead * len(INDEPENDENT))] if off < recording.dropped else "",
    )


def recorded(record: Record, recording: Recording, seed: int, index: int) -> Record:
    """Record with the disturbances of this recorder.

    If V5 is off, the amplitudes, which are read there, are NaN.
    """
    drawn = disturbance(recording, seed, index)
    signal, beat, labels = record.signal, record.beat, record.labels
    if drawn.wander_uv or drawn.mains_uv:
        signal = signal + _noise(drawn, recording.mains_hz, signal.shape[1], seed, index)
    if drawn.dropped:
        signal = without_leads(signal, [drawn.dropped])
        beat = None if beat is None else without_leads(beat, [drawn.dropped])
    if drawn.dropped == LEADS[V5]:
        labels = {**labels, "r": nan, "j": nan, "t": nan}
    return replace(record, signal=signal, beat=beat, labels=labels)


def _noise(drawn: Disturbance, mains_hz: float, length: int, seed: int, index: int) -> np.ndarray:
    """Wander and mains (12, length), each with one phase and a random share in every lead."""
    random = stream(seed, index, RECORDING)
    random.random(5)  # skip the numbers of `disturbance`
    phases = random.uniform(0.0, 2.0 * np.pi, 2)
    shares = random.uniform(-1.0, 1.0, (2, len(INDEPENDENT)))
    shares /= np.abs(shares).max(axis=1, keepdims=True)
    angles = 2.0 * np.pi / FS_HZ * np.outer((drawn.wander_hz, mains_hz), np.arange(length))
    waves = np.sin(angles + phases[:, None])
    sizes = np.array([drawn.wander_uv, drawn.mains_uv])
    return from_eight((sizes[:, None] * shares).T @ waves).astype(np.float32)
