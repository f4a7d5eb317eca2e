"""The jobs of a reproduction: those that its sweeps have, and those whose folders are there."""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from .finished import SAME_PAGE
from .jobs import FINISHED_JOB, HYDRA, folders_in, in_order, jobs_in, overrides_of

# Settings of every job by its folder.
Jobs = Mapping[Path, Sequence[str]]


@dataclass(frozen=True)
class OnDisk:
    """Folders of the jobs of a command, of those that have not finished, and of other settings."""

    own: tuple[Path, ...]
    unfinished: tuple[Path, ...]
    others: tuple[Path, ...]


def jobs_of(runs: Path, sweeps: Mapping[str, Sequence[str]]) -> dict[Path, list[str]]:
    """Every job that these sweeps have, numbered as Hydra's basic sweeper numbers them.

    Raises ValueError for words that are no settings.
    """
    return {
        runs / name / str(number): settings
        for name, words in sweeps.items()
        for number, settings in enumerate(_swept(words))
    }


def on_disk(runs: Path, jobs: Jobs) -> OnDisk:
    """Which of the folders in `runs` are of these jobs."""
    there = folders_in(runs) if any(runs.rglob(f"{HYDRA}/hydra.yaml")) else []
    own = [folder for folder in there if _is_of(folder, jobs)]
    finished = {folder for folder in own if jobs_in(folder)[0].state == FINISHED_JOB}
    return OnDisk(
        own=tuple(own),
        unfinished=tuple(in_order(runs, (each for each in jobs if each not in finished))),
        others=tuple(each for each in there if each not in own),
    )


def clear_others(jobs: Jobs) -> None:
    """Remove what jobs of other settings left in the folders that these jobs will write.

    A job that is killed or fails before it has a finding would keep theirs.
    """
    for folder in jobs:
        if (folder / HYDRA / "overrides.yaml").is_file() and not _is_of(folder, jobs):
            shutil.rmtree(folder)


def _is_of(folder: Path, jobs: Jobs) -> bool:
    return folder in jobs and _deciding(overrides_of(folder)) == _deciding(jobs[folder])


def _deciding(settings: Iterable[str]) -> list[str]:
    """The settings that change a number or a page."""
    return [each for each in settings if each.partition("=")[0] not in SAME_PAGE]


def _swept(words: Sequence[str]) -> Iterator[list[str]]:
    """Settings of each job of a sweep. As in Hydra, the last word for a setting counts."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    values: dict[str, list[str]] = {}
    try:
        for each in OverridesParser.create().parse_overrides([*words]):
            if each.is_hydra_override():
                continue
            key = each.get_key_element()
            swept = each.is_sweep_override()
            found = each.sweep_string_iterator() if swept else [each.get_value_element_as_str()]
            values[key] = [f"{key}={value}" for value in found]
    except HydraException as problem:
        raise ValueError(
            f"expected settings as NAME=VALUE, got {' '.join(words)}: {problem}"
        ) from problem
    return map(list, product(*values.values()))
