"""What several sections say together: the answer of a sweep."""

from collections.abc import Sequence
from dataclasses import dataclass

from .section import Section
from .style import listed, style
from .words import trusted


@dataclass(frozen=True)
class Standing:
    """A method over the sections: its rank in each, in brackets if it beats not every control.

    The rank is 1 to 3 (best, medium, poor); "" where the method was not scored.
    """

    label: str
    ranks: tuple[str, ...]


def overall(sections: Sequence[Section]) -> str:
    """The answer of a sweep in a sentence or two."""
    won = [set(trusted(section.ranking)) for section in sections]
    everywhere = [name for name in _methods(sections) if all(name in names for names in won)]
    count = len(sections)
    if everywhere:
        verb = "beats" if len(everywhere) == 1 else "beat"
        text = f"{listed(everywhere)} {verb} every control in all {count} comparisons."
    else:
        text = f"No method beats every control in all {count} comparisons."
    nowhere = sum(not names for names in won)
    if nowhere:
        text += f" In {nowhere} of them no method does."
    strongest = {section.ranking.best for section in sections} - {None}
    if len(strongest) > 1:
        text += " Which is strongest depends on what the network reads."
    if count > 1:
        text += (
            f" Tests are corrected for the methods of each comparison, not for the {count} "
            "comparisons: what holds in some of them only may be chance."
        )
    return text


def standings(sections: Sequence[Section]) -> list[Standing]:
    """Every method with its ranks, those that beat the controls most often first."""
    tables = [section.ranking.table.set_index("method") for section in sections]
    won = [set(trusted(section.ranking)) for section in sections]
    found = []
    for name in sorted(
        _methods(sections), key=lambda method: -sum(method in names for names in won)
    ):
        ranks = [int(table.loc[name, "rank"]) if name in table.index else 0 for table in tables]
        cells = [
            "" if rank == 0 else f"{rank}" if name in names else f"({rank})"
            for rank, names in zip(ranks, won, strict=True)
        ]
        found.append(Standing(style(name).label, tuple(cells)))
    return found


def _methods(sections: Sequence[Section]) -> list[str]:
    """Every method of any section, in the order in which they come."""
    return list(dict.fromkeys(n for s in sections for n in s.result.scores.methods))
