"""How well each of several networks reads its target, and what was cautioned of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...eval import Finding
from ..style import listed
from .cautions import in_brackets, many_zeros
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


def network_table(findings: Sequence[Finding]) -> NetworkTable | None:
    """Table of networks that differ in their seed alone; None for one, which has a sentence."""
    if len(findings) == 1:
        return None
    fits = [fit for finding in findings for fit in sets_of(finding).values()]
    shown = [name for name in METRICS if any(name in fit for fit in fits)]
    rows = []
    for finding in findings:
        of_maps = _of_maps(finding)
        for where, fit in sets_of(finding).items():
            values = tuple(number(fit[name]) if name in fit else "" for name in shown)
            poor = [
                f"reads its target poorly ({METRICS[name]})"
                for name, least in POOR.items()
                if fit.get(name, least) < least
            ]
            rows.append(NetworkRow(_named(finding), where, values, (*poor, *of_maps)))
            of_maps = []  # said once, with the first set
    return NetworkTable(headings(shown, findings[0].about.target.unit), tuple(rows))


def _named(finding: Finding) -> str:
    """Its seed and the beginning of its key."""
    seed = finding.facts.get("settings", {}).get("seed")
    key = finding.about.networks[0][:DIGITS]
    return key if seed is None else f"seed {seed} · {key}"


def _of_maps(finding: Finding) -> list[str]:
    curves = finding.curves[0]
    left_out = [f"{listed([*curves.left_out])} left out"] if curves.left_out else []
    shares = {name: percent(share) for name, share in many_zeros(curves).items()}
    return left_out + ([f"many zeros in {in_brackets(shares)}"] if shares else [])
