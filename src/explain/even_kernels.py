"""Where a convolution's features lie on the ECG: even kernels, strides and padding move them."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from .rescale_rule import ACTIVATIONS, MAXIMA

CONVOLUTIONS = frozenset({"conv1d", "conv1d_by_fft"})
NORMS = frozenset({"batch_norm", "layer_norm", "group_norm", "instance_norm"})


def shift(net: nn.Module, x: Float[Tensor, "batch lead time"], layer: nn.Conv1d) -> float:
    """By how many input samples a layer's features lie before what they see, the mean of all paths.

    An even kernel with "same" padding looks half a sample ahead. With every kernel flat, every
    activation and norm left out and the mean in place of a maximum, what the middle of the layer
    sees is centred on the ECG's middle plus this; a skip connection and the layers that it skips
    count alike, and a gate without a time axis (squeeze and excitation) is open. Raises ValueError
    where no middle can be told.
    """
    outputs: list[Any] = []
    hook = layer.register_forward_hook(lambda _layer, _x, features: outputs.append(features))
    given = torch.ones_like(x[:1]).requires_grad_()
    try:
        with torch.enable_grad(), _Flat():
            net(given.clone())
    finally:
        hook.remove()
    with torch.enable_grad():
        seen = outputs[-1].sum(1)[0]
        last = len(seen) - 1
        # Of an even number of samples, the two in the middle.
        centre = seen[last // 2] + seen[(last + 1) // 2]
        (weight,) = torch.autograd.grad(centre, given)
    over_time = weight.sum((0, 1)).double()
    time = torch.arange(len(over_time), device=x.device) - (len(over_time) - 1) / 2
    found = float((over_time * time).sum() / over_time.sum())
    if not abs(found) < len(over_time) / 2:
        raise ValueError(
            f"expected features that lie somewhere on the ECG, got a shift of {found:g} samples; "
            "corrected=False leaves them where they are"
        )
    return found


class _Flat(TorchFunctionMode):
    """While entered, this thread's networks only take means over time."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name in CONVOLUTIONS:
            return _flat(func, *args, **kwargs)
        if name in ACTIVATIONS | NORMS:
            x = args[0] if args else kwargs["input"]
            # Of a gate, which weighs all times alike, the slope says nothing of where.
            gate = name in ACTIVATIONS and (x.ndim == 2 or x.shape[-1] == 1)
            return torch.ones_like(x) if gate else x
        if name in MAXIMA:
            return _mean_of(name, *args, **kwargs)
        return func(*args, **kwargs)


def _flat(
    convolution: Callable[..., Tensor],
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *rest: Any,
    **named: Any,
) -> Tensor:
    """The convolution with every weight alike, and no bias."""
    kernel = torch.full_like(weight, 1 / weight[0].numel())
    return convolution(input, kernel, None, *rest, **named)


def _mean_of(
    name: str,
    input: Tensor,
    kernel_size: Any = None,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    output_size: Any = None,
) -> Tensor:
    """The average in place of a maximum; a dilated window is taken as if it were whole."""
    averaging = getattr(functional, name.replace("max", "avg"))
    if name.startswith("adaptive"):
        return averaging(input, kernel_size if output_size is None else output_size)
    return averaging(input, kernel_size, stride, padding, ceil_mode)
