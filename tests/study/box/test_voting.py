"""One turn after another, each decided once, nothing overwritten."""

from ecglens.study.box import Vote

from .conftest import vote_on


def test_a_double_click_counts_once(box):
    vote_on(box, "ann", 2, lambda order: Vote(order))
    box.vote("ann", 2, Vote(2, seconds=3.0))
    assert box.progress("ann").done == 2
    assert box.next_turn("ann") == 3
