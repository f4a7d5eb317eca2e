"""The answer in short: a map for a paper, whether it explains one ECG, and what to run next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..style import listed, style
from ..text.numerals import counted
from ..text.words import heading, say_more
from ..views.perturbation import PerturbationView
from .deciding import above, by_protocols, deciding
from .missing import MISSING
from .words import LEVELS, AnswerWords

ABOUT = len(LEVELS)  # the level of a map that is about its own ECG


@dataclass(frozen=True)
class InShort:
    """Sentences on the map for a paper, on a single ECG, and on the next run with its command.

    `command` is "" where there is none.
    """

    paper: str
    ecg: str
    next: str
    command: str


def in_short(
    sections: Sequence[PerturbationView],
    words: Mapping[str, AnswerWords],
    levels: Mapping[str, str | None],
) -> InShort:
    """The answer for the networks and target of these views.

    `words` and `levels` are those of each method, as in `cards`.
    """
    what, command = _next(words)
    return InShort(
        paper=_paper(sections, words, levels),
        ecg=_ecg(sections, words, levels),
        next=what,
        command=command,
    )


def _paper(
    sections: Sequence[PerturbationView],
    words: Mapping[str, AnswerWords],
    levels: Mapping[str, str | None],
) -> str:
    """The strongest map to use; where there is none, the strongest of those that may become one."""
    ranking = deciding(sections)[0].ranking
    order = [name for name in ranking.names if name in words]
    usable = [name for name in order if words[name].use == "use"]
    # Where no map can be used yet, the one of the highest level comes first.
    height = {level: -number for number, level in enumerate((None, *LEVELS))}
    may_be = [name for name in order if words[name].use == "not shown"]
    found = usable or sorted(may_be, key=lambda name: height[levels[name]])
    if not found:
        return "None. Every method failed a test."
    best, *others = found
    named = style(best).label
    if ranking.best == best and (tied := [name for name in others if name in ranking.tied]):
        named += f" ({listed(tied)} cannot be told apart from it)"
    if usable:
        return f"{named}. {words[best].reason}"
    shown = _shown(levels[best], heading(sections[0].finding)[0])
    return f"None yet. The strongest candidate is {named}. {shown} {words[best].lacks}".rstrip()


def _shown(level: str | None, target: str) -> str:
    """What a map at this level was shown to be, for a reader who does not know the levels."""
    return {
        None: "It was not shown to find points that the network is sensitive to.",
        LEVELS[0]: "It finds points that the network is sensitive to.",
        LEVELS[1]: "Its points move the prediction more than those of a map that only marks where "
        f"{target} is measured.",
        LEVELS[2]: "Its points move the prediction more than those of its maps of other patients.",
    }[level]


def _ecg(
    sections: Sequence[PerturbationView],
    words: Mapping[str, AnswerWords],
    levels: Mapping[str, str | None],
) -> str:
    """Whether a map says more about its ECG than the method's maps of other patients."""
    together = deciding(sections)
    if any(ABOUT not in each.ranking.ladder.tested for each in together):
        return "Not known. This run did not compare maps with those of other patients."
    ecgs = counted(together[0].ranking.ecgs, "ECG")
    more = [name for name in above(sections, ABOUT) if name in words]
    if usable := [name for name in more if words[name].use == "use"]:
        return f"Yes. By the mean over {ecgs}, {say_more(usable)}."
    open_ones = [name for name in more if words[name].use == "not shown"]
    if about := [name for name in open_ones if levels[name] == LEVELS[-1]]:
        return f"Not yet. {say_more(about)}, but a test is missing or not decided."
    if open_ones:
        return f"Not yet. {say_more(open_ones)}, but missed a level before."
    if more:
        return f"No. {say_more(more)}, but failed a test."
    return (
        f"Not shown. On {ecgs}, no method was shown{by_protocols(sections)} to say more about an "
        "ECG than its maps of other patients do. Until one is, read a map as what the network "
        "reacts to in ECGs like these."
    )


def _next(words: Mapping[str, AnswerWords]) -> tuple[str, str]:
    """What the cheapest missing test of all methods finds out, with its command; "" for none."""
    open_ones = [each for each in words.values() if each.use != "do not use"]
    if not open_ones:
        return _after_failures(words)
    order = [*MISSING]
    found = {(each.test, each.command) for each in open_ones if each.test}
    test, command = min(found, key=lambda each: order.index(each[0]), default=("", ""))
    return MISSING[test].does if test else "This run lacks no test that a command runs.", command


def _after_failures(words: Mapping[str, AnswerWords]) -> tuple[str, str]:
    """What can change the answer where every method failed, with its command."""
    chance = {name: each.command for name, each in words.items() if each.test == "ecgs"}
    if not chance:
        return "No missing test can change this answer: every method failed one that was run.", ""
    return (
        f"Test with more ECGs. Every method failed a test, but {listed([*chance])} by no more than "
        "chance allows.",
        next(iter(chance.values())),
    )
