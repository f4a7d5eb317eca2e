"""Checks of what is given to `attribute` and `lint`: network, ECGs, wave marks, background."""

from itertools import chain

import torch
from jaxtyping import Float, Int8
from torch import Tensor, nn

from ..engine import has_fixed_mode


def check_network(net: nn.Module) -> None:
    """Raise ValueError unless the network is in evaluation mode with float32 weights."""
    modules = () if has_fixed_mode(net) else net.named_modules()
    training = [key or "the network" for key, module in modules if module.training]
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


def checked_input(x: Tensor) -> Float[Tensor, "batch lead time"]:
    """ECGs as float32 without a graph; raises ValueError unless (batch, lead, time) and finite."""
    if x.ndim != 3:
        raise ValueError(f"expected ECGs of shape (batch, lead, time), got {tuple(x.shape)}")
    x = x.detach().to(torch.float32)
    wrong = (~x.isfinite()).flatten(1).any(dim=1).nonzero().flatten().tolist()
    if wrong:
        raise ValueError(f"expected finite samples, got NaN or infinity in ECG {wrong[0]}")
    return x


def checked_segments(
    segments: Tensor | None, x: Float[Tensor, "batch lead time"]
) -> Int8[Tensor, "batch time"]:
    """Wave marks on the ECGs' device, 0 throughout when there are none."""
    shape = (len(x), x.shape[2])
    if segments is None:
        return torch.zeros(shape, dtype=torch.int8, device=x.device)
    if segments.shape != shape or segments.dtype != torch.int8:
        raise ValueError(
            f"expected segments of shape {shape}, a bit per wave in int8, "
            f"got {tuple(segments.shape)} in {segments.dtype}"
        )
    return segments.to(x.device)


def checked_background(
    background: Tensor | None, x: Float[Tensor, "batch lead time"]
) -> Float[Tensor, "other lead time"]:
    """ECGs of others on the ECGs' device, no row when there are none."""
    others = x[:0] if background is None else checked_input(background).to(x.device)
    if others.shape[1:] != x.shape[1:]:
        raise ValueError(
            f"expected background ECGs of shape {tuple(x.shape[1:])}, got {tuple(others.shape[1:])}"
        )
    return others
