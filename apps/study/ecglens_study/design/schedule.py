"""Schedule of one expert: the order of the items, and of the maps on each screen."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

from .item import Item, Turn
from .settings import Settings
from .streams import stream

Thing = TypeVar("Thing")


def turns(items: Sequence[Item], settings: Settings, expert: int) -> tuple[Turn, ...]:
    """Turns of one expert in order; they depend only on the seed and the expert's number.

    Practice comes first, then all first showings, then all second ones. Both showings go through
    the targets and views in one order, which is drawn for each expert. Within a target and view
    the items are in random order; the second showing starts with those of the first half, so that
    a repeat is at least `least_distance` decisions away. Maps are shuffled for each turn.
    """
    draw = stream("turns", settings.seed, expert)
    met = [(item, 1) for item in items if item.phase == "practice"]
    halves = [half for block in _shuffled(_blocks(items), draw) for half in _halved(block, draw)]
    for showing in range(1, settings.showings + 1):
        for half in halves:
            met += [(item, showing) for item in _shuffled(half, draw)]
    screens = stream("screens", settings.seed, expert)
    return tuple(
        Turn(order, item.number, showing, tuple(_shuffled(item.methods, screens)))
        for order, (item, showing) in enumerate(met, 1)
    )


def least_distance(items: Sequence[Item]) -> int:
    """Minimum number of decisions between the two showings of an item."""
    sizes = [len(block) for block in _blocks(items)]
    return sum(sizes) - max((size + 1) // 2 for size in sizes) + 1


def _blocks(items: Sequence[Item]) -> list[list[Item]]:
    """Items that count, by target and view, so that an expert answers one question at a time."""
    blocks: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        if item.phase == "vote":
            blocks.setdefault((item.target, item.view), []).append(item)
    return [*blocks.values()]


def _halved(block: Sequence[Item], draw: np.random.Generator) -> Iterator[list[Item]]:
    """Two halves of the shuffled block; the second half of a single item is empty."""
    mixed = _shuffled(block, draw)
    middle = (len(mixed) + 1) // 2
    yield from (mixed[:middle], mixed[middle:])


def _shuffled(things: Sequence[Thing], draw: np.random.Generator) -> list[Thing]:
    return [things[place] for place in draw.permutation(len(things))]
