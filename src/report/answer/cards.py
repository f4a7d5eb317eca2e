"""The cards on top of a report: which methods to use, which not, and the next command."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ...eval import GATES, Finding, gates
from ..style import listed
from ..text.words import heading
from ..views.perturbation import PerturbationView
from ..views.view import View
from .deciding import about_one, deciding
from .words import LEVELS, NEEDED, SETTINGS, SIGNS, USES, AnswerWords, answer_words

UNTRIED = "not judged"
REGION = LEVELS.index(NEEDED) + 1  # the level that needs a target with a region
# What is untested where a gate of eval.gate was not tried.
TESTS = {GATES["weights_verdict"]: "weights", GATES["permuted_verdict"]: "labels"}
DEFAULTS = {"target": "pr", "input": "median", "data": "deepfake"}  # configs/train.yaml
# Targets that are named like their file in configs/target; others are a column or a class.
NAMED = ("pr", "qrs", "qt", "r", "j", "t", "rate")


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
                "not_said": _not_said(levels, own[0].ranking.networks),
            } | _next(words)
    return found


def answers_of(
    sections: Sequence[PerturbationView], answers: Sequence[View]
) -> dict[str, AnswerWords]:
    """The answer for each method of the protocols of one network, those left out included."""
    section = sections[0]
    findings = _findings(section, answers)
    rankings = [each.ranking for each in deciding(sections)]
    table = gates(section.finding.curves, rankings, findings).set_index("method")
    run = run_of(section.first.facts.get("settings", {}))
    return {
        str(name): answer_words(
            level_of(sections, str(name)),
            str(row["verdict"]),
            _untested(sections, row),
            run,
            [str(gate) for gate, verdict in row.items() if verdict == "fails"],
        )
        for name, row in table.iterrows()
    }


def level_of(sections: Sequence[PerturbationView], method: str) -> str | None:
    """The level that a method was shown to reach by every deciding protocol."""
    level = min(each.ranking.ladder.reached.get(method, 0) for each in deciding(sections))
    return LEVELS[level - 1] if level else None


def run_of(settings: Mapping[str, Any]) -> str:
    """The command of a run, as far as target, input and data; "" where nothing was configured.

    Words in its place for a network of the user's own and for a target that is a column or a class.
    """
    if not settings:
        return ""
    chosen = {
        group: settings.get(group, {}).get("name", usual) for group, usual in DEFAULTS.items()
    }
    own = settings.get("network", {}).get("_target_") is not None
    if own or chosen["target"] not in NAMED:
        return "the command of this run with"
    words = [f"{group}={name}" for group, name in chosen.items() if name != DEFAULTS[group]]
    return " ".join(["python train.py", *words])


def _findings(section: PerturbationView, answers: Sequence[View]) -> list[Finding]:
    """Findings on the networks and target of a view."""
    networks = {*section.finding.about.networks}
    return [
        each.finding
        for each in answers
        if networks & {*each.finding.about.networks}
        and each.finding.about.target == section.first.about.target
    ]


def _untested(sections: Sequence[PerturbationView], row: pd.Series) -> list[str]:
    """Names of what was not tested, from SETTINGS."""
    found = [name for gate, name in TESTS.items() if row[gate] == UNTRIED]
    tested = [section.ranking.ladder.tested for section in deciding(sections)]
    if not all(REGION in levels for levels in tested):
        target = sections[0].finding.about.target
        ladder = sections[0].finding.curves[0].protocol.ladder
        found.append("ladder" if target.edges or target.waves or not ladder else "region")
    if "cannot be said" in row.tolist():
        found.append("ecgs")
    return found + (["networks"] if sections[0].ranking.networks == 1 else [])


def _cards(
    words: Mapping[str, AnswerWords], levels: Mapping[str, str | None]
) -> list[dict[str, Any]]:
    """Every answer, "use" first, with its methods, those of one reason and level together."""
    cards = []
    for use in USES:
        own = {name: each for name, each in words.items() if each.use == use}
        kinds = dict.fromkeys((each.reason, levels[name]) for name, each in own.items())
        rows = [
            {
                "reason": reason,
                "level": level,
                "methods": listed(
                    [
                        name
                        for name, each in own.items()
                        if (each.reason, levels[name]) == (reason, level)
                    ]
                ),
            }
            for reason, level in kinds
        ]
        cards.append({"use": use, "sign": SIGNS[use], "count": len(own), "rows": rows})
    return cards


def _not_said(levels: Mapping[str, str | None], networks: int) -> list[str]:
    """What the answer leaves open, for a reader who would take it for more."""
    said = [
        "Whether a map looks right to a cardiologist, and whether the network reads it rightly.",
        "What holds on ECGs of other devices, patients or targets.",
    ]
    if networks == 1:
        said.insert(0, "Whether a network trained again would give the same answer: this is one.")
    if LEVELS[-1] not in levels.values():
        said.insert(
            0, "Whether a map is about the one ECG on which it is drawn: none was shown to be."
        )
    return said


def _next(words: Mapping[str, AnswerWords]) -> dict[str, str]:
    """The cheapest command of all methods."""
    commands = [each.command for each in words.values() if each.command]
    order = [settings for settings in SETTINGS.values() if settings]

    def cost(command: str) -> int:
        return next(n for n, settings in enumerate(order) if command.endswith(settings))

    return {"command": min(commands, key=cost, default="")}
