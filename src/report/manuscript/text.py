"""Paragraphs for the methods of a paper, in the order of TRIPOD+AI; numbers are facts alone."""

from collections.abc import Mapping
from typing import Any

from ...ecg import LEADS
from ...eval.statistics.comparison import LEVEL
from ...eval.statistics.resampling import REPLICATES
from ..disturbance import disturbed
from ..facts import installed_versions
from ..numerals import counted, number
from ..quality import fit_sentence
from ..style import listed, style
from ..words import INPUTS, RULES, auc_label, target_words
from .flow import reasons
from .references import Citations
from .sources import GUIDELINE, OF_EXPERIMENT, OF_METHOD, PERTURBATION, STATISTICS
from .study import Study

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
SCHEDULES = {
    "one_cycle": "a one-cycle learning rate up to",
    "plateau": "a learning rate, halved when the validation loss stayed, of",
}
# More reasons than these stand in the table alone.
TOLD = 4


def paragraphs(study: Study, cite: Citations) -> list[tuple[str, str]]:
    """Headings and texts."""
    found = [
        ("Data", data(study)),
        ("Outcome", outcome(study)),
        ("Exclusions", exclusions(study)),
        ("Network", network(study)),
        ("Attribution methods", methods(study, cite)),
        ("Evaluation", evaluation(study, cite)),
        ("Statistics", statistics(study, cite)),
        ("Software", software(study, cite)),
    ]
    return [(heading, text) for heading, text in found if text]


def data(study: Study) -> str:
    """Where the ECGs come from, and how many there are in each part."""
    facts = study.facts
    if "ecgs" not in facts:
        return ""
    source = str(facts.get("source", "an unnamed source"))
    usable = facts.get("usable")
    text = f"{counted(facts['ecgs'], 'ECG')} were read from {SOURCES.get(source, source)}"
    if usable is not None:
        text += f", of which {usable} of {counted(facts['patients'], 'patient')} were usable"
    of = {"training": "train", "validation": "val", "testing": "test"}
    split = study.settings.get("data", {}).get("split", {})
    by = "by the folds of the data set" if split.get("by") == "folds" else "by patient"
    patients = facts.get("patients_of_part", {})
    parts = [
        f"{counted(facts[part], 'ECG')}"
        + (f" of {counted(patients[part], 'patient')}" if part in patients else "")
        + f" for {purpose}"
        for purpose, part in of.items()
        if part in facts
    ]
    shown = INPUTS.get(study.input, study.input)
    text += f". They were divided {by}: {', '.join(parts)}." if parts else "."
    return f"{text} The network was given {shown} of {len(LEADS)} leads."


def outcome(study: Study) -> str:
    """What is predicted, and where the true values come from."""
    target = study.target
    of = f"{target_words(target)} ({target.unit})" if target.unit else target_words(target)
    source = study.facts.get("label_source")
    true = f"; its true values: {source}" if source else ""
    return f"The predicted outcome was {of}{true}."


def exclusions(study: Study) -> str:
    """How many were left out, and why."""
    told = []
    for kind, words in (("excluded", "could not be used"), ("without_label", "had no true value")):
        why = reasons(study.facts, kind)
        if not why:
            continue
        total = counted(sum(count for _, count in why), "ECG")
        named = "; ".join(f"{reason}: {count}" for reason, count in why[:TOLD])
        more = "; further reasons in the table of exclusions" if len(why) > TOLD else ""
        told.append(f"{total} {words} ({named}{more}).")
    return " ".join(told) or ("No ECG was excluded." if "excluded" in study.facts else "")


def network(study: Study) -> str:
    """Which network, how it was trained, and how well it reads."""
    settings, firsts = study.settings, study.first_of_each_network
    read = [fit_sentence(each) for each in firsts]
    if len(firsts) > 1:
        read = [f"Network {n}: {told}" for n, told in enumerate(read, 1) if told]
    own = settings.get("network", {}).get("_target_")
    told = []
    if own is not None:
        told = [f"A network of our own ({own}) was explained as it is."]
    elif "model" in settings and "fit" in settings:
        told = [trained(study, settings["model"], settings["fit"])]
    return " ".join(filter(None, [*told, *read]))


def trained(study: Study, model: Mapping[str, Any], fit: Mapping[str, Any]) -> str:
    """How the networks came to their weights."""
    kind, several = str(model["_target_"]).rpartition(".")[2], study.networks > 1
    loss = "cross-entropy" if study.target.kind == "binary" else "squared error"
    seeds = ", ".join(map(str, study.seeds))
    schedule = SCHEDULES.get(str(fit["schedule"]), f"the schedule {fit['schedule']} with")
    what = f"{study.networks} networks of type {kind} were" if several else f"A {kind} was"
    return (
        f"{what} trained on the mean {loss} by Adam for {counted(fit['epochs'], 'epoch')} in "
        f"batches of {fit['batch_size']}, with {schedule} {number(fit['lr'])} (random "
        f"seed{'s' if several else ''} {seeds}); the weights after the last epoch were kept."
    )


def methods(study: Study, cite: Citations) -> str:
    """Every method with its settings and sources, the controls, and what was left out."""
    settings = study.settings.get("method", {})
    scores = [each.scores for each in study.results]
    names = list(dict.fromkeys([*settings, *(name for each in scores for name in each.methods)]))
    left_out = {name: why for each in scores for name, why in each.left_out.items()}
    used = [name for name in names if name not in left_out]
    text = ""
    if used:
        each = [f"{style(name).label}{_set(settings.get(name, {}))}{_cited(name, cite)}"
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


def evaluation(study: Study, cite: Citations) -> str:
    """The perturbation protocols, then the other experiments."""
    told = []
    for result in study.first_of_each_protocol:
        scores, protocol = result.scores, result.scores.protocol
        own = OF_EXPERIMENT.get(protocol.name, (PERTURBATION,))
        seen = f"{counted(len(scores.records), 'test ECG')} of " + counted(
            len({*scores.patients}), "patient"
        )
        told.append(
            f"Heatmaps of {seen} were ranked by perturbation{cite(*own)}, "
            f"{RULES.get(protocol.name, protocol.name)}: {disturbed(protocol)}; "
            f"{counted(protocol.draws, 'random draw')}. The score was the {auc_label(result)}."
        )
    for answer in study.answers:
        finding = answer.finding
        if not finding.question:
            continue
        marks = cite(*OF_EXPERIMENT.get(finding.experiment, ()))
        seen = f"{counted(answer.ecgs, 'test ECG')}, {counted(len(answer.networks), 'network')}"
        told.append(f"{finding.question.rstrip('?')}{marks}? This was asked on {seen}.")
    return " ".join(told)


def statistics(study: Study, cite: Citations) -> str:
    """How intervals and decisions were made."""
    over = "patients and networks" if study.networks > 1 else "patients"
    bootstrap, holm = STATISTICS
    text = (
        f"Intervals are 95 % intervals over {over} from {REPLICATES} bootstrap replicates"
        f"{cite(bootstrap)}."
    )
    if study.results:
        text += (
            " A method beats the controls when its paired difference from each is above 0 at "
            f"p < {LEVEL:g}, Holm-corrected over the methods{cite(holm)}."
        )
    return text


def software(study: Study, cite: Citations) -> str:
    """Versions and the guideline."""
    versions = study.facts.get("versions") or installed_versions()
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"{named}. Reporting follows TRIPOD+AI{cite(GUIDELINE)}."


def _set(settings: Mapping[str, Any]) -> str:
    given = {key: value for key, value in settings.items() if key != "_target_"}
    said = [f"{key.replace('_', ' ')} {value}" for key, value in given.items()]
    return f" ({', '.join(said)})" if said else ""


def _cited(name: str, cite: Citations) -> str:
    """Sources of a method; one of the user's own has none."""
    return cite(*OF_METHOD.get(name, ()))
