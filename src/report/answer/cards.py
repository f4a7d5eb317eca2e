"""The top of a report: a map for a paper, whether it explains one ECG, and a card for each use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...eval import MOST_KEPT, USES, Answer
from ..style import listed, style
from ..text.numerals import counted, generated, percent
from ..text.words import target_words
from ..views.views import RunViews
from .words import (
    DOES,
    LIKE_THIS,
    SIGNS,
    AnswerWords,
    banner,
    command_of,
    strongest_null,
    template_sentence,
    title,
    why_untested,
    words_of,
)

# Said beside the number of methods on each card.
MEANS = {
    "use": "passed the required tests",
    "not shown": "a test is missing or undecided",
    "do not use": "failed a test",
}


@dataclass(frozen=True)
class InShort:
    """Sentences on the map for a paper, on a single ECG, and on the next run with its command.

    `command` is "" where there is none.
    """

    paper: str
    ecg: str
    next: str
    command: str


def answer_cards(run: RunViews) -> dict[str, dict[str, Any]]:
    """A card per answer for each set of networks and target, by the key of its first view."""
    return {
        views[0].key: {
            "title": title(answer),
            "banner": banner(answer),
            "cards": _cards(words_of(answer)),
            "not_said": _not_said(answer, views[0].first.facts),
            "short": in_short(answer),
        }
        for answer, views in run.groups
        if answer.methods
    }


def in_short(answer: Answer) -> InShort:
    """The answer for some networks and a target in three sentences."""
    words = words_of(answer)
    return InShort(_paper(answer, words), _ecg(answer), *_next(answer))


def _paper(answer: Answer, words: Mapping[str, AnswerWords]) -> str:
    """The strongest map to use; where there is none, the strongest of those that may become one."""
    best = answer.best or answer.candidate
    target = target_words(answer.target)
    if answer.reads.verdict == "does not read":
        return f"None. A map of a network that has not learned {target} does not explain {target}."
    if best is None:
        return "None. Every method failed a test."
    others = [name for name in (answer.use or answer.not_shown) if name in answer.tied]
    named = style(best).label
    if others:
        named += f" ({listed(others)} cannot be told apart from it)"
    if answer.use:
        return f"{named}. {words[best].reason}"
    shown = _shown(answer.of[best].level, target)
    return f"None yet. The strongest candidate is {named}. {shown} {words[best].lacks}".rstrip()


def _shown(level: int, target: str) -> str:
    """Level of a map in words, for a reader who does not know the levels."""
    return (
        "It was not shown to find points that the network is sensitive to.",
        "It finds points that the network is sensitive to.",
        f"Its points move the prediction more than the {target} region itself.",
        "Its points move the prediction more than those of its maps of other patients.",
    )[level]


def _ecg(answer: Answer) -> str:
    """Sentence on maps that the return test shows to be specific to their ECG, or that none is."""
    if answer.reads.verdict == "does not read":
        return f"No. The network was not shown to read {target_words(answer.target)} from any ECG."
    tested = [each for each in answer.methods if each.this_ecg.verdict != "not tested"]
    if not tested:
        whys = [each.this_ecg.why_not for each in answer.methods if each.this_ecg.why_not]
        why = f"Not applicable: {whys[0]}." if whys else "It takes evaluation=return_test."
        return f"Not tested. {why} {LIKE_THIS}"
    ecgs = counted(max(each.this_ecg.ecgs for each in tested), "ECG")
    shown = [each.name for each in tested if each.this_ecg.verdict == "shown"]
    if usable := [name for name in shown if name in answer.use]:
        best = answer.of[usable[0]]
        return (
            f"Yes. {_says(usable)} ({ecgs}). For {style(best.name).label} {strongest_null(best)}."
        )
    if open_ones := [name for name in shown if name in answer.not_shown]:
        return f"Not yet. {_says(open_ones)}, but a test is missing or not decided."
    if shown:
        return f"No. {_says(shown)}, but failed a test."
    open_ones = answer.use or answer.not_shown or [each.name for each in tested]
    known = [each for each in tested if each.this_ecg.null and each.name in open_ones]
    nearest = min(known, key=lambda each: each.this_ecg.share, default=None)
    alone = [each.name for each in tested]
    whom, least = "any method", ""
    if len(alone) < len(answer.methods):
        kind = "method" if len(alone) == 1 else "methods"
        whom = f"{listed(alone)}, the only {kind} tested"
    if nearest is not None:
        least = (
            f" For {style(nearest.name).label} {strongest_null(nearest)}; below "
            f"{percent(MOST_KEPT)} has to be shown. {template_sentence(nearest)}".rstrip()
        )
    return f"Not shown for {whom} ({ecgs}).{least} {LIKE_THIS}"


def _says(names: Sequence[str]) -> str:
    """Clause that the maps of these methods are specific to their ECG."""
    say = "says" if len(names) == 1 else "say"
    return f"{listed(names)} {say} what makes an ECG’s reading differ from the typical one"


def _next(answer: Answer) -> tuple[str, str]:
    """Question of the test to run next, with its command; "" for none."""
    command = command_of(answer, answer.next)
    if answer.use or answer.not_shown:
        return DOES.get(answer.next, "This run lacks no test that a command runs."), command
    if not answer.next:
        return "No missing test can change this answer: every method failed one that was run.", ""
    if answer.reads.verdict == "does not read":
        return DOES[answer.next], command
    chance = [each.name for each in answer.methods if each.next]
    return (
        f"Test with more ECGs. Every method failed a test, but {listed(chance)} by no more than "
        "chance allows.",
        command,
    )


def _cards(words: Mapping[str, AnswerWords]) -> list[dict[str, Any]]:
    """Every answer, "use" first, with its methods, those of one reason and level together."""
    cards = []
    for use in USES:
        own = {name: each for name, each in words.items() if each.use == use}
        rows = []
        for reason, level in dict.fromkeys((each.reason, each.level) for each in own.values()):
            names = [n for n, each in own.items() if (each.reason, each.level) == (reason, level)]
            said = reason.replace("It ", "Each ", 1) if len(names) > 1 else reason
            rows.append({"reason": said, "level": level, "methods": listed(names)})
        cards.append(
            {"use": use, "sign": SIGNS[use], "means": MEANS[use], "count": len(own), "rows": rows}
        )
    return cards


def _not_said(answer: Answer, facts: Mapping[str, Any]) -> list[str]:
    """Open questions beside the answer, for a reader who would take it for more."""
    said = [
        "Whether a map looks right to a cardiologist, and whether the network’s reading is right.",
        "What holds on ECGs of other devices, patients or targets.",
    ]
    if answer.reads.verdict == "not tested":
        target = target_words(answer.target)
        said.insert(0, f"Whether the network reads {target} at all: {why_untested(answer.reads)}.")
    if torn := [each.name for each in answer.methods if each.contradicted]:
        said.insert(
            0,
            f"Whether the points of {listed(torn)} move the prediction more than those of other "
            "patients’ maps: the two protocols contradict each other.",
        )
    if len(answer.networks) == 1:
        said.insert(0, "Whether another network would give the same answer: one was tested.")
    if generated(facts):
        said.insert(0, "Anything about patients: these ECGs are generated.")
    return said
