"""How well each of several networks reads its target, and what was cautioned of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...eval import Result
from ..figures.style import style
from .cautions import many_zeros
from .differences import DIGITS
from .numerals import number, percent
from .quality import METRICS, POOR, headings, sets_of


@dataclass(frozen=True)
class NetworkRow:
    """A network on a set of ECGs; `values` are those of the table's metrics, "" where unknown."""

    network: str
    where: str
    values: tuple[str, ...]
    cautions: tuple[str, ...]


@dataclass(frozen=True)
class NetworkTable:
    """The names of the metrics, and a row for each network and set of ECGs."""

    metrics: tuple[str, ...]
    rows: tuple[NetworkRow, ...]


def each_network(results: Sequence[Result]) -> NetworkTable | None:
    """Of networks that differ in their seed alone; None for one, which a sentence describes."""
    if len(results) == 1:
        return None
    fits = [fit for result in results for fit in sets_of(result).values()]
    shown = [name for name in METRICS if any(name in fit for fit in fits)]
    rows = []
    for result in results:
        of_maps = _of_maps(result)
        for where, fit in sets_of(result).items():
            values = tuple(number(fit[name]) if name in fit else "" for name in shown)
            poor = [
                f"reads its target poorly ({METRICS[name]})"
                for name, least in POOR.items()
                if fit.get(name, least) < least
            ]
            rows.append(NetworkRow(_named(result), where, values, (*poor, *of_maps)))
            of_maps = []  # said once, with the first set
    return NetworkTable(headings(shown, results[0].target.unit), tuple(rows))


def _named(result: Result) -> str:
    """Its seed and the beginning of its key."""
    seed = result.facts.get("settings", {}).get("seed")
    key = result.network[:DIGITS]
    return key if seed is None else f"seed {seed} · {key}"


def _of_maps(result: Result) -> list[str]:
    left_out = [f"{style(name).label} left out" for name in result.scores.left_out]
    zeros = many_zeros(result.scores).items()
    return left_out + [f"{percent(share)} zeros in {style(name).label}" for name, share in zeros]
