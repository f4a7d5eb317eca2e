"""The answer in words: what was found, and how sure that is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from scipy.special import expit

from ... import registry
from ...datamodules import Target, value_words
from ...eval import Finding, Ranking
from ...eval.ranking import level_name, mean_curves
from ..style import listed, style
from .cautions import cautions
from .class_quality import class_name
from .disturbance import units
from .labels_made import makers
from .numerals import counted, number

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
WHERE = "where the target lives"


@dataclass(frozen=True)
class Verdict:
    """The answer on top of a view."""

    answer: str
    short: str  # the answer in a list of several
    sure: str
    warnings: tuple[str, ...]


def verdict(findings: Sequence[Finding], ranking: Ranking) -> Verdict:
    """The verdict on the methods by one protocol, on networks that differ in their seed alone."""
    finding = findings[0]
    return Verdict(
        _answer(finding, ranking),
        _short(ranking),
        _sure(findings, ranking),
        cautions(findings, ranking),
    )


def subject(finding: Finding) -> str:
    """Which network is meant, such as "the PR network on median beats"."""
    target, shown, _ = heading(finding)
    if target.startswith("output "):
        return f"{target} of the network on {shown}"
    if finding.about.target.classes:
        explained = class_name(finding.about.target.explained)
        return f"the logit of {explained} of the {finding.about.target.name} network on {shown}"
    return f"the {target} network on {shown}"


def heading(finding: Finding) -> tuple[str, str, str]:
    """Target, input and rules as they stand in a title."""
    rules, shown = finding.curves[0].protocol.name, finding.about.input
    return target_words(finding.about.target), INPUTS.get(shown, shown), rules_words(rules)


def target_words(target: Target) -> str:
    """A target as it stands in a title: an amplitude with its lead, a logit with its class."""
    words = " ".join(filter(None, [target.lead, _target_name(target.name)]))
    return f"{words}: {class_name(target.explained)}" if target.classes else words


def rules_words(name: str) -> str:
    """A protocol or evaluation as a page writes it; its name where nobody says how."""
    return RULES.get(name) or registry.printed("evaluation", name).get("label", name)


def _target_name(name: str) -> str:
    return TARGETS.get(name) or registry.printed("target", name).get("label", name)


def reading(finding: Finding, record: str) -> str:
    """What the network reads from an ECG of the gallery, and its label, in the target's unit."""
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
    """What is measured along a curve, with its unit."""
    unit = outcome_unit(finding)
    label = OUTCOMES[finding.curves[0].protocol.outcome] + (f" ({unit})" if unit else "")
    return label if finding.curves[0].protocol.order == "morf" else f"{label}, counted negative"


def auc_label(finding: Finding) -> str:
    """What the ranking orders by, with its unit: an outcome times steps."""
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


def _answer(finding: Finding, ranking: Ranking) -> str:
    winners = trusted(ranking)
    of = subject(finding)
    if not finding.curves[0].methods:
        return f"None. No method could explain {of}: {_why_none(finding)}."
    if not winners:
        least = "say more than the controls do (random numbers, |x| and |dx/dt|)"
        if any(ranking.ladder.reached.values()):
            least = f"reach “{level_name(ranking.ladder.needed)}”"
        return (
            f"None. For {of}, no heatmap was shown to {least}. "
            "Do not rely on any of these maps here."
        )
    say, find = ("says", "finds") if len(winners) == 1 else ("say", "find")
    claim = f"{say} more than {WHERE}" if ranking.ladder.needed > 1 else f"{find} sensitive places"
    text = f"For {of}, {listed(winners)} {claim}."
    if ranking.best is not None and len(winners) > 1:
        text += f" {style(ranking.best).label} is strongest"
        tied = [name for name in ranking.tied if name != ranking.best]
        if tied:
            text += f", but cannot be told apart from {listed(tied)}"
        text += "."
    return f"{text}{_about_this_ecg(ranking)}"


def _about_this_ecg(ranking: Ranking) -> str:
    """Whether maps are about their ECG; nothing where that was not asked."""
    if 3 not in ranking.ladder.tested:
        return ""
    names = [name for name in ranking.names if ranking.ladder.reached.get(name) == 3]
    if names:
        return f" {say_more(names)}."
    if missed := ranking.ladder.above(3):
        return f" {say_more(missed)}, but missed a level before."
    return " None was shown to be about this ECG, beyond what maps of other patients show."


def say_more(names: Sequence[str]) -> str:
    """Clause that the maps of these methods are above those of other patients."""
    say = "says" if len(names) == 1 else "say"
    return f"{listed(names)} {say} more about an ECG than maps of other patients do"


def _why_none(finding: Finding) -> str:
    """Why no method was scored, those left out for one reason together."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in finding.curves[0].left_out.items():
        by_reason.setdefault(reason, []).append(name)
    reasons = [f"{reason} ({listed(names)})" for reason, names in by_reason.items()]
    return "; ".join(reasons) or "none was requested"


def _short(ranking: Ranking) -> str:
    if not (ranking.table["kind"] == "method").any():
        return "No method could explain it."
    winners = trusted(ranking)
    if ranking.best is None:
        return f"None was shown to reach “{level_name(ranking.ladder.needed)}”."
    count = int((ranking.table["kind"] == "method").sum())
    level = level_name(ranking.ladder.needed)
    reach = "reaches" if len(winners) == 1 else "reach"
    tied = f", tied with {listed(ranking.tied)}" if ranking.tied else ""
    top = 3 in ranking.ladder.tested and 3 not in ranking.ladder.reached.values()
    none = f", none “{level_name(3)}”" if top and ranking.ladder.needed < 3 else ""
    return (
        f"{len(winners)} of {counted(count, 'method')} {reach} “{level}”{none}; "
        f"{style(ranking.best).label} is strongest{tied}."
    )


def _sure(findings: Sequence[Finding], ranking: Ranking) -> str:
    finding = findings[0]
    protocol = finding.curves[0].protocol
    several = f"{counted(ranking.networks, 'network')}, " if ranking.networks > 1 else ""
    draws = counted(protocol.draws, "noise draw")
    seen = f"{several}{counted(ranking.ecgs, 'ECG')}, {draws} each."
    if not finding.curves[0].methods:
        return f"{seen} Only the controls were scored: there is no map to rely on."
    if ranking.best is None:
        return f"{seen} {MORE_THAN}"
    row = _rows(ranking).loc[ranking.best]
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


def _rows(ranking: Ranking) -> pd.DataFrame:
    return ranking.table.set_index("method")


def trusted(ranking: Ranking) -> list[str]:
    """The methods that reach the level of the null ladder that is needed, best first."""
    reached, needed = ranking.ladder.reached, ranking.ladder.needed
    return [name for name in ranking.names if reached.get(name, 0) >= needed]
