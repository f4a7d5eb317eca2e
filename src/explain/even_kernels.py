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
    count alike. Raises ValueError where no middle can be told.
    """
    middle = _Flat(layer)
    given = torch.ones_like(x[:1]).requires_grad_()
    with torch.enable_grad(), middle:
        net(given.clone())
        seen = middle.features.sum(1)[0]
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
    """While entered, this thread's networks only take means over time; keeps one layer's output."""

    features: Tensor

    def __init__(self, layer: nn.Conv1d):
        self.layer = layer

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
            x, weight, _, *rest = args
            features = func(x, torch.full_like(weight, 1 / weight[0].numel()), None, *rest)
            if weight is self.layer.weight:
                self.features = features
            return features
        if name in ACTIVATIONS | NORMS:
            return args[0] if args else kwargs["input"]
        if name in MAXIMA:
            return _mean_of(name, *args, **kwargs)
        return func(*args, **kwargs)


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
