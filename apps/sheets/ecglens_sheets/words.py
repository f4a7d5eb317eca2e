"""The words of a sheet, in short blocks with a heading."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import shorten

import numpy as np
from ecglens.datamodules import maker_words, may_leave
from ecglens.ecg import FS_HZ, LEADS
from ecglens.eval import LADDER_LEVELS
from ecglens.report import joined, style
from ecglens.report.text import (
    INPUTS,
    class_name,
    counted,
    fit_of,
    fit_of_class,
    makers,
    number,
    percent,
    target_words,
    warnings_of_quality,
)

from .content import EcgSheet, limits_of_agreement, probability_of
from .measured import WITHHELD, seen

AGREE, DISAGREE = ("agree", "within the limits"), ("disagree", "outside the limits")
UNKNOWN_ON_PATIENTS = "; error on patients not known"

WARNING_LETTERS = 170  # bold, of 7.5 points, across a page
KNOWN_ERROR = "Known error"
# Names of a level and of a protocol in plain words.
PLAIN = {" region itself": " region marked alone", "default protocol": "parts replaced"}
OF_LEAD = re.compile(r"lead (\S+) is (.+)")
NO_OWN_SIGNAL = "III, aVR, aVL and aVF follow from I and II: they have no signal of their own."
NO_FLAG = "No technical problem found. Not interpreted."
NOT_CLINICAL = "For research. Not a medical device: not for diagnosis or treatment."


@dataclass(frozen=True)
class Block:
    """A heading and its lines; `warning` says that a reader should see it first.

    Blocks `of_map` stand beside the map.
    """

    heading: str
    lines: tuple[str, ...]
    warning: bool = False
    of_map: bool = False


def reading(sheet: EcgSheet) -> str:
    """Output of the network, as `_value`; of one without evaluation with "error unknown"."""
    return _value(sheet) if sheet.evaluated else f"{_value(sheet)} (error unknown)"


def _value(sheet: EcgSheet) -> str:
    """A value in its unit, or the probability of a class."""
    target = sheet.finding.about.target
    words = target_words(target)
    if target.kind == "binary":
        share = _probability(sheet.output)
        of = class_name(target.explained) if target.classes else words
        return f"{of[:1].upper()}{of[1:]}: probability {share}"
    return f"{words} {number(sheet.output)} {target.unit}".rstrip()


def _probability(logit: float) -> str:
    """The probability in whole percent, which is never said to be none or certain."""
    share = probability_of(logit)
    # Half a percent would be rounded to 0 % and 100 %.
    if share < 0.005 or share > 0.995:
        return "below 1\u00a0%" if share < 0.5 else "above 99\u00a0%"
    return percent(share) or "–"


def side_by_side(sheet: EcgSheet) -> dict[str, str]:
    """Reading with its limits, measurement and who made it, and whether the two agree.

    By name: `reading`, `limits`, `measured`, `by`, `verdict`, `why`.
    """
    finding = sheet.finding
    found, known = limits_of_agreement(finding.facts), math.isfinite(sheet.measured)
    unit = finding.about.target.unit
    said = known or sheet.measured_by == WITHHELD
    verdict, why = "–", "cannot be compared"
    if sheet.meaningless:
        limits = sheet.meaningless
    elif found is None:  # such as the AUROC of a class
        limits = _error(sheet)[0]
    else:
        low, high = (number(sheet.output - away) for away in reversed(found))
        of = ", on generated ECGs" if finding.facts.get("generated") else ""
        finite = all(map(math.isfinite, (sheet.output, *found)))
        limits = f"95 % limits: {low} to {high} {unit}{of}" if finite else "95 % limits: –"
        if known and finite:
            verdict, why = _agreement(sheet, *found)
    return {
        "reading": reading(sheet),
        "limits": limits,
        "measured": f"{number(sheet.measured)} {unit}" if known else "–",
        "by": sheet.measured_by if said else seen(sheet.why_unmeasured) or "not measured here",
        "verdict": verdict,
        "why": why,
    }


def _agreement(sheet: EcgSheet, low: float, high: float) -> tuple[str, str]:
    """Whether reading and measurement agree within these limits, and why; "–" where none can say.

    The limits are of prediction − label: they say nothing of a measurement of another maker than
    the labels'. One whose ± is more than all of the limits can neither agree nor disagree.
    """
    if sheet.unit_doubted:
        return "–", "the unit is in doubt"
    made = makers(sheet.finding)
    if made and sheet.maker and {*made} != {sheet.maker}:
        own = _made([sheet.maker])
        return "–", f"the run's labels are {_made(made)}; this value is {own}"
    if sheet.margin > high - low:  # False for NaN
        return "–", "measurement too uncertain"
    verdict, why = AGREE if low <= sheet.output - sheet.measured <= high else DISAGREE
    return verdict, why + UNKNOWN_ON_PATIENTS * bool(sheet.finding.facts.get("generated"))


def _made(by: Iterable[str]) -> str:
    """Makers of labels in words, without numbers of ECGs."""
    return joined([maker_words({who: 1}) for who in by])


def warning_of(sheet: EcgSheet) -> str:
    """Flags in one line, the rest of which page one has; "" for none."""
    said = f"! {' '.join(_flags(sheet))}" if flags_of(sheet) else ""
    return shorten(said, WARNING_LETTERS, placeholder=" … (all: page 1)")


def blocks(sheet: EcgSheet, signs: str = "By this map") -> list[Block]:
    """The blocks of a sheet in their order; its last lines are `settings_of`.

    `signs` says where the map has its signs.
    """
    of_map = sheet.heatmap is not None
    flags = _flags(sheet)
    found = [
        Block(KNOWN_ERROR, tuple(_error(sheet)), warning=not sheet.evaluated),
        Block("Signal and range", (*(flags or [NO_FLAG]), *_unranged(sheet)), warning=bool(flags)),
        Block("Heatmap", tuple(_heatmap(sheet, signs)), not _tested(sheet), of_map),
        *(Block(heading, tuple(said), of_map=True) for heading, said in sheet.added.items()),
        Block("What this sheet does not say", tuple(_unsaid(sheet)), of_map=of_map),
    ]
    if others := _other_classes(sheet):
        found.insert(1, Block("Other classes", (others,)))
    if unread := sheet.supported.unread:
        found.insert(0, Block("What the network reads", (unread,), warning=True))
    return found


def flags_of(sheet: EcgSheet) -> tuple[str, ...]:
    """Flags of the sheet, and one for a prediction far from the measurement, or no number."""
    if not sheet.finite:
        return (*sheet.flags, "an output of the network is NaN or infinity")
    away = sheet.output - sheet.measured
    if side_by_side(sheet)["verdict"] != DISAGREE[0]:
        return sheet.flags
    unit = sheet.finding.about.target.unit
    more = "above" if away > 0 else "below"
    words = (
        f"the prediction is {number(abs(away))} {unit} {more} the {number(sheet.measured)} {unit} "
        f"{sheet.measured_by}, outside the limits of agreement: one of the two may be wrong"
    )
    return (*sheet.flags, words)


def _flags(sheet: EcgSheet) -> list[str]:
    """The flags as sentences, and why leads that follow from a missing one are empty."""
    flags = _together(flags_of(sheet))
    said = [f"{flag[:1].upper()}{flag[1:]}{'.' * (flag[-1:] != '?')}" for flag in flags]
    if "missing" in (sheet.dead.get("I"), sheet.dead.get("II")):
        said.append(NO_OWN_SIGNAL)
    return said


def _together(flags: Sequence[str]) -> Iterator[str]:
    """The flags, what is said of several leads once."""
    leads: dict[str, list[str]] = {}
    for flag in flags:
        found = OF_LEAD.fullmatch(flag)
        leads.setdefault(found[2] if found else flag, []).extend([found[1]] if found else [])
    for said, names in leads.items():
        if len(names) > 1:
            yield f"leads {joined(names)} are {said}"
        else:
            yield f"lead {names[0]} is {said}" if names else said


def seen_of(sheet: EcgSheet) -> str:
    """Sentences on the part of the ECG that the network reads, and leads without colour."""
    read, blank = sheet.read, ""
    if sheet.heatmap is not None and sheet.dead:
        blank = f" No colour without a heart signal: {', '.join(sheet.dead)}."
    if read is None or read.all():
        return f"As the network reads it.{blank}"
    said = []
    if not read.any(1).all():
        names = [name for name, row in zip(LEADS, read, strict=True) if row.any()]
        said.append(f"the leads {', '.join(names)}")
    times = np.flatnonzero(read.any(0))
    if len(times) < read.shape[1]:
        said.append(f"{times[0] / FS_HZ:.1f} to {(times[-1] + 1) / FS_HZ:.1f} s")
    return f"The network reads only {' and '.join(said)} of it.{blank}"


def caution_of(sheet: EcgSheet) -> str:
    """Caution beside a map that no evaluation supports; "" for none."""
    if sheet.heatmap is None or _tested(sheet):
        return ""
    return f"{style(sheet.supported.method).label}: not tested on this network"


def _unranged(sheet: EcgSheet) -> list[str]:
    """Sentence that nothing can be flagged without training ECGs."""
    if sheet.evaluated:
        return []
    return ["Its training ECGs are not known: an ECG that differs from them is not flagged."]


def _tested(sheet: EcgSheet) -> bool:
    """True if a heatmap is drawn that the evaluation supports."""
    return sheet.heatmap is not None and bool(sheet.supported.level)


def _error(sheet: EcgSheet) -> list[str]:
    finding = sheet.finding
    facts, target = finding.facts, finding.about.target
    fit = fit_of_class(fit_of(facts), target.explained)
    foreign = _own_class(sheet) is not None
    kind = "ECG" if foreign else "test ECG"
    tested = f"{counted(facts.get('test', 0), kind)} of the data set {facts.get('source')}"
    if made := makers(finding):
        tested += f", whose labels are {_made(made)}"
    lines = []
    if not sheet.evaluated:
        lines.append("Error unknown: this network was not evaluated with ECGLens.")
    elif "mae" in fit:
        unit = target.unit
        lines.append(f"Mean absolute error {number(fit['mae'])} {unit} on {tested}.")
        if limits := limits_of_agreement(facts):
            low, high = map(number, limits)
            lines.append(
                f"95 % limits of agreement (prediction − label): {low} to {high} {unit}, "
                f"bias {number(fit['bias'])} {unit}."
            )
    elif "auroc" in fit:
        lines.append(f"AUROC {number(fit['auroc'])} on {tested}{_counts(fit)}.")
        if "calibration_error" in fit:
            lines.append(f"Calibration error {number(fit['calibration_error'])}.")
    else:
        lines.append("Not known: no test ECG of the run has a label.")
    if foreign and fit:
        lines.append("Whether the network was trained on these ECGs is not known.")
    if finding.facts.get("generated"):
        lines.append("These ECGs were generated; the error on patients is not known.")
    lines += warnings_of_quality(finding) if sheet.evaluated else []
    return lines


def _counts(fit: dict[str, float]) -> str:
    if not {"positive", "negative"} <= {*fit}:
        return ""
    return f" ({fit['positive']:.0f} with it, {fit['negative']:.0f} without)"


def _other_classes(sheet: EcgSheet) -> str:
    """Probability of each other class that was tested, with its AUROC; "" where there is none."""
    target, facts = sheet.finding.about.target, fit_of(sheet.finding.facts)
    said = []
    for name, logit in zip(target.outputs, sheet.outputs, strict=True):
        auroc = fit_of_class(facts, name).get("auroc", math.nan)
        if name != target.explained and not math.isnan(auroc):
            words = f"{_probability(logit)}, AUROC {number(auroc)}"
            said.append(f"{class_name(name)} {words}")
    return f"{'; '.join(said)}." if said else ""


def _heatmap(sheet: EcgSheet, signs: str) -> list[str]:
    supported = sheet.supported
    if sheet.heatmap is None:
        lines = [f"No heatmap. {sheet.why_none}"]
    else:
        raised = "the logit" if sheet.finding.about.target.kind == "binary" else "the prediction"
        level = (
            f" Level {supported.number} of {len(LADDER_LEVELS)}, {supported.level}, on "
            f"{supported.tested_on}."
        )
        for word, plain in PLAIN.items():
            level = level.replace(word, plain)
        lines = [
            f"{style(supported.method).label}.{level if _tested(sheet) else ''}",
            supported.reason,
            f"{signs}, blue raises {raised} and orange lowers it; signs were not tested.",
        ]
    return lines if sheet.evaluated else [*lines, *to_test(sheet)]


def to_test(sheet: EcgSheet) -> list[str]:
    """Line with the command that would test what is untested; none where there is nothing."""
    command = sheet.supported.command
    # A run names settings to add; a network that was not evaluated has a whole command.
    again = "its command again, with " * (sheet.evaluated and not command.startswith("ecglens "))
    what = "more" if sheet.evaluated else "methods"
    return [f"To test {what}: {again}{command}"] * bool(command)


def _unsaid(sheet: EcgSheet) -> list[str]:
    average = ["The error is that of other ECGs, not of this ECG."]
    lines = average if sheet.evaluated else ["Whether the network is right, on this ECG or any."]
    if sheet.heatmap is not None:
        level = "The level is an average over ECGs. " if _tested(sheet) else ""
        # Only a map that the return test has shown may be called one of this ECG.
        where = "" if sheet.supported.about_ecg else " in ECGs like this"
        lines.append(
            f"{level}The map shows what this network reacts to{where}: not a cause, and not where "
            "a cardiologist would look."
        )
    return lines


def _own_class(sheet: EcgSheet) -> str | None:
    """Class of a network that was not trained here, by name; None for one that was."""
    settings = sheet.finding.facts.get("settings", {})
    return settings.get("network", {}).get("_target_")


def settings_of(sheet: EcgSheet) -> list[str]:
    """Network, labels, reader and versions, in two lines."""
    about, facts = sheet.finding.about, sheet.finding.facts
    settings, versions = facts.get("settings", {}), facts.get("versions", {})
    model = settings.get("model", {}).get("name", "")
    own = _own_class(sheet)
    network = " ".join(filter(None, ["Network", own or model, about.networks[0]]))
    if len(about.networks) > 1:
        network += f", the first of {len(about.networks)}"
    said = [f"{name} {versions[name]}" for name in ("ecglens", "torch") if name in versions]
    labels = facts.get("label_source", "") if may_leave(facts) else ""
    return [
        f"{network}; reads {INPUTS.get(about.input, about.input)}"
        f"{'; labels: ' * bool(labels)}{labels}.",
        "; ".join([f"ECG read as {sheet.reader}, recorded at {sheet.fs:g} Hz", *said]) + ".",
    ]
