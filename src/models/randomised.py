"""Copies of a network with random weights (Adebayo 2018), and a key that tells networks apart."""

import copy
import hashlib
from collections.abc import Collection
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ..engine import (
    FASTER,
    BlackBox,
    Keeping,
    evaluating,
    generator,
    normal,
    of_any_signal,
    torch_seeded,
)
from ..store import DIGITS, code_of, is_own


def layers(net: nn.Module, x: Float[Tensor, "batch lead time"]) -> tuple[str, ...]:
    """Names of the modules with parameters of their own, from the output to the input.

    Modules are ordered by the last time that the first ECG passes them; those that it does not pass
    come last. An attention layer is one module with its projections.
    Raises ValueError when one of them has no reset_parameters(), or draws in vain, as the weights
    are computed from others before each pass (weight_norm, spectral_norm, pruning).
    """
    derived = [name for name, module in net.named_modules() if _derives_weights(module)]
    if derived:
        raise ValueError(
            "expected weights that reset_parameters() draws, got weights that torch computes from "
            f"others in {', '.join(derived)}; call torch.nn.utils.remove_weight_norm, "
            "remove_spectral_norm or prune.remove first, which change no output"
        )
    net = copy.deepcopy(net)
    within = [each.out_proj for each in net.modules() if isinstance(each, nn.MultiheadAttention)]
    named = {
        name: module
        for name, module in net.named_modules()
        if [*module.parameters(recurse=False)] and not any(module is each for each in within)
    }
    fixed = [
        f"{name or 'the network itself'} ({type(module).__name__})"
        for name, module in named.items()
        if not isinstance(module, nn.MultiheadAttention)
        and not callable(getattr(module, "reset_parameters", None))
    ]
    if fixed:
        raise ValueError(
            "expected reset_parameters() in every module with parameters of its own, not found in "
            f"{', '.join(fixed)}; give it one that draws its weights as the constructor does"
        )
    passed: list[str] = []
    for name, module in named.items():
        module.register_forward_pre_hook(lambda *_, name=name: passed.append(name))
    with torch.no_grad(), evaluating(net):
        net(x[:1].clone().to(device_of(net)))
    last = {name: place for place, name in enumerate(passed)}
    return tuple(sorted(named, key=lambda name: last.get(name, -1), reverse=True))


def randomised(
    net: nn.Module, names: Collection[str], x: Float[Tensor, "batch lead time"], seed: int
) -> nn.Module:
    """A copy with new weights in these modules (see `layers`), each by its own reset_parameters.

    A module's new weights depend on (seed, name) alone. The statistics of every BatchNorm are
    estimated on `x`, because those of the original belong to its weights. The original and torch's
    own random stream are left as they were; the copy is in evaluation mode.
    """
    device = device_of(net)
    changed = copy.deepcopy(net).cpu().eval()  # random numbers are drawn on the CPU
    for name in names:
        with torch_seeded(generator(seed, "reset", name).initial_seed()):
            _reset(changed.get_submodule(name))
    changed.to(device)
    estimate_statistics(changed, x.to(device))
    return changed


def estimate_statistics(net: nn.Module, x: Float[Tensor, "batch lead time"]) -> None:
    """Set the running mean and variance of every BatchNorm to those of these ECGs."""
    every = (module for module in net.modules() if isinstance(module, _BatchNorm))
    norms = [norm for norm in every if norm.track_running_stats]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0  # new statistics replace the old ones
        norm.training = True
    # All ECGs in one pass: otherwise the statistics would depend on the size of the passes.
    with torch.no_grad():
        net(x.clone())
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
        norm.training = False


def _reset(module: nn.Module) -> None:
    """Draw a module's weights as its constructor does."""
    if isinstance(module, nn.MultiheadAttention):
        module.out_proj.reset_parameters()  # first, because the layer then sets its bias to 0
        module._reset_parameters()
    else:
        module.reset_parameters()  # pyright: ignore[reportCallIssue]


def _derives_weights(module: nn.Module) -> bool:
    """True if a hook makes a weight from parameters, which torch names after it."""
    names = dict(module.named_parameters(recurse=False))
    ends = ("_g", "_v", "_orig")
    return any(name.removesuffix(end) in vars(module) for name in names for end in ends)


def device_of(net: nn.Module) -> torch.device:
    """Device of the network; the CPU when it has no parameters."""
    parameter = next(net.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


# Share of the largest output for an ECG, far above rounding (1e-13 in float64, 1e-7 in float32).
RESOLUTION, COARSE = 1e-8, 1e-4
PROBED_UV = (30.0, 300.0, 1500.0, 6000.0)  # from below the smallest waves to above every beat


def network_key(net: nn.Module, shape: tuple[int, int] = (12, 600)) -> str:
    """Hash of the weights, the kinds of modules, specs, own code and the outputs on fixed probes.

    The outputs are included because the same weights may be used in another way, the kinds of
    modules because a ReLU that is a function gives the same output but may give other heatmaps. Own
    code is that of functions, backward hooks and modules whose classes are neither of ECGLens nor
    installed (store.code_of). An attribute that decides on gradients alone, as on a detach(), does
    not count. Mode, device and `accelerate` do not change the key. The probes of the given shape
    (lead, time) are beats in seeded noise at each of PROBED_UV, in float64 on the CPU where the
    network allows it; the network is left as it was. Raises ValueError for a network that does not
    return a tensor.
    """
    digest, kinds = hashlib.sha256(), {type(each) for each in net.modules()}
    plain = {faster: kind for kind, faster in FASTER.items()}
    own = {kind: code_of(kind, state=False) for kind in kinds if is_own(kind.__module__)}
    for name, module in net.named_modules():
        kind = plain.get(type(module), type(module))
        digest.update(f"{name}:{kind.__module__}.{kind.__qualname__}\n".encode())
        digest.update((own.get(type(module), "") + _code(module)).encode())
        if isinstance(module, Keeping):
            digest.update(f"{module.extra_repr()}\n".encode())
        hooks = [*module._backward_pre_hooks.values(), *module._backward_hooks.values()]
        if hooks:  # of a method its function alone: its object may keep the gradients
            code = [getattr(each, "__func__", each) for each in hooks]
            digest.update(code_of(*code, state=False).encode())
    for name, value in _tensors(net).items():
        digest.update(f"{name}:{value.dtype}:{tuple(value.shape)}\n".encode())
        value = value if value.layout == torch.strided else value.to_dense()
        digest.update(value.cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    with torch.no_grad(), evaluating(net), of_any_signal(net):
        output = _output(net, _probes(shape))
    if not isinstance(output, Tensor):
        raise ValueError(
            f"expected an output of shape (batch, n_targets), got {type(output).__name__}; wrap "
            "the network in a Module that returns one of its outputs"
        )
    resolution = RESOLUTION if output.dtype == torch.float64 else COARSE
    output = output.to("cpu", torch.float64).reshape(len(output) if output.ndim else 1, -1)
    scale = output.abs().amax(1, keepdim=True).clamp(min=torch.finfo(torch.float64).tiny)
    relative = [scale.log(), output / scale]
    if output.shape[1] > 1 and any(isinstance(each, BlackBox) for each in net.modules()):
        # A function may keep weights where only its outputs tell: each in its own unit, too.
        largest = output.abs().amax(0).clamp(min=scale.max().item() * resolution)
        relative += [largest.log(), output / largest]
    for each in relative:
        digest.update((each / resolution).round().to(torch.int64).numpy().tobytes())
    return digest.hexdigest()[:DIGITS]


def _code(module: nn.Module) -> str:
    """Hash of functions and programs within a module, which its class does not tell; or ""."""
    if isinstance(module, BlackBox):
        return code_of(*module.inside, module.file, module.gradient, state=False)
    text = getattr(module, "code", None)  # of TorchScript and torch.fx
    return code_of(text) if isinstance(text, str) else ""


def _probes(shape: tuple[int, int]) -> Float[Tensor, "size lead time"]:
    """Beats of R and T waves in noise, one for each of PROBED_UV, which is the R wave's."""
    leads, time = shape
    noise = normal(generator(0, "network key"), len(PROBED_UV), leads, time)
    at = torch.arange(time, dtype=torch.float32) - time // 2
    waves = torch.exp(-((at / 8) ** 2)) + 0.3 * torch.exp(-(((at - 140) / 30) ** 2))  # 500 Hz
    signs = torch.linspace(-1, 1, leads, dtype=torch.float32)[:, None]
    sizes = torch.tensor(PROBED_UV, dtype=torch.float32)[:, None, None]
    return sizes * (signs * waves + 0.1 * noise)


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
