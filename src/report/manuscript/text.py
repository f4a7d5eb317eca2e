"""Data, analysis and statistics, as paragraphs for a paper."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...ecg import LEADS
from ...eval import LADDER_LEVELS, Finding, grouped
from ...eval.evaluations.sanity import RHO
from ...eval.ranking import COMPARED, usable_patients
from ...eval.statistics import LEVEL, REPLICATES, replicates, too_few
from ..style import listed, style
from ..text.facts import installed_versions
from ..text.numerals import counted, generated, number, sampled, seen
from ..text.quality import class_name, external_of, external_sentence, fit_sentence
from ..text.words import INPUTS, auc_label, disturbed, rules_words, target_words
from .flow import reasons
from .manuscript import Manuscript
from .references import Citations

SOURCES = {
    "exact": "exact synthetic ECGs, made by ECGLens",
    "deepfake": "generated ECGs (Pulse2Pulse)",
    "deepfake_files": "the published DeepFake ECGs",
    "ptbxl": "PTB-XL",
    "ludb": "LUDB",
    "mimic_iv_ecg": "MIMIC-IV-ECG",
    "code15": "CODE-15 %",
    "cpsc2018": "CPSC 2018",
    "cinc": "the PhysioNet/CinC Challenges",
}
PURPOSES = {"training": "train", "validation": "val", "testing": "test"}
# More reasons than these stand in the table alone.
TOLD = 4


def data(manuscript: Manuscript) -> str:
    """Where the ECGs come from, and how many there are in each part."""
    facts = manuscript.facts
    if "ecgs" not in facts:
        return ""
    source = str(facts.get("source", "an unnamed source"))
    usable = facts.get("usable")
    text = f"{counted(facts['ecgs'], 'ECG')} were read from {SOURCES.get(source, source)}"
    if usable is not None:
        of = "" if generated(facts) else f" of {counted(facts['patients'], 'patient')}"
        text += f", of which {usable}{of} were usable"
    shown = INPUTS.get(manuscript.input, manuscript.input)
    parts = divided(manuscript)
    text += f". They were {parts}." if parts else "."
    text += f" The network was given {shown} of {len(LEADS)} leads."
    first = manuscript.ranked[:1]
    beside = [external_sentence(each) for each in first if external_of(each)]
    return f"{text} External test set: {beside[0]}." if beside else text


def divided(manuscript: Manuscript) -> str:
    """Split such as "divided by patient", and the size of each part; "" where that is not known."""
    facts = manuscript.facts
    split = manuscript.settings.get("data", {}).get("split", {})
    by = "by the folds of the data set" if split.get("by") == "folds" else "by patient"
    by = "at random" if generated(facts) else by
    patients = facts.get("patients_of_part", {})
    parts = [
        (
            seen(facts[part], patients[part], facts)
            if part in patients
            else counted(facts[part], "ECG")
        )
        + f" for {purpose}"
        for purpose, part in PURPOSES.items()
        if part in facts
    ]
    return f"divided {by}: {', '.join(parts)}" if parts else ""


def outcome(manuscript: Manuscript) -> str:
    """Target that is predicted, and where the labels come from."""
    target = manuscript.target
    of = f"{target_words(target)} ({target.unit})" if target.unit else target_words(target)
    source = manuscript.facts.get("label_source")
    labels = f"; its labels: {source}" if source else ""
    classes = [
        f" {class_name(name)} was present in {each['yes']} training ECGs, absent in {each['no']}, "
        f"unknown in {each['unknown']}."
        for name, each in manuscript.facts.get("classes", {}).items()
    ]
    return f"The predicted outcome was {of}{labels}.{''.join(classes)}"


def exclusions(manuscript: Manuscript) -> str:
    """How many were left out, and why."""
    sentences = []
    for kind, words in (("excluded", "could not be used"), ("without_label", "had no label")):
        why = reasons(manuscript.facts, kind)
        if not why:
            continue
        total = counted(sum(count for _, count in why), "ECG")
        named = "; ".join(f"{reason} (n = {count})" for reason, count in why[:TOLD])
        more = "; further reasons in the table of exclusions" if len(why) > TOLD else ""
        sentences.append(f"{total} {words}: {named}{more}.")
    return " ".join(sentences) or ("No ECG was excluded." if "excluded" in manuscript.facts else "")


def methods(manuscript: Manuscript, cite: Citations) -> str:
    """Every method with its settings and sources, the controls, and what was left out."""
    settings = manuscript.settings.get("method", {})
    scores = [each.curves[0] for each in manuscript.ranked]
    names = list(dict.fromkeys([*settings, *(name for each in scores for name in each.methods)]))
    left_out = {name: why for each in scores for name, why in each.left_out.items()}
    used = [name for name in names if name not in left_out]
    sources: dict[str, Sequence[str]] = {}
    for finding in manuscript.findings:
        sources |= finding.about.method_cites
    text = ""
    if used:
        each = [f"{style(name).label}{_set(settings.get(name, {}))}{cite(*sources.get(name, ()))}"
                for name in used]  # fmt: skip
        text = f"Heatmaps were made by {counted(len(used), 'attribution method')}: "
        text += "; ".join(each) + "."
    controls = list(dict.fromkeys(name for each in scores for name in each.controls))
    if controls:
        plain = listed(controls).replace(" (control)", "").replace("Random", "random numbers")
        text += f" They were compared with maps that know nothing of the network ({plain})."
    for name, why in left_out.items():
        text += f" {style(name).label} was left out: {why}."
    return text.strip()


def evaluation(manuscript: Manuscript, cite: Citations) -> str:
    """The perturbation protocols, then the other experiments."""
    sentences = []
    for finding in manuscript.first_of_each_protocol:
        scores, protocol = finding.curves[0], finding.curves[0].protocol
        of = seen(len(scores.records), len({*scores.patients}), manuscript.facts, "test")
        sentences.append(
            f"Heatmaps of {of} were ranked by perturbation{cite(*finding.about.cites)}, "
            f"{rules_words(protocol.name)}: {disturbed(protocol)}; "
            f"{counted(protocol.draws, 'random draw')}. The score was the {auc_label(finding)}."
        )
    for finding in manuscript.others:
        if finding.reason:
            continue
        about = finding.about
        marks = cite(*about.cites)
        of = f"{counted(len(about.records), 'test ECG')}, {counted(len(about.networks), 'network')}"
        sentences.append(f"{about.question.rstrip('?')}{marks}? This was evaluated on {of}.")
    return " ".join(sentences)


def _set(settings: Mapping[str, Any]) -> str:
    """In brackets; what is left to the method, as a layer that it chooses, is not said."""
    given = {k: v for k, v in settings.items() if k != "_target_" and v is not None}
    said = [f"{key.replace('_', ' ')} {_said(value)}" for key, value in given.items()]
    return f" ({', '.join(said)})" if said else ""


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


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


GUIDELINE = "collins2024"  # TRIPOD+AI
SCHEDULES = {
    "one_cycle": "a one-cycle learning rate up to",
    "plateau": "a learning rate, halved when the validation loss stayed, of",
}


def paragraphs(manuscript: Manuscript, cite: Citations) -> list[tuple[str, str]]:
    """Headings and texts."""
    found = [
        ("Data", data(manuscript)),
        ("Outcome", outcome(manuscript)),
        ("Exclusions", exclusions(manuscript)),
        ("Network", network(manuscript)),
        ("Attribution methods", methods(manuscript, cite)),
        ("Evaluation", evaluation(manuscript, cite)),
        ("Statistics", statistics(manuscript, cite)),
        ("Software", software(manuscript, cite)),
    ]
    return [(heading, text) for heading, text in found if text]


def network(manuscript: Manuscript) -> str:
    """Which network, how it was trained, and how well it reads."""
    settings, firsts = manuscript.settings, manuscript.first_of_each_network
    read = [fit_sentence(each) for each in firsts]
    if len(firsts) > 1:
        read = [f"Network {n}: {text}" for n, text in enumerate(read, 1) if text]
    own = settings.get("network", {}).get("_target_")
    sentences = []
    if own is not None:
        sentences = [f"A network of our own ({own}) was explained as it is."]
    elif "model" in settings and "fit" in settings:
        sentences = [trained(manuscript, settings["model"], settings["fit"])]
    return " ".join(filter(None, [*sentences, *read]))


def trained(manuscript: Manuscript, model: Mapping[str, Any], fit: Mapping[str, Any]) -> str:
    """How the networks came to their weights."""
    kind, several = str(model["_target_"]).rpartition(".")[2], manuscript.networks > 1
    loss = (
        "cross-entropy"
        if manuscript.target.kind == "binary"
        else "squared error of the standardised outcome"
    )
    seeds = ", ".join(map(str, manuscript.seeds))
    schedule = SCHEDULES.get(str(fit["schedule"]), f"the schedule {fit['schedule']} with")
    what = f"{manuscript.networks} networks of type {kind} were" if several else f"A {kind} was"
    return (
        f"{what} trained on the mean {loss} by Adam for {counted(fit['epochs'], 'epoch')} in "
        f"batches of {fit['batch_size']}, with {schedule} {number(fit['lr'])} (random "
        f"seed{'s' if several else ''} {seeds}); the weights after the last epoch were kept."
    )


def software(manuscript: Manuscript, cite: Citations) -> str:
    """Versions, and the guideline whose checklist this run fills in part."""
    versions = manuscript.facts.get("versions") or installed_versions()
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"{named}. A TRIPOD+AI checklist{cite(GUIDELINE)} is filled in part."
