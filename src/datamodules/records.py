"""Where ECGs come from: one reader per source, opened by name."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

from ..ecg import Record
from ..extras import extra
from ..store import check_types

# A reader is the class of this name in the module of the source's name; loaded when it is opened.
READERS = {
    "aecg": "Aecg",
    "cinc": "Cinc",
    "code15": "Code15",
    "columns": "Columns",
    "cpsc2018": "Cpsc2018",
    "deepfake": "Deepfake",
    "deepfake_files": "DeepfakeFiles",
    "dicom": "Dicom",
    "exact": "Exact",
    "ludb": "Ludb",
    "mimic_iv_ecg": "MimicIvEcg",
    "muse": "Muse",
    "philips": "Philips",
    "ptbxl": "Ptbxl",
    "wfdb": "WfdbFolder",
}


class Excluded(NamedTuple):
    """An ECG that cannot be used, and why."""

    name: str
    reason: str


@runtime_checkable
class Reader(Protocol):
    """A frozen dataclass whose fields are its settings; picklable, so that workers can read.

    `version` is raised whenever its records change; `generated` says that no patient stands behind
    them.
    """

    version: ClassVar[int]
    generated: ClassVar[bool]

    def __len__(self) -> int:
        """How many ECGs there are, usable or not."""
        ...

    def read(self, start: int, stop: int) -> Iterator[Record | Excluded]:
        """The ECGs start … stop − 1, each the same whichever others are read with it."""
        ...

    def origin(self, start: int, stop: int) -> Mapping[str, Any]:
        """Plain settings that decide what `read(start, stop)` gives, and nothing else."""
        ...


class Records:
    """Iterates over the ECGs of a reader; afterwards `excluded` holds (name, reason) pairs."""

    def __init__(self, name: str, reader: Reader) -> None:
        self.name = name
        self.reader = reader
        self.excluded: list[Excluded] = []

    def __iter__(self) -> Iterator[Record]:
        self.excluded.clear()
        for item in self.reader.read(0, len(self.reader)):
            if isinstance(item, Excluded):
                self.excluded.append(item)
            else:
                yield item


def open_records(name: str, path: str | Path | None = None, **settings: Any) -> Records:
    """The ECGs of a source; `path` is the folder of one that lies on disk.

    Raises ValueError on an unknown source, a setting it does not have or of another type, or one
    that it misses; ImportError when a package that reads its files is not installed.
    """
    if name not in READERS:
        raise ValueError(f"expected a data source of {', '.join(READERS)}, got {name!r}")
    with extra("formats"):
        reader = getattr(import_module(f".{name}", __package__), READERS[name])
    given = settings if path is None else {"path": path, **settings}
    check_types(reader, given, "data")
    if path is not None:
        given |= {"path": Path(path).expanduser()}
    needed = {
        field.name
        for field in fields(reader)
        if field.default is MISSING and field.default_factory is MISSING
    }
    if missing := needed - set(given):
        raise ValueError(
            f"expected for data {name!r} the setting {', '.join(sorted(missing))}, got none; "
            f"give it as data.{min(missing)}=…"
        )
    return Records(name, reader(**given))
