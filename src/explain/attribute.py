"""The door of this room: a network and ECGs in, a checked heatmap out."""

from collections.abc import Sequence
from itertools import chain

import torch
from jaxtyping import Float, Int8
from torch import Tensor, nn

from ..engine import generator, sample_ids
from .context import Context
from .gradient import differentiable, input_gradient, rows
from .method import Method
from .registry import find


def attribute(
    method: str | Method,
    net: nn.Module,
    x: Tensor,  # its shape is checked in words
    target: int = 0,
    seed: int = 0,
    records: Sequence[str] | None = None,
    segments: Tensor | None = None,
    background: Tensor | None = None,
) -> Float[Tensor, "batch lead time"]:
    """The heatmap of output `target` for each ECG: float32, detached, finite, on x's device.

    `x` is (batch, lead, time) in µV. Sampling depends on (seed, method, record) alone; `records`
    None names each ECG by a hash of its samples. `segments` are the wave marks (ecg.waves) of
    methods that hide whole waves, which without them hide windows; `background` the (other, lead,
    time) ECGs of methods that compare with those of others. The network is left as it was. Raises
    ValueError for a network in training mode, an input or output of the wrong shape, numbers that
    are not finite, a method that would be wrong on this network or lacks its background.
    """
    chosen = find(method) if isinstance(method, str) else method
    name = type(chosen).__name__
    check_network(net)
    x = checked_input(x)
    records = sample_ids(x) if records is None else records
    if len(records) != len(x):
        raise ValueError(f"expected a record name per ECG, got {len(records)} for {len(x)}")
    if len(x) == 0:
        return x
    segments = _checked_segments(segments, x)
    background = _checked_background(background, x)
    if getattr(chosen, "uses_background", False) and len(background) == 0:
        raise ValueError(
            f"expected for {name} ECGs of others to compare with, got none; give background="
        )
    with differentiable(net, x.device):
        x = x.clone()  # the caller's may have been made in inference mode
        input_gradient(net, x[:1], target)  # refuses a wrong output before the work
        generators = [generator(seed, "method", name, record) for record in records]
        context = Context(generators, segments, background)
        parts = zip(x.split(rows(x)), context.split(rows(x)), strict=True)
        heatmap = torch.cat([chosen(net, part, target, own).detach() for part, own in parts])
    return _checked_heatmap(heatmap, x, name)


def check_network(net: nn.Module) -> None:
    """Raise ValueError unless the network is in evaluation mode with float32 weights."""
    training = [key or "the network" for key, module in net.named_modules() if module.training]
    if training:
        raise ValueError(f"expected evaluation mode, got {training[0]} training; call eval()")
    for key, weight in chain(net.named_parameters(), net.named_buffers()):
        if weight.is_floating_point() and weight.dtype != torch.float32:
            raise ValueError(f"expected float32 weights, got {weight.dtype} in {key}")
        if weight.is_inference():
            raise ValueError(
                f"expected weights made outside inference mode, got {key} made inside; build or "
                "load the network before torch.inference_mode()"
            )


def checked_input(x: Tensor) -> Float[Tensor, "batch lead time"]:
    """The ECGs as float32 without a graph; ValueError unless (batch, lead, time) and finite."""
    if x.ndim != 3:
        raise ValueError(f"expected ECGs of shape (batch, lead, time), got {tuple(x.shape)}")
    x = x.detach().to(torch.float32)
    wrong = (~x.isfinite()).flatten(1).any(dim=1).nonzero().flatten().tolist()
    if wrong:
        raise ValueError(f"expected finite samples, got NaN or infinity in ECG {wrong[0]}")
    return x


def _checked_segments(
    segments: Tensor | None, x: Float[Tensor, "batch lead time"]
) -> Int8[Tensor, "batch time"]:
    shape = (len(x), x.shape[2])
    if segments is None:
        return torch.zeros(shape, dtype=torch.int8, device=x.device)
    if segments.shape != shape or segments.dtype != torch.int8:
        raise ValueError(
            f"expected segments of shape {shape}, a bit per wave in int8, "
            f"got {tuple(segments.shape)} in {segments.dtype}"
        )
    return segments.to(x.device)


def _checked_background(
    background: Tensor | None, x: Float[Tensor, "batch lead time"]
) -> Float[Tensor, "other lead time"]:
    others = x[:0] if background is None else checked_input(background).to(x.device)
    if others.shape[1:] != x.shape[1:]:
        raise ValueError(
            f"expected background ECGs of shape {tuple(x.shape[1:])}, got {tuple(others.shape[1:])}"
        )
    return others


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
