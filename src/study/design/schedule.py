"""When an expert meets each item, and which map stands where."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

from .item import Item, Turn
from .settings import Settings
from .streams import stream

Thing = TypeVar("Thing")


def turns(items: Sequence[Item], settings: Settings, expert: int) -> tuple[Turn, ...]:
    """The expert's decisions in their order; they depend on the seed and the expert's number alone.

    Practice comes first, then every first showing, then every second one. A showing goes through
    the targets and views one after the other, in an order of the expert's own that is the same at
    both. Within one, items stand in random order; at the second showing those of its first half
    come first again, so that no repeat is nearer than `least_distance`. Maps are shuffled anew for
    each decision.
    """
    draw = stream("turns", settings.seed, expert)
    met = [(item, 1) for item in items if item.part == "practice"]
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
    """The fewest decisions from an item's first showing to its second: half a showing or more."""
    sizes = [len(block) for block in _blocks(items)]
    return sum(sizes) - max((size + 1) // 2 for size in sizes) + 1


def _blocks(items: Sequence[Item]) -> list[list[Item]]:
    """The items that count, by target and view: a reader keeps one question in mind for a while."""
    blocks: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        if item.part == "vote":
            blocks.setdefault((item.target, item.view), []).append(item)
    return [*blocks.values()]


def _halved(block: Sequence[Item], draw: np.random.Generator) -> Iterator[list[Item]]:
    """The block in random order, cut in two; of one item the second half is empty."""
    mixed = _shuffled(block, draw)
    middle = (len(mixed) + 1) // 2
    yield from (mixed[:middle], mixed[middle:])


def _shuffled(things: Sequence[Thing], draw: np.random.Generator) -> list[Thing]:
    return [things[place] for place in draw.permutation(len(things))]
