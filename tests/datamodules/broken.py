"""Whole ECGs in the format of each reader of files, and what can be wrong with such a file."""

import io
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ecglens.datamodules import data_sets, reader_class
from ecglens.ecg import LEADS, draw_exact, exact_record

from .wfdb_records import write_record

EXACT = exact_record(draw_exact(seed=3, index=0), noise_uv=5.0).signal.astype(np.float64)  # µV

Damage = Callable[[Path], Any]


@dataclass(frozen=True)
class Source:
    """`write` makes an ECG under a name in a folder; `file` is where its `part` lies there.

    `own` are the damages that only a file of this format can have, by what they are called. Where
    the reader has a table of labels, `write` appends the row of this name to it.
    """

    write: Callable[[Path, str], Any]
    file: str
    own: Mapping[str, Damage] = field(default_factory=dict)
    reader: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    raw: bool = False  # nothing but samples: any bytes are an ECG, if there are enough
    listed: str = ""  # a file that lists the ECGs, {} each

    def make(self, folder: Path, names: list[str]) -> None:
        for name in names:
            self.write(folder, name)
        if self.listed:
            lines = "".join(f"{self.listed.format(name)}\n" for name in names)
            (folder / "RECORDS").write_text(lines)

    def place(self, folder: Path, name: str) -> Path:
        return folder / self.file.format(name)


def cut(share: float) -> Damage:
    def damage(file: Path) -> None:
        file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])

    return damage


def written(content: bytes | str) -> Damage:
    data = content if isinstance(content, bytes) else content.encode()
    return lambda file: file.write_bytes(data)


def edited(old: str, new: str) -> Damage:
    def damage(file: Path) -> None:
        text = file.read_bytes()
        assert old.encode() in text, f"{old} is not in {file.name}"
        file.write_bytes(text.replace(old.encode(), new.encode()))

    return damage


def instead(make: Callable[[Path], Any]) -> Damage:
    def damage(file: Path) -> None:
        file.unlink()
        make(file)

    return damage


def swollen(file: Path) -> None:
    """A gigabyte of nothing: it takes no room on the disk."""
    os.truncate(file, 2**30)


def overwritten(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[:160] = b"PK\x03\x04 not what it was \xff\xfe".ljust(160, b"\x00")
    file.write_bytes(bytes(data))


def noise(file: Path) -> None:
    file.write_bytes(np.random.default_rng(0).bytes(20_000))


# What any file can be.
ANY: Mapping[str, Damage] = {
    "empty": cut(0.0),
    "its first bytes alone": cut(0.01),
    "half of it": cut(0.5),
    "another magic number": overwritten,
    "random bytes": noise,
    "text in another code": written("Ecg von Björn, Größe 12".encode("utf-16")),
    "a folder": instead(lambda file: file.mkdir()),
    "a pipe": instead(os.mkfifo),
    "a device": instead(lambda file: file.symlink_to("/dev/zero")),
    "a link to nothing": instead(lambda file: file.symlink_to(file.parent / "gone")),
    "a gigabyte": swollen,
    "missing": Path.unlink,
}


def header(**kind: Any) -> Callable[[Path, str], None]:
    """Writes an ECG in WFDB; `place` is its folder and name."""
    place = kind.pop("place", "{}")

    def write(folder: Path, name: str) -> None:
        path = folder / place.format(name)
        write_record(path.parent, path.name, EXACT.T / 1000, **kind)

    return write


# What a header can say. Its signals are whole.
HEADER: Mapping[str, Damage] = {
    "three leads": lambda file: file.write_text(
        "".join(file.read_text().replace(" 12 ", " 3 ", 1).splitlines(keepends=True)[:4])
    ),
    "a lead twice": edited(" aVR\n", " aVL\n"),
    "a lead of another name": edited(" V3\n", " X\n"),
    "an unknown unit": edited("/mV", "/mmHg"),
    "no gain": edited("1000.0(0)/mV", "0"),
    "a gain that is no number": edited("1000.0(0)/mV", "nan(0)/mV"),
    "a gain below 0.000001": edited("1000.0(0)/mV", "0.00000001(0)/mV"),
    "a negative rate": edited(" 500 ", " -500 "),
    "a rate of 0": edited(" 500 ", " 0 "),
    "no rate": edited(" 500 5000", ""),
    "a rate that is no number": edited(" 500 ", " nan "),
    "a length beyond all memory": edited(" 5000\n", " 999999999999\n"),
    "a length of 20 GB": edited(" 5000\n", " 999999999\n"),
    "a length that is negative": edited(" 5000\n", " -5000\n"),
    "a number of signals beyond all memory": edited(" 12 500", " 999999999 500"),
    "letters that are not UTF-8": lambda file: file.write_bytes(
        file.read_bytes().replace(b" 12 500", b" 1\xff2 500")
    ),
    "a path that climbs out": lambda file: edited(f"{file.stem}.dat", "../../secret.dat")(file),
    "a path from the root": lambda file: edited(f"{file.stem}.dat", "/dev/zero")(file),
}


def table(values: np.ndarray, **how: Any) -> Callable[[Path], None]:
    return lambda file: pd.DataFrame(values.T, columns=pd.Index(LEADS)).to_csv(
        file, index=False, **how
    )


def changed(value: float) -> np.ndarray:
    found = EXACT.copy()
    found[LEADS.index("V1"), 1000] = value
    return found


VALUES = {"NaN": changed(np.nan), "infinity": changed(np.inf), "1e9 µV": changed(1e9)}
VALUES |= {"three leads": EXACT[:3], "no sample": EXACT[:, :0]}


def zip_bomb(file: Path) -> None:
    """320 MB of zeros in 320 kB."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f8", "fortran_order": False, "shape": (12, 20 * 2**21 // 12)}
    )
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as content,
        content.open("ecg.npy", "w", force_zip64=True) as member,
    ):
        member.write(head.getvalue())
        zeros = bytes(2**24)
        for _ in range(20):
            member.write(zeros)


def lying_array(file: Path) -> None:
    """A header that promises 10^12 samples."""
    head = io.BytesIO()
    shape = (12, 10**12)
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f8", "fortran_order": False, "shape": shape}
    )
    file.write_bytes(head.getvalue() + bytes(1000))


def made_with(
    write: Callable[[Path, np.ndarray], None], values: Mapping[str, np.ndarray] = VALUES
) -> dict[str, Damage]:
    def one(data: np.ndarray) -> Damage:
        return lambda file: write(file, data)

    return {name: one(data) for name, data in values.items()}


# Read by apps/formats, but damaged and tested here, where the files of WFDB are.
WITH_WFDB = "ludb"


def own_data_sets(package: str = "ecglens") -> set[str]:
    """Names of the data sets whose reader is in this package, LUDB among those of the core."""
    paths = {name: reader_class(name).__module__ for name in data_sets()}
    paths[WITH_WFDB] = "ecglens"
    return {name for name, path in paths.items() if path.partition(".")[0] == package}


COLUMNS = {"fs_hz": 500, "unit": "uV"}
ROWS = {**COLUMNS, "leads": list(LEADS), "leads_in": "rows"}
SOURCES: Mapping[str, Source] = {
    "ludb header": Source(header(place="data/{}"), "data/{}.hea", HEADER, "ludb", listed="data/{}"),
    "ludb signals": Source(
        header(place="data/{}"), "data/{}.dat", {}, "ludb", listed="data/{}", raw=True
    ),
    "wfdb header": Source(header(), "{}.hea", HEADER, "wfdb"),
    "wfdb signals": Source(header(), "{}.dat", {}, "wfdb", raw=True),
    "columns, csv": Source(
        lambda folder, name: table(EXACT)(folder / f"{name}.csv"),
        "{}.csv",
        {
            "NaN": table(changed(np.nan)),
            "infinity": table(changed(np.inf)),
            "1e9 µV": table(changed(1e9)),
            "a lead twice": edited("aVR", "aVL"),
            "a lead of another name": edited("V3", "X"),
            "a word among the numbers": edited("\n1", "\nnoise"),
            "a row that is too long": edited("\n1", "\n1,1"),
        },
        "columns",
        COLUMNS,
    ),
    "columns, npy": Source(
        lambda folder, name: np.save(folder / f"{name}.npy", EXACT),
        "{}.npy",
        made_with(np.save)
        | {
            "a length beyond all memory": lying_array,
            "objects": lambda file: np.save(file, np.array([[{}] * 5] * 12, object)),
        },
        "columns",
        {**ROWS, "pattern": "*.npy"},
    ),
    "columns, npz": Source(
        lambda folder, name: np.savez(folder / f"{name}.npz", ecg=EXACT),
        "{}.npz",
        made_with(lambda file, data: np.savez(file, ecg=data)) | {"a zip bomb": zip_bomb},
        "columns",
        {**ROWS, "pattern": "*.npz"},
    ),
    "columns, parquet": Source(
        lambda folder, name: pd.DataFrame(EXACT.T, columns=pd.Index(LEADS)).to_parquet(
            folder / f"{name}.parquet"
        ),
        "{}.parquet",
        {},
        "columns",
        {**COLUMNS, "pattern": "*.parquet"},
    ),
}
