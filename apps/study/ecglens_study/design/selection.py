"""Selection of one target's ECGs for votes, practice and catch items."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from ecglens.eval import NotApplicable

from .catch import with_region
from .choose import choose, usable
from .first_lead import first_lead
from .settings import Settings
from .streams import stream
from .study_input import StudyInput


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
