"""Small study of exact ECGs; the maps are bumps, and noise in the last of four."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from ecglens.ecg.synthetic.draw import draw_exact
from ecglens.ecg.synthetic.exact import exact_beat
from ecglens_study.drawing import Paper, heat_of, sheet_of
from ecglens_study.settings import Item, Settings
from ecglens_study.storage.study_storage import StudyStorage

METHODS = ("saliency", "smoothgrad", "deeplift", "guided_gradcam")
CATCH = ("planted", "random", "abs_x", "random 2")
VIEWS = ("full", "averaged")
FS, R_PEAK = 500.0, 250
NOISE = 3
MAP_AT_MS = (-150, -60, 40, 270)  # before R: the P wave, PQ, S, T


@cache
def beat(number: int) -> np.ndarray:
    """Exact ECG `number` (12, time) in µV."""
    return exact_beat(draw_exact(1, number), noise_uv=8.0).signal


@cache
def paper(number: int, view: str) -> Paper:
    """Sheet of this ECG."""
    return sheet_of(beat(number), view, FS, R_PEAK)


@cache
def heat(number: int, view: str, place: int) -> bytes:
    """Map with one strong bump and a weak opposite one before it, or noise; leads differ."""
    if place % 4 == NOISE:
        noise = np.random.default_rng([number, place]).standard_normal(beat(number).shape)
        return heat_of(noise.astype(np.float32), view, FS)
    ms = (np.arange(beat(number).shape[1]) - R_PEAK) / FS * 1000.0
    at = MAP_AT_MS[place % len(MAP_AT_MS)] + 7 * number + 3 * place
    wave = np.exp(-0.5 * ((ms - at) / 22) ** 2) - 0.5 * np.exp(-0.5 * ((ms - at + 70) / 15) ** 2)
    leads = 0.3 + np.abs(np.sin(np.arange(12) + place))
    return heat_of((leads[:, None] * wave).astype(np.float32), view, FS)


def small_study(folder: Path, methods: tuple[str, ...] = METHODS, **settings) -> StudyStorage:
    """Study with one practice item, one ECG per view, and one catch item.

    Further practice items have a right map, and come first.
    """
    usual = {"name": "Which map?", "showings": 1, "practice": 1}
    chosen = Settings(**(usual | settings))
    of = {"pick": methods, "rate": methods[:1], "pair": methods[:2]}[chosen.task]
    said = "172 ms" if chosen.prediction else ""
    known = Item(0, "pr", "full", "e2", CATCH[: len(of)], "PR interval", said, "planted", lead="II")
    items = [replace(known, number=n, phase="practice") for n in range(chosen.practice - 1)]
    items.append(
        replace(known, number=len(items), ecg="e0", methods=of, catch="", phase="practice")
    )
    items += [
        Item(len(items) + place, "pr", view, "e1", of, "PR interval", said, lead=lead)
        for place, (view, lead) in enumerate(zip(VIEWS, ("II", ""), strict=True))
    ]
    if chosen.task == "pick":
        items.append(replace(known, number=len(items)))
    storage = StudyStorage.create(folder, chosen, items, methods)
    for item in items:
        number = int(item.ecg[1:])
        sheet = paper(number, item.view)
        storage.drawings.keep_sheet(item.ecg, item.view, sheet.signal, sheet.geometry)
        for place, method in enumerate(methods if not item.catch else item.methods):
            storage.drawings.keep_map(
                item.target, item.ecg, item.view, method, heat(number, item.view, place)
            )
    return storage
