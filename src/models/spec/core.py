"""A network on its own input: the layout that it wants, and the output that is explained."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ...engine import called, setting_of, words_of
from .declared import Declared

LAYOUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "lead time": lambda z: z,
    "time lead": lambda z: z.transpose(1, 2),
    "concatenated": lambda z: z.flatten(1),
    "1 lead time": lambda z: z[:, None],
}
Outputs = Float[Tensor, "row target"]
# Rounding of probabilities, which are at most 1.
SAME = 1e-5


class Core(nn.Module):
    """Networks with one input and output spec: (batch, lead, time) in their own units to logits.

    The mean over networks. The logit is log p − log(1 − p), from what the network itself gives to
    its sigmoid or softmax, as a module or as a function: to a sigmoid the logit itself, to a
    softmax numbers z of which only differences count, z_k − log Σ exp z_j over the other classes.
    Behind a function that torch does not see, as in TorchScript, it is made from p itself.
    """

    def __init__(self, nets: Sequence[nn.Module], spec: Declared) -> None:
        super().__init__()
        self.nets = nn.ModuleList(nets)
        self.spec = spec
        # By network: the place of its last function among the calls of this function; −1 if unseen.
        self._ends: dict[int, int] = {}

    def forward(self, z: Float[Tensor, "row lead time"], **others: Tensor) -> Outputs:
        """Outputs, one row for each prepared ECG and the values beside it."""
        layout = LAYOUTS[self.spec.layout]
        others = {
            name: layout(each) if each.shape == z.shape else each for name, each in others.items()
        }
        z = layout(z)
        outputs = [
            self._output(number, partial(called, net, z, others), len(z))
            for number, net in enumerate(self.nets)
        ]
        return outputs[0] if len(outputs) == 1 else torch.stack(outputs).mean(0)

    def _output(self, number: int, call: Callable[[], Any], rows: int) -> Outputs:
        if self.spec.ends_with == "logit":
            return self._column(self._item(call()), rows)
        if number not in self._ends:
            with torch.no_grad():
                self._ends[number] = self._end(call)
        place, softmax = self._ends[number], self.spec.ends_with == "softmax"
        if place >= 0:
            with _Without(self.spec.ends_with, place):
                given = self._item(call())
            return self._column(_against_others(given) if softmax else given, rows)
        p = self._item(call())
        return self._column(p.log() - (-p).log1p(), rows)

    def _end(self, call: Callable[[], Any]) -> int:
        """Place of the call whose argument is the logit; ValueError where there is none."""
        kind = self.spec.ends_with
        with _Without(kind, -1) as counted:
            p = self._item(call())
        along = 1 if p.ndim > 1 else -1  # classes, also where time follows
        ends: Callable[[Tensor], Tensor] = torch.sigmoid
        if kind == "softmax":
            ends = partial(torch.softmax, dim=along)
        for place in reversed(range(counted.calls)):
            with _Without(kind, place):
                logits = self._item(call())
            if torch.allclose(ends(logits), p, rtol=0, atol=SAME):
                return place
        sums = p.sum(along) if kind == "softmax" else torch.ones(())
        if not bool(((p >= 0) & (p <= 1)).all() and ((sums - 1).abs() <= SAME).all()):
            raise ValueError(
                f"expected a network that ends with a {kind}, as input.ends_with says, got outputs "
                f"such as {float(p.flatten()[0]):.3g}; set ends_with to what it ends with"
            )
        return -1

    def _item(self, given: Any) -> Tensor:
        """The tensor that is explained, of what the network returns."""
        key = self.spec.output
        if key is not None:
            given = _item(given, key)
        if not isinstance(given, Tensor):
            raise ValueError(
                f"expected a tensor from the network, got {words_of(given)}; name the item as "
                f"input.{setting_of(given)}"
            )
        return given

    def _column(self, given: Tensor, rows: int) -> Outputs:
        """One value per ECG, or several in columns."""
        found = given[:, None] if given.shape == (rows,) else given
        if self.spec.over_time == "mean":
            found = found.flatten(2).mean(2) if found.ndim > 2 else found.mean(1, keepdim=True)
        if self.spec.column is None:
            return found
        if found.ndim != 2 or found.shape[1] <= self.spec.column:
            raise ValueError(
                f"expected an output with column {self.spec.column}, got {tuple(found.shape)}"
            )
        return found[:, self.spec.column : self.spec.column + 1]


def _against_others(z: Float[Tensor, "row *time"]) -> Float[Tensor, "row *time"]:
    """log p − log(1 − p) of each class of a softmax of z, whose classes come after the row."""
    if z.ndim < 2 or z.shape[1] < 2:
        raise ValueError(f"expected a softmax of 2 classes or more, got shape {tuple(z.shape)}")
    if z.shape[1] == 2:
        return z - z.flip(1)
    others = (torch.cat([z[:, :k], z[:, k + 1 :]], 1) for k in range(z.shape[1]))
    return z - torch.stack([each.logsumexp(1) for each in others], 1)


def _item(given: Any, key: str | int) -> Any:
    """Item of a dict or tuple, or attribute; of "a.b" b of a, where there is no "a.b"."""
    if isinstance(given, Tensor):
        raise ValueError(f"expected output {key!r}, got {words_of(given)}; leave output= out")
    try:
        return given[key]
    except (KeyError, IndexError, TypeError):
        pass
    if isinstance(key, str):
        first, dot, rest = key.partition(".")
        if dot:
            return _item(_item(given, first), rest)
        found = None if key.startswith("_") else getattr(given, key, None)
        if found is not None and not callable(found):
            return found
    raise ValueError(f"expected output {key!r}, got {words_of(given)}")


class _Without(TorchFunctionMode):
    """Counts the calls of a function, and leaves out the one at `place`."""

    def __init__(self, name: str, place: int) -> None:
        super().__init__()
        self._names, self._place = {name, f"{name}_", f"special_{name}"}, place
        self.calls = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if getattr(func, "__name__", "") not in self._names:
            return func(*args, **kwargs)
        place, self.calls = self.calls, self.calls + 1
        given = args[0] if args else kwargs["input"]
        return given if place == self._place else func(*args, **kwargs)
