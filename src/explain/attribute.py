"""Heatmaps of a network for ECGs: the function that every user of this room calls."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..ecg import FS_HZ
from ..engine import (
    generator,
    has_gradient,
    in_memory,
    keeps_statistics,
    ran_out,
    sample_ids,
    unperturbed,
)
from .context import Context
from .inputs import check_network, checked_background, checked_input, checked_segments
from .method import Method
from .named import find
from .passes import differentiable, input_gradient, prediction, rows
from .sums import check_promise, missed_sum

# What the code of a method may raise on a network that it was not written for.
FAILURES = (
    ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, RuntimeError,
    TypeError,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Inputs:
    """What is known about the ECGs that a method explains; all of it is optional.

    Args:
        records: Names of the ECGs; None names each by a hash of its samples.
        segments: Wave marks, (batch, time) with a bit per wave (ecg.waves), for methods that hide
            whole waves; without marks they hide windows.
        background: ECGs of others, (other, lead, time) in µV, for methods that compare with them.
        fs: Rate of all of these ECGs in Hz, for methods whose windows are in ms.
    """

    records: Sequence[str] | None = None
    segments: Tensor | None = None
    background: Tensor | None = None
    fs: float = FS_HZ


def attribute(
    method: str | Method,
    net: nn.Module,
    x: Tensor,  # its shape is checked in words
    target: int = 0,
    seed: int = 0,
    inputs: Inputs = Inputs(),
) -> Float[Tensor, "batch lead time"]:
    """Heatmap of output `target` for each ECG: float32, detached, finite, on x's device.

    The network is left as it was.

    Args:
        method: A name (`methods()`), a class of captum by its path, or a method itself.
        net: Network in evaluation mode, µV to (batch, targets).
        x: ECGs, (batch, lead, time) in µV.
        target: Column of the output that is explained.
        seed: Seed of the random numbers, which depend on (seed, method, record) alone.
        inputs: Names, wave marks and background of the ECGs.

    Raises:
        ValueError: For a network in training mode, an input or output of the wrong shape, numbers
            that are not finite, a method that would be wrong on this network or lacks its
            background, and one that fails, with its error.
    """
    chosen = find(method) if isinstance(method, str) else method
    check_network(net)
    x = checked_input(x)
    if len(x) == 0:
        return x
    with differentiable(net, x.device):
        x = x.clone()  # the caller's may have been made in inference mode
        # Refuses a wrong output before the work.
        by_gradient = chosen.facts.needs_gradient or has_gradient(net)
        (input_gradient if by_gradient else prediction)(net, x[:1], target)
        heatmaps = in_memory(
            lambda: _heatmaps(chosen, net, x, target, context_of(chosen, x, seed, inputs))
        )
        found = _checked_heatmap(heatmaps.detach(), x, str(chosen))
        if chosen.facts.sums == "exact":
            check_promise(chosen, net, x, target, context_of(chosen, x, seed, inputs), found)
    return found


def _heatmaps(
    method: Method,
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    context: Context,
) -> Tensor:
    """What the method gives, for as many ECGs at a time as fit into memory."""
    # Copies of one ECG are normalised alike where the network keeps statistics.
    size = 1 if keeps_statistics(net) else rows(x)
    found = []
    for some, own in zip(x.split(size), context.split(size), strict=True):
        with unperturbed(net, some[0]), _failure_named(method):
            found.append(method(net, some, target, own))
    return torch.cat(found)


def map_notes(
    method: Method,
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    heatmap: Float[Tensor, "batch lead time"],
    target: int,
    context: Context,
) -> tuple[str, ...]:
    """What to know of a method's maps: settings without effect, and sums that they miss.

    `heatmap` is what `attribute` gave for these ECGs, in a fresh context of `context_of`. Each note
    is the rest of a sentence that begins with the name of the method.
    """
    with differentiable(net, x.device):
        x = x.clone()
        said = method.remark(net, x), missed_sum(method, net, x, target, context, heatmap)
    return tuple(words for words in said if words)


def context_of(
    method: Method, x: Float[Tensor, "batch lead time"], seed: int, inputs: Inputs
) -> Context:
    """What a method may use on these ECGs: fresh random numbers, wave marks and background.

    Raises ValueError for another number of names or marks, and for a missing background.
    """
    records = sample_ids(x) if inputs.records is None else inputs.records
    if len(records) != len(x):
        raise ValueError(f"expected a record name per ECG, got {len(records)} for {len(x)}")
    background = checked_background(inputs.background, x)
    if method.facts.needs_background and len(background) == 0:
        raise ValueError(
            f"expected ECGs of others for {method} to compare with, got none; "
            "give Inputs(background=…)"
        )
    generators = [generator(seed, "method", str(method), record) for record in records]
    return Context(generators, checked_segments(inputs.segments, x), background, inputs.fs)


@contextmanager
def _failure_named(method: Method) -> Iterator[None]:
    """Raise an error of a method's code as a ValueError in one line, so that others go on.

    The error itself is its cause. Memory that ran out is no fault of the method.
    """
    try:
        yield
    except ValueError:
        raise
    except FAILURES as problem:
        if ran_out(problem):
            raise
        said = " ".join(str(problem).split()) or "no message"
        raise ValueError(
            f"expected a map from {method}, got {type(problem).__name__}: {said}"
        ) from problem


def _checked_heatmap(
    heatmap: Tensor, x: Float[Tensor, "batch lead time"], name: str
) -> Float[Tensor, "batch lead time"]:
    if heatmap.shape != x.shape:
        raise ValueError(f"expected a map of shape {tuple(x.shape)}, {name} gave {heatmap.shape}")
    wrong = (~heatmap.isfinite()).flatten(1).any(dim=1).nonzero().flatten().tolist()
    if wrong:
        raise ValueError(
            f"expected finite maps, {name} gave NaN or infinity in ECG {wrong[0]} of {len(heatmap)}"
        )
    return heatmap.to(torch.float32)
