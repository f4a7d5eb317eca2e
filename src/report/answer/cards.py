"""The cards on top of a report: which methods to use, which not, and the next command."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ...eval import GATES, LADDER_GATE, Finding, gates
from ...eval.evaluations.sanity import Weights
from ..style import listed
from ..text.sampled import generated
from ..text.words import heading
from ..views.perturbation import PerturbationView
from ..views.view import View
from .deciding import about_one, deciding
from .in_short import in_short
from .next_run import commands_of, own_network
from .not_above import may_be_chance, why_not_above
from .words import FAILED, LEVELS, NEEDED, SIGNS, USES, AnswerWords, answer_words

UNTRIED = "not judged"
# Said beside the number of methods on each card.
MEANS = {
    "use": "passed the required tests",
    "not shown": "a test is missing or undecided",
    "do not use": "failed a test",
}
REGION = LEVELS.index(NEEDED) + 1  # the level that needs a target with a region
# What is untested where a gate of eval.gates was not tried.
TESTS = {GATES["weights_verdict"]: "weights", GATES["permuted_verdict"]: "labels"}


def answer_cards(
    sections: Sequence[PerturbationView], answers: Sequence[View]
) -> dict[str, dict[str, Any]]:
    """A card per answer for each set of networks and target, by the key of its first view."""
    found = {}
    for own in about_one(sections):
        if words := answers_of(own, answers):
            levels = {name: level_of(own, name) for name in words}
            found[own[0].key] = {
                "title": " · ".join(heading(own[0].finding)[:2]),
                "cards": _cards(words, levels),
                "not_said": _not_said(own[0]),
                "short": in_short(own, words, levels),
            }
    return found


def answers_of(
    sections: Sequence[PerturbationView], answers: Sequence[View]
) -> dict[str, AnswerWords]:
    """The answer for each method of the protocols of one network, those left out included."""
    section = sections[0]
    findings = _findings(section, answers)
    rankings = [each.ranking for each in deciding(sections)]
    table = gates(section.finding.curves, rankings, findings).set_index("method")
    first = section.first
    commands = commands_of(first.facts, len(first.about.records))
    return {
        str(name): answer_words(
            level_of(sections, str(name)),
            str(row["verdict"]),
            _untested(sections, findings, row),
            commands,
            {str(gate): str(verdict) for gate, verdict in row.items()},
            _whys(sections, findings, str(name)),
        )
        for name, row in table.iterrows()
    }


def level_of(sections: Sequence[PerturbationView], method: str) -> str | None:
    """The level that a method was shown to reach by every deciding protocol."""
    level = min(each.ranking.ladder.reached.get(method, 0) for each in deciding(sections))
    return LEVELS[level - 1] if level else None


def _findings(section: PerturbationView, answers: Sequence[View]) -> list[Finding]:
    """Findings on the networks and target of a view."""
    networks = {*section.finding.about.networks}
    return [
        each.finding
        for each in answers
        if networks & {*each.finding.about.networks}
        and each.finding.about.target == section.first.about.target
    ]


def _whys(
    sections: Sequence[PerturbationView], findings: Sequence[Finding], method: str
) -> dict[str, str]:
    """What decided each gate that the method fails in one of these views or findings."""
    return {LADDER_GATE: why_not_above(sections, method)} | {
        gate: str(row.get(column.replace("verdict", "why"), ""))
        for column, gate in GATES.items()
        for finding in findings
        for row in finding.table.to_dict("records")
        if row["method"] == method and row.get(column) == "fails"
    }


def _untested(
    sections: Sequence[PerturbationView], findings: Sequence[Finding], row: pd.Series
) -> list[str]:
    """Names of what was not tested, from MISSING; of a failed method what may change that."""
    if row["verdict"] == FAILED:
        only = [gate for gate, verdict in row.items() if verdict == "fails"] == [LADDER_GATE]
        chance = only and may_be_chance(sections, str(row.name))
        return ["ecgs"] if chance and _more_ecgs(sections[0].first) else []
    own = own_network(sections[0].first.facts.get("settings", {}))
    found = [name for gate, name in TESTS.items() if row[gate] == UNTRIED]
    if any(each.about.evaluation == Weights.name and each.reason for each in findings):
        found = [f"no {name}" for name in found]
    elif own:
        found = ["own labels" if name == "labels" else name for name in found]
    tested = [section.ranking.ladder.tested for section in deciding(sections)]
    if not all(REGION in levels for levels in tested):
        target = sections[0].finding.about.target
        ladder = sections[0].finding.curves[0].protocol.ladder
        found.append("ladder" if target.edges or target.waves or not ladder else "region")
    if _more_decide(sections[0].first, findings, row):
        found.append("ecgs")
    if sections[0].ranking.networks == 1:
        found.append("own networks" if own else "networks")
    return found


def _more_decide(first: Finding, findings: Sequence[Finding], row: pd.Series) -> bool:
    """Whether a gate that is not decided uses every ECG of the run, and the test part has more."""
    every = len(first.about.records)
    used = {LADDER_GATE: every} | {
        gate: len(finding.about.records)
        for finding in findings
        for column, gate in GATES.items()
        if column in finding.table
    }
    undecided = [gate for gate in used if row[gate] == "cannot be said"]
    return _more_ecgs(first) and any(used[gate] >= every for gate in undecided)


def _more_ecgs(first: Finding) -> bool:
    """Whether the test part has more ECGs than the run used."""
    return len(first.about.records) < first.facts.get("test", math.inf)


def _cards(
    words: Mapping[str, AnswerWords], levels: Mapping[str, str | None]
) -> list[dict[str, Any]]:
    """Every answer, "use" first, with its methods, those of one reason and level together."""
    cards = []
    for use in USES:
        own = {name: each for name, each in words.items() if each.use == use}
        kinds = dict.fromkeys((each.reason, levels[name]) for name, each in own.items())
        rows = []
        for reason, level in kinds:
            names = [n for n, each in own.items() if (each.reason, levels[n]) == (reason, level)]
            said = reason.replace("It ", "Each ", 1) if len(names) > 1 else reason
            rows.append({"reason": said, "level": level, "methods": listed(names)})
        cards.append(
            {"use": use, "sign": SIGNS[use], "means": MEANS[use], "count": len(own), "rows": rows}
        )
    return cards


def _not_said(section: PerturbationView) -> list[str]:
    """What the answer leaves open, for a reader who would take it for more."""
    said = [
        "Whether a map looks right to a cardiologist, and whether the network’s reading is right.",
        "What holds on ECGs of other devices, patients or targets.",
    ]
    if section.ranking.networks == 1:
        said.insert(0, "Whether another network would give the same answer: one was tested.")
    if generated(section.first.facts):
        said.insert(0, "Anything about patients: these ECGs are generated.")
    return said
