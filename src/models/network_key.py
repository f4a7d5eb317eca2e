"""Key of a network: equal only for networks that compute the same."""

import hashlib
from typing import Any

import torch
from torch import Tensor, nn

from ..engine import FftConv1d, Prepared, evaluating, generator

DIGITS = 16  # as in store.fingerprint
# Share of the largest output: far above rounding (1e-13 in float64), so that a value crosses a
# boundary once in 1e8 networks.
RESOLUTION = 1e-4


def network_key(net: nn.Module, shape: tuple[int, int] = (12, 600)) -> str:
    """Hash of the weights, of the kinds of modules, of specs and of the output on a fixed probe.

    The output is included because the same weights may be used in another way, the kinds of modules
    because a ReLU that is a function gives the same output but may give other heatmaps. Mode,
    device and `accelerate` do not change the key. The probe is seeded noise of 100 µV of the given
    shape (lead, time), in float64 on the CPU where the network allows it; the network is left as it
    was. Raises ValueError for a network that does not return a tensor.
    """
    digest = hashlib.sha256()
    for name, module in net.named_modules():
        kind = nn.Conv1d if type(module) is FftConv1d else type(module)
        digest.update(f"{name}:{kind.__module__}.{kind.__qualname__}\n".encode())
        if isinstance(module, Prepared):
            digest.update(f"{module.extra_repr()}\n".encode())
    for name, value in _tensors(net).items():
        digest.update(f"{name}:{value.dtype}:{tuple(value.shape)}\n".encode())
        digest.update(value.cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    probe = 100 * torch.randn(2, *shape, generator=generator(0, "network key"))
    with torch.no_grad(), evaluating(net):
        output = _output(net, probe)
    if not isinstance(output, Tensor):
        raise ValueError(
            f"expected an output of shape (batch, n_targets), got {type(output).__name__}; wrap "
            "the network in a Module that returns one of its outputs"
        )
    output = output.to("cpu", torch.float64)
    scale = output.abs().max().clamp(min=torch.finfo(torch.float64).tiny)
    digest.update((output / scale / RESOLUTION).round().to(torch.int64).numpy().tobytes())
    return digest.hexdigest()[:DIGITS]


def _tensors(net: nn.Module) -> dict[str, Tensor]:
    named = {**dict(net.named_parameters()), **dict(net.named_buffers())}
    return {name: value.detach() for name, value in named.items()}


def _output(net: nn.Module, probe: Tensor) -> Any:
    tensors = _tensors(net)
    exact = {
        name: value.to("cpu", torch.float64 if value.is_floating_point() else value.dtype)
        for name, value in tensors.items()
    }
    try:
        return torch.func.functional_call(net, exact, (probe.double(),))
    except RuntimeError:  # the network fixes its own precision or device
        own = next(iter(tensors.values()), probe)
        return net(probe.to(own.device))
