"""Statements on an answer that decide no use: its twins, measured effects, and own ECGs."""

from collections import Counter
from collections.abc import Sequence

from ...eval import GATES, Answer, MethodAnswer
from ..style import listed, style
from ..text.numerals import counted

UNTRIED = ("not judged", "cannot be had")
# Whether it agrees with what the network was measured to react to (eval.answer.witness).
WITNESS = {
    "agrees": "It agrees with the effects measured by wave and lead.",
    "not shown": "It was not shown to agree with the effects measured by wave and lead.",
    "disagrees": "It disagrees with the effects measured by wave and lead: a map that never looks "
    "at the network agrees better.",
    "not measured": "",
}


def twins_sentence(answer: Answer) -> str:
    """Sentences on the twins: what they are without weights, and networks that have none; or ""."""
    said, moved = [], GATES["moved_verdict"]
    if any(each.gates.get(moved, "not judged") not in UNTRIED for each in answer.methods):
        said.append(
            "The weights cannot be redrawn: each map’s twin is that of this network behind a moved "
            "input."
        )
    tried, networks = len(answer.judged.tried_on) if answer.judged else 0, len(answer.networks)
    if 0 < tried < networks:
        said.append(
            "Whether maps depend on what was learned was tested on "
            f"{tried} of {counted(networks, 'network')}."
        )
    return " ".join(said)


def witness_sentences(answer: Answer) -> list[str]:
    """Sentences on measured effects, disagreement first; none where they were not measured."""
    said = {
        "disagrees": "Effects measured by wave and lead disagree with {}.",
        "agrees": "Effects measured by wave and lead agree with {}.",
        "not shown": "Agreement with effects measured by wave and lead was not shown for {}.",
    }
    by = {
        verdict: [each.name for each in answer.methods if each.witness.verdict == verdict]
        for verdict in said
    }
    return [said[verdict].format(listed(names)) for verdict, names in by.items() if names]


def with_witness(reason: str, method: MethodAnswer) -> str:
    """The reason with the statement on measured effects; disagreement is said first."""
    said = WITNESS[method.witness.verdict]
    both = (said, reason) if method.witness.verdict == "disagrees" else (reason, said)
    return " ".join(filter(None, both))


def own_ecgs(answers: Sequence[Answer]) -> str:
    """Sentence on how often maps were shown to be specific to their ECG; "" without a test."""
    tested = [{each.name: each.this_ecg.verdict for each in answer.methods} for answer in answers]
    count = sum(any(verdict != "not tested" for verdict in each.values()) for each in tested)
    if not count:
        return ""
    shown = Counter(name for each in tested for name in each if each[name] == "shown")
    of_all = f"of {counted(count, 'comparison')} that tested it"
    if not shown:
        return f" No map was shown to be specific to its ECG in any {of_all}."
    named = [f"{style(name).label} in {times}" for name, times in shown.most_common()]
    return f" Specific to their ECG, {of_all}: {', '.join(named)}."
