"""A believable finding made without a network: a beat of bumps, maps of bumps, rising curves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from ecglens.datamodules import Target
from ecglens.ecg import BIT, R_PEAK
from ecglens.eval import (
    DEFAULT,
    About,
    Curves,
    Finding,
    Gallery,
    Perturbation,
    Protocol,
    finding_of,
)
from ecglens.eval.curves import ANOTHER_PATIENT, MEAN_OF_OTHERS, prior_key, template_key
from ecglens.explain import find, methods
from ecglens.report import RunViews, View
from ecglens.report.views.perturbation import PerturbationView

METHODS = ("saliency", "smoothgrad", "integrated_gradients", "deeplift", "guided_gradcam")
# Facts of a network; the others are of its data.
OF_NETWORK = ("fit", "settings", "versions", "external")
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
def make_finding() -> Callable[..., Finding]:
    return build


def build(
    gain: float = 6.0,
    methods: tuple[str, ...] = METHODS,
    records: tuple[str, ...] | None = None,
    target: Target = PR,
    protocol: Protocol = DEFAULT,
    length: int = 600,
    shown: int = 0,
    **facts: object,
) -> Finding:
    """Methods move the prediction `gain` times as much as the controls do.

    A page takes half as long without the heatmaps of the ECGs that are `shown`.
    """
    curves = curves_of(gain, methods, records, protocol, length, shown)
    known = {
        "fit": {"mae": 5.1, "rmse": 7.2, "bias": -0.3, "r2": 0.91},
        "source": "deepfake",
        "may_leave_machine": True,
        "y_sd": 20.6,
        "ease": "The nearest training ECG lies 31 µV from a test ECG.",
        "excluded": [["ecg-99", "fewer than 3 beats"]],
        "without_label": [["ecg-7", "P not locked to QRS"]],
        **facts,
    }
    return finding_of((curves,), about_of(curves, target, known))


@cache  # and `rank` remembers the ranking of these curves
def curves_of(
    gain: float,
    methods: tuple[str, ...],
    records: tuple[str, ...] | None,
    protocol: Protocol,
    length: int,
    shown: int,
) -> Curves:
    """The curves of `build`."""
    rng = np.random.default_rng(0)
    ecgs = 24
    names = records or tuple(f"ecg-{number}" for number in range(ecgs))
    y = rng.normal(160.0, 20.0, len(names))
    step = np.arange(protocol.steps + 1)
    predictions, heatmaps = {}, {}
    x = beats(shown, length)
    for place, name in enumerate((*methods, *CONTROLS)):
        strength = 1.0 if name in CONTROLS else gain * (1 - 0.1 * place)
        size = strength * rng.uniform(0.7, 1.3, (protocol.draws, len(names), 1))
        predictions[name] = (y[:, None] + size * (1 - np.exp(-step / 8))).astype(np.float32)
        bump = np.exp(-0.5 * (((np.arange(length) % 600) - 170) / 15) ** 2)
        noise = rng.standard_normal((shown, 12, length))
        heatmaps[name] = (noise * (bump + (0.2 if name not in CONTROLS else 1.0))).astype(
            np.float32
        )
    heatmaps["abs_x"] = np.abs(x)
    for shared in (y, x, *predictions.values(), *heatmaps.values()):
        shared.setflags(write=False)
    return Curves(
        protocol=protocol,
        seed=0,
        records=names,
        y=y,
        predictions=predictions,
        controls=CONTROLS,
        left_out={"guided_backprop": "this network calls a functional ReLU"},
        zero_share=dict.fromkeys(predictions, 0.0) | {"guided_gradcam": 0.43},
        gallery=Gallery(names[:shown], x, segments(shown, length), heatmaps),
    )


def of_views(*ranked: PerturbationView, others: Sequence[View] = ()) -> RunViews:
    """The views of a run."""
    return RunViews([each.finding for each in (*ranked, *others)], ranked, others)


def about_of(curves: Curves, target: Target, facts: Mapping[str, Any]) -> About:
    """What a run writes of these curves, with what it knows of data and network."""
    of_network = {key: facts[key] for key in OF_NETWORK if key in facts}
    return About(
        evaluation=curves.protocol.name,
        question=Perturbation.question,
        source=Perturbation.source,
        target=target,
        input="median",
        networks=("0123456789abcdef",),
        records=curves.records,
        patients=curves.patients,
        data={key: value for key, value in facts.items() if key not in OF_NETWORK},
        fits=(of_network,),
        cites=Perturbation.cites,
        method_cites={name: find(name).cites for name in curves.methods if name in methods()},
    )


def changed(
    finding: Finding, about: Mapping[str, Any] | None = None, /, **curves: object
) -> Finding:
    """The finding with other fields of what it is about, and other fields of its curves."""
    other = replace(finding.about, **(about or {}))
    if not curves:
        return replace(finding, about=other)
    made = tuple(replace(each, **curves) for each in finding.curves)
    return finding_of(made, replace(other, patients=made[0].patients))


def of_network(finding: Finding, key: str) -> Finding:
    """The finding on a network of this key."""
    return changed(finding, {"networks": (key,)})


def with_facts(finding: Finding, **facts: object) -> Finding:
    """The finding with other facts of its data and its network."""
    data = {key: value for key, value in facts.items() if key not in OF_NETWORK}
    fits = {key: value for key, value in facts.items() if key in OF_NETWORK}
    (own,) = finding.about.fits
    return changed(finding, {"data": {**finding.about.data, **data}, "fits": ({**own, **fits},)})


def with_rungs(finding: Finding, prior: np.ndarray | None = None, **others: np.ndarray) -> Finding:
    """The finding with these curves of the target prior and of the methods' maps of others."""
    until = finding.curves[0].protocol.until + 1
    references = {} if prior is None else {prior_key("point"): prior[..., :until]}
    for name, curves in others.items():
        for rung in (MEAN_OF_OTHERS, ANOTHER_PATIENT):
            references[template_key(rung, name)] = curves[:2, :, :until]
    return changed(
        finding, references=references, grains=dict.fromkeys(finding.curves[0].methods, "point")
    )
