"""Reader of Philips cardiographs: Sierra and Philips ECG XML, versions 1.03, 1.04 and 1.04.01.

XLI, their compression, is LZW over the bytes of second differences. Philips has published no
description. This follows the public one of sierra-ecg-tools (C. Watford,
MIT licence, github.com/sixlettervariables/sierra-ecg-tools). Each lead is a chunk: its length in
bytes (uint32, little-endian), two bytes of unknown meaning, the first difference (int16), then code
words. The words hold the upper bytes of all samples, then their lower bytes.
"""

import struct
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar
from xml.etree.ElementTree import Element

import numpy as np
from ecglens.datamodules import FileReader, age_and_sex, damage_named, ordered
from ecglens.ecg import LEADS, Record
from jaxtyping import Float, Int

from .embedded import (
    BY_RECORDER,
    Embedded,
    TypicalBeat,
    age_on,
    below,
    existing,
    number,
    read_xml,
    text,
    unpadded,
)

HEADER = struct.Struct("<IHh")
CODE_BITS = 10
# The table of strings is full at 1023; this word itself ends the stream.
END = 2**CODE_BITS - 1
# Added to a second difference before it is stored.
BIAS = 64


def chunks(data: bytes, samples: int) -> Iterator[Int[np.ndarray, " time"]]:
    """Leads of XLI data as they are stored, each with `samples` samples.

    Raises ValueError when a chunk is cut short, damaged, or holds more or fewer samples.
    """
    place = 0
    while place < len(data):
        if place + HEADER.size > len(data):
            raise ValueError(f"expected an XLI header at byte {place}, got the end of the data")
        size, _, first = HEADER.unpack_from(data, place)
        place += HEADER.size
        if place + size > len(data):
            left = len(data) - place
            raise ValueError(f"expected {size} bytes in an XLI chunk, got {left}")
        raw = decompressed(data[place : place + size], 2 * samples)
        place += size
        yield integrated(raw, first)


def decompressed(data: bytes, size: int) -> bytes:
    """Bytes of LZW data with words of 10 bits, upper bit first.

    Raises ValueError for more or fewer than `size` bytes. It stops at the first extra byte, because
    one word can stand for hundreds of bytes.
    """
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    words = bits[: len(bits) // CODE_BITS * CODE_BITS].reshape(-1, CODE_BITS)
    codes = words @ (1 << np.arange(CODE_BITS)[::-1])
    table = [bytes([byte]) for byte in range(256)]
    out, previous = bytearray(), b""
    for code in codes.tolist():
        if code == END:
            break
        if code < len(table):
            entry = table[code]
        elif code == len(table) and previous:
            entry = previous + previous[:1]
        else:
            raise ValueError(f"expected an XLI word below {len(table)}, got {code}")
        if previous and len(table) < END:
            table.append(previous + entry[:1])
        out += entry
        previous = entry
        if len(out) > size:
            break
    if len(out) != size:
        got = f"more than {size}" if len(out) > size else str(len(out))
        raise ValueError(f"expected {size} bytes of XLI data in a lead, got {got}")
    return bytes(out)


def integrated(raw: bytes, first: int) -> Int[np.ndarray, " time"]:
    """Samples from two bytes each: two samples as they are, then second differences.

    A difference is stored one sample late; the header has the first one.
    """
    upper, lower = np.frombuffer(raw, np.uint8).reshape(2, -1).astype(np.int64)
    stored = (upper << 8 | lower).astype(np.uint16).view(np.int16).astype(np.int64)
    bend = -np.concatenate(([first], stored[2:-1] - BIAS))
    slope = stored[1] - stored[0] + np.cumsum(bend)
    samples = np.concatenate((stored[:2], stored[1] + np.cumsum(slope)))
    if np.abs(samples).max() > np.iinfo(np.int16).max:
        raise ValueError("expected samples of 16 bits in XLI data, got larger ones")
    return samples


VERSIONS = ("1.03", "1.04", "1.04.01")
# Places of the program's unedited measurements, by version.
MEASURED = ("measurements/globalmeasurements", "internalmeasurements/crossleadmeasurements")
LABELS = {"pr": "meanprint", "qrs": "meanqrsdur", "qt": "meanqtint", "rate": "meanventrate"}
PERSON = "patient/generalpatientdata"
# Version 1.03 names no leads, only the set of electrodes; the leads are in the usual order.
STANDARD = ("STD-12", "10-WIRE")
# A resting ECG lasts 11 s; a file that claims more than 10 min was made to fill the memory.
LONGEST_MS = 600_000.0


@dataclass(frozen=True)
class Philips(FileReader):
    """All .xml files below `path`.

    Labels pr, qrs, qt (ms) and rate are the program's, NaN where it failed.
    """

    version: ClassVar[int] = 1
    labels_by: ClassVar[Mapping[str, str]] = BY_RECORDER
    endings: ClassVar[tuple[str, ...]] = (".xml",)

    def record(self, name: str) -> Record:
        """Record whose beat is the representative beat, if that can be placed exactly."""
        return self.embedded(name).record(name)

    def embedded(self, name: str) -> Embedded:
        """Contents of the file; errors as in `record`."""
        root = read_xml(self.path / name, "restingecgdata")
        version = text(root, "documentinfo/documentversion")
        if version not in VERSIONS:
            raise ValueError(
                f"expected in {name} a version of {', '.join(VERSIONS)}, got {version}"
            )
        signal, fs = _strip(root, name)
        patient = text(root, f"{PERSON}/patientid") or ""
        labels = _measured(root) | age_and_sex(_age(root), text(root, f"{PERSON}/sex"))
        return Embedded(signal, fs, patient, labels, _typical(root, name))


def _strip(root: Element, name: str) -> tuple[Float[np.ndarray, "12 time"], float]:
    """Leads in µV, in order, and their rate; `resolution` is µV per digit by the schema."""
    found = below(root, "waveforms/parsedwaveforms")
    if not found:
        raise ValueError(f"expected in {name} parsedwaveforms, got none")
    waves, about = found[0], "dataacquisition/signalcharacteristics"
    kind = waves.get("compression", waves.get("compressmethod"))
    if kind != "XLI" or waves.get("dataencoding") != "Base64":
        raise ValueError(
            f"expected in {name} waveforms in Base64 and XLI, "
            f"got {waves.get('dataencoding')} and {kind or 'no compression'}"
        )
    rates = waves.get("samplespersecond"), text(root, f"{about}/samplingrate")
    steps = (text(root, f"{about}/{each}") for each in ("resolution", "signalresolution"))
    offsets = waves.get("signaloffset"), text(root, f"{about}/signaloffset")
    fs = _agreed(f"rate in {name}", *rates)
    microvolts = _agreed(f"resolution in {name}", waves.get("resolution"), *steps)
    offset = _agreed(f"offset in {name}", *offsets)
    lasts_ms = number(waves.get("durationperchannel"))
    if not (fs > 0 and microvolts > 0 and offset == 0 and 0 < lasts_ms <= LONGEST_MS):
        raise ValueError(
            f"expected in {name} a rate, a resolution, no offset and at most 10 min, got "
            f"{fs:g} Hz, {microvolts:g} µV, {offset:g} and {lasts_ms:g} ms"
        )
    names = _leads(root, waves, name)
    with damage_named(name):
        data = b64decode(waves.text or "", validate=False)
        stored = list(islice(chunks(data, round(lasts_ms * fs / 1e3)), len(names)))
        digits = dict(zip(names, stored, strict=True))
    digits = with_limb_leads(digits)
    return ordered(np.stack(list(digits.values())) * microvolts, list(digits)), fs


def _agreed(what: str, *words: str | None) -> float:
    """Number that all these places give; NaN where none does. ValueError for two numbers."""
    found = sorted({number(word) for word in words if word})
    if len(found) > 1:
        raise ValueError(f"expected one {what}, got {' and '.join(f'{each:g}' for each in found)}")
    return found[0] if found else number(None)


def _leads(root: Element, waves: Element, name: str) -> list[str]:
    if labels := waves.get("leadlabels"):
        return labels.split()
    about = "dataacquisition/signalcharacteristics"
    kinds = {text(root, f"{about}/leadset"), text(root, f"{about}/acquisitiontype")}
    if kinds.isdisjoint(STANDARD):
        raise ValueError(f"expected in {name} the leads of {' or '.join(STANDARD)}, got {kinds}")
    return list(LEADS)


def with_limb_leads(
    digits: dict[str, Int[np.ndarray, " time"]],
) -> dict[str, Int[np.ndarray, " time"]]:
    """All leads in full; XLI stores III, aVR, aVL and aVF as residuals of Einthoven's law.

    Halves are rounded towards zero. Public decoders round in two ways; with this one aVR and aVL of
    the 1.04.01 sample are always the same rounding of the halves of I and II.
    """
    try:
        i, ii = digits["I"], digits["II"]
        iii = ii - i - digits["III"]
        limbs = {
            "III": iii,
            "aVR": -half(i + ii) - digits["aVR"],
            "aVL": half(i - iii) - digits["aVL"],
            "aVF": half(ii + iii) - digits["aVF"],
        }
    except KeyError as missing:
        raise ValueError(f"expected 12 leads in XLI data, {missing} is missing") from None
    return digits | limbs


def half(digits: Int[np.ndarray, " time"]) -> Int[np.ndarray, " time"]:
    """Half of each digit, rounded towards zero."""
    return np.fix(digits / 2).astype(np.int64)


def _measured(root: Element) -> dict[str, float]:
    """PR, QRS, QT and rate; empty when the file has no measurements."""
    for section in MEASURED:
        if below(root, section):
            return {
                label: existing(number(text(root, f"{section}/{name}")))
                for label, name in LABELS.items()
            }
    return {}


def _age(root: Element) -> str | float | None:
    """Age in years; `defaultage` is ignored, as the program only assumes it."""
    if years := text(root, f"{PERSON}/age/years"):
        return years
    acquired = below(root, "dataacquisition")
    day = acquired[0].get("date") if acquired else None
    return age_on(day, text(root, f"{PERSON}/age/dateofbirth"))


def _typical(root: Element, name: str) -> TypicalBeat | None:
    """Representative beat of the leads; None without it or in another encoding."""
    found = below(root, "waveforms/repbeats")
    beats = below(found[0], "repbeat") if found else []
    if not beats or found[0].get("compression") or found[0].get("dataencoding") != "Base64":
        return None
    fs, microvolts = number(found[0].get("samplespersec")), number(found[0].get("resolution"))
    if not (fs > 0 and microvolts > 0):
        return None
    with damage_named(f"{name}, representative beat"):
        # In 1.03 the samples are the text of the beat, later of its element waveform.
        words = [text(beat, "waveform") or beat.text or "" for beat in beats]
        leads = [np.frombuffer(b64decode(word), "<i2") for word in words]
        raw = np.stack(leads)
    names = [beat.get("leadname", "") for beat in beats]
    return TypicalBeat(ordered(raw[:, unpadded(raw.T)] * microvolts, names), fs)
