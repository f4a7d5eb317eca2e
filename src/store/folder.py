"""A store of finished folders: each result is kept under the fingerprint of its settings."""

import errno
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from .atomic import SETTINGS, TORN, atomic_path, damage, seal, size
from .settings import DIGITS, fingerprint

# Ends of the names of folders that are not finished, and of those whose files have changed.
PART, DAMAGED = ".part", ".damaged"
FULL_BYTES = 2**20  # of free space: a block of results has more
SILENT_S = 2.0  # of waiting for another process
# Folders that this process has verified, each with the inode of what it verified, and those that it
# found damaged: a folder is read once, and a line is printed once.
_SOUND: set[tuple[Path, int]] = set()
# Finished folders that the job of this process has read or made.
_USED: set[Path] = set()
_SAID: set[tuple[Path, int]] = set()


@dataclass(frozen=True)
class Step:
    """A kind of result; `version` is raised whenever its numbers change."""

    name: str
    version: int


@dataclass(frozen=True)
class Store:
    """Results in folders below `root`; a folder under its final name is always complete."""

    root: Path

    @classmethod
    def at(cls, folder: str | Path) -> "Store":
        """Store in a folder as a user writes it, with ~ and relative to the current folder."""
        if not isinstance(folder, str | Path) or not str(folder):
            raise ValueError(
                f"expected as store (or ECGLENS_STORE) the path of a folder, got {folder!r}"
            )
        return cls(Path(folder).expanduser().resolve())

    def path(self, step: Step, settings: Mapping[str, Any]) -> Path:
        """Path of the finished folder of these settings, whether or not it exists."""
        return self.root / step.name / fingerprint({"settings": settings, "version": step.version})

    def has(self, step: Step, settings: Mapping[str, Any]) -> bool:
        """True if the folder of these settings is finished, and its files are what was written."""
        return is_sound(self.path(step, settings))

    @staticmethod
    def unfinished(folder: Path) -> Path:
        """Folder of the parts of a result until it is finished; a build resumes from them."""
        return folder.with_suffix(PART)

    def folder(
        self, step: Step, settings: Mapping[str, Any], build: Callable[[Path], None]
    ) -> Path:
        """Finished folder of these settings; `build` fills it if it does not exist.

        `build` receives a folder with the files that an interrupted build left there: a build that
        writes its parts atomically resumes instead of starting over. Only one process builds; the
        others wait for it. A folder whose files have changed since is moved aside and built again.
        """
        final = self.path(step, settings)
        if is_sound(final):
            with suppress(OSError):  # another's store, which may only be read
                os.utime(final)  # it was used now
            return final
        with locked(final.with_suffix(".lock")):
            if is_sound(final):  # another process finished it while this one waited
                return final
            if final.is_dir():
                final.replace(_free(final.with_suffix(DAMAGED)))
            part = self.unfinished(final)
            if part.is_symlink():  # a build would write into another folder
                part.unlink()
            part.mkdir(parents=True, exist_ok=True)
            self._built(build, part)
            for torn in part.rglob(f"{TORN}*"):
                torn.unlink()
            seal(part, settings, step.version)
            part.replace(final)
            _SOUND.add(_key(final))
            _USED.add(final)
        return final

    def _built(self, build: Callable[[Path], None], part: Path) -> None:
        """Let `build` fill the folder; OSError that names the store where its disk is full.

        So does one of another limit, a quota or `ulimit -f`, in numpy's words.
        """
        try:
            build(part)
        except OSError as problem:
            # numpy says neither the file nor the reason, but "8000 requested and 512 written".
            if problem.errno is None and shutil.disk_usage(part).free < FULL_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.root)) from problem
            if str(problem).endswith(" written"):
                raise OSError(errno.EIO, str(problem), str(self.root)) from problem
            raise


def used(root: Path) -> list[Path]:
    """Finished folders of a store that the job of this process has read or made, in their order."""
    return sorted(folder for folder in _USED if folder.is_relative_to(root))


def begin_job() -> None:
    """Forget what jobs before have used: several of one sweep may run in one process."""
    _USED.clear()


def made_at(folder: Path) -> float:
    """Time at which a finished folder was made, in seconds since 1970."""
    return (folder / SETTINGS).stat().st_mtime


def is_sound(folder: Path) -> bool:
    """True if a finished folder is there with the files that were written.

    Files are read once per process. Prints what is wrong with a folder that is there.
    """
    if not folder.is_dir():
        return False
    key = _key(folder)
    if key not in _SOUND:
        if key in _SAID:
            return False
        if problem := damage(folder):
            _SAID.add(key)
            print(f"{folder}: {problem}; it is not used but computed again", file=sys.stderr)
            return False
        _SOUND.add(key)
    _USED.add(folder)
    return True


def _key(folder: Path) -> tuple[Path, int]:
    return folder, folder.stat().st_ino


def _free(path: Path) -> Path:
    """The path, or the next one with a number that is free."""
    others = (path.with_suffix(f"{DAMAGED}-{number}") for number in count(2))
    return next(each for each in chain([path], others) if not each.exists())


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`; the system frees it when the process dies.

    Says so on stderr when another process has held it for SILENT_S.
    Raises OSError (or NotImplementedError) where the file system has no locks of this kind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A soft lock, a file that says "locked", would outlive a killed process.
    lock = FileLock(path, fallback_to_soft=False)
    try:
        lock.acquire(timeout=SILENT_S)
    except Timeout:
        made = f"{path.parent.name}/{path.stem}"
        print(f"another process is making {made}; waiting for it", file=sys.stderr)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


# Names that a store gives; `prune` of another folder would empty a home.
NAME = re.compile(rf"[0-9a-f]{{{DIGITS}}}({PART}|{DAMAGED}(-\d+)?)?")
FINISHED, UNFINISHED, ASIDE = "finished", "unfinished", "damaged"


@dataclass(frozen=True)
class Entry:
    """A folder of a store; `used` is when it was last read or written, in seconds of the epoch."""

    step: str
    folder: Path
    state: str
    size: int
    used: float

    @property
    def name(self) -> str:
        """Fingerprint of its settings."""
        return self.folder.name.split(".")[0]

    def damage(self) -> str | None:
        """Fault of its files; None for a sound one, and for one that is not finished."""
        return damage(self.folder) if self.state == FINISHED else None

    def remove(self) -> bool:
        """Remove the folder, unless a process is building it; whether it is gone.

        What lies behind a link belongs to somebody else, and stays.
        """
        if self.folder.is_symlink() or self.folder.parent.is_symlink():
            return False
        lock = FileLock(self.folder.parent / f"{self.name}.lock", fallback_to_soft=False)
        try:
            with lock.acquire(blocking=False):
                shutil.rmtree(self.folder, ignore_errors=True)
        except Timeout:
            return False
        return not self.folder.exists()


def entries(root: Path) -> Iterator[Entry]:
    """Folders of a store, by step and name; others in its place are none of ours.

    Raises ValueError where there is no store.
    """
    if not root.is_dir():
        raise ValueError(
            f"expected a store in {root}, got no such folder; give --store or ECGLENS_STORE"
        )
    for folder in sorted(root.glob("*/*")):
        if folder.is_dir() and NAME.fullmatch(folder.name):
            state = UNFINISHED if folder.suffix == PART else FINISHED
            state = ASIDE if folder.suffix.startswith(DAMAGED) else state
            used = folder.stat().st_mtime
            yield Entry(folder.parent.name, folder, state, size(folder), used)


KEY = "pseudonyms.key"
BYTES = 32  # length of a SHA-256 digest; a longer key is not harder to guess (RFC 2104)


def secret(root: Path, name: str = KEY) -> bytes:
    """Key of this name in the folder `root`, drawn if there is none yet.

    Raises ValueError for a file that cannot be read or has another length.
    """
    path = root / name
    if not path.exists():
        with locked(path.with_suffix(".lock")):
            if not path.exists():  # another process drew it while this one waited
                with atomic_path(path, mode=0o600) as temporary:
                    temporary.write_bytes(secrets.token_bytes(BYTES))
    try:
        key = path.read_bytes()
    except OSError as problem:
        raise ValueError(
            f"expected a key of pseudonyms in {path}, got {problem.strerror}; use a store of your "
            "own (store=… or ECGLENS_STORE)"
        ) from None
    if len(key) != BYTES:
        raise ValueError(
            f"expected {BYTES} bytes in {path}, got {len(key)}; without that file another key is "
            "drawn, and all pseudonyms change"
        )
    return key
