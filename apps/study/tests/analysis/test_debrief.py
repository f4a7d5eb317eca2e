"""The debrief of an expert counts repeats and comparisons, and leaves out catch items."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from ecglens_study import Ballot
from ecglens_study.agreement import Debrief, debrief
from ecglens_study.web.wording import debrief_text, saved_text

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


@pytest.mark.parametrize(
    ("repeats", "same", "said"),
    [
        (1, 1, "You saw one item twice and gave the same answer both times."),
        (1, 0, "You saw one item twice and gave two different answers."),
        (9, 4, "You gave the same answer twice to 4 of the 9 items that you saw twice."),
    ],
)
def test_repeats_are_counted_in_words_that_fit_their_number(repeats, same, said):
    found = Debrief(repeats, same, others=0, compared=0, equal=0, compared_among=0, equal_among=0)
    assert debrief_text(found, locked=False) == (said,)


@pytest.mark.parametrize(
    ("made", "planned", "guessed", "said"),
    [
        (1, 1, False, "Your decision is saved."),
        (1, 1, True, "Your decision and your guesses are saved."),
        (48, 48, True, "All 48 decisions and your guesses are saved."),
        (1, 48, False, "1 of your 48 decisions is saved."),
        (0, 1, False, "You had made no decision that counts."),
    ],
)
def test_what_is_saved_is_said_in_words_that_fit_its_number(made, planned, guessed, said):
    assert saved_text(made, planned, guessed) == said
