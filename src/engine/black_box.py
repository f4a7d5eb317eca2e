"""Networks that are called as a whole: programs and functions."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn


class BlackBox(nn.Module):
    """Module around a program or a function, whose operations can be neither seen nor replaced.

    With `gradient` its outputs pass gradients on to the ECGs; otherwise they are known at single
    ECGs alone. `rows` is the number of ECGs that it takes at once, where that is fixed: others are
    cut into as many, and the last ones repeated. It has no weights of its own, and is in
    evaluation mode.
    """

    def __init__(
        self, call: Callable[[Tensor], Any], gradient: bool = False, rows: int | None = None
    ) -> None:
        super().__init__()
        # In a tuple: a module inside would be registered, and its mode and hooks changed.
        self.inside, self.gradient, self.rows = (call,), gradient, rows
        super().train(False)

    def train(self, mode: bool = True) -> "BlackBox":
        """Itself in evaluation mode, the only one."""
        del mode
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "BlackBox":
        # A session of another runtime cannot be copied.
        return memo.setdefault(id(self), BlackBox(*self.inside, self.gradient, self.rows))

    def forward(self, x: Float[Tensor, "batch *shape"]) -> Any:
        """Outputs of the program, usually (batch, targets), on the device of x."""
        if self.gradient:
            return self._outputs(x)
        with torch.no_grad():
            return self._outputs(x.detach())

    def _outputs(self, x: Float[Tensor, "batch *shape"]) -> Any:
        (call,) = self.inside
        if self.rows is None:
            return call(x)
        parts = []
        for part in x.split(self.rows):
            missing = self.rows - len(part)
            last = part[-1:].expand(missing, *part.shape[1:])
            parts.append(_first(call(torch.cat([part, last])), len(part)))
        return _joined(parts)


def has_gradient(net: nn.Module) -> bool:
    """Whether no part of a network is a black box without gradients."""
    return all(each.gradient for each in net.modules() if isinstance(each, BlackBox))


def _first(outputs: Any, rows: int) -> Any:
    """The first rows of a tensor, or of each in a tuple."""
    if isinstance(outputs, (tuple, list)):
        return tuple(_first(each, rows) for each in outputs)
    return outputs[:rows]


def _joined(parts: list[Any]) -> Any:
    if isinstance(parts[0], tuple):
        return tuple(_joined(list(each)) for each in zip(*parts, strict=True))
    return torch.cat(parts)
