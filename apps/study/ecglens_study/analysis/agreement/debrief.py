"""What one expert learns at the end: consistency, and agreement with the others; no method."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ...ballots import Ballot


@dataclass(frozen=True)
class Debrief:
    """Answers of one expert compared with their own repeats and with the others.

    `same` of `repeats` items had the same answer at both showings. `equal` of `compared` pairs of
    answers to the same item and showing, one by this expert and one by any of the `others`, were
    equal; `equal_among` of `compared_among` pairs were among the others.
    """

    repeats: int
    same: int
    others: int
    compared: int
    equal: int
    compared_among: int
    equal_among: int


def debrief(ballots: Sequence[Ballot], expert: str) -> Debrief:
    """Debrief of this expert; catch items are left out."""
    shown: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    own: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for ballot in ballots:
        if ballot.catch:
            continue
        item = (ballot.target, ballot.view, *ballot.item)
        shown[*item, str(ballot.showing)][ballot.expert] = ballot.answer
        if ballot.expert == expert:
            own[item].append(ballot.answer)
    repeated = [answers for answers in own.values() if len(answers) > 1]
    compared = equal = compared_among = equal_among = 0
    for answers in shown.values():
        others = [answer for name, answer in answers.items() if name != expert]
        compared_among += len(others) * (len(others) - 1) // 2
        equal_among += sum(one == other for k, one in enumerate(others) for other in others[:k])
        if expert in answers:
            compared += len(others)
            equal += others.count(answers[expert])
    names = {name for answers in shown.values() for name in answers} - {expert}
    return Debrief(
        repeats=len(repeated),
        same=sum(len({*answers}) == 1 for answers in repeated),
        others=len(names),
        compared=compared,
        equal=equal,
        compared_among=compared_among,
        equal_among=equal_among,
    )
