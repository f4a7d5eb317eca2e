"""Doses of exact ECGs: their parameters are changed, so that every size is true by construction."""

import numpy as np
from ecglens.ecg import ExactParameters, exact_beat, exact_record, with_change
from jaxtyping import Float32

from .dose import Dose, Unchangeable

# Labels that the core changes itself, by the dose's name.
BY_LABEL = {"pr": "pr"}


def with_dose(parameters: ExactParameters, dose: Dose, by: float) -> ExactParameters:
    """Parameters after this dose; Unchangeable where it does not fit."""
    try:
        return with_change(parameters, BY_LABEL[dose.name], by)
    except ValueError as problem:
        raise Unchangeable(str(problem)) from None


def redrawn(
    x: Float32[np.ndarray, "12 time"], before: ExactParameters, after: ExactParameters
) -> Float32[np.ndarray, "12 time"]:
    """Signal with the waves of `after` in place of those of `before`; noise in it stays."""
    draw = exact_beat if x.shape[1] == exact_beat(before).signal.shape[1] else exact_record
    return x + (draw(after).signal - draw(before).signal)
