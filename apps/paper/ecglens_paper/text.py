"""Data, network and analysis, as paragraphs for a paper."""

from collections.abc import Mapping, Sequence
from typing import Any

from ecglens.ecg import LEADS
from ecglens.report import installed_versions, listed, style
from ecglens.report.text import (
    INPUTS,
    auc_label,
    class_name,
    counted,
    disturbed,
    external_of,
    external_sentence,
    fit_sentence,
    generated,
    number,
    rules_words,
    seen,
    target_words,
)

from .flow import reasons, spare
from .manuscript import Manuscript
from .references import Citations
from .statistics import answered, statistics

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
    """Source of the ECGs, and their number in each part."""
    facts = manuscript.facts
    if "ecgs" not in facts:
        return ""
    sets = manuscript.data_sets
    named = "; ".join(SOURCES.get(each, each) or "an unnamed source" for each in sets)
    several = f"{len(sets)} data sets: " if len(sets) > 1 else ""
    text = f"{counted(facts['ecgs'], 'ECG')} were read from {several}{named}"
    if (usable := facts.get("usable")) is not None:
        of = "" if generated(facts) else f" of {counted(facts['patients'], 'patient')}"
        text += f", of which {usable}{of} were usable"
    parts = divided(manuscript)
    text += f". They were {parts}." if parts else "."
    if not generated(facts) and any(generated({"source": each}) for each in sets):
        text += " Each generated ECG counts as a patient."
    text += f" The network was given {given(manuscript)}."
    first = manuscript.ranked[:1]
    beside = [external_sentence(each) for each in first if external_of(each)]
    return f"{text} External test set: {beside[0]}." if beside else text


def given(manuscript: Manuscript) -> str:
    """What the network reads: the ECG, and the columns beside it."""
    own = manuscript.settings.get("network") or {}
    shown = INPUTS.get(manuscript.input, manuscript.input)
    beside = ", ".join(own.get("with_each") or ())
    return f"{shown} of {len(leads_of(manuscript))} leads" + (
        f", with {beside} of each ECG" * bool(beside)
    )


def leads_of(manuscript: Manuscript) -> Sequence[str]:
    """The leads that the network reads: those of its declared input, else all."""
    own = manuscript.settings.get("network") or {}
    return (own.get("input") or {}).get("leads") or LEADS


def divided(manuscript: Manuscript) -> str:
    """Split such as "divided by patient", and the size of each part; "" where that is not known."""
    facts = manuscript.facts
    split = manuscript.settings.get("data", {}).get("split", {})
    by = "by the folds of the data set" if split.get("by") == "folds" else "by patient"
    by = "by a rule for each data set" if len(manuscript.data_sets) > 1 else by
    by = "at random" if generated(facts) else by
    patients = facts.get("patients_of_part", {})
    parts = [
        f"{seen(n, patients[part], facts) if part in patients else counted(n, 'ECG')} for {purpose}"
        for purpose, part in PURPOSES.items()
        if (n := facts.get(part)) is not None
    ]
    more = spare(manuscript)
    rest = f"; {more} more of the training part were not used" * bool(more)
    return f"divided {by}: {', '.join(parts)}{rest}" if parts else ""


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
    """Number of ECGs left out, and the reasons."""
    sentences = []
    for kind, words in (("excluded", "could not be used"), ("without_label", "had no label")):
        why = reasons(manuscript.facts, kind)
        if not why:
            continue
        total = counted(sum(count for _, count in why), "ECG")
        named = "; ".join(f"{reason} (n = {count})" for reason, count in why[:TOLD])
        more = "; further reasons in the table of exclusions" if len(why) > TOLD else ""
        sentences.append(f"{total} {words}: {named}{more}.")
    known = {"excluded", "without_label"} <= manuscript.facts.keys()
    return " ".join(sentences) or "No ECG was excluded." * known


def methods(manuscript: Manuscript, cite: Citations) -> str:
    """Every method with its settings and sources, the controls, and what was left out.

    Empty where only doses were measured, which need no heatmap.
    """
    if not manuscript.explained:
        return ""
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
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


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
        ("Answer", answered(manuscript)),
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
    """Sentences on the training of the networks."""
    kind, several = str(model["_target_"]).rpartition(".")[2], manuscript.networks > 1
    loss = (
        "cross-entropy"
        if manuscript.target.kind == "binary"
        else "squared error of the standardised outcome"
    )
    seeds = ", ".join(map(str, manuscript.seeds))
    schedule = SCHEDULES.get(str(fit["schedule"]), f"the schedule {fit['schedule']} with")
    what = f"{manuscript.networks} networks of type {kind} were" if several else f"A {kind} was"
    start = f"the weights of another network (fit.start: {fit['start']})" if begins(fit) else ""
    if start and not fit["epochs"]:
        return f"{what} taken with {start}, without further training."
    began = f", beginning with {start}," if start else ""
    share = fit.get("body_lr", 1.0)
    rate = f"learned at {number(share)} times this rate" if share else "kept their weights"
    slower = f"; all layers but the last {rate}" if share != 1 else ""
    permuted = bool(manuscript.settings.get("permute_labels"))
    return (
        f"{what} trained{began} on the mean {loss} by Adam for "
        f"{counted(fit['epochs'], 'epoch')} in batches of {fit['batch_size']}, with {schedule} "
        f"{number(fit['lr'])}{slower} (random seed{'s' if several else ''} {seeds}); the weights "
        f"after the last epoch were kept.{' The training labels were permuted.' * permuted}"
    )


def begins(fit: Mapping[str, Any]) -> bool:
    """True if the training began with the weights of another network."""
    return fit.get("start") is not None


def software(manuscript: Manuscript, cite: Citations) -> str:
    """Versions, and the guideline whose checklist this run fills in part."""
    versions = manuscript.facts.get("versions")
    each = (f"{name} {version}" for name, version in (versions or installed_versions()).items())
    whose = "" if versions else "Versions of the run are not known; this text was written by "
    return f"{whose}{', '.join(each)}. A TRIPOD+AI checklist{cite(GUIDELINE)} is filled in part."
