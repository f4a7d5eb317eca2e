"""From predictions along a curve to the outcome a protocol reads off them."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Bool, Float

from .curves import prediction_change, relative_error
from .result import Scores


def draw_outcomes(scores: Scores) -> Mapping[str, Float[np.ndarray, "draw ecg point"]]:
    """The protocol's outcome at every point of every curve; NaN where the true value has none."""
    y = torch.from_numpy(truth(scores))
    outcomes = {}
    for name, curve in scores.curves.items():
        # Double precision: means over thousands of ECGs are compared in their last digits.
        said = torch.from_numpy(np.array(curve, np.float64))
        change = scores.protocol.outcome == "change"
        outcomes[name] = (prediction_change(said) if change else relative_error(said, y)).numpy()
    return outcomes


def usable(scores: Scores) -> Bool[np.ndarray, " ecg"]:
    """The ECGs the outcome exists for: all for the change, a truth but 0 for the error."""
    if scores.protocol.outcome == "change":
        return np.ones(len(scores.y), bool)
    y = truth(scores)
    return np.isfinite(y) & (y != 0)


def usable_patients(scores: Scores) -> list[str]:
    """The patient of each usable ECG."""
    keep = usable(scores)
    return [patient for patient, kept in zip(scores.patients, keep, strict=True) if kept]


def truth(scores: Scores) -> Float[np.ndarray, " ecg"]:
    """The true values as the protocol divides by them: as measured, or whole ones."""
    return np.rint(scores.y) if scores.protocol.whole_labels else scores.y


def mean_curves(scores: Scores) -> Mapping[str, Float[np.ndarray, " point"]]:
    """The outcome against the step, mean over draws and usable ECGs (Storås 2025, figure 7)."""
    keep = usable(scores)
    return {name: each[:, keep].mean((0, 1)) for name, each in draw_outcomes(scores).items()}
