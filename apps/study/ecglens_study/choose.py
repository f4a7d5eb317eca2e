"""Choice of the ECGs of a study."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from ecglens.ecg import LEADS
from ecglens.eval import NotApplicable
from jaxtyping import Bool, Float, Int
from scipy.special import expit

from .known import with_region
from .settings import Settings, StudyInput, stream

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


def first_lead(study_input: StudyInput, places: Sequence[int]) -> str:
    """Lead in which the target is read, else the one with the largest share of relevance.

    The share is the mean over the ECGs at `places` and over all methods, with equal weight, so that
    the choice favours none.
    """
    if study_input.target.lead:
        return study_input.target.lead
    shown = np.stack([maps[[*places]] for maps in study_input.heatmaps.values()])
    relevance = np.abs(shown).sum(-1)
    total = relevance.sum(-1, keepdims=True)
    shares = np.divide(relevance, total, out=np.zeros_like(relevance), where=total > 0)
    return LEADS[int(shares.mean(axis=(0, 1)).argmax())]


@dataclass(frozen=True, eq=False)
class Selection:
    """Indices of the ECGs that are shown for one target.

    `methods` are those with maps for this target, in the order of the study. `practice` has at
    least one ECG, and is repeated when more are needed. `lead` is the one that tiles show first.
    `notes` say where the study differs from its settings.
    """

    study_input: StudyInput
    methods: tuple[str, ...]
    chosen: tuple[int, ...]
    catch: tuple[int, ...]
    practice: tuple[int, ...]
    lead: str
    notes: tuple[str, ...]


def select(
    study_input: StudyInput, methods: Sequence[str], settings: Settings, ecgs: int, sampling: str
) -> Selection:
    """Selection whose practice and catch items avoid the chosen ECGs while there are others.

    Raises ValueError as `choose` does.
    """
    chosen = choose(study_input, ecgs, sampling, settings.seed)
    rest = _others_first(study_input, chosen, settings.seed)
    regions, why = _regions(study_input, settings)
    catch = [place for place in rest if place in regions][: settings.catch]
    if not why and len(catch) < settings.catch:
        why = f"{len(catch)} catch items instead of {settings.catch}: too few ECGs have the waves"
    notes = [*filter(None, [why]), *_left_out(study_input, methods, chosen, sampling)]
    return Selection(
        study_input,
        tuple(name for name in methods if name in study_input.heatmaps),
        chosen,
        tuple(catch),
        tuple(place for place in rest if place not in catch) or tuple(rest),
        first_lead(study_input, chosen),
        tuple(f"{study_input.target.name}: {note}" for note in notes),
    )


def _others_first(study_input: StudyInput, chosen: tuple[int, ...], seed: int) -> list[int]:
    """All ECGs with finite maps in random order, the chosen ones last."""
    usable_places = np.flatnonzero(usable(study_input, "random"))
    by_name = sorted(usable_places, key=study_input.ecgs.__getitem__)
    mixed = stream("others", seed).permutation(by_name).tolist()
    return sorted(mixed, key=lambda place: place in chosen)


def _regions(study_input: StudyInput, settings: Settings) -> tuple[set[int], str]:
    """Indices of ECGs for which a right map can be made, or the reason why there are none."""
    if not settings.catch:
        return set(), ""
    try:
        return {*np.flatnonzero(with_region(study_input)).tolist()}, ""
    except NotApplicable:
        return set(), "no catch items: the target names no edges or waves that decide it"


def _left_out(
    study_input: StudyInput, methods: Sequence[str], chosen: tuple[int, ...], sampling: str
) -> Iterator[str]:
    if lacking := [name for name in methods if name not in study_input.heatmaps]:
        yield f"no maps by {', '.join(lacking)}, which other targets have"
    if left := int((~usable(study_input, sampling)).sum()):
        known = "" if sampling == "random" else ", a known label or a prediction"
        yield f"{left} of {len(study_input.ecgs)} ECGs lack finite maps{known} and are not chosen"
    for name, maps in study_input.heatmaps.items():
        if zero := int((~maps[list(chosen)].any((1, 2))).sum()):
            yield f"{zero} of {len(chosen)} maps by {name} are zero everywhere; they are shown"
