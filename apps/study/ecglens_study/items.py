"""Items of a study, and the order in which an expert sees them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TypeVar

import numpy as np
from ecglens.datamodules import Target
from ecglens.report.text import number, percent, target_words
from scipy.special import expit

from .ballots import NONE
from .choose import Selection, select
from .csv_files import UNKNOWN
from .known import PLANTED, RANDOM, exact_input, shown_beside, with_region
from .settings import JUDGE, MOST_SHOWN, Item, Settings, StudyInput, Turn, stream

LEAST_SHOWN = {"pick": 2, "rate": 1, "pair": 2, JUDGE: 1}
# Full names for a cardiologist; `report.text.words.TARGETS` has the short forms for compounds.
TARGETS = {
    "pr": "PR interval",
    "qrs": "QRS duration",
    "qt": "QT interval",
    "r": "R amplitude",
    "j": "J amplitude",
    "t": "T amplitude",
    "rate": "heart rate",
}
LEAST_KNOWN = 3  # wrong maps to draw from, so that they vary between catch items
Thing = TypeVar("Thing")


def check(study_inputs: Sequence[StudyInput], settings: Settings) -> None:
    """Raise ValueError for a repeated target, too few or too many methods, or a reused ECG name."""
    names = [study_input.target.name for study_input in study_inputs]
    if not names or len({*names}) < len(names):
        raise ValueError(f"expected each target once, got {', '.join(names) or 'none'}")
    for study_input in study_inputs:
        _check_methods(study_input, settings.task)
    _check_shared(study_inputs)


def _check_methods(study_input: StudyInput, task: str) -> None:
    shown, where = [*study_input.heatmaps], f"target {study_input.target.name!r}"
    taken = {PLANTED, NONE, UNKNOWN, *study_input.controls}
    if wrong := [name for name in shown if name in taken or name.split(" ")[0] == RANDOM]:
        raise ValueError(f"{where}: expected methods, got {', '.join(wrong)}; leave it out")
    if len(shown) < LEAST_SHOWN[task]:
        raise ValueError(
            f"{where}: expected at least {LEAST_SHOWN[task]} methods for task {task}, got "
            f"{', '.join(shown)}"
        )
    if task == "pick" and len(shown) > MOST_SHOWN:
        raise ValueError(
            f"{where}: expected at most {MOST_SHOWN} methods on one screen, one per digit key, got "
            f"{len(shown)}: {', '.join(shown)}; leave some out, or choose task pair or rate"
        )


def _check_shared(study_inputs: Sequence[StudyInput]) -> None:
    """Raise ValueError if an ECG's signal differs between targets: it is drawn only once."""
    first: dict[str, tuple[StudyInput, int]] = {}
    for study_input in study_inputs:
        for place, name in enumerate(study_input.ecgs):
            other, there = first.setdefault(name, (study_input, place))
            same = (other.fs, other.origin) == (study_input.fs, study_input.origin)
            if not same or not np.array_equal(other.x[there], study_input.x[place], equal_nan=True):
                raise ValueError(
                    f"expected one signal for ECG {name}, got two, for targets "
                    f"{other.target.name!r} and {study_input.target.name!r}; make one study each"
                )


def target_title(target: Target) -> str:
    """Target's name, such as "PR interval", "R amplitude in V5" or "atrial fibrillation (af)"."""
    if target.name not in TARGETS:
        return target_words(target)
    return TARGETS[target.name] + (f" in {target.lead}" if target.lead else "")


def prediction_text(target: Target, prediction: float) -> str:
    """Prediction with its unit; for a logit its probability; "" for NaN."""
    if math.isnan(prediction):
        return ""
    if target.kind == "binary":
        return f"probability {percent(expit(prediction))}"
    return f"{number(prediction)} {target.unit}".rstrip()


def items(
    study_inputs: Sequence[StudyInput], settings: Settings, ecgs: int, sampling: str
) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """All items in order of their `number`, and notes for the organiser.

    Practice comes first; then, for each target and view, the chosen ECGs and the catch items. The
    order of the ECGs in the input has no effect. Raises ValueError as `check` and `choose` do.
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
    for index in range(settings.practice):
        turn, block = divmod(index, len(blocks))
        selection, view = blocks[block]
        # A different ECG for each view and cycle, while there are any.
        ecg = turn * len(settings.views) + settings.views.index(view)
        shown = _screens(selection, settings)
        if exact := exact_of[selection.study_input.target.name]:
            place = int(np.flatnonzero(with_region(exact))[ecg % settings.practice])
            known = _known(exact, place, view, index, len(shown[0]))
            item = _item(replace(selection, study_input=exact), view, place, known, settings)
            yield replace(item, phase="practice", catch=PLANTED)
            continue
        place = selection.practice[ecg % len(selection.practice)]
        item = _item(selection, view, place, shown[draw.integers(len(shown))], settings)
        yield replace(item, phase="practice")


def _catch(selection: Selection, view: str, settings: Settings) -> Iterator[Item]:
    """Catch items: as many maps as any screen of the study has, each known to be right or wrong."""
    together = len(_screens(selection, settings)[0])
    for index, place in enumerate(selection.catch):
        known = _known(selection.study_input, place, view, index, together)
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


def turns(items: Sequence[Item], settings: Settings, expert: int) -> tuple[Turn, ...]:
    """Turns of one expert in order; they depend only on the seed and the expert's number.

    Practice comes first, then all first showings, then all second ones. Both showings go through
    the targets and views in one order, which is drawn for each expert. Within a target and view
    the items are in random order; the second showing starts with those of the first half, so that
    a repeat is at least half of all items away. Maps are shuffled for each turn.
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
