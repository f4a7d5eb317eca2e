"""Sweeps of published studies, the jobs they have, and those whose folders are there."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from ecglens.jobs import FINISHED_JOB, SAME_PAGE, jobs_in, overrides_of
from ecglens.store import quoted
from ecglens_compare import swept

STUDIES = ("storas", "arends", "bender")  # what `all` runs
# Data sets whose folder a user gives; {ptbxl} in a word of a sweep.
FOLDERS = ("ptbxl", "ludb", "cpsc2018")

Sweeps = Mapping[str, list[str]]
# Settings of every job by its folder.
Jobs = Mapping[Path, Sequence[str]]


def suites() -> dict[str, dict[str, Sweeps]]:
    """Words of each sweep in studies/, by study, scale and name of the sweep."""
    folder = files("ecglens_reproductions") / "studies"
    found = {
        Path(path.name).stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if path.name.endswith(".yaml")
    }
    return {
        suite: {
            scale: {name: _flat(words) for name, words in sweeps.items()}
            for scale, sweeps in scales.items()
        }
        for suite, scales in found.items()
    }


def with_folders(
    sweeps: Sweeps, given: Mapping[str, Path | None]
) -> tuple[dict[str, list[str]], list[str]]:
    """Sweeps with the folders of their data sets, and a line for each without its folder."""
    kept, lines = {}, []
    for name, words in sweeps.items():
        needed = [each for each in FOLDERS if any(f"{{{each}}}" in word for word in words)]
        lacking = [each for each in needed if given[each] is None]
        if lacking:
            options = " ".join(f"--{each} FOLDER" for each in lacking)
            lines.append(f"{name}: left out, because it reads a data set; give {options}")
            continue
        paths = {each: Path(str(given[each])).resolve() for each in needed}
        kept[name] = [_filled(word, paths) for word in words]
    return kept, lines


def _filled(word: str, paths: Mapping[str, Path]) -> str:
    for each, path in paths.items():
        word = word.replace(f"{{{each}}}", quoted(path))
    return word


def _flat(words: list[Any]) -> list[str]:
    """Words of lists within lists, which a yaml file repeats by an anchor."""
    return [one for word in words for one in (_flat(word) if isinstance(word, list) else [word])]


@dataclass(frozen=True)
class OnDisk:
    """Folders of the jobs of a command, of those that have not finished, and of other settings."""

    own: tuple[Path, ...]
    unfinished: tuple[Path, ...]
    others: tuple[Path, ...]


def jobs_of(runs: Path, sweeps: Mapping[str, Sequence[str]]) -> dict[Path, list[str]]:
    """Settings of every job of these sweeps, numbered as Hydra's basic sweeper does.

    Raises ValueError for words that are no settings.
    """
    return {
        runs / name / str(number): settings
        for name, words in sweeps.items()
        for number, settings in enumerate(swept(words))
    }


def on_disk(runs: Path, jobs: Jobs) -> OnDisk:
    """Folders in `runs`: of these jobs, of unfinished ones, and of others."""
    there = jobs_in(runs) if any(runs.rglob(".hydra/hydra.yaml")) else []
    own = [each for each in there if _is_of(each.folder, jobs)]
    finished = {each.folder for each in own if each.state == FINISHED_JOB}
    return OnDisk(
        own=tuple(each.folder for each in own),
        unfinished=tuple(folder for folder in jobs if folder not in finished),
        others=tuple(each.folder for each in there if each not in own),
    )


def clear_others(jobs: Jobs) -> None:
    """Remove what jobs of other settings left in the folders that these jobs will write.

    A job that is killed or fails before it has a finding would keep theirs.
    """
    for folder in jobs:
        if (folder / ".hydra" / "overrides.yaml").is_file() and not _is_of(folder, jobs):
            shutil.rmtree(folder)


def _is_of(folder: Path, jobs: Jobs) -> bool:
    return folder in jobs and _deciding(overrides_of(folder)) == _deciding(jobs[folder])


def _deciding(settings: Iterable[str]) -> list[str]:
    """Settings that change a number or a page, in whatever order they were written."""
    return sorted(each for each in settings if each.partition("=")[0] not in SAME_PAGE)
