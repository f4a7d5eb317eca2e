"""Jobs of runs and sweeps: which have finished, which failed and why, and what repeats them."""

import os
import re
import shlex
import shutil
import traceback
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FAILED = "failed.json"
MARK, MADE = "finished.json", "made"
SHARD = "shard.json"  # of a job that made its share, and has no page
PAGE = "report.html"
FINDINGS = "findings"
HYDRA = ".hydra"  # where Hydra keeps the settings of a job
SWEEP = "multirun.yaml"  # Hydra leaves it in the folder of a sweep
OWN = "command-line"  # the provider of --config-dir, as Hydra names it
NUMBER = re.compile(r"(\d+)")
Written = Set[tuple[Path, int]]
FINISHED_JOB, FAILED_JOB, UNFINISHED_JOB = "finished", "failed", "unfinished"


@dataclass(frozen=True)
class EndedJob:
    """A job by its folder; `error` is one line, `command` repeats it."""

    folder: Path
    state: str
    error: str
    command: str


def begin(folder: Path, shard: str | None) -> None:
    """Forget the failure of an earlier job here and, unless this is a shard, what it made."""
    for file in (folder / FAILED, folder / SHARD):
        file.unlink(missing_ok=True)
    if shard:
        return
    forget_page(folder)
    findings = folder / FINDINGS
    for each in () if findings.is_symlink() else [*findings.glob("*/finding.json")]:
        shutil.rmtree(each.parent, ignore_errors=True)  # not behind a link


def forget_page(folder: Path) -> None:
    """Remove the page of an earlier run or sweep here, and the files that it wrote beside it."""
    from ..store import files_listed

    for file in (*files_listed(folder / MARK, MADE), folder / MARK, folder / PAGE):
        file.unlink(missing_ok=True)


def note_failure(folder: Path, line: str, problem: BaseException) -> None:
    """Write why a job failed into its folder."""
    from ..store import write_json

    trace = "".join(traceback.format_exception(problem))
    write_json(folder / FAILED, {"error": line, "traceback": trace})


def jobs_in(folder: Path, before: Written = frozenset()) -> list[EndedJob]:
    """The jobs of a run's or sweep's folder but those `written` before; ValueError for none."""
    return [_job(each) for each in folders_in(folder, before)]


def written(folder: Path) -> Written:
    """Settings of the jobs below, each with its time (ns), which a job that is repeated changes."""
    found = set()
    for path in folder.rglob(f"{HYDRA}/hydra.yaml"):
        # NFS may tell an old time of a file that is not opened; a pipe is not waited for.
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        found.add((path, os.fstat(opened).st_mtime_ns))
        os.close(opened)
    return found


def folders_in(folder: Path, before: Written = frozenset()) -> list[Path]:
    """The folders of those jobs; raises the same."""
    found = in_order(folder, {path.parent.parent for path, _ in written(folder) - before})
    if not found:
        raise ValueError(
            f"expected the folder of a run or a sweep, found no job in {folder}; "
            "give one that `ecglens train` or `ecglens evaluate` wrote, such as demo"
        )
    return found


def overrides_of(folder: Path) -> list[str]:
    """The settings that a job was given, as NAME=VALUE."""
    return [str(each) for each in read_yaml(folder / HYDRA / "overrides.yaml") or []]


def command_words(hydra: Mapping[str, Any], overrides: Iterable[str]) -> list[str]:
    """The command of a job with these settings, in words, without those of Hydra itself."""
    own = [each["path"] for each in hydra["runtime"]["config_sources"] if each["provider"] == OWN]
    folders = [f"--config-dir={path}" for path in own]
    return ["ecglens", hydra["job"]["config_name"], *folders, *overrides]


def failures(jobs: list[EndedJob]) -> Iterator[str]:
    """A line for each job that has not finished."""
    for job in jobs:
        if job.state != FINISHED_JOB:
            why = f": {job.error}" if job.error else ""
            yield f"{job.state}: {job.folder}{why}\n  repeat: {job.command}"


def in_order(folder: Path, found: Iterable[Path]) -> list[Path]:
    """Paths below `folder` in the order of their names, in which 9 comes before 10."""

    def key(path: Path) -> list[list[str | int]]:
        # Every second piece is a number, so that numbers are compared with numbers alone.
        return [
            [int(piece) if piece.isdecimal() else piece for piece in NUMBER.split(part)]
            for part in path.relative_to(folder).parts
        ]

    return sorted(found, key=key)


def _job(folder: Path) -> EndedJob:
    from ..store import quoted

    state, error = UNFINISHED_JOB, ""
    if (folder / FAILED).is_file():
        state, error = FAILED_JOB, _error(folder / FAILED)
    elif (folder / SHARD).is_file() or (
        any(folder.glob(f"{FINDINGS}/*")) and (folder / PAGE).is_file()
    ):
        state = FINISHED_JOB
    there = shlex.quote(f"hydra.run.dir={quoted(folder)}")  # where it counts as this job
    return EndedJob(folder, state, error, f"{command_of(folder)} {there}")


def command_of(folder: Path) -> str:
    """The command line of a job."""
    path = folder / HYDRA / "hydra.yaml"
    try:
        return shlex.join(command_words(read_yaml(path)["hydra"], overrides_of(folder)))
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"expected the settings of a job in {path}, got others") from problem


def _error(path: Path) -> str:
    """The line that `note_failure` wrote."""
    from ..store import printable, read_json

    kept = read_json(path)
    if not isinstance(kept, dict) or "error" not in kept:
        raise ValueError(f"expected the error of a job in {path}, got something else")
    return printable(str(kept["error"]))


def read_yaml(path: Path) -> Any:
    """Content of a yaml file; ValueError for what Hydra and we do not write."""
    from ..store import read_text

    try:
        return yaml.load(read_text(path), _NoAliases)
    except (yaml.YAMLError, RecursionError) as problem:
        why = " ".join(str(problem).split())
        raise ValueError(f"expected yaml without aliases in {path}, got {why}") from problem


class _NoAliases(yaml.SafeLoader):
    """Loader that refuses aliases: a few lines of them stand for more than the memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias; write out what it stands for")
        return super().compose_node(parent, index)
