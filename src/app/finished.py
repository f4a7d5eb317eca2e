"""Finished results out of the folders that a run or a sweep left."""

from pathlib import Path

from ..eval import Result


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


def _paths(folder: Path) -> list[Path]:
    found = [*folder.glob("results/*/result.json")] or [*folder.glob("*/results/*/result.json")]
    # The jobs of a sweep are numbered: 9 comes before 10.
    return sorted(found, key=lambda path: (len(path.parts[-4]), path.parts[-4], path.parts[-2]))


def _of_first_seed(result: Result) -> bool:
    settings = result.facts.get("settings", {})
    return settings.get("seed") == settings.get("seeds", [settings.get("seed")])[0]
