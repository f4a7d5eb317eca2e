"""Data, outcome and exclusions, as paragraphs for a paper."""

from ...ecg import LEADS
from ..text.class_quality import class_name
from ..text.numerals import counted
from ..text.quality import external_of, external_sentence
from ..text.sampled import generated, seen
from ..text.words import INPUTS, target_words
from .flow import reasons
from .manuscript import Manuscript

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
    """As "divided by patient", and how many are in each part; "" where that is not known."""
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
    """What is predicted, and where the labels come from."""
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
