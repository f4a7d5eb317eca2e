"""Maps whose quality is known: catch items, and practice on exact ECGs."""

from collections.abc import Mapping, Sequence
from math import nan

import numpy as np
from ecglens.datamodules import Target
from ecglens.ecg import (
    AROUND_MS,
    BEAT_LENGTH,
    FS_HZ,
    Record,
    draw_exact,
    exact_beat,
    exact_record,
    segment_mask,
)
from ecglens.eval import NotApplicable, TargetRegion
from ecglens.report.figures import averaged
from jaxtyping import Bool, Float, Float32
from scipy.ndimage import convolve1d

from .settings import JUDGE, Item, Settings, StudyInput, stream

PLANTED, RANDOM = "planted", "random"
# A control with more of its relevance in the region would be as good an answer: on exact beats
# |x| has 89 % there for QT, and |dx/dt| 71 % for QRS.
MOST_WITHIN = 0.5
SOFT = round(AROUND_MS * FS_HZ / 1e3)  # samples over which a planted map fades out
SEED, NOISE_UV = 8, 5.0  # of the generator; another one than that of any data set
TRIED = 4  # ECGs drawn for each that is wanted: some have no P wave
LONGEST = 5000  # samples of an exact strip


def planted(study_input: StudyInput, place: int) -> Float32[np.ndarray, "12 time"]:
    """Right map by construction: 1 in the region that decides the target, fading within 10 ms.

    Raises NotApplicable if the target names no region (TargetRegion), ValueError if the ECG at
    index `place` lacks it.
    """
    region = region_of(study_input.target).points(study_input.segments[[place]])[0]
    if not region.any():
        raise ValueError(f"expected an ECG with {region_of(study_input.target).words}, got none")
    window = np.hanning(SOFT + 3)[1:-1]  # an odd length, and neither end is 0
    return convolve1d(region.astype(np.float32), window / window.sum(), axis=-1, mode="nearest")


def region_of(target: Target) -> TargetRegion:
    """Region that decides the target; NotApplicable if the target names none."""
    return TargetRegion("both", target.edges, target.waves, target.lead)


def with_region(study_input: StudyInput) -> Bool[np.ndarray, " ecg"]:
    """Mask of ECGs that have the whole region of the target; NotApplicable as in `region_of`."""
    return np.any(region_of(study_input.target).times(study_input.segments), axis=1)


def shown_beside(study_input: StudyInput, place: int, view: str, number: int) -> tuple[str, ...]:
    """Names of the wrong maps: random, controls that lie elsewhere, then random 2, random 3."""
    controls = {name: maps[place] for name, maps in study_input.controls.items() if name != RANDOM}
    region = region_of(study_input.target).points(study_input.segments[[place]])[0]
    elsewhere = [name for name, one in controls.items() if _within(one, region, view) < MOST_WITHIN]
    further = (f"{RANDOM} {k}" for k in range(2, number + 1))
    return (RANDOM, *elsewhere, *further)[:number]


def maps_of(study_input: StudyInput, item: Item) -> Mapping[str, Float[np.ndarray, "12 time"]]:
    """Map of the item's ECG for each of its methods, by name; catch items have made-up maps.

    Raises ValueError for an unknown name.
    """
    place = study_input.ecgs.index(item.ecg)
    return {name: _map(study_input, place, name) for name in item.methods}


def _map(study_input: StudyInput, place: int, name: str) -> Float[np.ndarray, "12 time"]:
    kept = {**study_input.controls, **study_input.heatmaps}
    if name in kept:
        return kept[name][place]
    if name == PLANTED:
        return planted(study_input, place)
    if name.split(" ")[0] != RANDOM:
        raise ValueError(f"expected a map of {', '.join(kept)}, got {name!r}")
    draw = stream("map", study_input.target.name, study_input.ecgs[place], name)
    return draw.standard_normal(study_input.x.shape[1:], np.float32)


def _within(
    heatmap: Float[np.ndarray, "12 time"], region: Bool[np.ndarray, "12 time"], view: str
) -> float:
    """Share of the visible relevance that lies in the region; NaN for an ECG without one."""
    if not region.any():
        return nan
    if view == "averaged":
        heatmap, region = averaged(heatmap)[None], np.any(region, axis=0, keepdims=True)
    sizes = np.abs(heatmap).astype(np.float64)
    whole = sizes.sum()
    # A map of zeros says nothing and gets what a random one gets.
    return float((sizes * region).sum() / whole if whole > 0 else region.mean())


def sources(
    study_inputs: Sequence[StudyInput], settings: Settings
) -> dict[tuple[str, str], StudyInput]:
    """Study input of the items of each target and phase."""
    found = {}
    for each in study_inputs:
        found[each.target.name, "vote"] = each
        # No network has read an exact ECG: there is no reading to judge.
        exact = settings.task != JUDGE and exact_input(each, settings.practice)
        found[each.target.name, "practice"] = exact or each
    return found


def exact_input(study_input: StudyInput, number: int) -> StudyInput | None:
    """`number` exact ECGs of the length of the study's, which the network never reads.

    In place of its output they have the true value, NaN if an exact ECG does not tell it. None if
    the target names no region, or the length or sampling rate cannot be made.
    """
    length = study_input.x.shape[-1]
    if not number or study_input.fs != FS_HZ or length > LONGEST:
        return None
    records = [_record(index, length) for index in range(TRIED * number)]
    x = np.stack([record.signal[:, :length] for record in records])
    true = np.array([_true(record, study_input.target) for record in records])
    draw = stream("practice maps", study_input.target.name)
    made = StudyInput(
        target=study_input.target,
        ecgs=tuple(f"{study_input.target.name} exact {index}" for index in range(len(x))),
        x=x,
        segments=np.stack([_segments(record, length) for record in records]),
        y=true,
        prediction=true,
        heatmaps={RANDOM: draw.standard_normal(x.shape, np.float32)},
        controls={"abs_x": np.abs(x), "abs_dx": np.abs(np.gradient(x, axis=-1))},
        fs=study_input.fs,
        origin=study_input.origin,
    )
    try:
        fit = int(with_region(made).sum()) >= number
    except NotApplicable:
        return None
    return made if fit else None


def _record(index: int, length: int) -> Record:
    parameters = draw_exact(SEED, index)
    return (exact_beat if length == BEAT_LENGTH else exact_record)(parameters, noise_uv=NOISE_UV)


def _true(record: Record, target: Target) -> float:
    """True value in the target's unit; NaN for a class, whose network returns a logit."""
    return record.labels.get(target.column, nan) if target.kind == "regression" else nan


def _segments(record: Record, length: int) -> np.ndarray:
    if record.marks is None or record.r_peaks is None:
        raise ValueError("expected exact ECGs with marks, got one without")
    peaks = None if length == BEAT_LENGTH else record.r_peaks.tolist()
    return segment_mask(record.marks, length, peaks)
