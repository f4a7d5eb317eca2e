"""Answer of a sweep over its sections."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..eval.ladder.words import level_name
from .section import Section
from .style import listed, style
from .words import trusted


@dataclass(frozen=True)
class Standing:
    """Ranks of a method over the sections, in brackets below the level that is needed.

    The rank is 1 to 3 (best, medium, poor); "" where the method was not scored.
    """

    label: str
    ranks: tuple[str, ...]


def overall(sections: Sequence[Section]) -> str:
    """The answer of a sweep in a sentence or two."""
    won = [set(trusted(section.ranking)) for section in sections]
    everywhere = [name for name in _methods(sections) if all(name in names for names in won)]
    count = len(sections)
    level = needed_level(sections)
    if everywhere:
        reach = "reaches" if len(everywhere) == 1 else "reach"
        text = f"{listed(everywhere)} {reach} {level} in all {count} comparisons."
    else:
        text = f"No method was shown to reach {level} in all {count} comparisons."
    nowhere = sum(not names for names in won)
    if nowhere:
        text += f" In {nowhere} of them none was."
    strongest = {section.ranking.best for section in sections} - {None}
    if len(strongest) > 1:
        text += " Which is strongest depends on what the network reads."
    if count > 1:
        text += (
            f" Tests are corrected for the methods of each comparison, not for the {count} "
            "comparisons: what holds in some of them only may be chance."
        )
    return text


def needed_level(sections: Sequence[Section]) -> str:
    """The level of the null ladder that methods have to reach, in quotation marks."""
    names = {level_name(section.ranking.ladder.needed) for section in sections}
    return f"“{names.pop()}”" if len(names) == 1 else "the level that is needed"


def standings(sections: Sequence[Section]) -> list[Standing]:
    """Every method with its ranks, those that reach the level needed most often first."""
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
