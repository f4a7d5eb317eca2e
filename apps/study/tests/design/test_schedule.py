"""Every expert sees every item, in an individual order and arrangement."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pytest
from ecglens_study.items import turns
from ecglens_study.settings import Item, Settings
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy import stats

NINE = tuple("abcdefghi")


def made(sizes: dict[tuple[str, str], int], practice: int = 2) -> list[Item]:
    """Items with nine methods; `sizes` has their number for each target and view."""
    asked = [("pr", "full")] * practice
    asked += [block for block, size in sizes.items() for _ in range(size)]
    return [
        Item(number, target, view, f"E{number}", NINE, target,
             phase="practice" if number < practice else "vote")
        for number, (target, view) in enumerate(asked)
    ]  # fmt: skip


STUDY = made({(target, view): 53 for target in "abcdef" for view in ("full", "averaged")})


def test_each_item_is_met_once_in_each_showing_and_practice_once_before():
    met = turns(STUDY, Settings("s"), 3)
    assert [turn.order for turn in met] == [*range(1, len(met) + 1)]
    assert len(met) == 2 + 2 * 12 * 53
    assert [turn.item for turn in met[:2]] == [0, 1]
    showings = [turn.showing for turn in met[2:]]
    assert showings == [1] * 636 + [2] * 636
    for showing in (met[2:638], met[638:]):
        assert sorted(turn.item for turn in showing) == [*range(2, 638)]
    once = turns(STUDY, Settings("s", showings=1), 3)
    assert once == met[:638]


def test_each_turn_shows_the_maps_of_its_item():
    for turn in turns(STUDY, Settings("s"), 0):
        assert sorted(turn.methods) == [*NINE]


def test_targets_and_views_follow_each_other_in_the_same_order_at_both_showings():
    orders = set()
    for expert in range(6):
        met = turns(STUDY, Settings("s"), expert)[2:]
        blocks = [(STUDY[turn.item].target, STUDY[turn.item].view) for turn in met]
        order = [block for block, _ in groupby(blocks)]
        assert len(order) == 24
        assert order[:12] == order[12:]
        orders.add(tuple(order))
    assert len(orders) == 6


def distances(items: list[Item], expert: int) -> list[int]:
    first, found = {}, []
    for turn in turns(items, Settings("s"), expert):
        if turn.showing == 1:
            first[turn.item] = turn.order
        else:
            found.append(turn.order - first[turn.item])
    return found


def least_distance(sizes: Sequence[int]) -> int:
    """Fewest decisions between the two showings: all items but half of the largest block."""
    return sum(sizes) - max((size + 1) // 2 for size in sizes) + 1


@examples(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(0, 50))
def test_a_repeat_is_never_nearer_than_the_least_distance(sizes, expert):
    items = made({(str(block), "full"): size for block, size in enumerate(sizes)})
    assert min(distances(items, expert)) >= least_distance(sizes) >= sum(sizes) / 2


def test_the_least_distance_is_reached_by_somebody():
    items = made({("pr", "full"): 5, ("qt", "full"): 4})
    assert least_distance([5, 4]) == 7  # nine per showing, less two within the first half of three
    assert min(min(distances(items, expert)) for expert in range(60)) == 7


def test_a_repeat_is_not_always_at_the_same_distance():
    assert len({*distances(STUDY, 0)}) > 20


def test_maps_stand_at_every_place_equally_often():
    """χ² of 81 cells with 64 degrees of freedom; the sum over experts is χ²-distributed, too."""
    found = 0.0
    for expert in range(4):
        counts = np.zeros((9, 9))
        for turn in turns(STUDY, Settings("s"), expert):
            counts[[NINE.index(name) for name in turn.methods], range(9)] += 1
        expected = len(turns(STUDY, Settings("s"), expert)) / 9
        found += float(((counts - expected) ** 2).sum() / expected)
    # Fixed seeds; a spread that is too even would be wrong, too.
    assert 0.001 < stats.chi2.sf(found, 4 * 64) < 0.999


def test_the_screen_of_a_repeat_says_nothing_of_the_first():
    met = turns(STUDY, Settings("s"), 0)[2:]
    first = {turn.item: turn.methods for turn in met if turn.showing == 1}
    same = [
        sum(a == b for a, b in zip(first[turn.item], turn.methods, strict=True))
        for turn in met
        if turn.showing == 2
    ]
    # Two random orders share one position on average, with variance 1.
    assert np.mean(same) == pytest.approx(1, abs=4 / np.sqrt(len(same)))


def test_the_seed_and_the_experts_number_alone_decide():
    first = turns(STUDY, Settings("s", seed=1), 0)
    assert turns(STUDY, Settings("another name", seed=1, none=False, days=3), 0) == first
    assert turns(STUDY, Settings("s", seed=2), 0) != first
    assert turns(STUDY, Settings("s", seed=1), 1) != first


def test_of_two_maps_either_is_first_half_of_the_time():
    items = [Item(k, "pr", "full", f"E{k}", ("a", "b"), "pr") for k in range(500)]
    sides = Counter(turn.methods for turn in turns(items, Settings("s", task="pair"), 0))
    assert stats.binomtest(sides["a", "b"], 1000).pvalue > 0.001
    assert sum(sides.values()) == 1000
