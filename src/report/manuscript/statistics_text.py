"""How intervals and decisions were made, as a paragraph for a paper."""

from collections.abc import Sequence

from ...eval import Panel
from ...eval.ladder.rungs import LEVELS
from ...eval.ladder.words import COMPARED
from ...eval.sanity import Finding
from ...eval.statistics.comparison import LEVEL, replicates
from ...eval.statistics.resampling import REPLICATES
from ..numerals import counted
from ..sampled import sampled
from ..section import ranked_together
from .references import Citations
from .sources import BOOTSTRAP, CROSSED, HOLM
from .study import Study


def statistics(study: Study, cite: Citations) -> str:
    """Intervals of areas, of correlations and of measures, then the decision on a method."""
    told = [*_of_areas(study, cite), *_of_findings(study, cite), *_of_panels(study, cite)]
    told += _of_levels(study, cite)
    if _panels(study):
        told.append(
            "A method beats the controls of a measure when its mean paired difference from each "
            "of them is in its favour and the largest p value of these differences, "
            f"Holm-corrected over the methods{cite(HOLM)}, is below {LEVEL:g}."
        )
    return " ".join(dict.fromkeys(told))


def _of_levels(study: Study, cite: Citations) -> list[str]:
    """When a method reaches each level of the null ladder that was asked."""
    scores = [each.scores for each in study.results if each.scores.methods]
    if not scores:
        return []
    names = {name for each in scores for name in (*each.controls, *each.references)}
    asked = [
        f"“{level.name}” when its area is above those of {compared}"
        for level, compared in zip(LEVELS, COMPARED, strict=True)
        if all(any(name.startswith(rung) for name in names) for rung in level.rungs)
    ]
    return [
        f"A method reaches the level {', and then '.join(asked)}: the mean paired difference is "
        "positive and the largest p value of a level, Holm-corrected over the "
        f"methods{cite(HOLM)}, is below {LEVEL:g}."
    ]


def _of_areas(study: Study, cite: Citations) -> list[str]:
    """A sentence for each number of networks and of methods that were ranked together."""
    groups = ranked_together(study.results)
    asked = [(len(group), len(group[0].scores.methods)) for group in groups]
    return [f"Areas have {_interval(study, n, [m], cite)}." for n, m in asked]


def _of_findings(study: Study, cite: Citations) -> list[str]:
    """Sanity experiments resample for the networks at hand."""
    if not any(isinstance(each.finding, Finding) for each in study.answers):
        return []
    return [
        f"Correlations of heatmaps have {_resampled(study, [REPLICATES], cite)}; they hold for "
        "the networks at hand."
    ]


def _of_panels(study: Study, cite: Citations) -> list[str]:
    """A sentence for each panel with intervals: as those of areas, over the maps it compares."""
    told = []
    for panel in _panels(study):
        known = panel.table[panel.table["low"].notna()]
        if len(known):
            maps = [int(count) for count in known.groupby("measure").size()]
            told.append(f"Measures have {_interval(study, panel.networks, maps, cite)}.")
    return told


def _panels(study: Study) -> list[Panel]:
    return [each.finding for each in study.answers if isinstance(each.finding, Panel)]


def _interval(study: Study, networks: int, compared: Sequence[int], cite: Citations) -> str:
    """The intervals of `compared` methods at a time, on so many networks."""
    if networks == 1:
        return _resampled(study, [replicates(count) for count in compared], cite)
    return (
        f"95 % intervals over {sampled(study.facts)} and {counted(networks, 'network')} from "
        f"Student’s t distribution, with crossed variance components of both{cite(CROSSED)}"
    )


def _resampled(study: Study, drawn: Sequence[int], cite: Citations) -> str:
    fewest, most = min(drawn), max(drawn)
    count = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    return (
        f"95 % percentile intervals from {count} bootstrap replicates over "
        f"{sampled(study.facts)}{cite(BOOTSTRAP)}, expanded for few of them"
    )
