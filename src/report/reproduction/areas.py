"""The areas of every universe, read off kept curves: an axis for each choice, in its order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from jaxtyping import Bool, Float

from ...eval import Curves
from .levels import VERSIONS, Source, Sources, rules
from .printed import printed_auc
from .universes import RANDOM, Universes

CUTOFFS = range(10, 26)
SHORT = 199  # points that are not 0; the published code skips ECGs with fewer (Storås 2025)
EVERY = {"all": 1, "half": 2, "quarter": 4}


@dataclass(frozen=True, eq=False)
class Multiverse:
    """Universes of one target; `levels` are those of each choice, whose product they are."""

    levels: Mapping[str, tuple[str, ...]]
    universes: Universes


def multiverse(target: str, given: Sources) -> Multiverse:
    """Every universe that the curves of a target have.

    A mean is over the ECGs that the outcome exists for, of one network and one noise draw.
    """
    each = {name: _of_input(steps) for name, steps in given.items()}
    first = next(iter(each.values()))
    inputs = [name for name in rules()["choices"]["input"] if name in given]
    methods = tuple(m for m in first.methods if all(m in one.methods for one in each.values()))
    levels = {**first.levels, "input": tuple(inputs)}
    least = {
        choice: min((one.levels[choice] for one in each.values()), key=len) for choice in levels
        if choice != "input"
    } | {"input": tuple(inputs)}  # fmt: skip
    choices = list(rules()["choices"])
    stacked = np.stack([_cut(each[name], least, (*methods, RANDOM)) for name in inputs])
    # The input comes to its place among the choices; cut-off and series stay last.
    at_cutoffs = np.moveaxis(stacked, 0, choices.index("input"))
    untils = [CUTOFFS.index(int(until)) for until in rules()["choices"]["until"]]
    areas = np.stack([at_cutoffs[..., until, :] for until in untils], axis=-2)
    every = np.broadcast_to(
        at_cutoffs[..., None, :, :], (*areas.shape[:-1], *at_cutoffs.shape[-2:])
    )
    ordered = {choice: least.get(choice, ()) for choice in choices}
    ordered["until"] = tuple(rules()["choices"]["until"])
    relative = np.broadcast_to(
        _along(np.array([name != "change" for name in ordered["outcome"]]), areas.ndim - 1),
        areas.shape[:-1],
    )
    series = areas.shape[-1]
    found = Universes(
        target=target,
        methods=methods,
        areas=areas.reshape(-1, series),
        at_cutoffs=every.reshape(-1, len(CUTOFFS), series),
        relative=relative.reshape(-1),
    )
    return Multiverse(ordered, found)


@dataclass(frozen=True, eq=False)
class _OfInput:
    """Areas of one input: the choices but input and until, then cut-off; a series each."""

    levels: Mapping[str, tuple[str, ...]]
    methods: tuple[str, ...]
    areas: Mapping[str, Float[np.ndarray, "..."]]


def _of_input(steps: Mapping[str, Source]) -> _OfInput:
    every = [curves for source in steps.values() for curves in source.published]
    names = [name for name in printed_auc()["pr"] if all(name in c.predictions for c in every)]
    networks = min(len(source.published) for source in steps.values())
    draws = min(curves.protocol.draws for curves in every)
    second = all(source.otherwise is not None for source in steps.values())
    counted = all(curves.nonzero for curves in every)
    choices = rules()["choices"]
    levels = {
        "outcome": tuple(choices["outcome"]),
        "labels": tuple(choices["labels"]),
        "short": tuple(choices["short"]) if counted else ("kept",),
        "multiplied": tuple(choices["multiplied"])[: 1 + second],
        "smoothgrad": tuple(choices["smoothgrad"])[: 1 + second],
        "step": tuple(steps),
        "noise": tuple(choices["noise"])[:draws],
        "network": tuple(choices["network"])[:networks],
        "ecgs": tuple(choices["ecgs"]),
    }
    areas = {name: _of_method(name, steps, levels) for name in names}
    return _OfInput(levels, tuple(name for name in names if name != RANDOM), areas)


def _of_method(
    name: str, steps: Mapping[str, Source], levels: Mapping[str, tuple[str, ...]]
) -> Float[np.ndarray, "..."]:
    """Areas of a method by the choices of `levels`, in their order, and by cut-off."""
    own = next((choice for choice, methods in VERSIONS.items() if name in methods), None)
    shape = [len(each) for each in levels.values()]
    found = np.empty((*shape, len(CUTOFFS)))
    places = {choice: number for number, choice in enumerate(levels)}
    for step, network, version in product(
        range(shape[places["step"]]),
        range(shape[places["network"]]),
        range(len(levels[own]) if own else 1),
    ):
        source = steps[levels["step"][step]]
        curves = source.curves(name, version)[network]
        at: list[int | slice] = [slice(None)] * len(levels)
        at[places["step"]], at[places["network"]] = step, network
        if own:
            at[places[own]] = version
        read = _read(name, curves, levels)
        free = [choice for choice in levels if choice not in ("step", "network", own)]
        known = ("outcome", "labels", "short", "noise", "ecgs")
        # A version of another method changes nothing here: its axis has length 1 and is repeated.
        missing = [number for number, choice in enumerate(free) if choice not in known]
        found[tuple(at)] = np.expand_dims(read, missing)
    return found


def _read(
    name: str, curves: Curves, levels: Mapping[str, tuple[str, ...]]
) -> Float[np.ndarray, "outcome labels short noise ecgs cutoff"]:
    """Mean areas of one method on one network, by the choices that are read off its curves."""
    predictions = curves.predictions[name].astype(np.float64)[: len(levels["noise"])]
    outcomes = np.stack(
        [
            np.stack(
                [_outcome(outcome, labels, predictions, curves.y) for labels in levels["labels"]]
            )
            for outcome in levels["outcome"]
        ]
    )
    slopes = (outcomes[..., 1:] + outcomes[..., :-1]) / 2
    areas = slopes[..., : CUTOFFS[-1]].cumsum(-1)[..., [until - 1 for until in CUTOFFS]]
    kept = np.stack([_kept(name, curves, short) for short in levels["short"]])
    masked = np.where(kept[:, None, :, None], areas[:, :, None], np.nan)
    return np.stack([_mean(masked[..., :: EVERY[ecgs], :]) for ecgs in levels["ecgs"]], axis=-2)


def _outcome(
    outcome: str,
    labels: str,
    predictions: Float[np.ndarray, "draw ecg point"],
    y: Float[np.ndarray, " ecg"],
) -> Float[np.ndarray, "draw ecg point"]:
    """NaN where the outcome divides by 0."""
    if outcome == "change":
        return np.abs(predictions - predictions[..., :1])
    truth = (np.rint(y) if labels == "whole" else y.astype(np.float64))[:, None]
    divisor = np.abs(truth) if outcome == "absolute" else truth
    return np.abs(predictions - truth) / np.where(divisor == 0, np.nan, divisor)


def _kept(name: str, curves: Curves, short: str) -> Bool[np.ndarray, " ecg"]:
    if short == "kept":
        return np.ones(len(curves.y), bool)
    return curves.nonzero[name] >= SHORT


def _mean(
    areas: Float[np.ndarray, "*choice ecg cutoff"],
) -> Float[np.ndarray, "*choice cutoff"]:
    """Over the ECGs that have an area; NaN where none has."""
    there = np.isfinite(areas)
    counts = there.sum(-2)
    sums = np.where(there, areas, 0.0).sum(-2)
    return np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)


def _cut(
    given: _OfInput, levels: Mapping[str, tuple[str, ...]], names: Sequence[str]
) -> Float[np.ndarray, "..."]:
    """Areas of the levels that every input has; the series last."""
    stacked = np.stack([given.areas[name] for name in names], axis=-1)
    for axis, choice in enumerate(given.levels):
        stacked = stacked.take(range(len(levels[choice])), axis)
    return stacked


def _along(values: np.ndarray, dimensions: int) -> np.ndarray:
    """Values along the first of so many axes."""
    return values.reshape(-1, *(1,) * (dimensions - 1))
