"""Targets, protocols, outcomes and rankings in words."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from scipy.special import expit

from ... import registry
from ...datamodules import ECGLENS, Target, maker_words, value_words
from ...eval import TARGET_REGION, Finding, Protocol, Ranking
from ...eval.ranking import level_name, mean_curves
from ..style import style
from .numerals import counted, generated, number, percent
from .quality import class_name

FILLS = {
    "zero": "set to 0 µV",
    "mean": "set to the mean of the lead",
    "linear": "replaced by the line between the samples beside them",
    "donor": "replaced by those of another patient's ECG",
}


def disturbed(protocol: Protocol) -> str:
    """The points or segments of an evaluation and what each gets."""
    return f"{protocol.steps} {hit(protocol)}, one a step, {_filled(protocol)}"


def axis(protocol: Protocol) -> str:
    """Label of the axis of steps."""
    first = {"morf": "most", "lerf": "least"}[protocol.order]
    return f"{units(protocol)} perturbed, {first} relevant first"


def hit(protocol: Protocol) -> str:
    """Units that the steps perturb, in their order."""
    wide = f" of {protocol.segment_ms:g} ms" if protocol.unit == "segment" else ""
    least = ", the least relevant first" if protocol.order == "lerf" else ""
    return f"{units(protocol)}{wide}{least}"


def units(protocol: Protocol) -> str:
    """Points or segments."""
    return f"{protocol.unit}s"


def _filled(protocol: Protocol) -> str:
    if protocol.fill != "noise":
        return FILLS[protocol.fill]
    bump = "a smooth bump" if protocol.unit == "segment" else "noise"
    return f"{bump} of {percent(protocol.noise)} of the range of the {protocol.noise_scope}, as SD"


# Programs whose measurement a network learns in place of a clinician's.
PROGRAMS = ("12sl", "recorder")


def makers(finding: Finding) -> Mapping[str, int]:
    """Number of ECGs by the maker of the label that is explained; empty where nobody told."""
    return finding.facts.get("labels_by", {}).get(finding.about.target.explained, {})


def labels_cautions(finding: Finding) -> list[str]:
    """Cautions on labels that a program measured."""
    made, target = makers(finding), finding.about.target
    if not made:
        return []
    said = maker_words(made)
    if ECGLENS in made:
        text = f"The labels are {said}: the network learns ECGLens' measurement, errors included."
        if target.edges or target.waves:
            text += " Marks of the same kind say where the target lies in each ECG."
        return [text]
    if any(who in made for who in PROGRAMS):
        return [f"The labels are {said}: the network learns that program, errors included."]
    return []


TARGETS = {
    "pr": "PR",
    "qrs": "QRS",
    "qt": "QT",
    "r": "R-amplitude",
    "j": "J-amplitude",
    "t": "T-amplitude",
    "rate": "heart-rate",
}
INPUTS = {"median": "median beats", "rhythm": "10-s strips"}
RULES = {
    "default": "default protocol",
    "points": "noise on single points",
    "storas2025": "protocol of Storås 2025",
    "noise_2": "noise of 2 %",
    "noise_5": "noise of 5 %",
    "noise_10": "noise of 10 %",
    "noise_20": "noise of 20 %",
    "segments": "segments",
    "lerf": "least relevant segments first",
    "zero": "segments set to zero",
    "mean": "segments set to the lead’s mean",
    "linear": "segments interpolated",
    "donor": "segments of another patient",
    "return_test": "return test",
}
OUTCOMES = {
    "change": "change of the prediction",
    "relative_error": "relative error against the label",
    "logit": "fall of the logit",
}
MOVES = {
    "change": "the prediction moves by",
    "relative_error": "the relative error is",
    "logit": "the logit falls by",
}
MORE_THAN = (
    "“More than” means that the paired difference is above 0, Holm-corrected over the methods, "
    "p < 0.05."
)


NUMBERED = re.compile(r"(?:deepfake|exact)-\d+-(\d+)")  # a generator, its seed, a number


def heading(finding: Finding) -> tuple[str, str, str]:
    """Target, input and rules as they stand in a title."""
    rules, shown = finding.curves[0].protocol.name, finding.about.input
    return target_words(finding.about.target), INPUTS.get(shown, shown), rules_words(rules)


def record_words(record: str, facts: Mapping[str, Any]) -> str:
    """An ECG as it is printed: a generated one by its number, a recorded one by its name."""
    number = NUMBERED.fullmatch(record) if generated(facts) else None
    return f"generated ECG {int(number[1])}" if number else f"ECG {record}"


def target_words(target: Target) -> str:
    """A target as it stands in a title: an amplitude with its lead, a logit with its class."""
    name = TARGETS.get(target.name) or registry.printed("target", target.name).get("label")
    words = " ".join(filter(None, [target.lead, name or target.name]))
    return f"{words}: {class_name(target.explained)}" if target.classes else words


def named(sentence: str, target: Target) -> str:
    """A sentence of a finding with the name of the target in that of its region."""
    return sentence.replace(TARGET_REGION, f"the {target_words(target)} region")


def level_words(level: int, target: Target) -> str:
    """Level of the null ladder, with the name of the target; "" for none."""
    return named(level_name(level), target) if level else ""


def rules_words(name: str) -> str:
    """A protocol or evaluation as a page writes it; its name where nobody says how."""
    return RULES.get(name) or registry.printed("evaluation", name).get("label", name)


def reading(finding: Finding, record: str) -> str:
    """Reading of an ECG of the gallery, and its label, in the target's unit."""
    scores, unit = finding.curves[0], finding.about.target.unit
    place = scores.records.index(record)
    read = float(next(iter(scores.predictions.values()))[0, place, 0])
    binary = finding.about.target.kind == "binary"
    text = f"network {number(read)} {unit}".rstrip()
    text += f" (probability {number(float(expit(read)))})" if binary else ""
    label = float(scores.y[place])
    if math.isnan(label):
        return text
    # A logit is said of an ECG that is 0 or 1.
    value = f"{label:.0f}" if binary else f"{number(label)} {unit}".rstrip()
    return f"{text}, {value_words(value, makers(finding))}"


def outcome_label(finding: Finding) -> str:
    """Outcome along a curve, with its unit."""
    unit = outcome_unit(finding)
    label = OUTCOMES[finding.curves[0].protocol.outcome] + (f" ({unit})" if unit else "")
    return label if finding.curves[0].protocol.order == "morf" else f"{label}, counted negative"


def auc_label(finding: Finding) -> str:
    """Score that the ranking orders by, with its unit: an outcome times steps."""
    protocol = finding.curves[0].protocol
    negative = "" if protocol.order == "morf" else ", counted negative"
    return (
        f"area under the curve of the {OUTCOMES[protocol.outcome]}{negative}, "
        f"0–{protocol.until} {units(protocol)} ({auc_unit(finding)})"
    )


def outcome_unit(finding: Finding) -> str:
    """Unit of a curve; "" for a share and for a logit."""
    return finding.about.target.unit if finding.curves[0].protocol.outcome == "change" else ""


def auc_unit(finding: Finding) -> str:
    """Unit of an area under a curve, whose x axis counts steps."""
    return " × ".join(filter(None, [outcome_unit(finding), "steps"]))


def sample_and_strongest(findings: Sequence[Finding], ranking: Ranking) -> str:
    """Size of the sample, and how far the strongest method by this score is above random."""
    finding = findings[0]
    protocol = finding.curves[0].protocol
    several = f"{counted(ranking.networks, 'network')}, " if ranking.networks > 1 else ""
    draws = counted(protocol.draws, "noise draw")
    seen = f"{several}{counted(ranking.ecgs, 'ECG')}, {draws} each."
    if not finding.curves[0].methods:
        return f"{seen} Only the controls were scored: there is no map to rely on."
    if ranking.best is None:
        return f"{seen} {MORE_THAN}"
    row = ranking.table.set_index("method").loc[ranking.best]
    unit = f" {outcome_unit(finding)}".rstrip()
    curves, until = mean_curves(*(each.curves[0] for each in findings)), protocol.until
    what = MOVES[protocol.outcome]
    end, sign = ("first", 1) if protocol.order == "morf" else ("last", -1)
    hit = f"{end} {until} {units(protocol)}"
    there, random = (sign * curves[name][until] for name in (ranking.best, "random"))
    return (
        f"{seen} After the {hit} of {style(ranking.best).label} {what} "
        f"{number(there)}{unit} on average, after {until} at random "
        f"{number(random)}{unit}. The difference in area under the curve is "
        f"{number(row['difference'])} {auc_unit(finding)} (paired 95 % interval "
        f"{number(row['difference_low'])} to {number(row['difference_high'])}). {MORE_THAN}"
    )
