"""A store of finished folders: each result is kept under the fingerprint of its settings."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from .atomic import TORN, write_json
from .fingerprint import fingerprint


@dataclass(frozen=True)
class Step:
    """A kind of result; `version` is raised whenever its numbers change."""

    name: str
    version: int


@dataclass(frozen=True)
class Store:
    """Results in folders below `root`; a folder under its final name is always complete."""

    root: Path

    def path(self, step: Step, settings: Mapping[str, Any]) -> Path:
        """Path of the finished folder of these settings, whether or not it exists."""
        return self.root / step.name / fingerprint({"settings": settings, "version": step.version})

    def has(self, step: Step, settings: Mapping[str, Any]) -> bool:
        """Whether the folder of these settings is finished."""
        return self.path(step, settings).is_dir()

    def folder(
        self, step: Step, settings: Mapping[str, Any], build: Callable[[Path], None]
    ) -> Path:
        """Finished folder of these settings; `build` fills it if it does not exist.

        `build` receives a folder with the files that an interrupted build left there: a build that
        writes its parts atomically resumes instead of starting over. Only one process builds;
        the others wait for it.
        """
        final = self.path(step, settings)
        if final.is_dir():
            return final
        with locked(final.with_suffix(".lock")):
            if final.is_dir():  # another process finished it while this one waited
                return final
            part = final.with_suffix(".part")
            part.mkdir(parents=True, exist_ok=True)
            build(part)
            write_json(part / "settings.json", {"settings": settings, "version": step.version})
            for torn in part.rglob(f"{TORN}*"):
                torn.unlink()
            part.replace(final)
        return final


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`; the system frees it when the process dies.

    Raises OSError (or NotImplementedError) where the file system has no locks of this kind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A soft lock, a file that says "locked", would outlive a killed process.
    with FileLock(path, fallback_to_soft=False):
        yield
