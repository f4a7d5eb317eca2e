"""Readers of the files that a user names: by their ending, or as an installed package says."""

import glob
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ecglens.datamodules import (
    MAY_LEAVE,
    FileKinds,
    FileReader,
    Records,
    may_leave,
    open_records,
    reader_class,
    record_files,
)
from ecglens.extras import extra
from ecglens.registry import missing, names, offered
from ecglens.registry import settings as known_settings
from ecglens.store import keep_private, say_once, walked

WFDB = "wfdb"
COLUMNS_READER = "columns"
READERS = {
    **dict.fromkeys((".hea", ".dat", ".mat"), WFDB),
    **dict.fromkeys((".csv", ".tsv", ".txt", ".npy", ".npz", ".parquet"), COLUMNS_READER),
}
# Endings of files that may hold ECGs, read or not; a .txt is a licence more often.
ECG_LIKE = {*READERS, ".dcm", ".wfdb", ".xml", ".scp", ".ecg", ".edf"} - {".txt"}
COLUMNS = (
    "columns (.csv, .npy, .npz, .parquet; these need --set fs_hz=… --set unit=mV); "
    "--reader NAME reads others"
)


def _installed() -> list[FileKinds]:
    return [point.load() for point in offered("files").values()]


def _supported() -> str:
    return ", ".join(["WFDB (.hea)", *(each.words for each in _installed()), f"or {COLUMNS}"])


@dataclass(frozen=True)
class Given:
    """ECGs of one reader; `may_leave` says whether the sheets may name them."""

    records: Records
    may_leave: bool


def check_paths(paths: Sequence[Path]) -> None:
    """Raise ValueError for a path where nothing is."""
    for path in paths:
        if not path.exists():
            raise ValueError(f"expected a file or folder with ECGs, found nothing at {path}")


def open_files(
    paths: Sequence[Path],
    reader: str,
    settings: Mapping[str, Any],
    as_trained: Mapping[str, Any] | None = None,
) -> list[Given]:
    """ECGs at these paths, each of a file or of a folder with the folders below.

    `reader` is the name of a data set or the import path of a reader, "" to find it for each file;
    `settings` are those of readers, and `may_leave_machine`; `as_trained` those that hold where
    nothing else is said. Files of other kinds in a folder are passed over. Raises ValueError for a
    path that does not exist, a file of another kind, a folder without ECGs, a setting that none of
    the readers has, and ECGs of two folders that would have one name.
    """
    own = {key: value for key, value in settings.items() if key != MAY_LEAVE}
    given: list[Given] = []
    used: set[str] = set()
    check_paths(paths)
    groups: dict[tuple[str, Path, str], dict[Path | None, None]] = {}
    for path in paths:
        for name, root, file in _found(path, reader, own):
            ending = file.suffix if file and name == COLUMNS_READER else ""
            groups.setdefault((name, root, ending), {})[file] = None
    for (name, root, _), files in groups.items():
        known = _settings_of(name)
        used |= {*own} & known
        every = {**(as_trained or {}), **own}
        taken = {key: every[key] for key in every if key in known}
        leaves = may_leave({MAY_LEAVE: settings.get(MAY_LEAVE, _may_leave(name))})
        if not leaves:
            keep_private()
        chosen = [file for file in files if file] if None not in files else []
        given.append(Given(_records(name, root, chosen, taken), leaves))
    check_set(own, used)
    _check_ids(given)
    return given


def check_reader(name: str, settings: Mapping[str, Any]) -> None:
    """Raise ValueError for a reader that there is not, and for a setting that it does not have."""
    check_set(settings, {MAY_LEAVE, *_settings_of(name)})


def _settings_of(name: str) -> set[str]:
    """Settings of a reader beside its path, which is that of the files."""
    return {each.name for each in fields(_class(name))} - {"path"}


def check_set(settings: Iterable[str], known: Container[str]) -> None:
    """Raise ValueError for a setting that is not among the known."""
    if unknown := [key for key in settings if key not in known]:
        raise ValueError(f"expected --set with a setting of the reader, got {', '.join(unknown)}")


def _check_ids(given: Sequence[Given]) -> None:
    """Raise ValueError for two folders with an ECG of one id, which would share a pseudonym."""
    seen: dict[tuple[str, str], FileReader] = {}
    for name, reader in ((each.records.name, each.records.reader) for each in given):
        if not isinstance(reader, FileReader):
            continue
        for id in map(reader.id, reader.names):
            if (other := seen.setdefault((name, id), reader)) is not reader:
                raise ValueError(
                    f"expected a different id for each ECG, got {id!r} in {other.path} and in "
                    f"{reader.path}; give the folder that both are in, which tells them apart"
                )


def _found(
    path: Path, reader: str, settings: Mapping[str, Any]
) -> Iterator[tuple[str, Path, Path | None]]:
    """Reader, its folder, and each file to read; None for all that the reader finds there."""
    if reader:
        yield (reader, path, None) if path.is_dir() else (reader, path.parent, path)
        return
    if path.is_file():
        name = reader_of(path)
        if not name:
            raise ValueError(f"expected {_supported()}; got {path.name}{_hint([path])}")
        yield name, path.parent, path
        return
    taken: list[tuple[str, Path]] = []
    left: list[Path] = []
    table = path / str(settings.get("table") or "")
    for file in sorted(each for each in walked(path) if each.is_file()):
        if file.name == table.name and file.resolve() == table.resolve():
            continue  # labels are no ECG
        name = reader_of(file)
        # Tables of labels are columns too: in a folder columns are ECGs if their rate is given.
        if name and (name != COLUMNS_READER or "fs_hz" in settings):
            taken.append((name, file))
        elif file.suffix.lower() in ECG_LIKE:
            left.append(file)
    if not taken:
        raise ValueError(f"expected in {path} files of {_supported()}; found none{_hint(left)}")
    if left:
        kinds = Counter(file.suffix.lower() for file in left)
        told = ", ".join(f"{count} {ending}" for ending, count in sorted(kinds.items()))
        say_once(f"passed over in {path}: {told} (first: {left[0].name}){_hint(left)}")
    for name, file in taken:
        yield name, path, file


def _hint(files: Sequence[Path]) -> str:
    """Option that may read these files."""
    endings = {file.suffix.lower() for file in files}
    hints = ["a .mat without a header may be one of CPSC 2018: --reader cpsc2018"] * (
        ".mat" in endings
    )
    if any(READERS.get(each) == COLUMNS_READER for each in endings):
        hints.append("columns need --set fs_hz=… --set unit=mV")
    if "recorders" not in offered("files"):
        hints += [said for each in sorted(endings) if (said := missing("files", each))]
    return "".join(f"; {each}" for each in hints)


def reader_of(file: Path) -> str:
    """Name of the data set whose reader reads this file; "" where there is none."""
    ending = file.suffix.lower()
    if ending == ".mat" and not file.with_suffix(".hea").is_file():
        return ""
    if ending in READERS:
        return READERS[ending]
    return next(filter(None, (each.reader_of(file) for each in _installed())), "")


def _records(name: str, root: Path, files: Sequence[Path], settings: Mapping[str, Any]) -> Records:
    """Records of these files below `root`; of all that the reader finds there without files."""
    if name == COLUMNS_READER and files:
        # The reader finds more: folders below have files of these names too.
        pattern = f"*{files[0].suffix}" if files[1:] else glob.escape(files[0].name)
        reader: Any = _opened(name, root, {**settings, "pattern": pattern}).reader
        wanted = {*files}
        chosen = [each for each in reader.names if reader.file(each) in wanted]
        if lost := wanted - {*map(reader.file, chosen)}:
            raise ValueError(
                f"expected in {min(lost)} an ECG with a name that no other file in {root} has, "
                "got none; give it alone"
            )
        return Records(name, reader.only(chosen))
    records = _opened(name, root, settings)
    if not files:
        return records
    reader = _reader(records)
    if name == WFDB:
        stems = dict.fromkeys(file.with_suffix("") for file in _with_header(files))
        chosen = [stem.relative_to(root).as_posix() for stem in stems]
    elif reader.endings:
        chosen = [file.relative_to(root).as_posix() for file in files]
    else:
        chosen = [each for each in reader.names if any(_is_of(reader, each, one) for one in files)]
        if not chosen:
            raise ValueError(
                f"expected an ECG of the reader {name} in {files[0]}, found none; give the folder "
                "that this reader reads"
            )
    return Records(name, reader.only(chosen))


def _with_header(files: Sequence[Path]) -> list[Path]:
    """Files but the signals that a header of another name has, which are no ECGs of their own."""
    headers = {file.with_suffix("") for file in files if file.suffix == ".hea"}
    bare = {file for file in files if file.with_suffix("") not in headers}
    bare = {file for file in bare if not file.with_suffix(".hea").is_file()}
    if not bare:  # as most often: no header is read
        return [*files]
    bare.intersection_update(each for stem in headers for each in record_files(stem)[1:])
    return [file for file in files if file not in bare]


def _is_of(reader: FileReader, name: str, file: Path) -> bool:
    """True if an ECG is in this file: its own, or one of many ECGs."""
    shared = getattr(reader, "file", None)
    return file == shared(name) if shared else file in reader.files(name)


def _opened(name: str, path: Path, settings: Mapping[str, Any]) -> Records:
    if "." in name:
        return open_records(name, path, **settings, _target_=name)
    return open_records(name, path, **settings)


def _reader(records: Records) -> FileReader:
    if not isinstance(records.reader, FileReader):
        raise ValueError(f"expected a reader of files, got {records.name}; give a folder")
    return records.reader


def _class(name: str) -> type[Any]:
    """Class of the reader; errors as in `open_records`."""
    with extra("formats"):
        return reader_class(name, name if "." in name else None)


def _may_leave(name: str) -> bool:
    """Permission in the yaml file of the data set; False for a reader of one's own."""
    return name in names("data") and may_leave(known_settings("data", name))
