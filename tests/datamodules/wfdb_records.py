"""WFDB records written for a test."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import wfdb
from ecglens.ecg import LEADS


def waves(samples: int = 5000, leads: int = 12) -> np.ndarray:
    """A sine of its own in each lead, (time, lead) in mV."""
    time = np.arange(samples) / 500
    return np.stack([np.sin(2 * np.pi * (1 + lead) * time) for lead in range(leads)], axis=1)


def write_record(
    folder: Path,
    name: str,
    signal: np.ndarray | None = None,
    leads: Sequence[str] = LEADS,
    units: Sequence[str] = ("mV",) * 12,
    gain: float = 1000.0,
    comments: Sequence[str] = (),
) -> Path:
    """Write a record at 500 Hz in 16 bits with `gain` steps a unit; gives its header."""
    folder.mkdir(parents=True, exist_ok=True)
    n = len(leads)
    wfdb.wrsamp(
        name,
        fs=500,
        units=list(units[:n]),
        sig_name=list(leads),
        p_signal=waves(leads=n) if signal is None else signal,
        fmt=["16"] * n,
        adc_gain=[gain] * n,
        baseline=[0] * n,
        comments=list(comments),
        write_dir=str(folder),
    )
    return folder / f"{name}.hea"


def edit(header: Path, old: str, new: str) -> None:
    """Replace text in a header that has it."""
    text = header.read_text()
    assert old in text
    header.write_text(text.replace(old, new))
