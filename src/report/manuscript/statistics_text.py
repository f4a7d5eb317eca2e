"""How intervals and decisions were made, as a paragraph for a paper."""

from collections.abc import Sequence
from typing import NamedTuple

from ...eval import Panel
from ...eval.evaluations.sanity import Finding
from ...eval.ranking.ladder_words import COMPARED
from ...eval.ranking.outcome import usable_patients
from ...eval.rungs import LEVELS
from ...eval.statistics.bootstrap import replicates, too_few
from ...eval.statistics.comparison import LEVEL
from ...eval.statistics.resampling import REPLICATES
from ..text.numerals import counted
from ..text.sampled import sampled
from ..views.perturbation import ranked_together
from .references import Citations
from .sources import BOOTSTRAP, CROSSED, HOLM, PERCENTILE, SKEWNESS
from .study import Study


class Asked(NamedTuple):
    """Number of networks, of methods that are compared at a time, and of patients."""

    networks: int
    compared: Sequence[int]
    patients: int


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
    told = []
    for group in ranked_together(study.results):
        scores = group[0].scores
        patients = len({*usable_patients(scores)})
        asked = Asked(len(group), [len(scores.methods)], patients)
        told.append(f"Areas have {_interval(study, asked, cite)}.")
    return told


def _of_findings(study: Study, cite: Citations) -> list[str]:
    """Sanity experiments resample for the networks at hand; redraws are crossed with patients."""
    found = [each.finding for each in study.answers if isinstance(each.finding, Finding)]
    if not found:
        return []
    told = [
        f"Correlations of heatmaps have 95 % percentile intervals from {REPLICATES} bootstrap "
        f"replicates over {sampled(study.facts)}{cite(PERCENTILE)}; they hold for the networks at "
        "hand."
    ]
    if any("weights_verdict" in each.table for each in found):
        told.append(
            "What a map keeps when the weights are redrawn has 95 % intervals over "
            f"{sampled(study.facts)} and redrawn networks, which are crossed{cite(CROSSED)}."
        )
    return told


def _of_panels(study: Study, cite: Citations) -> list[str]:
    """A sentence for each panel with intervals: as those of areas, over the maps it compares."""
    told = []
    for panel in _panels(study):
        known = panel.table[panel.table["low"].notna()]
        if len(known):
            maps = [int(count) for count in known.groupby("measure").size()]
            asked = Asked(panel.networks, maps, len({*panel.patients}))
            told.append(f"Measures have {_interval(study, asked, cite)}.")
    return told


def _panels(study: Study) -> list[Panel]:
    return [each.finding for each in study.answers if isinstance(each.finding, Panel)]


def _interval(study: Study, asked: Asked, cite: Citations) -> str:
    over = sampled(study.facts)
    if asked.networks > 1:
        return (
            f"95 % intervals over {over} and {counted(asked.networks, 'network')} from Student’s t "
            f"distribution, with crossed variance components of both{cite(CROSSED)} and the "
            f"quantile of {over} corrected for skewness{cite(SKEWNESS)}"
        )
    drawn = [replicates(count) for count in asked.compared]
    count = f"{min(drawn)}" if min(drawn) == max(drawn) else f"{min(drawn)} to {max(drawn)}"
    if too_few(asked.patients):
        return (
            f"95 % percentile intervals from {count} bootstrap replicates over {over}, expanded "
            f"for few of them{cite(PERCENTILE)}"
        )
    return f"95 % bootstrap-t intervals from {count} replicates over {over}{cite(BOOTSTRAP)}"
