"""Areas of one target in every universe: one option of every choice of multiverse.yaml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from ecglens.eval import Curves
from jaxtyping import Bool, Float

from .printed import RANDOM, printed_auc
from .sources import VERSIONS, Source, Sources, rules

CUTOFFS = range(10, 26)
SHORT = 199  # points that are not 0; the published code skips ECGs with fewer (Storås 2025)
EVERY = {"all": 1, "half": 2, "quarter": 4}


@dataclass(frozen=True, eq=False)
class Universes:
    """Areas of the methods, and of random as the last one, in every universe.

    `at_cutoffs` are those up to every cut-off from 10 to 25, `relative` says where the outcome is
    an error as a share of the true value.
    """

    target: str
    methods: tuple[str, ...]  # without random
    areas: Float[np.ndarray, "universe series"]
    at_cutoffs: Float[np.ndarray, "universe cutoff series"]
    relative: Bool[np.ndarray, " universe"]

    @property
    def own(self) -> Float[np.ndarray, "universe method"]:
        """Areas of the methods alone."""
        return self.areas[:, :-1]

    @property
    def above_random(self) -> Float[np.ndarray, "universe method"]:
        """Areas beyond that of random."""
        return self.own - self.areas[:, -1:]

    def of(self, *names: str) -> list[int]:
        """Columns of these methods. Raises ValueError for one that is not there."""
        missing = [name for name in names if name not in self.methods]
        if missing:
            raise ValueError(f"expected {', '.join(missing)} among the methods, got {self.methods}")
        return [self.methods.index(name) for name in names]

    def dealt(self, order: Sequence[int], rows: Sequence[int]) -> "Universes":
        """These universes, with the areas of the methods given to others in this order."""
        columns = [*order, len(self.methods)]
        return replace(
            self,
            areas=self.areas[rows][:, columns],
            at_cutoffs=self.at_cutoffs[rows][:, :, columns],
            relative=self.relative[rows],
        )

    def winners(self) -> Bool[np.ndarray, "universe method"]:
        """True for methods with the largest area."""
        return self.own == self.own.max(1, keepdims=True)


@dataclass(frozen=True, eq=False)
class Multiverse:
    """Universes of one target; `options` are those of each choice, whose product they are."""

    options: Mapping[str, tuple[str, ...]]
    universes: Universes


def multiverse(target: str, given: Sources) -> Multiverse:
    """Every universe that the curves of a target have.

    A mean is over the ECGs that the outcome exists for, of one network and one noise draw.
    """
    options, methods = _options(given), _methods(given)
    read = {choice: each for choice, each in options.items() if choice not in ("input", "until")}
    of_inputs = [
        np.stack([_of_method(name, given[one], read) for name in (*methods, RANDOM)], axis=-1)
        for one in options["input"]
    ]
    # The input comes to its place among the choices; cut-off and series stay last.
    at_cutoffs = np.stack(of_inputs, axis=[*options].index("input"))
    untils = [CUTOFFS.index(int(until)) for until in options["until"]]
    every = np.repeat(at_cutoffs[..., None, :, :], len(untils), axis=-3)
    relative = np.array([outcome != "change" for outcome in options["outcome"]])
    areas = at_cutoffs[..., untils, :]
    found = Universes(
        target=target,
        methods=methods,
        areas=areas.reshape(-1, areas.shape[-1]),
        at_cutoffs=every.reshape(-1, *every.shape[-2:]),
        relative=np.repeat(relative, areas[0, ..., 0].size),  # the outcome is the first choice
    )
    return Multiverse(options, found)


def _options(given: Sources) -> dict[str, tuple[str, ...]]:
    """Options of each choice that all curves have, in the order of the rules."""
    every = [source for steps in given.values() for source in steps.values()]
    curves = [one for source in every for one in source.all]
    second = all(source.otherwise for source in every)
    fewer = {
        "short": ("dropped", "kept") if all(one.nonzero for one in curves) else ("kept",),
        "multiplied": 1 + second,
        "smoothgrad": 1 + second,
        "step": tuple(next(iter(given.values()))),
        "input": tuple(name for name in rules()["choices"]["input"] if name in given),
        "noise": min(one.protocol.draws for one in curves),
        "network": min(source.networks for source in every),
    }
    found = {}
    for choice, options in rules()["choices"].items():
        known = fewer.get(choice, len(options))
        found[choice] = tuple(options)[:known] if isinstance(known, int) else known
    return found


def _methods(given: Sources) -> tuple[str, ...]:
    """Methods of the article that all curves have."""
    every = [source for steps in given.values() for source in steps.values()]
    names = [name for name in printed_auc()["pr"] if name != RANDOM]
    return tuple(name for name in names if all(source.has(name) for source in every))


def _of_method(
    name: str, steps: Mapping[str, Source], options: Mapping[str, tuple[str, ...]]
) -> Float[np.ndarray, "..."]:
    """Areas of a method by the choices of `options`, in their order, and by cut-off."""
    own = next((choice for choice, methods in VERSIONS.items() if name in methods), None)
    shape = [len(each) for each in options.values()]
    by_choice = np.empty((*shape, len(CUTOFFS)))
    places = {choice: number for number, choice in enumerate(options)}
    for step, network, version in product(
        range(shape[places["step"]]),
        range(shape[places["network"]]),
        range(len(options[own]) if own else 1),
    ):
        source = steps[options["step"][step]]
        curves = source.curves(name, version)[network]
        at: list[int | slice] = [slice(None)] * len(options)
        at[places["step"]], at[places["network"]] = step, network
        if own:
            at[places[own]] = version
        read = _read(name, curves, options)
        free = [choice for choice in options if choice not in ("step", "network", own)]
        known = ("outcome", "labels", "short", "noise", "ecgs")
        # A version of another method changes nothing here: its axis has length 1 and is repeated.
        missing = [number for number, choice in enumerate(free) if choice not in known]
        by_choice[tuple(at)] = np.expand_dims(read, missing)
    return by_choice


def _read(
    name: str, curves: Curves, options: Mapping[str, tuple[str, ...]]
) -> Float[np.ndarray, "outcome labels short noise ecgs cutoff"]:
    """Mean areas of one method on one network, by the choices that are read off its curves."""
    predictions = curves.predictions[name].astype(np.float64)[: len(options["noise"])]
    outcomes = np.stack(
        [
            np.stack(
                [_outcome(outcome, labels, predictions, curves.y) for labels in options["labels"]]
            )
            for outcome in options["outcome"]
        ]
    )
    slopes = (outcomes[..., 1:] + outcomes[..., :-1]) / 2
    areas = slopes[..., : CUTOFFS[-1]].cumsum(-1)[..., [until - 1 for until in CUTOFFS]]
    kept = np.stack([_kept(name, curves, short) for short in options["short"]])
    masked = np.where(kept[:, None, :, None], areas[:, :, None], np.nan)
    return np.stack([_mean(masked[..., :: EVERY[ecgs], :]) for ecgs in options["ecgs"]], axis=-2)


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


def _mean(areas: Float[np.ndarray, "*choice ecg cutoff"]) -> Float[np.ndarray, "*choice cutoff"]:
    """Over the ECGs that have an area; NaN where none has."""
    there = np.isfinite(areas)
    counts = there.sum(-2)
    sums = np.where(there, areas, 0.0).sum(-2)
    return np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
