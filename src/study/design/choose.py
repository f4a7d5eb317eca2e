"""Which ECGs are judged: drawn by chance, or so that they cover what there is."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.special import expit

from .material import Material
from .streams import stream

HOW = ("stratified", "representative", "random")
Places = Int[np.ndarray, " place"]


def choose(material: Material, ecgs: int, how: str, seed: int) -> tuple[int, ...]:
    """The places of the chosen ECGs, by their names; the order of the material changes nothing.

    "stratified" takes one ECG of each of as many equal shares of the ranked labels; of a binary
    label as many with it as without, as far as there are. "representative" halves the ECGs by the
    label, each half by the error (prediction − label; of a binary target |probability − label|),
    each quarter by the label again until every part gives one [ours]. "random" takes any.
    Raises ValueError for more than there are with finite maps and what `how` needs.
    """
    if how not in HOW:
        raise ValueError(f"expected ECGs chosen as one of {', '.join(HOW)}, got {how!r}")
    there = np.flatnonzero(usable(material, how))
    if not 1 <= ecgs <= len(there):
        known = "" if how == "random" else ", a known label and a prediction"
        raise ValueError(
            f"expected 1 to {len(there)} ECGs of target {material.target.name!r}, as many have "
            f"finite maps{known}, got {ecgs}"
        )
    by_name = np.array(sorted(there, key=material.ecgs.__getitem__))
    draw = stream("choose", seed)
    anyhow = draw.permutation(by_name)  # equal labels then stand in random order
    if how == "stratified" and material.target.kind == "binary":
        chosen = _even(anyhow, material.y, ecgs)
    else:
        axes = {"stratified": [material.y], "representative": [material.y, errors(material)]}
        chosen = _spread(anyhow, axes.get(how, []), ecgs, draw)
    return tuple(sorted(map(int, chosen), key=material.ecgs.__getitem__))


def usable(material: Material, how: str) -> Bool[np.ndarray, " ecg"]:
    """Whether an ECG's maps are finite, and its label and prediction where `how` needs them."""
    shown = [material.x, *material.heatmaps.values(), *material.controls.values()]
    finite = np.all([np.isfinite(each).all((1, 2)) for each in shown], axis=0)
    return finite if how == "random" else finite & np.isfinite(errors(material))


def errors(material: Material) -> Float[np.ndarray, " ecg"]:
    """How far a prediction is from the label, with its sign; of a binary target without."""
    if material.target.kind == "binary":
        return np.abs(expit(material.prediction) - material.y)
    return material.prediction - material.y


def _spread(
    places: Places, axes: Sequence[Float[np.ndarray, " ecg"]], ecgs: int, draw: np.random.Generator
) -> list[int]:
    """One place of each of `ecgs` parts, which halving along each axis in turn leaves."""
    if ecgs == 1 or not axes:
        return draw.choice(places, ecgs, replace=False).tolist()
    axis, *others = axes
    ranked = places[np.argsort(axis[places], kind="stable")]
    below = ecgs // 2
    # Either side has at least as many ECGs as are drawn from it.
    cut = round(len(ranked) * below / ecgs)
    turned = [*others, axis]
    low = _spread(ranked[:cut], turned, below, draw)
    return low + _spread(ranked[cut:], turned, ecgs - below, draw)


def _even(places: Places, y: Float[np.ndarray, " ecg"], ecgs: int) -> list[int]:
    """As many with a label above one half as below; the more of the one where the other ends."""
    above, below = places[y[places] > 0.5], places[y[places] <= 0.5]
    number = min(max(ecgs - len(below), ecgs // 2), len(above))
    return [*above[:number].tolist(), *below[: ecgs - number].tolist()]
