"""Sources of ECGs: the protocol of a reader, and readers opened by the path of their class."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

from .. import registry
from ..ecg import Record
from ..extras import extra
from ..store import check_types, class_at, class_path, keep_private, unset

MAY_LEAVE = "may_leave_machine"


def may_leave(source: Mapping[str, Any]) -> bool:
    """True if the ECGs of a source may leave this machine; they may not if it does not say so.

    `source` is the settings of the source, or the facts about its ECGs (`EcgData.counts`). A part
    of a mixture that says it may not leave keeps the whole. Raises ValueError for a value that is
    neither true nor false.
    """
    said = source.get(MAY_LEAVE, False)
    if not isinstance(said, bool):
        raise ValueError(f"expected data.{MAY_LEAVE} to be true or false, got {said!r}")
    parts = source.get("parts")
    parts = parts.values() if isinstance(parts, Mapping) else ()
    mixed = [each for each in parts if isinstance(each, Mapping) and MAY_LEAVE in each]
    return all([said, *map(may_leave, mixed)])


def all_may_leave(source: Mapping[str, Any]) -> bool:
    """True if these ECGs and those of a second source (its key `external`) may leave."""
    external = source.get("external")
    return may_leave(source) and (not external or may_leave(external))


READER_CLASS = "_target_"
# Settings of a source that its reader does not have: how it is split, what it is tested on beside
# itself, and whether its ECGs may leave the machine.
NOT_READ = ("split", "external", MAY_LEAVE)
# Labels that a mixture of data sets adds (data=mixed): part and place of the data set of an ECG.
PART, DATA_SET = "part", "data_set"
ECGLENS, TABLE, UNKNOWN_MAKER, COMPUTED = "ecglens", "table", "data_set", "computed"
# Makers of labels in the words of a report; `labels_by` of a reader names them.
MAKERS: Mapping[str, str] = {
    ECGLENS: "measured by ECGLens",
    "12sl": "measured by 12SL",
    "recorder": "reported by the electrocardiograph",
    "hand": "marked by hand",
    "exact": "exact by construction",
    "report": "stated in the report of the ECG",
    UNKNOWN_MAKER: "given with the data set",
    TABLE: "given in a table of the user",
    COMPUTED: "computed by a class of the user",
}
MEMBERS = ("version", "generated", "__len__", "read", "origin")


class Excluded(NamedTuple):
    """An ECG that cannot be used, and the reason."""

    name: str
    reason: str


# Parts that differ between two reasons of one kind: a file in quotes, a number, the ECG's name.
PARTICULAR = re.compile(r"'[^']*'|\S*[\d\0]\S*")
UNSAID = re.compile(r": …\D*$")  # details that differ, without a number that is the same for all


@dataclass(frozen=True)
class Group:
    """ECGs with one reason; "…" replaces the parts that differ between them."""

    reason: str
    names: tuple[str, ...]


def grouped(excluded: Iterable[Excluded]) -> tuple[Group, ...]:
    """ECGs by reason, most frequent first; reasons that differ only in details are merged.

    A merged reason ends before details after a colon, unless these name a limit.
    """
    kinds: dict[str, list[str]] = {}
    names: dict[str, list[str]] = {}
    last, kind, particulars = "", "", []
    for name, reason in excluded:
        if reason != last or Path(name).name in reason:  # most ECGs repeat it
            last = reason
            kind, particulars = _parted(name, reason)
            pairs = zip(kinds.get(kind, particulars), particulars, strict=True)
            kinds[kind] = [one if one == other else "…" for one, other in pairs]
        names.setdefault(kind, []).append(name)
    groups = []
    for kind, found in names.items():
        own = Path(found[0]).name if len(found) == 1 else "…"
        words = iter(word.replace("\0", own) for word in kinds[kind])
        reason = re.sub("\0", lambda _: next(words), kind)  # noqa: B023 - used at once
        groups.append(Group(UNSAID.sub("", reason), tuple(found)))
    return tuple(sorted(groups, key=lambda group: -len(group.names)))


def _parted(name: str, reason: str) -> tuple[str, list[str]]:
    """Common text of a kind of reason, and the details of this one."""
    own = Path(name).name
    if own in reason:
        reason = re.sub(rf"(?<!\w){re.escape(own)}(?!\w)", "\0", reason)
    return PARTICULAR.sub("\0", reason), PARTICULAR.findall(reason)


@runtime_checkable
class Reader(Protocol):
    """A frozen dataclass of the settings of a data set; picklable, because workers read it.

    `version` is raised whenever its records change. `generated` is true for ECGs without a patient.
    A reader may also have `labels_by`, which maps patterns of label names to who made those that
    come with its records (MAKERS).
    """

    version: ClassVar[int]
    generated: ClassVar[bool]

    def __len__(self) -> int:
        """Number of ECGs, usable or not."""
        ...

    def read(self, start: int, stop: int) -> Iterator[Record | Excluded]:
        """ECGs start … stop − 1; each is independent of the others that are read with it."""
        ...

    def origin(self, start: int, stop: int) -> Mapping[str, Any]:
        """Plain settings that decide the result of `read(start, stop)`, and nothing else."""
        ...


def readers_in(reader: Reader) -> Mapping[str, Reader]:
    """Readers of a mixture by the names of their data sets; empty for any other reader."""
    return getattr(reader, "readers", {})


class Records:
    """ECGs of a reader, to iterate over; afterwards `excluded` has those that cannot be used.

    `name` is the name of the data set on pages and in messages.
    """

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
    """ECGs of a data set; `path` is its folder, if it has one.

    The class of the reader is `_target_`, an import path such as "my_package.MyReader", or the one
    that the yaml of this name in configs/data has. Raises ValueError for an unknown data set, class
    or maker of labels, and for a setting that is unknown, missing or of another type; ImportError
    when a package that reads its files is not installed.
    """
    with extra("formats"):
        reader = reader_class(name, settings.pop(READER_CLASS, None))
    given = settings if path is None else {"path": path, **settings}
    check_types(reader, given, "data")
    if path is not None:
        given |= {"path": Path(path).expanduser()}
        if not given["path"].exists():
            where = "" if given["path"].is_absolute() else f" in {Path.cwd()}"
            raise ValueError(
                f"expected in data.path a folder, got {path}, which does not exist{where}"
            )
    if missing := unset(reader, given):
        raise ValueError(
            f"expected for data {name!r} the setting {', '.join(sorted(missing))}, got none; "
            f"give it as data.{min(missing)}=…, from Python as {min(missing)}=…, or to a command "
            f"that reads files as --set {min(missing)}=…"
        )
    opened = reader(**given)
    by = getattr(opened, "labels_by", {})
    if not isinstance(by, Mapping) or any(who not in [*MAKERS] for who in by.values()):
        raise ValueError(
            f"expected in labels_by of {class_path(reader)} a maker for each label, one "
            f"of {', '.join(MAKERS)}; got {by!r}"
        )
    return Records(name, opened)


def open_source(source: Mapping[str, Any]) -> Records:
    """ECGs of a source as in configs/data, whose settings are not only those of its reader.

    If they may not leave this machine, files are private from now on. Errors as in `open_records`.
    """
    if not may_leave(source):
        keep_private()
    if not isinstance(source.get("name"), str):
        raise ValueError(f"expected in data.name the name of the data set, got {dict(source)}")
    return open_records(**{key: source[key] for key in source if key not in NOT_READ})


OPEN = ("???", "${")  # what stands in a yaml file for a value that must be given


def settings_of(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a data set, with those of its yaml file where `given` says nothing."""
    known: dict[str, Any] = (
        registry.settings("data", name) if name in data_sets() else {"name": name}
    )
    found = {key: value for key, value in known.items() if value != OPEN[0]} | dict(given)
    if not isinstance(given.get("split", {}), Mapping):  # EcgData refuses it
        return found
    split = {**known.get("split", {}), **given.get("split", {})}
    return found | ({"split": split} if split else {})


def reader_class(name: str, path: str | None = None) -> type[Any]:
    """Class of the reader at an import path, or of the data set of this name in configs/data.

    Raises ValueError for an unknown name or path, and for a class that is no reader.
    """
    if path is None:
        known = _reader_paths()
        if name not in known:
            raise ValueError(
                registry.missing("data", name)
                or f"{registry.unknown('a data source', name, [*known])}; for one of your own give "
                f"the import path of its reader as data.{READER_CLASS}=my_package.MyReader"
            )
        path = known[name]
    found = class_at(path, f"data.{READER_CLASS}")
    missing = [member for member in MEMBERS if not hasattr(found, member)]
    if missing or not is_dataclass(found):
        lack = f"without {', '.join(missing)}" if missing else "that is no dataclass"
        raise ValueError(
            f"expected in data.{READER_CLASS} a dataclass with {', '.join(MEMBERS)}, got {path!r} "
            f"{lack}; ecglens.datamodules.Reader describes each"
        )
    return found


def data_sets() -> tuple[str, ...]:
    """Names of the data sets in configs/data that have a reader of their own."""
    return tuple(_reader_paths())


def _reader_paths() -> dict[str, str]:
    """Import path of the reader by data set, as the yaml files say; one without is a variant."""
    settings = {name: registry.settings("data", name) for name in registry.names("data")}
    return {name: each[READER_CLASS] for name, each in settings.items() if READER_CLASS in each}
