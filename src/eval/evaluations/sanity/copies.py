"""Copies of a network whose weights are redrawn: which layers, how often, for which methods."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Literal

import numpy as np
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook

from ....explain import Inputs, Method, attribute
from ....models import device_of, layers, randomised
from ...evaluation import NotApplicable
from ...heatmaps.explained import Explained, explained, map_piece
from ...precompute import Piece
from ...subject import Subject

# The dearest gradient method takes 64 passes, with the one that tries the network 65; those that
# hide parts of the ECG take 73 or more.
GRADIENT_PRICED = 70
# Redraws of a dearer method: three still have a spread, at four to twenty times the cost.
DEAR_REDRAWS = 3


@dataclass(frozen=True)
class Stage:
    """Layers that are redrawn together; `number` counts from the output, 0 redraws nothing."""

    mode: Literal["cascade", "independent"]
    number: int
    layers: tuple[str, ...]


def stages_of(layers: Sequence[str], count: int) -> tuple[Stage, ...]:
    """Independent steps, then the cascade that adds one to the other; its last has all layers.

    `layers` come from the output to the input and are cut into at most `count` steps of nearly
    equal numbers of layers. Stage 0 of the cascade draws nothing: what changes there is the work of
    BatchNorm statistics alone.
    """
    pieces = np.array_split(np.asarray(layers, object), min(count, len(layers)))
    steps = [tuple(str(layer) for layer in piece) for piece in pieces]
    alone = [Stage("independent", number, step) for number, step in enumerate(steps, 1)]
    cascade = [
        Stage("cascade", number, tuple(chain.from_iterable(steps[:number])))
        for number in range(len(steps) + 1)
    ]
    return (*alone, *cascade)


@dataclass(frozen=True)
class Copy:
    """The network with the weights of these layers redrawn, by `number`; `doing` is for the bar."""

    net: nn.Module
    layers: Sequence[str]
    number: int
    subject: Subject
    doing: str

    @property
    def key(self) -> tuple[tuple[str, ...], int]:
        """Tells copies of one network apart."""
        return tuple(self.layers), self.number

    @property
    def piece(self) -> Piece:
        return map_piece(self.redrawn, self.subject)

    def explained(self) -> Explained:
        return explained(self.redrawn(), self.subject, self.doing)

    def redrawn(self) -> nn.Module:
        seed = self.subject.seed + self.number
        return randomised(self.net, self.layers, self.subject.ecgs.x, seed)


@dataclass(frozen=True)
class Plan:
    """A copy for each stage, and those with all weights redrawn; dear methods are in the first."""

    stages: Sequence[Stage]
    of_stages: Sequence[Copy]
    of_all: Sequence[Copy]


def plan_of(net: nn.Module, subject: Subject, stages: int, copies: int) -> Plan:
    """Copies of the network that are explained; NotApplicable where there can be none."""
    try:
        names = layers(net, subject.ecgs.x)
    except ValueError as problem:
        raise NotApplicable(str(problem)) from problem
    if not names:
        raise NotApplicable("the network has no weights that can be drawn again")
    steps = stages_of(names, stages) if stages else ()
    dear, cheaper = min(copies, DEAR_REDRAWS), subject
    if copies > dear:
        cheaper = replace(subject, methods=cheap(net, subject))
    return Plan(
        steps,
        [Copy(net, stage.layers, 0, subject, f"{stage.mode} {stage.number}") for stage in steps],
        [
            Copy(net, names, number, own, f"copy {number + 1} of {copies}")
            for number, own in enumerate([subject] * dear + [cheaper] * (copies - dear))
        ],
    )


def passes(net: nn.Module, method: Method, subject: Subject) -> int:
    """ECGs that the network reads for the map of the first one; 0 for a method that is refused."""
    rows: list[int] = []

    def count(called: nn.Module, given: tuple[Any, ...]) -> None:
        if called is net:
            rows.append(len(given[0]))

    x, _, segments, record = subject.ecgs
    hook = register_module_forward_pre_hook(count)  # a ScriptModule takes none of its own
    try:
        first = x[:1].to(device_of(net))
        inputs = Inputs(record[:1], segments[:1], subject.background)
        attribute(method, net, first, subject.output, subject.seed, inputs)
    except ValueError:  # the method's own check on this network
        return 0
    finally:
        hook.remove()
    return sum(rows)


def cheap(net: nn.Module, subject: Subject) -> dict[str, Method]:
    """The methods whose map costs no more than the dearest of the gradients."""
    return {
        name: method
        for name, method in subject.methods.items()
        if passes(net, method, subject) <= GRADIENT_PRICED
    }
