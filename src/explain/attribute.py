"""Heatmaps of a network for ECGs, with checks of what is given and of what comes out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int8
from torch import Tensor, nn

from ..ecg import FS_HZ, checked_rate
from ..engine import (
    generator,
    has_gradient,
    in_memory,
    keeps_statistics,
    ran_out,
    sample_ids,
    unperturbed,
    with_modes,
    words_of,
)
from .method import Context, LacksData, Method, is_method
from .named import find
from .passes import BESIDE, Ecgs, Maps, differentiable, input_gradient, prediction, restored, rows
from .sums import check_promise, missed_sum, sums_of


@dataclass(frozen=True, eq=False)
class Inputs:
    """Facts about the ECGs that a method explains; all of them are optional.

    Args:
        records: Names of the ECGs; None names each by a hash of its samples.
        segments: Wave marks, (batch, time) with a bit per wave (ecg.waves) in int8, for methods
            that hide whole waves; without marks they hide windows.
        background: ECGs of others, (other, lead, time) in µV, for methods that compare with them.
        fs: Rate of all of these ECGs in Hz, for methods whose windows are in ms.
    """

    records: Sequence[str] | None = None
    segments: Tensor | np.ndarray | None = None
    background: Tensor | np.ndarray | None = None
    fs: float = FS_HZ


def attribute(
    method: str | Method,
    net: nn.Module,
    x: Tensor | np.ndarray,  # its shape is checked in words
    target: int = 0,
    seed: int = 0,
    inputs: Inputs = Inputs(),
) -> Float[Tensor, "batch lead time"]:
    """Heatmap of output `target` for each ECG: float32, detached, finite, on x's device.

    The network is left as it was, but for hooks that somebody else's method leaves. An array of
    numpy is explained on the network's device.

    Args:
        method: A name (`methods()`), a class of captum by its path, or a method itself.
        net: Network in evaluation mode, µV to (batch, targets).
        x: ECGs, (batch, lead, time) in µV.
        target: Column of the output that is explained.
        seed: Seed of the random numbers, which depend on (seed, method, record) alone.
        inputs: Names, wave marks and background of the ECGs.

    Raises:
        ValueError: For a network in training mode, an input or output of the wrong shape, ECGs
            that are no numbers or not finite, a method that would be wrong on this network or
            lacks its background, and one that fails, with its error.
    """
    chosen = find(method) if isinstance(method, str) else method
    if not is_method(chosen):
        raise ValueError(
            "expected a method (a frozen dataclass that is an explain.Method) or its name, got "
            f"{chosen!r}; find gives methods"
        )
    check_network(net)
    x = checked_input(x, net)
    if len(x) == 0:
        return x
    with differentiable(net, x.device):
        if not chosen.checks_outputs:
            x = x.clone()  # others’ methods may write; our own copy in their first pass
            # Refuses a wrong output before the work, of which this pass may be half.
            by_gradient = chosen.facts.needs_gradient or has_gradient(net)
            (input_gradient if by_gradient else prediction)(net, x[:1], target)
        with nullcontext() if chosen.checks_outputs else restored(net):
            heatmaps = in_memory(
                lambda: _heatmaps(chosen, net, x, target, context_of(chosen, x, seed, inputs))
            )
        found = _checked_heatmap(heatmaps.detach(), x, str(chosen))
        if chosen.facts.sums == "exact":
            own = context_of(chosen, x, seed, inputs)
            check_promise(sums_of(chosen, net, x, target, own, found))
    return found


def _of_its_own(method: Method, context: Context) -> Context:
    """The context; for others' methods, which may write, with copies of marks and ECGs."""
    if method.checks_outputs:
        return context
    marks, others = context.segments.clone(), context.background.clone()
    return replace(context, segments=marks, background=others)


def _heatmaps(method: Method, net: nn.Module, x: Ecgs, target: int, context: Context) -> Tensor:
    """Maps of the method, made for as many ECGs at a time as fit into memory."""
    # Copies of one ECG are normalised alike where the network keeps statistics.
    size = 1 if keeps_statistics(net) else rows(x)
    found = []
    for some, own in zip(x.split(size), context.split(size), strict=True):
        with unperturbed(net, some[0]), _failure_named(method):
            found.append(method(net, some, target, _of_its_own(method, own)))
            if not isinstance(found[-1], Tensor) or found[-1].shape != some.shape:
                raise ValueError(
                    f"expected a map of shape {tuple(some.shape)} from {method}, got "
                    f"{words_of(found[-1])}"
                )
    return torch.cat(found) if len(found) > 1 else found[0]


def map_notes(
    method: Method, net: nn.Module, x: Ecgs, heatmap: Maps, target: int, context: Context
) -> tuple[str, ...]:
    """Notes on a method's maps: settings without effect, and sums that they miss.

    `heatmap` is what `attribute` gave for these ECGs, in a fresh context of `context_of`. Each note
    is the rest of a sentence that begins with the name of the method.
    """
    with differentiable(net, x.device):
        x = x.clone()
        said, kind = [method.remark(net, x)], method.facts.sums
        if kind != "none" and len(x):
            said.append(missed_sum(sums_of(method, net, x, target, context, heatmap), kind))
    return tuple(words for words in said if words)


def context_of(method: Method, x: Ecgs, seed: int, inputs: Inputs) -> Context:
    """Context of a method on these ECGs: fresh random numbers, wave marks and background.

    Raises ValueError for another number of names or marks, and for a missing background.
    """
    if inputs.records is not None and len(inputs.records) != len(x):
        raise ValueError(f"expected a record name per ECG, got {len(inputs.records)} for {len(x)}")
    checked_rate(inputs.fs, "Inputs(fs)")
    background = checked_background(inputs.background, x)
    if method.facts.needs_background and len(background) == 0:
        raise LacksData(
            f"expected ECGs of others for {method} to compare with, got none; "
            "give Inputs(background=…)"
        )

    def generators() -> list[torch.Generator]:
        records = sample_ids(x) if inputs.records is None else inputs.records
        return [generator(seed, "method", str(method), record) for record in records]

    streams = _Streams(generators, len(x))
    made = Context(streams, checked_segments(inputs.segments, x), background, inputs.fs)
    return _of_its_own(method, made)


class _Streams(Sequence[torch.Generator]):
    """Generators that are made when the first is asked for: most methods draw nothing."""

    def __init__(self, make: Callable[[], Sequence[torch.Generator]], count: int) -> None:
        self._make, self._count = make, count

    @cached_property
    def _made(self) -> Sequence[torch.Generator]:
        return self._make()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return _Streams(lambda: self._made[place], len(range(self._count)[place]))
        return self._made[place]


@contextmanager
def _failure_named(method: Method) -> Iterator[None]:
    """Raise an error of a method's code as a ValueError in one line, so that others go on.

    The error itself is its cause. Memory that ran out is no fault of the method.
    """
    try:
        yield
    except ValueError:
        raise
    except Exception as problem:  # of any kind, in code that is not ours
        if ran_out(problem) or method.checks_outputs:  # an error of the network itself
            raise
        said = " ".join(str(problem).split()) or "no message"
        raise ValueError(
            f"expected a map from {method}, got {type(problem).__name__}: {said}"
        ) from problem


def _checked_heatmap(heatmap: Tensor, x: Ecgs, name: str) -> Maps:
    if heatmap.is_complex():
        raise ValueError(f"expected a map of real numbers, {name} gave {heatmap.dtype}")
    heatmap, given = heatmap.to(x.device, torch.float32), heatmap
    if given.dtype == torch.float64 and bool(
        ((given != 0).any(2).any(1).to(x.device) & (heatmap == 0).all(2).all(1)).any()
    ):
        raise ValueError(f"expected maps of numbers that float32 holds, {name} gave smaller ones")
    if wrong := _not_finite(heatmap):
        raise ValueError(
            f"expected finite maps, {name} gave NaN or infinity in ECG {wrong[0]} of {len(heatmap)}"
        )
    return heatmap


def check_network(net: nn.Module) -> None:
    """Raise ValueError unless this is a network in evaluation mode with float32 weights."""
    if not isinstance(net, nn.Module):
        raise ValueError(
            f"expected a torch.nn.Module, got {type(net).__name__}; ecglens.models.as_network(net) "
            "makes one of a function"
        )
    training = [
        f"the module {key!r}" if key else "the network"
        for key, module in with_modes(net)
        if module.training
    ]
    if training:
        raise ValueError(f"expected evaluation mode, got {training[0]} training; call eval()")
    check_weights(net)


def check_weights(net: nn.Module) -> None:
    """Raise ValueError unless weights are float32, made outside inference mode and not compiled."""
    for key, module in net.named_modules():
        if "_orig_mod" in module._modules or vars(module).get("_compiled_call_impl") is not None:
            raise ValueError(
                f"expected modules as they are, got {key or 'the network'} compiled, whose "
                "operations cannot be replaced; give the network as it was before torch.compile"
            )
    for key, weight in chain(net.named_parameters(), net.named_buffers()):
        if weight.is_floating_point() and weight.dtype != torch.float32:
            raise ValueError(
                f"expected float32 weights, got {weight.dtype} in {key}; call float() on the "
                "network"
            )
        if weight.is_inference():
            raise ValueError(
                f"expected weights made outside inference mode, got {key} made inside; build or "
                "load the network before torch.inference_mode()"
            )


def checked_input(x: Tensor | np.ndarray, net: nn.Module | None = None) -> Ecgs:
    """ECGs as float32 without a graph, those of an array on the device of `net`.

    Raises ValueError unless they are numbers, (batch, lead, time) and finite.
    """
    if isinstance(x, np.ndarray) and x.dtype.kind in "buif":
        weight = next(net.parameters(), None) if isinstance(net, nn.Module) else None
        x = torch.from_numpy(x.astype(np.float32))
        x = x if weight is None else x.to(weight.device)
    if not isinstance(x, Tensor) or x.is_complex():
        kind = getattr(x, "dtype", type(x).__name__)
        raise ValueError(
            f"expected ECGs as a tensor or an array of real numbers, got {kind}; {BESIDE}"
        )
    if x.ndim != 3:
        raise ValueError(f"expected ECGs of shape (batch, lead, time), got {tuple(x.shape)}")
    x = x.detach().to(torch.float32)
    if wrong := _not_finite(x):
        raise ValueError(f"expected finite samples, got NaN or infinity in ECG {wrong[0]}")
    return x


def _not_finite(x: Ecgs) -> list[int]:
    """Places of ECGs with NaN or infinity."""
    if x.sum().isfinite():  # a tenth of the time of looking at each sample
        return []
    return (~x.isfinite()).flatten(1).any(dim=1).nonzero().flatten().tolist()


def checked_segments(segments: Tensor | np.ndarray | None, x: Ecgs) -> Int8[Tensor, "batch time"]:
    """Wave marks on the ECGs' device, 0 throughout when there are none."""
    shape = (len(x), x.shape[2])
    if segments is None:
        return torch.zeros(shape, dtype=torch.int8, device=x.device)
    numbers = isinstance(segments, np.ndarray) and segments.dtype.kind in "biuf"
    marks = torch.tensor(segments) if numbers else segments
    if not isinstance(marks, Tensor) or marks.shape != shape or marks.dtype != torch.int8:
        raise ValueError(
            f"expected segments of shape {shape}, a bit per wave in int8, got "
            f"{tuple(np.shape(segments))} in {getattr(segments, 'dtype', type(segments).__name__)}"
        )
    return marks.to(x.device)


def checked_background(
    background: Tensor | np.ndarray | None, x: Ecgs
) -> Float[Tensor, "other lead time"]:
    """ECGs of others on the ECGs' device, no row when there are none."""
    others = x[:0] if background is None else checked_input(background).to(x.device)
    if others.shape[1:] != x.shape[1:]:
        raise ValueError(
            f"expected background ECGs of shape {tuple(x.shape[1:])}, got {tuple(others.shape[1:])}"
        )
    return others
