"""Runs that have finished: what decided them, so that the same command does not make them again.

Nothing here loads torch: to see that a run has finished costs less than to begin it.
"""

import hashlib
import os
import sysconfig
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..registry import TARGET, named
from ..store import OURS, WRITTEN, fingerprint, read_json, used, walked, write_json
from .folders import FAILED, MADE, MARK, PAGE, SHARD, SWEEP

# Settings that change no number and no page; a shard has no page.
SAME_PAGE = ("workers", "store", "trust")
# Two changes within the resolution of a file system's clock cannot be told apart.
FRESH_S = 2.0


def decided_by(settings: Mapping[str, Any], command: str) -> str | None:
    """Fingerprint of what decides a run: settings, files they name, our code, packages.

    None where that is not known: classes and callables of the user's own, and files that were
    changed just now.
    """
    if any(str(each[TARGET]).split(".")[0] not in OURS for each in named(settings)):
        return None
    kept = {key: each for key, each in settings.items() if key not in SAME_PAGE}
    files = dict(_states(Path(text) for text in sorted({*_texts(kept)})))
    newest = max((state[1] for state in files.values()), default=0)
    if newest / 1e9 > time.time() - FRESH_S:
        return None
    return fingerprint({"command": command, "settings": kept, "files": files, "code": code()})


def decided_by_jobs(folders: Iterable[Path]) -> str | None:
    """Fingerprint of what decides the page over these jobs; None where one has not finished."""
    marks = [folder / MARK for folder in folders]
    if not marks or not all(mark.is_file() for mark in marks):
        return None
    return fingerprint({"jobs": [mark.read_text("utf-8") for mark in marks], "code": code()})


def code() -> str:
    """Fingerprint of the files of ECGLens and its packages, and of the installed versions."""
    text = hashlib.sha256()
    for own in (Path(__file__).resolve().parents[1], *_beside()):
        for path in sorted(own.rglob("*.*")):
            if path.is_file() and path.suffix != ".pyc":
                text.update(path.relative_to(own).as_posix().encode() + path.read_bytes())
    packages = Path(sysconfig.get_path("purelib")).glob("*.dist-info")
    return fingerprint({"own": text.hexdigest(), "packages": sorted(p.name for p in packages)})


def _beside() -> list[Path]:
    """Folders of the packages beside the core that are installed, in the order of their names."""
    found = filter(None, map(find_spec, OURS[1:]))
    return [Path(place) for each in found for place in each.submodule_search_locations or ()]


def finished_page(folder: Path, decided: str | None, store: Path) -> Path | None:
    """The page of a run that this decided, if its files are as it left them; else None.

    The folders of the store that it used have to be there, as other commands read them.
    """
    try:
        mark = read_json(folder / MARK)
    except (OSError, ValueError):
        return None
    ended = (folder / PAGE).is_file() and not (folder / FAILED).exists()
    if decided is None or not ended or not isinstance(mark, dict):
        return None
    same = (mark.get("decided"), mark.get("files")) == (decided, _results(folder))
    used = mark.get("used")
    there = isinstance(used, list) and all((store / str(name)).is_dir() for name in used)
    return folder / PAGE if same and there else None


def note_finished(folder: Path, decided: str | None, store: Path) -> None:
    """Leave beside a page what decided it, as far as known, and the state of its files."""
    if not (folder / PAGE).is_file() or (folder / SHARD).is_file():
        return  # a shard leaves the page and the mark of an earlier run as they are
    made = [path.name for path in _beside_page(folder) if path.resolve() in WRITTEN]
    if made or decided is not None:  # else another process wrote the page, and knows what it made
        # Another process in this folder may have failed; begin() removes earlier failures alone.
        (folder / FAILED).unlink(missing_ok=True)
        names = sorted(path.relative_to(store).as_posix() for path in used(store))
        mark = {"decided": decided, "files": _results(folder), "used": names, MADE: made}
        write_json(folder / MARK, mark)


def _texts(settings: Any) -> Iterator[str]:
    """Every text, and each beside a folder `path` also as a path within it, as readers take it."""
    if isinstance(settings, Mapping):
        if isinstance(folder := settings.get("path"), str) and folder:
            beside = (each for each in settings.values() if isinstance(each, str) and each)
            yield from (os.path.join(folder, each) for each in beside)
        settings = settings.values()
    if isinstance(settings, str):
        if settings:  # as a path, an empty text would be the current folder
            yield settings
    elif isinstance(settings, Iterable):
        for each in settings:
            yield from _texts(each)


def _states(paths: Iterable[Path]) -> Iterator[tuple[str, list[int]]]:
    """Size, times and inode of each file that is there, and of those in folders."""
    for path in paths:
        with suppress(RuntimeError):  # ~ of an unknown user, or without a home
            path = path.expanduser()
        if os.path.isdir(path):  # a text too long for a name is an error of pathlib
            yield from _states(walked(path))
        elif os.path.isfile(path):
            found = path.stat()
            yield str(path), [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _results(folder: Path) -> dict[str, list[int]]:
    """State of the page, of the files beside it and of the findings."""
    return dict(_states([*_beside_page(folder), folder / "findings"]))


def _beside_page(folder: Path) -> list[Path]:
    """The page and the files beside it."""
    files = [path for path in folder.iterdir() if path.is_file()]
    return sorted(path for path in files if path.name not in (MARK, SWEEP))
