"""A store of finished folders: each step's result lies under the fingerprint of its settings."""

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .atomic import TORN, write_json
from .fingerprint import fingerprint


@dataclass(frozen=True)
class Step:
    """A kind of result; `version` is raised whenever the step's numbers change."""

    name: str
    version: int


@dataclass(frozen=True)
class Store:
    """Folders that are either finished or not there under their final name."""

    root: Path

    def path(self, step: Step, settings: Mapping[str, Any]) -> Path:
        """Where the finished folder of these settings lies, whether or not it is there."""
        return self.root / step.name / fingerprint({"settings": settings, "version": step.version})

    def has(self, step: Step, settings: Mapping[str, Any]) -> bool:
        """True when the folder of these settings is finished."""
        return self.path(step, settings).is_dir()

    def folder(
        self, step: Step, settings: Mapping[str, Any], build: Callable[[Path], None]
    ) -> Path:
        """The finished folder of these settings; `build` fills it when it is not there.

        `build` gets a folder that keeps what an interrupted earlier build left in it, so that a
        build which writes its parts atomically goes on instead of starting over. Only one process
        builds; others wait for it.
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
    """Hold an exclusive lock on `path`; the system frees it when the process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
