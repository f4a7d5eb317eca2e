"""Sampling of the ECGs that experts judge."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.special import expit

from .streams import stream
from .study_input import StudyInput

SAMPLINGS = ("stratified", "representative", "random")
Places = Int[np.ndarray, " place"]


def choose(study_input: StudyInput, ecgs: int, sampling: str, seed: int) -> tuple[int, ...]:
    """Indices of the chosen ECGs, sorted by name; the order of the input has no effect.

    "stratified" ranks the ECGs by label, cuts the ranks into `ecgs` equal parts and takes one ECG
    from each; for a binary target it takes equal numbers with and without the label, if there are
    enough. "representative" halves the ECGs by label, each half by error (prediction − label; for
    a binary target |probability − label|), each quarter by label again, and so on until each part
    gives one ECG [ours]. "random" takes any.
    Raises ValueError if `ecgs` exceeds the number of usable ECGs (`usable`).
    """
    if sampling not in SAMPLINGS:
        raise ValueError(f"expected sampling as one of {', '.join(SAMPLINGS)}, got {sampling!r}")
    there = np.flatnonzero(usable(study_input, sampling))
    if not 1 <= ecgs <= len(there):
        known = "" if sampling == "random" else ", a known label and a prediction"
        raise ValueError(
            f"expected 1 to {len(there)} ECGs of target {study_input.target.name!r}: that many "
            f"have finite maps{known}; got {ecgs}"
        )
    by_name = np.array(sorted(there, key=study_input.ecgs.__getitem__))
    draw = stream("choose", seed)
    shuffled = draw.permutation(by_name)  # so that equal labels are in random order
    if sampling == "stratified" and study_input.target.kind == "binary":
        chosen = _even(shuffled, study_input.y, ecgs)
    else:
        axes = {
            "stratified": [study_input.y],
            "representative": [study_input.y, errors(study_input)],
        }
        chosen = _spread(shuffled, axes.get(sampling, []), ecgs, draw)
    return tuple(sorted(map(int, chosen), key=study_input.ecgs.__getitem__))


def usable(study_input: StudyInput, sampling: str) -> Bool[np.ndarray, " ecg"]:
    """Mask of ECGs with finite maps and, unless sampling is random, a label and a prediction."""
    shown = [study_input.x, *study_input.heatmaps.values(), *study_input.controls.values()]
    finite = np.all([np.isfinite(each).all((1, 2)) for each in shown], axis=0)
    return finite if sampling == "random" else finite & np.isfinite(errors(study_input))


def errors(study_input: StudyInput) -> Float[np.ndarray, " ecg"]:
    """Prediction minus label; for a binary target the absolute error of the probability."""
    if study_input.target.kind == "binary":
        return np.abs(expit(study_input.prediction) - study_input.y)
    return study_input.prediction - study_input.y


def _spread(
    places: Places, axes: Sequence[Float[np.ndarray, " ecg"]], ecgs: int, draw: np.random.Generator
) -> list[int]:
    """One index from each of `ecgs` parts, made by halving along each axis in turn."""
    if ecgs == 1 or not axes:
        return draw.choice(places, ecgs, replace=False).tolist()
    axis, *others = axes
    ranked = places[np.argsort(axis[places], kind="stable")]
    below = ecgs // 2
    # Each side keeps at least as many ECGs as are drawn from it.
    cut = round(len(ranked) * below / ecgs)
    turned = [*others, axis]
    low = _spread(ranked[:cut], turned, below, draw)
    return low + _spread(ranked[cut:], turned, ecgs - below, draw)


def _even(places: Places, y: Float[np.ndarray, " ecg"], ecgs: int) -> list[int]:
    """Equal numbers with a label above and below one half; the larger group fills a shortage."""
    above, below = places[y[places] > 0.5], places[y[places] <= 0.5]
    number = min(max(ecgs - len(below), ecgs // 2), len(above))
    return [*above[:number].tolist(), *below[: ecgs - number].tolist()]
