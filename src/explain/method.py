"""An attribution method: what it may use, its settings, the facts it declares, and its map."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, is_dataclass
from math import inf
from typing import Any, ClassVar, Literal, TypeGuard

import torch
from jaxtyping import Float, Int8
from torch import Tensor, nn

from ..ecg import FS_HZ


@dataclass(frozen=True, eq=False)
class Context:
    """A random generator per ECG, the wave marks of each ECG, and ECGs of others.

    `segments` has a bit per wave (ecg.waves), and is 0 throughout an ECG without marks.
    `fs` is the rate of the ECGs in Hz.
    `background` holds ECGs of others, usually training ECGs, on the device of the ECGs: the same
    for every ECG and every batch. It is never empty for a method that needs a background.
    """

    generators: Sequence[torch.Generator]
    segments: Int8[Tensor, "batch time"]
    background: Float[Tensor, "other lead time"]
    fs: float = FS_HZ

    def split(self, size: int) -> Iterator["Context"]:
        """Contexts of `size` ECGs each."""
        for start in range(0, len(self.generators), size):
            part = slice(start, start + size)
            yield Context(self.generators[part], self.segments[part], self.background, self.fs)


# Unit of the values of a map; "target" is the unit of the explained output.
Unit = Literal["target", "target/µV", "(target/µV)²", "µV", "µV/sample", "none"]
# What an ECG is compared with: 0 µV, straight lines in place of its segments, or ECGs of others.
Baseline = Literal["none", "zero", "line", "others", "mean of others"]
# How a linear layer in front of the network changes the map: as it changes the gradient, as the
# gradient times the ECG, or by no rule that is known here.
Form = Literal["slope", "product", "other"]
# Whether each map adds up to a number that is known (Method.promised): exactly, but for steps that
# are too coarse, or in the mean over random numbers.
Sum = Literal["none", "exact", "mean"]


@dataclass(frozen=True)
class Facts:
    """Properties of a method that evaluations and pages read.

    A method that `uses_segments` reads the wave marks of the ECG; one that `needs_background` is
    refused without ECGs of others. A `control` knows nothing of the network. `any_network` holds
    for a method that asks no more of a network than its outputs and gradients; any other is tried
    on the network before it is used. A map `of_layer` is the curve of a layer, stretched over the
    ECG. `sums` says whether a map adds up to what the method has `promised`.
    `gradients` and `predictions` are the cost: passes per median beat, with and without backward.

    .. deprecated:: 0.2.0
       `grain` is taken and not used: the resolution of a map is read off it.
    """

    unit: Unit = "none"
    baseline: Baseline = "none"
    form: Form = "other"
    sums: Sum = "none"
    uses_segments: bool = False
    needs_background: bool = False
    control: bool = False
    any_network: bool = False
    of_layer: bool = False
    gradients: int = 0
    predictions: int = 0
    grain: InitVar[str | None] = None

    def __post_init__(self, grain: str | None) -> None:
        if grain is not None:
            warnings.warn(
                "Facts(grain=…) is not used: the resolution of a map is read off it; leave it out",
                DeprecationWarning,
                stacklevel=3,
            )

    @property
    def needs_gradient(self) -> bool:
        """True if outputs alone are not enough."""
        return self.gradients > 0 or not self.any_network


class Method(ABC):
    """An attribution method: a frozen dataclass whose fields are its settings.

    A subclass writes `heatmap`, and `declared`, its facts with any settings, or `facts` where they
    depend on the settings. ECGLens raises `version` whenever its numbers change, because stored
    maps are kept under it; of a class of somebody's own the file is part of the key. `cites` are
    the papers that a methods text cites: keys of the report's references, or BibTeX entries.
    `checks_outputs` says that its first pass is one of explain.input_gradient, which refuses a
    wrong output.
    """

    version: ClassVar[int] = 1
    checks_outputs: ClassVar[bool] = False
    cites: ClassVar[tuple[str, ...]] = ()
    declared: ClassVar[Facts] = Facts()

    def __str__(self) -> str:
        """Name in messages and in the names of random streams."""
        return type(self).__name__

    @property
    def facts(self) -> Facts:
        """Facts about the method with these settings."""
        return self.declared

    def __call__(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """Heatmap of output `target` for each ECG; see `heatmap`, which computes it."""
        return self.heatmap(net, x, target, context)

    def promised(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, " batch"]:
        """Number that each map adds up to, of a method with `facts.sums`.

        The context has the same random numbers as for the map.
        """
        raise NotImplementedError(f"{self} promises no sum")

    def remark(self, net: nn.Module, x: Float[Tensor, "batch lead time"]) -> str | None:
        """Words on a setting that has no effect on this network, None where each has."""
        return None

    @abstractmethod
    def heatmap(
        self, net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, context: Context
    ) -> Float[Tensor, "batch lead time"]:
        """Heatmap of output `target` for each ECG.

        The network is in evaluation mode, `x` is in µV. Random numbers come from
        `context.generators` alone. Raises ValueError on a network on which the map would be wrong.
        """


class LacksData(ValueError):  # noqa: N818 - a reason, not a fault
    """Raised by a method that is right here but was not given all it needs, as ECGs of others."""


def is_method(given: Any) -> TypeGuard[Method]:
    """True if this is a method with settings that can be read: a dataclass, and no class."""
    return isinstance(given, Method) and is_dataclass(given) and not isinstance(given, type)


WAS_LEFT_OUT = " was left out: "  # between a method and the reason, in notes


def left_out_notes(left_out: Mapping[str, str]) -> tuple[str, ...]:
    """A note for each method that was left out of an evaluation, with the reason."""
    return tuple(f"{name}{WAS_LEFT_OUT}{why}" for name, why in left_out.items())


# Median beats are shorter (1.2 s here), strips are longer.
LONGEST_S = 2.0
# Training ECGs that the commands and `score` pass as background.
BACKGROUND_SIZE = 64


def aligned_background(
    x: Float[Tensor, "batch lead time"], context: Context
) -> Float[Tensor, "other lead time"]:
    """Background of median beats; raises LacksData on strips, whose beats are not aligned."""
    if x.shape[2] > LONGEST_S * context.fs:
        raise LacksData(
            f"expected median beats, which are aligned, got ECGs of {x.shape[2]} samples; beats of "
            "other strips lie elsewhere, so that neither they nor their mean is a baseline"
        )
    return context.background


def at_least(least: int, **settings: int | float) -> None:
    """Raise ValueError for a setting below `least`, infinite or NaN."""
    for name, value in settings.items():
        if not least <= value < inf:
            raise ValueError(f"expected {name} of at least {least}, got {value}")
