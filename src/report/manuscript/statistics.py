"""Statistics and gates of a run, as paragraphs for a paper."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from ...eval import GATES, LADDER_LEVELS, Answer, Finding, answers_of, grouped
from ...eval.evaluations.sanity import RHO
from ...eval.ranking import COMPARED, usable_patients
from ...eval.statistics import LEVEL, REPLICATES, replicates, too_few
from ..answer.words import CHANGES, ERRORS, METRICS
from ..text.numerals import counted, number, percent, sampled
from ..text.words import target_words
from .manuscript import Manuscript
from .references import Citations

BOOTSTRAP, PERCENTILE, CROSSED = "efron1993", "hesterberg2015", "hillis2007"
SKEWNESS, HOLM = "hall1992", "holm1979"


class Sample(NamedTuple):
    """Number of networks, of methods that are compared at a time, and of patients."""

    networks: int
    compared: Sequence[int]
    patients: int


def statistics(manuscript: Manuscript, cite: Citations) -> str:
    """Intervals of areas, of correlations and of measures, then the decision on a method."""
    sentences = [
        *_of_areas(manuscript, cite),
        *_of_findings(manuscript, cite),
        *_of_panels(manuscript, cite),
    ]
    sentences += _of_levels(manuscript, cite)
    panels = [measure for each in _panels(manuscript) for measure in each.measures]
    if any(measure.higher_is_better is not None for measure in panels):
        sentences.append(
            "A method beats the controls of a measure when its mean paired difference from each "
            "of them is in its favour and the largest p value of these differences, "
            f"Holm-corrected over the methods{cite(HOLM)}, is below {LEVEL:g}."
        )
    return " ".join(dict.fromkeys(sentences))


def _of_levels(manuscript: Manuscript, cite: Citations) -> list[str]:
    """When a method reaches each level of the null ladder that was tested."""
    scores = [each.curves[0] for each in manuscript.ranked if each.curves[0].methods]
    if not scores:
        return []
    names = {name for each in scores for name in (*each.controls, *each.references)}
    levels = [
        f"“{level.name}” when its area is above those of {compared}"
        for level, compared in zip(LADDER_LEVELS, COMPARED, strict=True)
        if all(any(name.startswith(rung) for name in names) for rung in level.rungs)
    ]
    return [
        f"A method reaches the level {', and then '.join(levels)}: the mean paired difference is "
        "positive and the largest p value of a level, Holm-corrected over the "
        f"methods{cite(HOLM)}, is below {LEVEL:g}."
    ]


def _of_areas(manuscript: Manuscript, cite: Citations) -> list[str]:
    """A sentence for each number of networks and of methods that were ranked together."""
    sentences = []
    for finding in grouped(manuscript.ranked):
        curves = finding.curves[0]
        patients = len({*usable_patients(curves)})
        sample = Sample(len(finding.curves), [len(curves.methods)], patients)
        sentences.append(f"Areas have {_interval(manuscript, sample, cite)}.")
    return sentences


def _of_findings(manuscript: Manuscript, cite: Citations) -> list[str]:
    """Sanity experiments resample for the networks at hand; redraws are crossed with patients."""
    found = [each for each in manuscript.others if _is_agreement(each)]
    if not found:
        return []
    over = sampled(manuscript.facts)
    sentences = [
        f"Correlations of heatmaps have 95 % percentile intervals from {REPLICATES} bootstrap "
        f"replicates over {over}{cite(PERCENTILE)}; they hold for the networks at hand."
    ]
    if any("weights_verdict" in each.table for each in found):
        sentences.append(
            "What a map keeps when the weights are redrawn has 95 % intervals over "
            f"{sampled(manuscript.facts)} and redrawn networks, which are crossed{cite(CROSSED)}."
        )
    return sentences


def _of_panels(manuscript: Manuscript, cite: Citations) -> list[str]:
    """A sentence for each finding with intervals: as those of areas, over the maps it compares."""
    sentences = []
    for finding in _panels(manuscript):
        known = finding.table[finding.table["low"].notna()]
        if len(known):
            maps = [int(count) for count in known.groupby("measure").size()]
            sample = Sample(len(finding.about.networks), maps, finding.patients)
            sentences.append(f"Measures have {_interval(manuscript, sample, cite)}.")
    return sentences


def _panels(manuscript: Manuscript) -> list[Finding]:
    return [each for each in manuscript.others if each.measures and not _is_agreement(each)]


def _is_agreement(finding: Finding) -> bool:
    """True if its numbers are correlations of heatmaps."""
    return RHO in finding.measures


def _interval(manuscript: Manuscript, sample: Sample, cite: Citations) -> str:
    over = sampled(manuscript.facts)
    if sample.networks > 1:
        return (
            f"95 % intervals over {over} and {counted(sample.networks, 'network')} from Student’s "
            f"t distribution, with crossed variance components of both{cite(CROSSED)} and the "
            f"quantile of {over} corrected for skewness{cite(SKEWNESS)}"
        )
    drawn = [replicates(count) for count in sample.compared]
    count = f"{min(drawn)}" if min(drawn) == max(drawn) else f"{min(drawn)} to {max(drawn)}"
    if too_few(sample.patients):
        return (
            f"95 % percentile intervals from {count} bootstrap replicates over {over}, expanded "
            f"for few of them{cite(PERCENTILE)}"
        )
    return f"95 % bootstrap-t intervals from {count} replicates over {over}{cite(BOOTSTRAP)}"


UNTRIED = ("not judged", "cannot be had")


def answered(manuscript: Manuscript) -> str:
    """The first gate with its numbers, and the gates on weights that were not tested; may be ""."""
    answers = [each for each in answers_of(manuscript.findings) if each.methods]
    return " ".join(dict.fromkeys(text for each in answers for text in _of_gates(each)))


def _of_gates(answer: Answer) -> list[str]:
    """Sentences on whether the network reads its target, and on gates that no method was put to."""
    reads, target = answer.reads, target_words(answer.target)
    metric, error = METRICS[reads.metric], ERRORS[reads.metric]
    # Without an error there is no share of it.
    change = f", and the change was {percent(reads.moved)}" if math.isfinite(reads.moved) else ""
    sentences = [
        f"No heatmap is used unless the network reads {target}: the lower end of the 95 % interval "
        f"of {metric} has to lie above {number(reads.limit)}, and the largest mean change of the "
        f"prediction along a perturbation curve has to be at least {percent(reads.least_moved)} "
        f"of {error}.",
        "This was not tested: the ECGs have no labels."
        if reads.verdict == "not tested"
        else f"Here {metric} was {number(reads.value)} (95 % interval {number(reads.low)} to "
        f"{number(reads.high)}) on {counted(reads.ecgs, 'ECG')}{change}.",
    ]
    untried = [
        CHANGES[gate]
        for gate in GATES.values()
        if all(each.gates[gate] in UNTRIED for each in answer.methods)
    ]
    if untried:
        sentences.append(f"Not tested: whether a heatmap changes {' and '.join(untried)}.")
    return sentences
