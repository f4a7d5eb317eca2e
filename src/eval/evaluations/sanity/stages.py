"""The steps in which a network loses its weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np


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
