"""Heatmaps made once, chunk by chunk, and kept with the order of their points."""

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..engine import sample_ids
from ..explain import Method, attribute
from ..store import Step, fingerprint
from .chunks import Chunks, Keeper
from .ladder.templates import Frame, beat_of_map
from .perturbation.folding import fold, from_r_peak
from .perturbation.points import rank_points
from .question import Question, filled

ATTRIBUTIONS = Step("attributions", version=3)
# Points kept in order: enough for every published curve, so that points and Storås share them.
TOP = 200
# Whole maps are kept of every ECG this long or shorter (29 kB for the 600 samples of a median
# beat), of longer ones in the first chunk only (the strips of a study would fill 150 GB).
WHOLE = 1000
BEAT = "beat"  # array of a strip's map as a beat, mean over its beats


def attributions(question: Question, method: Method, steps: int, keeper: Keeper) -> Chunks:
    """The heatmaps of a method with the order of at least `steps` points; made where missing.

    A chunk holds per ECG the `plain` order of the map's points (rank_points), on strips that of
    the `folded` map's and the BEAT of |map| (ladder.templates), the number of points that are
    `nonzero`, and whole `maps`.
    Raises ValueError when the method is wrong on this network.
    """
    kind = type(method)
    top = min(max(TOP, steps), question.points)
    settings = {
        **question.settings,
        "method": {
            "class": f"{kind.__module__}.{kind.__qualname__}",
            "version": method.version,
            "settings": asdict(method),  # pyright: ignore[reportArgumentType]
        },
        "top": top,
        **_used(question, method),
    }

    def make(number: int) -> Mapping[str, np.ndarray]:
        return _attribute(question, method, top, question.chunks[number])

    return keeper.chunks(ATTRIBUTIONS, settings, make)


def heatmaps(question: Question, method: Method, chunk: slice) -> Float[Tensor, "ecg lead time"]:
    """The whole maps of a chunk of ECGs, on the CPU."""
    records = question.ecgs.record[chunk]
    places = filled(chunk)
    x = question.ecgs.x[places].to(question.device)
    names = [question.ecgs.record[place] for place in places]
    maps = attribute(
        method,
        question.net,
        x,
        question.target,
        question.seed,
        names,
        question.ecgs.segments[places],
        question.background,
    )
    return maps[: len(records)].cpu()


def _used(question: Question, method: Method) -> dict[str, str]:
    """What this method reads beside the ECGs; other methods' maps do not change with it."""
    used = {}
    if method.facts.uses_segments:
        used["segments"] = fingerprint({"segments": question.ecgs.segments.tolist()})
    if method.facts.needs_background and question.background is not None:
        used["background"] = fingerprint({"x": sample_ids(question.background)})
    return used


def _attribute(
    question: Question, method: Method, top: int, chunk: slice
) -> Mapping[str, np.ndarray]:
    records, maps = question.ecgs.record[chunk], heatmaps(question, method, chunk)
    whole = maps.shape[2] <= WHOLE or chunk.start == 0
    kept = {
        "plain": rank_points(maps, top, question.seed, records),
        "nonzero": (maps != 0).sum((1, 2)),
        "maps": maps if whole else maps[:0],
    }
    if question.strips:
        each = zip(maps, question.groups[chunk], records, strict=True)
        kept["folded"] = torch.cat(
            [
                rank_points(fold(heatmap, groups)[None], top, question.seed, [record])
                for heatmap, groups, record in each
            ]
        )
        frame, marks = Frame.of(question), question.ecgs.segments[chunk]
        kept[BEAT] = torch.stack(
            [
                beat_of_map(heatmap, frame.places(from_r_peak(one)), frame.length)
                for heatmap, one in zip(maps, marks, strict=True)
            ]
        )
    return {name: value.numpy() for name, value in kept.items()}
