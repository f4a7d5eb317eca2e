"""Checks of the study input, before anything is drawn."""

from collections.abc import Sequence

import numpy as np

from ..ballots import NONE, UNKNOWN
from .catch import PLANTED, RANDOM
from .settings import MOST_SHOWN, Settings
from .study_input import StudyInput

LEAST_SHOWN = {"pick": 2, "rate": 1, "pair": 2}


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
