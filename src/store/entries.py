"""What a store holds: finished, unfinished and damaged folders."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from .checksums import damage, size
from .fingerprint import DIGITS
from .folder import DAMAGED, PART

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
        """What is wrong with its files; None for a sound one, and for one that is not finished."""
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
