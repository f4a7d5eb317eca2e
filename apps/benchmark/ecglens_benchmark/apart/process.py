"""Maps made in a process of its own, which gets tensors and an anonymous network alone."""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import numpy as np
from ecglens.registry import config_folder
from jaxtyping import Float, Int8

from . import namespaces
from .anonymous import Program, plain_data
from .channel import read, write
from .namespaces import OWN

SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache")
PACKAGES = ("ecglens", "ecglens_benchmark")
SAID = 4000  # characters of what a process printed that an error repeats

Ecgs = Float[np.ndarray, "ecg lead time"]


class MethodFailed(ValueError):  # noqa: N818 - what happened
    """What the process of a method said in place of maps."""


@dataclass(frozen=True)
class Source:
    """Where a method comes from: words as on the command line, and trust in a yaml file.

    Its code is imported in the process of the method alone.
    """

    words: str
    trust: bool = False

    @property
    def file(self) -> Path | None:
        """The file that the words name, None for a name or a package."""
        place = self.words.rpartition(":")[0] or self.words
        return Path(place) if place.endswith((".py", ".yaml", ".yml")) else None

    @property
    def package(self) -> str:
        """The installed package that the words name, empty for a name or a file."""
        in_package = ":" in self.words and self.file is None
        return self.words.partition(":")[0].partition(".")[0] if in_package else ""

    @property
    def files(self) -> list[Path]:
        """The file that the words name and the Python files beside it, which it may import."""
        if self.file is None:
            return []
        return sorted({self.file.resolve(), *self.file.resolve().parent.glob("*.py")})

    @property
    def code(self) -> str:
        """Hash of the files; empty for a name or a package."""
        found = hashlib.sha256()
        for each in self.files:
            found.update(each.name.encode() + b"\0" + each.read_bytes())
        return found.hexdigest()[:16] if self.files else ""


@dataclass(frozen=True)
class Request:
    """ECGs of one network, as a method sees them.

    `records` name the ECGs for random numbers. Wave marks and ECGs of others are handed on to
    methods that declare that they read them.
    """

    x: Ecgs
    records: Sequence[str]
    seed: int
    segments: Int8[np.ndarray, "ecg time"]
    background: Ecgs


@dataclass
class MethodProcess:
    """A running process of a method: what the method is, and what the process cannot reach."""

    about: Mapping[str, Any]
    apart: Mapping[str, bool]
    _process: subprocess.Popen[bytes] = field(repr=False)
    _to: IO[bytes] = field(repr=False)
    _from: IO[bytes] = field(repr=False)
    _said: Path = field(repr=False)

    @property
    def runs(self) -> bool:
        """True while the process is there to be asked."""
        return self._process.poll() is None

    def show(self, program: Program) -> None:
        """Show the network that the next requests are about; a process that ended is told there."""
        message, arrays = plain_data(program)
        with suppress(OSError):
            write(self._to, message, arrays)

    def maps(self, request: Request) -> Ecgs:
        """A map for each ECG; MethodFailed with what the method said instead."""
        facts, given = self.about["facts"], {}
        if facts["uses_segments"]:
            given["segments"] = request.segments
        if facts["needs_background"]:
            given["background"] = request.background
        message = {"given": [*given], "records": [*request.records], "seed": request.seed}
        answer, arrays = self._asked(message, [request.x.astype(np.float32), *given.values()])
        maps = arrays[0] if arrays else np.zeros(0)
        if maps.shape != request.x.shape or maps.dtype != np.float32 or not np.isfinite(maps).all():
            said = answer.get("error", f"maps of {maps.dtype} {maps.shape}, or not finite")
            raise MethodFailed(str(said))
        return maps

    def _asked(
        self, message: Mapping[str, Any], arrays: Sequence[np.ndarray] = ()
    ) -> tuple[dict[str, Any], list[np.ndarray]]:
        try:
            write(self._to, message, arrays)
            return read(self._from)
        except (EOFError, OSError) as problem:
            text = self._said.read_text(encoding="utf-8", errors="replace")[-SAID:]
            last = next((line for line in text.split("\n")[::-1] if line.strip()), "nothing")
            raise MethodFailed(f"its process ended and printed: {last.strip()}") from problem


@contextmanager
def method_process(source: Source) -> Iterator[MethodProcess]:
    """A fresh process with a fresh temporary folder for a method; it ends with the block.

    Raises MethodFailed for words that name no method, and for a method that cannot be made.
    """
    with tempfile.TemporaryDirectory(prefix="ecglens-") as place:
        folder = Path(place)
        (folder / "secret").write_text("for the process outside alone")
        (folder / "root").mkdir()
        words = _copied(source, folder / "method")
        with (folder / "said").open("wb") as printed:
            process = subprocess.Popen(
                _command(source, folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=printed,
                env=_environment(str(folder / "method")),
                cwd=folder / "method",
            )
        try:
            yield _greeted(process, {"words": words, "trust": source.trust}, folder)
        finally:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    pipe.close()  # pyright: ignore[reportOptionalMemberAccess]
            process.wait()


def _greeted(
    process: subprocess.Popen[bytes], asked: Mapping[str, Any], folder: Path
) -> MethodProcess:
    to, answers = process.stdin, process.stdout
    if to is None or answers is None:
        raise OSError("expected pipes to the process of the method, got none")
    found = MethodProcess({}, {}, process, to, answers, folder / "said")
    first, _ = found._asked({**asked, "secret": str(folder / "secret")})
    try:
        found.about, _ = read(answers)
    except EOFError:
        found._asked({})  # raises with what was printed
    if "error" in found.about:
        raise MethodFailed(str(found.about["error"]))
    found.apart = first["apart"]
    return found


@cache
def has_namespaces() -> bool:
    """True where this machine starts a program that can reach nothing of others."""
    if sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory(prefix="ecglens-") as place:
        folder = Path(place)
        (folder / "root").mkdir()
        command = _apart([sys.executable, "-I", "-c", ""], folder, [])
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _command(source: Source, folder: Path) -> list[str]:
    plain = [sys.executable, "-I", "-m", "ecglens_benchmark.apart.child"]
    if not has_namespaces():
        return plain
    # What installed packages offer: the registry of names looks into their folders.
    groups = ("ecglens.configs", "ecglens.commands", "ecglens.api")
    offered = [each.module for group in groups for each in entry_points(group=group)]
    of_packages = {*PACKAGES, *(each.partition(".")[0] for each in offered)}
    if source.package:
        of_packages.add(source.package)
    shown = [path for name in sorted(of_packages) for path in _folders_of(name)]
    return _apart(plain, folder, [*shown, config_folder(), folder / "method"])


def _apart(command: Sequence[str], folder: Path, shown: Sequence[Path]) -> list[str]:
    """The command in namespaces, with Python, the system's libraries and these folders."""
    python = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve()]
    system = [Path(each) for each in SYSTEM if Path(each).exists()]
    named = [*system, *python, *shown]
    behind = [each.resolve() for each in named if each.is_symlink()]
    plan = {
        "root": str(folder / "root"),
        "paths": [str(each) for each in (*named, *behind)],
        "command": [*command],
        "environment": _environment(OWN),
    }
    return [sys.executable, "-I", str(namespaces.__file__), json.dumps(plan)]


def _folders_of(package: str) -> list[Path]:
    """Folders of an installed package, which is not imported; none where there is none."""
    found = find_spec(package)
    if found is None:
        return []
    places = found.submodule_search_locations or ([found.origin] if found.origin else [])
    return [Path(each) for each in places if Path(each).exists()]


def _environment(own: str) -> dict[str, str]:
    """Nothing of the user's; one thread, as sums round by their number."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    places = dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), own)
    return {**dict.fromkeys(names, "1"), **places, "PYTHONDONTWRITEBYTECODE": "1"}


def _copied(source: Source, to: Path) -> str:
    """Words for the copy of the file that a source names, with the Python files beside it."""
    to.mkdir()
    if (file := source.file) is None:
        return source.words
    if not file.is_file():
        raise MethodFailed(f"expected a file with a method, got {file}; there is none")
    for each in source.files:
        shutil.copyfile(each, to / each.name)
    place = source.words if source.words.endswith(file.name) else source.words.rpartition(":")[0]
    return str(to / file.resolve().name) + source.words[len(place) :]
