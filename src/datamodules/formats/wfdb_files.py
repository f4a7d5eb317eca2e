"""WFDB files, read by the package `wfdb`."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import wfdb
from jaxtyping import Float32

from ...ecg import LEADS
from ...store import walked
from .conventions import LEAD_OF_MDC, ordered
from .files import LARGEST_BYTES, damage_named

# A header of 12 leads has 1 kB; a larger text is not a header.
LARGEST_HEADER_BYTES = 2**16
# µV of one unit; the Challenge's copy of PTB-XL writes "mv".
MICROVOLTS = {"v": 1e6, "mv": 1e3, "uv": 1.0, "µv": 1.0, "μv": 1.0, "nv": 1e-3}
LOWER_LEADS = tuple(map(str.lower, LEADS))


class WfdbEcg(NamedTuple):
    """ECG of a WFDB record; `notes` are comments of the header of the form "name: value"."""

    signal: Float32[np.ndarray, "12 time"]  # µV, leads in the standard order
    fs: float
    notes: Mapping[str, str]  # names in lower case and without brackets, such as "age"


def read_ecg(path: Path) -> WfdbEcg:
    """Twelve leads of a record in µV; `path` is without its ending. Other signals are ignored.

    Raises OSError for a missing file, and ValueError for a damaged file, for a header without rate
    or gain (WFDB would assume 250 Hz and 200 / mV) or with a unit that is not of volts, for a lead
    that occurs twice or has several samples per frame, and for a record with several segments. A
    gain without a unit is per mV, as header(5) says and the PTB Diagnostic Database has it.
    """
    _check_calibration(path)
    with damage_named(f"{path.name}.hea"):
        signals = wfdb.rdrecord(str(path), physical=False)
        if not isinstance(signals, wfdb.Record) or signals.d_signal is None or not signals.sig_name:
            raise ValueError("it has no signals")
        _check_sums(signals)
        signals.p_signal = signals.dac()
    given = [name.strip() for name in signals.sig_name or ()]
    names = [name.upper().removeprefix(LEAD_OF_MDC).lower() for name in given]
    wanted = [row for row, name in enumerate(names) if name in LOWER_LEADS]
    if any((signals.samps_per_frame or [])[row] != 1 for row in wanted):
        raise ValueError(f"expected one sample per lead and frame in {path.name}.hea, got more")
    units = [(signals.units or [])[row] for row in wanted]
    if unknown := sorted({unit for unit in units if unit.lower() not in MICROVOLTS}):
        raise ValueError(f"expected leads in V, mV, uV or nV, got {', '.join(unknown)}")
    scale = np.array([MICROVOLTS[unit.lower()] for unit in units])
    physical = np.asarray(signals.p_signal)[:, wanted]
    # Names that are no leads are told where leads are missing.
    found = [*(names[row] for row in wanted), *(each for each in given if not wanted)]
    values = (physical * scale).T if wanted else np.zeros((len(found), len(physical)))
    signal = ordered(values, found)
    return WfdbEcg(signal.astype(np.float32), float(signals.fs or 0), notes(signals.comments or []))


def record_names(folder: Path) -> list[str]:
    """Sorted paths of the records below a folder, relative to it and without ending.

    Opens no file. Raises ValueError when there is no record.
    """
    headers = (file for file in walked(folder) if file.name.endswith(".hea"))
    found = sorted(os.path.relpath(file, folder).removesuffix(".hea") for file in headers)
    if not found:
        raise ValueError(f"expected in data.path a folder with WFDB headers (.hea), got {folder}")
    return found


def record_files(path: Path) -> list[Path]:
    """Header of a record and the signal files that it names; `path` is without ending."""
    header = path.parent / f"{path.name}.hea"
    if not header.is_file():  # opening a pipe would block; reading the record reports it
        return [header]
    named = dict.fromkeys(line.split()[0] for line in _lines(header)[1:])
    if not all(re.fullmatch(r"[\w./~-]+", file) for file in named):
        return [header]  # not a header; reading the record reports it
    return [header, *(path.parent / file for file in named if file != "~")]


def notes(comments: list[str]) -> dict[str, str]:
    """Values by name, from comments such as "Age: 59" or "<age>: 65 <sex>: F <diagnoses> …"."""
    said = (each for comment in comments for each in re.split(r"\s(?=<\w+>)", comment))
    pairs = (each.partition(":") for each in said)
    return {name.strip(" <>").lower(): value.strip() for name, colon, value in pairs if colon}


def _check_calibration(path: Path) -> None:
    """Refuse a header without the values for which the format has a default."""
    lines = _lines(path.parent / f"{path.name}.hea")
    if odd := next((line for line in lines if not line.split()[0].isascii()), None):
        # The package leaves such letters out, and would read the file of another ECG.
        raise ValueError(
            f"expected names of files in ASCII in {path.name}.hea, as WFDB has them, got "
            f"{odd.split()[0]}; rename the record"
        )
    record = lines[0].split() if lines else [""]
    if "/" in record[0]:
        raise ValueError(
            f"expected a record of one segment in {path.name}.hea, got {record[0]}; "
            "read its segments as records"
        )
    if len(record) < 3:
        raise ValueError(f"expected a sampling rate in {path.name}.hea, got none")
    # A signal may begin later than its file: 16:250 is 250 samples of 16 bits later.
    shifts = re.findall(r"(?m)^\S+\s+\d+\S*?:(\d+)", "\n".join(lines[1:]))
    _check_sizes(path, record, len(lines) - 1, max(map(int, shifts), default=0))
    for line in lines[1:]:
        gain = line.split()[2].split("/")[0].split("(")[0] if len(line.split()) > 2 else "0"
        if not gain.strip("0."):
            raise ValueError(f"expected a gain for each signal in {path.name}.hea, got {line!r}")


def _check_sums(found: wfdb.Record) -> None:
    """Compare the samples of each signal with the checksum in the header, if it has one.

    Writers that compute none leave 0 in every signal. Signals that the header shifts against each
    other lack the samples at one end.
    """
    given = found.checksum or []
    if None in given or not any(given) or any(found.skew or []):
        return
    sums = np.asarray(found.d_signal).sum(axis=0, dtype=np.int64)
    for name, expected, got in zip(found.sig_name or (), given, sums, strict=True):
        if (int(got) - expected) % 2**16:  # 16 bits, with or without a sign
            raise ValueError(f"the samples of {name} are not those of its checksum")


def _check_sizes(path: Path, record: list[str], signals: int, latest: int) -> None:
    """Refuse a size that would fill the memory, and signs, which the package ignores.

    `latest` is by how many samples a signal begins later than its file.
    """
    # rate/counter frequency(base counter value); a length may be missing
    counts, rate = [record[1], *record[3:4]], record[2].split("/")[0].split("(")[0]
    if not (all(map(str.isdecimal, counts)) and re.fullmatch(r"\d+\.?\d*", rate)):
        raise ValueError(
            f"expected the number of signals, their rate and length in {path.name}.hea, "
            f"got {' '.join(record[1:4])}"
        )
    length = int([*counts, "0"][1]) + latest
    if int(record[1]) != signals or signals * length * 2 > LARGEST_BYTES:
        raise ValueError(
            f"expected in {path.name}.hea the {signals} signals described there and at most "
            f"{LARGEST_BYTES >> 20} MB, got {' '.join(counts)} signals by samples, the latest "
            f"{latest} samples late"
        )


def _lines(header: Path) -> list[str]:
    """Lines of a header without comments."""
    with header.open("rb") as file:
        text = file.read(LARGEST_HEADER_BYTES).decode(errors="replace")
    return [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
