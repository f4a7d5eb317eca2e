"""All items of a study."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from .catch import PLANTED, RANDOM, shown_beside, with_region
from .checks import check
from .item import Item
from .practice import exact_input
from .selection import Selection, select
from .settings import Settings
from .streams import stream
from .study_input import StudyInput
from .wording import prediction_text, target_title

LEAST_KNOWN = 3  # wrong maps to draw from, so that they vary between catch items


def items(
    study_inputs: Sequence[StudyInput], settings: Settings, ecgs: int, sampling: str
) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """All items in order of their `number`, and notes for the organiser.

    Practice comes first; then, for each target and view, the chosen ECGs and the catch items. The
    order of the ECGs in the input has no effect. Raises ValueError as `checks.check` and `choose`.
    """
    check(study_inputs, settings)
    methods = methods_of(study_inputs)
    selections = [select(each, methods, settings, ecgs, sampling) for each in study_inputs]
    blocks = [(selection, view) for selection in selections for view in settings.views]
    made = [*_practice(blocks, settings)]
    for selection, view in blocks:
        together = _screens(selection, settings)
        each = ((place, shown) for place in selection.chosen for shown in together)
        made += (_item(selection, view, place, shown, settings) for place, shown in each)
        made += _catch(selection, view, settings)
    numbered = tuple(replace(item, number=number) for number, item in enumerate(made))
    return numbered, tuple(note for selection in selections for note in selection.notes)


def methods_of(study_inputs: Sequence[StudyInput]) -> tuple[str, ...]:
    """Methods of a study: all that have maps for any target, without controls."""
    return tuple(dict.fromkeys(name for each in study_inputs for name in each.heatmaps))


def _screens(selection: Selection, settings: Settings) -> list[tuple[str, ...]]:
    """Methods on each screen: all together, each alone, or every pair."""
    together = {"pick": len(selection.methods), "rate": 1, "pair": 2}[settings.task]
    return [*combinations(selection.methods, together)]


def _item(
    selection: Selection, view: str, place: int, shown: tuple[str, ...], settings: Settings
) -> Item:
    study_input = selection.study_input
    prediction = prediction_text(study_input.target, float(study_input.prediction[place]))
    return Item(
        number=0,  # set once all items are known
        target=study_input.target.name,
        view=view,
        ecg=study_input.ecgs[place],
        methods=shown,
        title=target_title(study_input.target),
        prediction=prediction if settings.prediction else "",
        lead=selection.lead if view == "full" else "",
    )


def _practice(blocks: Sequence[tuple[Selection, str]], settings: Settings) -> Iterator[Item]:
    """`settings.practice` items, cycling through targets and views.

    The right map is known on exact ECGs; a target without them has ECGs and maps of the study.
    """
    draw = stream("practice", settings.seed)
    inputs = {selection.study_input.target.name: selection.study_input for selection, _ in blocks}
    exact_of = {name: exact_input(each, settings.practice) for name, each in inputs.items()}
    for number in range(settings.practice):
        turn, block = divmod(number, len(blocks))
        selection, view = blocks[block]
        # A different ECG for each view and cycle, while there are any.
        ecg = turn * len(settings.views) + settings.views.index(view)
        shown = _screens(selection, settings)
        if exact := exact_of[selection.study_input.target.name]:
            place = int(np.flatnonzero(with_region(exact))[ecg % settings.practice])
            known = _known(exact, place, view, number, len(shown[0]))
            item = _item(replace(selection, study_input=exact), view, place, known, settings)
            yield replace(item, phase="practice", catch=PLANTED)
            continue
        place = selection.practice[ecg % len(selection.practice)]
        item = _item(selection, view, place, shown[draw.integers(len(shown))], settings)
        yield replace(item, phase="practice")


def _catch(selection: Selection, view: str, settings: Settings) -> Iterator[Item]:
    """Catch items: as many maps as any screen of the study has, each known to be right or wrong."""
    together = len(_screens(selection, settings)[0])
    for number, place in enumerate(selection.catch):
        known = _known(selection.study_input, place, view, number, together)
        yield replace(_item(selection, view, place, known, settings), catch=PLANTED)


def _known(
    study_input: StudyInput, place: int, view: str, number: int, together: int
) -> tuple[str, ...]:
    """The planted map and wrong ones; a single map is in turn the planted one and noise."""
    if together == 1:
        return ((PLANTED,), (RANDOM,))[number % 2]
    beside = shown_beside(study_input, place, view, max(together - 1, LEAST_KNOWN))
    first = number % len(beside)
    return (PLANTED, *(beside[first:] + beside[:first])[: together - 1])
