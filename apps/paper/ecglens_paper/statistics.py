"""Statistics and gates of a run, as paragraphs for a paper."""

from collections.abc import Sequence
from typing import NamedTuple

from ecglens.eval import LADDER_LEVELS, Finding, answers_of, decides, grouped
from ecglens.eval.evaluations.sanity import RHO
from ecglens.eval.ranking import COMPARED, usable_patients
from ecglens.eval.statistics import LEVEL, REPLICATES, replicates, too_few
from ecglens.report import gates_in_words
from ecglens.report.text import counted, sampled

from .manuscript import DOSES, Manuscript
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
        if any(name.startswith(rung) for name in names for rung in level.rungs)
    ]
    found = [
        f"A method reaches the level {', and then '.join(levels)}: the mean paired difference is "
        "positive and the largest p value of a level, Holm-corrected over the "
        f"methods{cite(HOLM)}, is below {LEVEL:g}."
    ]
    draws = {each.protocol.ladder for each in scores if each.protocol.ladder}
    if draws and any(each.references for each in scores):
        first = " and ".join(map(str, sorted(draws)))
        others = f"Maps of other {sampled(manuscript.facts)} were compared"
        found.append(f"{others} in the first {first} of the draws.")
    ranked = [each for each in manuscript.ranked if decides(each)]
    deciding = {each.curves[0].protocol.name for each in ranked}
    if len(deciding) > 1:
        found.append(
            "Levels are not corrected for each other, since each is tested only if the one before "
            f"was reached, nor for the {len(deciding)} protocols, which have to agree."
        )
    return found


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
    if any("redrawn_verdict" in each.table for each in found):
        sentences.append(
            "What a map keeps when the weights are redrawn has 95 % intervals over "
            f"{over} and redrawn networks, which are crossed{cite(CROSSED)}."
        )
    return sentences


def _of_panels(manuscript: Manuscript, cite: Citations) -> list[str]:
    """A sentence for each finding with intervals: as those of areas, over the maps it compares."""
    sentences = []
    for finding in _panels(manuscript):
        if finding.about.evaluation == DOSES:
            sentences.append(_of_gains(manuscript, cite))
            continue
        known = finding.table[finding.table["low"].notna()]
        if len(known):
            maps = [int(count) for count in known.groupby("measure").size()]
            sample = Sample(len(finding.about.networks), maps, finding.patients)
            sentences.append(f"Measures have {_interval(manuscript, sample, cite)}.")
    return sentences


def _of_gains(manuscript: Manuscript, cite: Citations) -> str:
    """Sentence on gains, by the rule of ecglens_measure.intervals."""
    return (
        "A gain is the least-squares slope of an ECG through 0 over the sizes of a dose that were "
        f"measured. Its mean has a 95 % interval over {sampled(manuscript.facts)}, each end the "
        "further one of Student’s t interval and of that corrected for "
        f"skewness{cite(SKEWNESS)}; p values are Holm-corrected over the doses and "
        f"outputs{cite(HOLM)}."
    )


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


def answered(manuscript: Manuscript) -> str:
    """Whether the network reads its target, and the gates that were not tested; may be ""."""
    answers = [each for each in answers_of(manuscript.findings) if each.methods]
    return " ".join(dict.fromkeys(text for each in answers for text in gates_in_words(each)))
