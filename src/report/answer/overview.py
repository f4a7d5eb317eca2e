"""The answer over all views of a report."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ...datamodules import Target
from ...eval import LADDER_LEVELS
from ...eval.ranking import level_name
from ..style import listed, style
from ..text.words import say_more, subject, trusted
from ..views.perturbation import PerturbationView
from .deciding import about_one, above, by_protocols, deciding

TOP = len(LADDER_LEVELS)  # the highest level of the null ladder


@dataclass(frozen=True)
class Standing:
    """Tiers of a method over the views, in brackets below the level that is needed.

    The tier is 1 to 3 (best, medium, poor); "" where the method was not scored.
    """

    label: str
    tiers: tuple[str, ...]


def overall(sections: Sequence[PerturbationView]) -> str:
    """The answer in a sentence or two: of one network and target, or of several comparisons."""
    if len(about_one(sections)) == 1:
        return _of_one(sections)
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
    if _differs_by_target(sections):
        text += " The strongest method is not the same for every target."
    return (
        f"{text} Tests are corrected for the methods of each comparison, not for the {count} "
        "comparisons: what holds in some of them only may be chance."
    )


def _differs_by_target(sections: Sequence[PerturbationView]) -> bool:
    """Whether no method is strongest for every target, by one protocol on one kind of input."""
    strongest: dict[tuple[str, str], dict[Target, set[str]]] = {}
    for section in sections:
        about, protocol = section.first.about, section.finding.curves[0].protocol.name
        if section.ranking.best is not None:
            of = strongest.setdefault((protocol, about.input), {})
            of.setdefault(about.target, set()).add(section.ranking.best)
    return any(not set.intersection(*by_target.values()) for by_target in strongest.values())


def _of_one(sections: Sequence[PerturbationView]) -> str:
    """The answer of the protocols of one network and target; those that decide have to agree."""
    together = deciding(sections)
    reached = {
        name: min(each.ranking.ladder.reached.get(name, 0) for each in together)
        for name in together[0].ranking.names
    }
    needed = max(each.ranking.ladder.needed for each in together)
    by = by_protocols(sections)
    of = subject(together[0].finding)
    winners = [name for name, level in reached.items() if level >= needed]
    if not winners:
        return (
            f"None. For {of}, no heatmap was shown to reach “{level_name(needed)}”{by}. "
            "Do not rely on any of these maps here."
        )
    reach = "reaches" if len(winners) == 1 else "reach"
    text = f"For {of}, {listed(winners)} {reach} “{level_name(needed)}”{by}."
    if any(TOP not in each.ranking.ladder.tested for each in together):
        return text
    about = [name for name in winners if reached[name] == TOP]
    if about:
        return f"{text} About this ECG, beyond maps of other patients: {listed(about)}."
    if missed := above(sections, TOP):
        return f"{text} {say_more(missed)}, but missed a level before."
    return f"{text} None was shown{by} to say more about an ECG than maps of other patients."


def needed_level(sections: Sequence[PerturbationView]) -> str:
    """The level of the null ladder that methods have to reach, in quotation marks."""
    names = {level_name(section.ranking.ladder.needed) for section in sections}
    return f"“{names.pop()}”" if len(names) == 1 else "the level that is needed"


def standings(sections: Sequence[PerturbationView]) -> list[Standing]:
    """Every method with its tiers, those that reach the level needed most often first."""
    tables = [section.ranking.table.set_index("method") for section in sections]
    won = [set(trusted(section.ranking)) for section in sections]
    found = []
    for name in sorted(
        _methods(sections), key=lambda method: -sum(method in names for names in won)
    ):
        tiers = [int(table.loc[name, "tier"]) if name in table.index else 0 for table in tables]
        cells = [
            "" if tier == 0 else f"{tier}" if name in names else f"({tier})"
            for tier, names in zip(tiers, won, strict=True)
        ]
        found.append(Standing(style(name).label, tuple(cells)))
    return found


def standings_table(sections: Sequence[PerturbationView]) -> pd.DataFrame:
    """Tier of each method in each view, and whether it reaches the level that is needed there."""
    every = [pd.DataFrame()]
    for section in sections:
        table = section.ranking.table
        tiers = table.loc[table["kind"] == "method", ["method", "tier", "level"]]
        reaches = tiers["method"].isin(trusted(section.ranking))
        every.append(tiers.assign(of=section.title, reaches_needed=reaches))
    return pd.concat(every, ignore_index=True)


def _methods(sections: Sequence[PerturbationView]) -> list[str]:
    """Every method of any section, in the order in which they come."""
    return list(dict.fromkeys(n for s in sections for n in s.finding.curves[0].methods))
