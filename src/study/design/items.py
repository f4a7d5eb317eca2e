"""Every screen of a study: what is asked of which ECG, with which maps."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from .catch import PLANTED, shown_beside
from .checks import check
from .item import Item
from .material import Material
from .part import Part, part_of
from .settings import Settings
from .streams import stream
from .words import asked, said

LEAST_KNOWN = 3  # maps beside a planted one, of which those that are shown change from item to item


def items(
    materials: Sequence[Material], settings: Settings, ecgs: int, how: str
) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """All items, each at the place of its `number`, and what an organiser should know of them.

    Practice comes first, then target after target and view after view the chosen ECGs and the
    catch items. The order of the ECGs in a material changes nothing.
    Raises ValueError for materials that make no study, and as `choose` does.
    """
    check(materials, settings)
    methods = methods_of(materials)
    parts = [part_of(material, methods, settings, ecgs, how) for material in materials]
    blocks = [(part, view) for part in parts for view in settings.views]
    made = [*_practice(blocks, settings)]
    for part, view in blocks:
        together = _compared(part, settings)
        each = ((place, shown) for place in part.chosen for shown in together)
        made += (_item(part, view, place, shown, settings) for place, shown in each)
        made += _catch(part, view, settings)
    numbered = tuple(replace(item, number=number) for number, item in enumerate(made))
    return numbered, tuple(reason for part in parts for reason in part.reasons)


def methods_of(materials: Sequence[Material]) -> tuple[str, ...]:
    """The methods of a study: all that any of its targets has maps of, controls left out."""
    return tuple(dict.fromkeys(name for material in materials for name in material.heatmaps))


def _compared(part: Part, settings: Settings) -> list[tuple[str, ...]]:
    """What is on one screen each: all methods, each alone, or every two."""
    together = {"pick": len(part.methods), "rate": 1, "pair": 2}[settings.protocol]
    return [*combinations(part.methods, together)]


def _item(part: Part, view: str, place: int, shown: tuple[str, ...], settings: Settings) -> Item:
    material = part.material
    prediction = said(material.target, float(material.prediction[place]))
    return Item(
        number=0,  # counted when all are there
        target=material.target.name,
        view=view,
        ecg=material.ecgs[place],
        methods=shown,
        words=asked(material.target),
        prediction=prediction if settings.prediction else "",
    )


def _practice(blocks: Sequence[tuple[Part, str]], settings: Settings) -> Iterator[Item]:
    """As many as the settings say, of one target and view after the other."""
    draw = stream("practice", settings.seed)
    for number in range(settings.practice):
        turn, block = divmod(number, len(blocks))
        part, view = blocks[block]
        # Another ECG for each view and at each turn, as far as there are.
        ecg = turn * len(settings.views) + settings.views.index(view)
        shown = _compared(part, settings)
        place = part.practice[ecg % len(part.practice)]
        item = _item(part, view, place, shown[draw.integers(len(shown))], settings)
        yield replace(item, part="practice")


def _catch(part: Part, view: str, settings: Settings) -> Iterator[Item]:
    """The planted map among as many others as a method's map has beside it."""
    beside = len(_compared(part, settings)[0]) - 1
    for number, place in enumerate(part.catch):
        known = shown_beside(part.material, place, view, max(beside, LEAST_KNOWN))
        first = number % len(known)
        others = (known[first:] + known[:first])[:beside]
        item = _item(part, view, place, (PLANTED, *others), settings)
        yield replace(item, catch=PLANTED)
