"""The sweeps of published studies, read from reproductions/."""

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

STUDIES = ("storas", "arends", "bender")  # what `all` runs
FOLDERS = ("ptbxl", "cpsc2018")  # data sets whose folder a user gives; {ptbxl} in a word of a sweep

Sweeps = Mapping[str, list[str]]


def suites() -> dict[str, dict[str, Sweeps]]:
    """The words of each sweep, by study, scale and name of the sweep."""
    folder = files("ecglens.app") / "reproductions"
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
    """The sweeps with the folders of their data sets, and a line for each that lacks its folder."""
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


def quoted(path: Path) -> str:
    """The path as a value for Hydra, whatever signs it has."""
    text = re.sub(r"(\\*)('|$)", r"\1\1\2", str(path)).replace("'", r"\'")
    return f"'{text}'"


def _filled(word: str, paths: Mapping[str, Path]) -> str:
    for each, path in paths.items():
        word = word.replace(f"{{{each}}}", quoted(path))
    return word


def _flat(words: list[Any]) -> list[str]:
    """The words of lists within lists, which a yaml file repeats by an anchor."""
    return [one for word in words for one in (_flat(word) if isinstance(word, list) else [word])]
