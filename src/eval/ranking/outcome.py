"""From predictions along a curve to the outcome a protocol reads off them."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Bool, Float

from ..curves import Curves
from ..outcomes import fall, prediction_change, relative_error
from ..protocol import Protocol


def draw_outcomes(scores: Curves) -> Mapping[str, Float[np.ndarray, "draw ecg point"]]:
    """The protocol's outcome at every point of every curve; NaN where the true value has none."""
    return {name: outcome(scores, curve) for name, curve in scores.predictions.items()}


def outcome(
    scores: Curves, curve: Float[np.ndarray, "draw ecg point"]
) -> Float[np.ndarray, "draw ecg point"]:
    """The protocol's outcome along curves of the first ECGs, higher for a better map.

    Least relevant first, where a good map moves it late, it counts negative.
    """
    return read(scores.protocol, curve, scores.y[: curve.shape[1]])


def read(
    protocol: Protocol, curve: Float[np.ndarray, "draw ecg point"], y: Float[np.ndarray, " ecg"]
) -> Float[np.ndarray, "draw ecg point"]:
    """The protocol's outcome along the curves of ECGs with these true values (see `outcome`)."""
    # Double precision: means over thousands of ECGs are compared in their last digits.
    outputs = torch.from_numpy(np.array(curve, np.float64))
    if protocol.outcome == "change":
        found = prediction_change(outputs)
    elif protocol.outcome == "logit":
        found = fall(outputs)
    else:
        found = relative_error(outputs, torch.from_numpy(divisors(protocol, y)))
    return (found if protocol.order == "morf" else -found).numpy()


def usable(scores: Curves) -> Bool[np.ndarray, " ecg"]:
    """The ECGs the outcome exists for: all, or those with a truth but 0 for the relative error."""
    if scores.protocol.outcome != "relative_error":
        return np.ones(len(scores.y), bool)
    y = divisors(scores.protocol, scores.y)
    return np.isfinite(y) & (y != 0)


def usable_patients(scores: Curves) -> list[str]:
    """The patient of each usable ECG."""
    keep = usable(scores)
    return [patient for patient, kept in zip(scores.patients, keep, strict=True) if kept]


def divisors(protocol: Protocol, y: Float[np.ndarray, " ecg"]) -> Float[np.ndarray, " ecg"]:
    """The true values as the protocol divides by them: as measured, or whole ones."""
    return np.rint(y) if protocol.whole_labels else y


def mean_curves(*networks: Curves) -> dict[str, Float[np.ndarray, " point"]]:
    """The outcome against the step, mean over draws and usable ECGs (Storås 2025, figure 7).

    Mean over networks, for the methods that all of them have.
    """
    each = [
        {name: errors[:, usable(scores)].mean((0, 1)) for name, errors in outcomes.items()}
        for scores, outcomes in ((scores, draw_outcomes(scores)) for scores in networks)
    ]
    names = [name for name in each[0] if all(name in curves for curves in each)]
    return {name: np.mean([curves[name] for curves in each], 0) for name in names}
