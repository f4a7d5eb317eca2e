"""The debrief of an expert counts repeats and comparisons, and leaves out catch items."""

from dataclasses import replace
from itertools import combinations

import numpy as np
from ecglens.study import Ballot
from ecglens.study.analyse.agreement import Debrief, debrief
from ecglens.study.collect.web.wording import debrief_text

EXPERTS = ("ann", "bob", "cleo")


def ballot(expert: str, ecg: int, showing: int, choice: str) -> Ballot:
    order = 1 + 10 * showing + ecg
    return Ballot(
        "s", "pick", "pr", "full", f"e{ecg}", showing, expert, order, choice, "", 0, 1, 3, 5.0
    )


def test_answers_are_compared_with_repeats_and_with_every_other_expert():
    draw = np.random.default_rng(0)
    ballots = [
        ballot(expert, ecg, showing, draw.choice(["a", "b"]))
        for expert in EXPERTS
        for ecg in range(9)
        for showing in (1, 2)
        if (expert, ecg) != ("bob", 4)
    ]
    of = {(each.expert, each.ecg, each.showing): each.choice for each in ballots}
    ann = [of["ann", f"e{ecg}", 1] == of["ann", f"e{ecg}", 2] for ecg in range(9)]
    pairs = {pair: [] for pair in combinations(EXPERTS, 2)}
    for one, other in pairs:
        for ecg in range(9):
            for showing in (1, 2):
                keys = [(name, f"e{ecg}", showing) for name in (one, other)]
                if all(key in of for key in keys):
                    pairs[one, other].append(of[keys[0]] == of[keys[1]])
    with_ann = pairs["ann", "bob"] + pairs["ann", "cleo"]
    among = pairs["bob", "cleo"]
    caught = replace(ballot("bob", 4, 1, "planted"), catch="planted")
    assert debrief([*ballots, caught], "ann") == Debrief(
        repeats=9,
        same=sum(ann),
        others=2,
        compared=len(with_ann),
        equal=sum(with_ann),
        compared_among=len(among),
        equal_among=sum(among),
    )


def test_the_agreement_of_the_others_is_said_in_one_sentence():
    found = Debrief(
        repeats=0, same=0, others=2, compared=4, equal=1, compared_among=4, equal_among=3
    )
    said = debrief_text(found, locked=True)[-1].replace("\N{NO-BREAK SPACE}", " ")
    assert said == "The other experts agreed with each other in 75 %."
