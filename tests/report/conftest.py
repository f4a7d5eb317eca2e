"""A believable result made without a network: a beat of bumps, maps of bumps, rising curves."""

from collections.abc import Callable

import numpy as np
import pytest
from ecglens.datamodules import Target
from ecglens.ecg import BIT, R_PEAK
from ecglens.eval import DEFAULT, Gallery, Protocol, Result, Scores

METHODS = ("saliency", "smoothgrad", "integrated_gradients", "deeplift", "guided_gradcam")
CONTROLS = ("random", "abs_x", "abs_dx")
PR = Target("pr", "ms", "PR interval")
# mV in V5 at (ms from R, width): P, Q, R, S, T.
WAVES = ((0.12, -150, 22), (-0.1, -22, 6), (1.3, 0, 9), (-0.3, 24, 9), (0.32, 270, 45))
GAIN = np.array([0.6, 0.8, 0.2, -0.7, 0.3, 0.5, -0.5, 0.4, 0.8, 1.1, 1.0, 0.8])


def beats(ecgs: int, length: int = 600) -> np.ndarray:
    """ECGs (µV) at 500 Hz with an R peak every 600 samples from sample 250."""
    ms = (np.arange(length) % 600 - 250) * 2.0
    v5 = sum(mv * np.exp(-0.5 * ((ms - at) / width) ** 2) for mv, at, width in WAVES)
    taller = 1 + 0.2 * np.arange(ecgs)
    return (1000 * taller[:, None, None] * GAIN[:, None] * v5).astype(np.float32)


def segments(ecgs: int, length: int = 600) -> np.ndarray:
    mask = np.zeros((ecgs, length), np.int8)
    mask[:, 140:205] |= BIT["P"]
    mask[:, 230:275] |= BIT["QRS"]
    mask[:, 250::600] |= R_PEAK
    return mask


@pytest.fixture(scope="session")
def make_result() -> Callable[..., Result]:
    return build


def build(
    gain: float = 6.0,
    methods: tuple[str, ...] = METHODS,
    records: tuple[str, ...] | None = None,
    target: Target = PR,
    protocol: Protocol = DEFAULT,
    length: int = 600,
    **facts: object,
) -> Result:
    """Methods move the prediction `gain` times as much as the controls do."""
    rng = np.random.default_rng(0)
    ecgs, shown = 24, 2
    names = records or tuple(f"ecg-{number}" for number in range(ecgs))
    y = rng.normal(160.0, 20.0, len(names))
    step = np.arange(protocol.steps + 1)
    curves, heatmaps = {}, {}
    x = beats(shown, length)
    for place, name in enumerate((*methods, *CONTROLS)):
        strength = 1.0 if name in CONTROLS else gain * (1 - 0.1 * place)
        size = strength * rng.uniform(0.7, 1.3, (protocol.draws, len(names), 1))
        curves[name] = (y[:, None] + size * (1 - np.exp(-step / 8))).astype(np.float32)
        bump = np.exp(-0.5 * (((np.arange(length) % 600) - 170) / 15) ** 2)
        noise = rng.standard_normal((shown, 12, length))
        heatmaps[name] = (noise * (bump + (0.2 if name not in CONTROLS else 1.0))).astype(
            np.float32
        )
    heatmaps["abs_x"] = np.abs(x)
    gallery = Gallery(names[:shown], x, segments(shown, length), heatmaps)
    scores = Scores(
        protocol=protocol,
        seed=0,
        records=names,
        y=y,
        curves=curves,
        controls=CONTROLS,
        left_out={"guided_backprop": "this network calls a functional ReLU"},
        zero_share=dict.fromkeys(curves, 0.0) | {"guided_gradcam": 0.43},
        gallery=gallery,
    )
    plain = {
        "fit": {"mae": 5.1, "rmse": 7.2, "bias": -0.3, "r2": 0.91},
        "source": "deepfake",
        "may_leave_machine": True,
        "y_sd": 20.6,
        "ease": "The nearest training ECG lies 31 µV from a test ECG.",
        "excluded": [["ecg-99", "fewer than 3 beats"]],
        "without_label": [["ecg-7", "P not locked to QRS"]],
    }
    return Result(target, "median", "0123456789abcdef", scores, plain | facts)
