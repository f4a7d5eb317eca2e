"""Finished results out of the folders that a run or a sweep left."""

import re
from collections.abc import Iterable
from pathlib import Path

from ..eval import Result

NUMBER = re.compile(r"(\d+)")
SWEEP = "multirun.yaml"  # Hydra leaves it in the folder of a sweep


def results_in(folder: Path) -> list[Result]:
    """Those of a run's folder, of a sweep's, or the one whose own folder it is.

    Of a run with several networks those of its first seed: the network that drew the first maps.
    Raises ValueError when there is none.
    """
    if (folder / "result.json").is_file():
        return [Result.load(folder)]
    found = [path.parent for path in _paths(folder)]
    if not found:
        raise ValueError(
            f"expected the folder of a finished run or sweep, found no results/*/result.json "
            f"beneath {folder}; run `python train.py` first and give its folder, such as demo"
        )
    return [result for result in map(Result.load, found) if _of_first_seed(result)]


def in_order(folder: Path, found: Iterable[Path]) -> list[Path]:
    """Paths below `folder` in the order of their names, in which 9 comes before 10."""

    def key(path: Path) -> list[list[str | int]]:
        parts = path.relative_to(folder).parts
        # Every second piece is a number, so that numbers are compared with numbers alone.
        return [
            [int(piece) if piece.isdecimal() else piece for piece in NUMBER.split(part)]
            for part in parts
        ]

    return sorted(found, key=key)


def _paths(folder: Path) -> list[Path]:
    found = [*folder.glob("results/*/result.json")] or [*folder.glob("*/results/*/result.json")]
    if not found and (folder / SWEEP).is_file():
        found = [*folder.rglob("results/*/result.json")]
    return in_order(folder, found)


def _of_first_seed(result: Result) -> bool:
    settings = result.facts.get("settings", {})
    return settings.get("seed") == settings.get("seeds", [settings.get("seed")])[0]
