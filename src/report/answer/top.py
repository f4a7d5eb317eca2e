"""The words around the answer's figure: which map, for what, why, what to run next, the limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...eval import LADDER_GATE, LADDER_LEVELS, LINTER_GATE, MOST_KEPT, Answer, MethodAnswer
from ..next_run import DOES, Made, command_of
from ..style import joined, listed, style
from ..text.numerals import counted, generated, percent
from ..text.words import named, target_words
from .claims import takes, takes_sentence
from .statements import UNTRIED, twins_sentence, witness_sentences
from .words import (
    LABELS,
    MOVED,
    RUNGS,
    TOP,
    WEIGHTS,
    not_learned,
    on_explained,
    strongest_null,
    template_sentence,
    why_untested,
)

# What a map was compared with, in a few words.
TWINS = {WEIGHTS: "redrawn weights", MOVED: "a moved input", LABELS: "permuted labels"}


@dataclass(frozen=True)
class TopWords:
    """Sentences around the figure, and the next command with how long it takes.

    `ecg` says whether a map is specific to its ECG; `minutes` and `command` may be "".
    """

    answer: str
    why: str
    ecg: str
    next: str
    minutes: str
    command: str
    limits: str


def top_words(answer: Answer, facts: Mapping[str, Any], made: Made | None = None) -> TopWords:
    """Words on an answer; `facts` are those of its ECGs, `made` says where its run lies."""
    said, command = _next(answer), command_of(answer, answer.next, made)
    return TopWords(
        answer=headline(answer),
        why=_why(answer, made),
        ecg=_ecg(answer),
        next=said,
        minutes=made.minutes_to(answer) if made and command else "",
        command=command,
        limits=_limits(answer, facts),
    )


def headline(answer: Answer) -> str:
    """The strongest maps to use, for what, or that there is none."""
    if answer.reads.verdict == "does not read":
        return f"No map: the network {not_learned(answer)}."
    if answer.best:
        best = [answer.best, *(name for name in answer.use if name in answer.tied)]
        they = "they show" if len(best) > 1 else "it shows"
        they += " best" * (len(answer.use) > len(best))
        what = "what this network reacts to"
        if answer.of[answer.best].level == TOP:
            what += ", beyond other patients’ maps"
        return f"Use {joined([style(name).label for name in best], 'or')}: {they} {what}."
    if answer.candidate:
        return "No map yet: a test is missing or undecided."
    return "No map: every method failed a test." if answer.methods else "No map was scored."


def short_reason(answer: Answer, method: MethodAnswer) -> str:
    """Reason of a use in a few words; "" where there is nothing to add to it."""
    failed, said = method.failed, f"{'perhaps ' * method.perhaps}no better than"
    if LINTER_GATE in failed:
        return "invalid on this network"
    null, by = RUNGS["random"], (*method.no_better_than_random.values(),)
    if LADDER_GATE in failed:
        rung = next((words for name, words in RUNGS.items() if name in method.failed_rungs), "")
        null, by = rung.format(target=target_words(answer.target)) or "a control", method.failed_by
    if LADDER_GATE in failed or by:
        # The figure draws the first protocol's score, which such a method may well pass.
        apart = "" if answer.protocols[0] in by else " by another score"
        return f"{said} {null}{apart}"
    if failed:
        return f"{said} with {joined([TWINS[gate] for gate in failed], 'or')}"
    if method.witness.verdict == "disagrees":
        return "measured effects disagree"
    if method.use == "use":
        return "specific to its ECG" if method.this_ecg.verdict == "shown" else ""
    if answer.reads.verdict == "does not read":
        return ""
    reason = _open(method)
    if method.level < answer.needed:
        reason = named(f"not shown to beat {LADDER_LEVELS[method.level].beaten}", answer.target)
    return "; ".join(filter(None, [reason, takes(answer.lacks(method.name))]))


def _open(method: MethodAnswer) -> str:
    """Gates that were not tried and that are not decided, in a few words."""
    said = []
    for words, of in (("untested", UNTRIED), ("undecided", ("cannot be said",))):
        gates = [gate for gate, verdict in method.gates.items() if verdict in of]
        names = [TWINS.get(gate, "the null ladder") for gate in gates]
        if names:
            said.append(f"{words}: {', '.join(names)}")
    return "; ".join(said)


def _why(answer: Answer, made: Made | None) -> str:
    first = answer.best or answer.candidate
    if first is None or answer.reads.verdict == "does not read":  # the banner says why
        return ""
    method = answer.of[first]
    levels = [LADDER_LEVELS[n - 1] for n in answer.tested if n <= method.level]
    beaten = [each.beaten.removesuffix(" itself") for each in levels]
    passed = [gate for gate in TWINS if method.gates.get(gate) == "passes"]
    if {WEIGHTS, LABELS} <= {*passed}:
        beaten.append("maps of networks that learned nothing")
    elif passed:
        beaten.append(f"its map with {joined([TWINS[gate] for gate in passed], 'or')}")
    nothing = f"was not shown to beat {LADDER_LEVELS[0].beaten}"
    said = f"{style(first).label} {f'beats {joined(beaten)}' if beaten else nothing}."
    left = _open(method)
    said = named(said, answer.target) + (f" {left[:1].upper()}{left[1:]}." if left else "")
    return f"{said} {takes_sentence(answer.lacks(first), answer, made)}".rstrip()


def _ecg(answer: Answer) -> str:
    """Sentence on maps that the return test shows to be specific to their ECG, or that none is."""
    if answer.reads.verdict == "does not read":
        return ""
    shown = [each.name for each in answer.methods if each.this_ecg.verdict == "shown"]
    if usable := [name for name in shown if name in answer.use]:
        return f"Specific to its ECG: {listed(usable)}."
    if shown:
        missing = any(name in answer.not_shown for name in shown)
        but = "a test is missing" if missing else "failed a test"
        return f"Specific to its ECG: {listed(shown)}, but {but}."
    if not any(each.this_ecg.verdict == "not shown" for each in answer.methods):
        return "Not tested: whether a map explains one ECG."
    found = {each.this_ecg.verdict for each in answer.methods if each.use != "do not use"}
    none = "None tested" if "not tested" in found else "None"
    shares = [each.this_ecg.share for each in answer.methods if each.this_ecg.null]
    if shares and min(shares) >= MOST_KEPT:
        return f"{none} is specific to one ECG: others’ maps do nearly as well."
    return f"{none} was shown to be specific to one ECG."


def _next(answer: Answer) -> str:
    """The test to run next."""
    if answer.use or answer.not_shown:
        return DOES.get(answer.next, "This run lacks no test that a command runs.")
    if not answer.next:
        return "No missing test can change this answer."
    if answer.reads.verdict == "does not read":
        return DOES[answer.next]
    chance = [each.name for each in answer.methods if each.next]
    return f"More ECGs: {listed(chance)} may have failed by chance."


def _limits(answer: Answer, facts: Mapping[str, Any]) -> str:
    """What the answer was made on, in a line."""
    ecgs = "generated ECGs" if generated(facts) else "these patients and devices"
    one = ["one network"] * (len(answer.networks) == 1)
    return f"Limits: {', '.join([ecgs, *one, 'no cardiologist'])}."


def not_said(answer: Answer) -> list[str]:
    """Open questions beside the answer, for a reader who would take it for more."""
    said = [
        *filter(None, [_return_test(answer), twins_sentence(answer)]),
        *witness_sentences(answer),
        "Whether a map looks right to a cardiologist, and whether the network’s reading is right.",
        "What holds on ECGs of other devices, patients or targets.",
    ]
    if answer.reads.verdict == "not tested":
        target = target_words(answer.target)
        said.insert(0, f"Whether the network reads {target} at all: {why_untested(answer.reads)}.")
    if answer.reads.verdict == "reads" and (alone := on_explained(answer)):  # else in the banner
        said.insert(0, alone)
    if torn := [each.name for each in answer.methods if each.contradicted]:
        said.insert(
            0,
            f"Whether the points of {listed(torn)} move the prediction more than those of other "
            "patients’ maps: the two protocols contradict each other.",
        )
    return said


def _return_test(answer: Answer) -> str:
    """Result of the return test with its numbers, or what it takes."""
    tested = [each for each in answer.methods if each.this_ecg.verdict != "not tested"]
    if not tested:
        whys = [each.this_ecg.why_not for each in answer.methods if each.this_ecg.why_not]
        why = f"not applicable, {whys[0]}" if whys else "it takes evaluation=return_test"
        return f"Whether a map is specific to its ECG: {why}."
    shown = [each for each in tested if each.this_ecg.verdict == "shown"]
    known = [each for each in shown or tested if each.this_ecg.null]
    whom = f"Tested on {listed([each.name for each in tested])}: "
    if not known:
        return f"{whom}no map is specific to its ECG, as none returns the reading."
    first = min(known, key=lambda each: each.this_ecg.share)
    ecgs = counted(first.this_ecg.ecgs, "ECG")
    need = "" if shown else f"; below {percent(MOST_KEPT)} has to be shown"
    return (
        f"{whom}specific to its ECG is {listed([each.name for each in shown]) or 'none'} ({ecgs}). "
        f"For {style(first.name).label} {strongest_null(first)}{need}. "
        f"{template_sentence(first)}".rstrip()
    )
