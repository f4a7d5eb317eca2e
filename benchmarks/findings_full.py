"""Cards of the full tier of the benchmark and of a season, as tables of the docs."""

import json
import re
from pathlib import Path

from ecglens.report import style
from ecglens_benchmark.season.parts import PARTS

from .findings_cells import grouped, number, read

LEVEL = re.compile(r"(\w+) (\d|–)")


def full_tier(folder: Path) -> list[list[str]]:
    """Level of the null ladder by target and on the real network, for each card."""
    rows = [["Method", "Level: PR", "QRS", "QT", "R", "J", "T", "Chagas network"]]
    for path in sorted(folder.glob("*.json")):
        card = json.loads(path.read_text(encoding="utf-8"))
        of = {each["part"]: each for each in card["outcomes"]}
        levels = dict(LEVEL.findall(of["ladder"]["said"]) + LEVEL.findall(of["real"]["said"]))
        names = ("pr", "qrs", "qt", "r", "j", "t", "chagas")
        label = style(card["method"]["name"]).label
        rows.append([label, *(levels[name] for name in names)])
    return rows


def season(board: Path) -> list[list[str]]:
    """Effect of each method in each part, in the order of the means, and what parts tell apart."""
    found = read(board)
    parts = list(dict.fromkeys(row["part"] for row in found))
    rows = [["Place", "Method", "Mean", *(PARTS[part].label for part in parts)]]
    for (method,), own in grouped(found, "method"):
        effects = (number(row["effect"], 2) for row in own)
        mean = number(own[0]["mean"], 2)
        rows.append([own[0]["place"], style(method).label, mean, *effects])
    shares = (f"{100 * row['apart']:.0f} %" for row in found[: len(parts)])
    return [*rows, ["", "pairs of methods told apart", "", *shares]]
