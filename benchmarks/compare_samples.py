"""Samples in a recorder's or a database's own format, by our readers and by the format's library.

python -m benchmarks.compare_samples ludb=FOLDER dicom=FOLDER …
"""

import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import pydicom
import scipy.io
import wfdb
from ecglens.datamodules import Excluded, open_records
from ecglens.datamodules.readers.file_reader import FileReader
from ecglens.ecg import LEADS, Record

from .places import named, show

HEAD = ("format", "read by", "files", "read", "leads compared", "samples", "largest difference, µV")
MICROVOLTS = {"v": 1e6, "mv": 1e3, "uv": 1.0, "nv": 1e-3}
# A channel's name in DICOM: the words behind "Lead", without what the standard adds to them.
WORDS = ("Lead ", ", augmented", " (Einthoven)")
HL7 = "{urn:hl7-org:v3}"

# Each lead of a file in µV, by its name there.
Leads = Mapping[str, np.ndarray]


class Difference(NamedTuple):
    """A file: how many leads and samples were compared, and how far they lie apart at most."""

    leads: int
    samples: int
    uv: float


def by_wfdb(path: Path) -> Leads:
    """Physical units of the wfdb package; `path` is without its ending."""
    found = cast(Any, wfdb.rdrecord(str(path)))
    factors = [MICROVOLTS[unit.lower()] for unit in found.units]
    return dict(zip(found.sig_name, found.p_signal.T * np.array(factors)[:, None], strict=True))


def by_pydicom(path: Path) -> Leads:
    """The first multiplex group as pydicom scales it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = pydicom.dcmread(path)
    channels = found.WaveformSequence[0].ChannelDefinitionSequence
    leads = {}
    for channel, row in zip(channels, found.waveform_array(0).T, strict=True):
        name = str(channel.ChannelSourceSequence[0].CodeMeaning)
        for word in WORDS:
            name = name.replace(word, "")
        unit = channel.ChannelSensitivityUnitsSequence[0].CodeValue
        leads[name] = row * MICROVOLTS[str(unit).lower()]
    return leads


def by_scipy(path: Path) -> Leads:
    """The matrix of CPSC 2018, in mV; its rows are the leads in their usual order."""
    found = scipy.io.loadmat(f"{path}.mat")["ECG"][0, 0]["data"]
    return dict(zip(LEADS, 1e3 * found, strict=True))


def by_element_tree(path: Path) -> Leads:
    """Digits, origin and scale of the first series of an aECG; there is no library of its own."""
    leads: dict[str, np.ndarray] = {}
    for sequence in ET.parse(path).getroot().iter(f"{HL7}sequence"):
        code, value = sequence.find(f"{HL7}code"), sequence.find(f"{HL7}value")
        name = "" if code is None else code.get("code", "").removeprefix("MDC_ECG_LEAD_")
        digits = None if value is None else value.find(f"{HL7}digits")
        if value is None or digits is None or name in leads or not digits.text:
            continue
        origin, scale = (_quantity(value, part) for part in ("origin", "scale"))
        leads[name] = origin + scale * np.array(digits.text.split(), float)
    return leads


def _quantity(value: ET.Element, part: str) -> float:
    """An amount of voltage in µV."""
    found = value.find(f"{HL7}{part}")
    if found is None:
        raise ValueError(f"expected {part} beside digits, got none")
    return float(found.get("value", "nan")) * MICROVOLTS[found.get("unit", "").lower()]


LIBRARIES: Mapping[str, tuple[str, Callable[[Path], Leads]]] = {
    **dict.fromkeys(("cinc", "ludb", "mimic_iv_ecg", "ptbxl", "wfdb"), ("wfdb", by_wfdb)),
    "aecg": ("ElementTree", by_element_tree),
    "cpsc2018": ("scipy", by_scipy),
    "dicom": ("pydicom", by_pydicom),
}


def difference(record: Record, theirs: Leads) -> Difference:
    """The leads that both have, by name; what a reader cuts off, it cuts off at the end."""
    known = {name.strip().lower(): row for name, row in theirs.items()}
    length = record.signal.shape[1]
    pairs = [
        np.abs(row - known[lead.lower()][:length]).max()
        for lead, row in zip(LEADS, record.signal.astype(float), strict=True)
        if lead.lower() in known
    ]
    return Difference(len(pairs), length, float(max(pairs)))


def row(source: str, folder: Path) -> tuple[str, ...]:
    """All files of a folder; those that cannot be used are printed with their reason."""
    if source not in LIBRARIES:
        raise ValueError(f"expected a format of {', '.join(LIBRARIES)}, got {source!r}")
    library, read = LIBRARIES[source]
    settings = {"ptbxl": True} if source == "cinc" else {}
    reader = cast(FileReader, open_records(source, folder, **settings).reader)
    found: list[Difference] = []
    for place, name in enumerate(reader.names):
        (item,) = reader.read(place, place + 1)
        if isinstance(item, Excluded):
            print(f"{source}: {item.name}: {item.reason}")
        else:
            found.append(difference(item, read(folder / name)))
    leads = " – ".join(map(str, sorted({each.leads for each in found})))
    samples = sum(each.leads * each.samples for each in found)
    largest = max((each.uv for each in found), default=float("nan"))
    counts = (len(reader.names), len(found))
    return (source, library, *map(str, counts), leads, f"{samples}", f"{largest:.2g}")


def main(places: list[str]) -> None:
    """One table in Markdown."""
    show(HEAD, places, lambda name, folder: [row(name, folder)])


if __name__ == "__main__":
    main(named(__doc__))
