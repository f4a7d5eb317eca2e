"""A network that reads more than the ECG: values carried with each ECG, such as age and sex."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...ecg import LEADS
from ...engine import Keeping, called, column_of, sample_ids
from ...store import fingerprint

EACH = "each_"


class UnknownEcg(ValueError):  # noqa: N818 - a reason, not a fault
    """Raised for an ECG that no values beside it are known of, as of one that was made here."""


class WithEach(Keeping):
    """Network of the ECG alone, from one that reads values beside it: each ECG keeps its own.

    `others` has an array by name, a value (or a row, or a prior ECG) for each ECG of `x`, which are
    ECGs or their engine.sample_ids. The network gets them by these names where it has such
    arguments, else in this order, after the ECG. A copy of an ECG that a method or an evaluation
    changes is read with the values of that ECG; gradients and maps are those of the ECG. Raises
    ValueError for values that are not one for each ECG, not finite, or two of one ECG; later
    UnknownEcg for an ECG that is not among `x`.
    """

    keeps_statistics = True
    by_name = True

    def __init__(
        self, net: nn.Module, x: Float[Tensor, "ecg lead time"] | Sequence[str], others: Any
    ) -> None:
        super().__init__()
        self.body, self.names = net, tuple(others)
        for name, value in checked_others(others, len(x)).items():
            self.register_buffer(EACH + name, value)
        self._rows: dict[str, int] = {}
        for row, ecg in enumerate(sample_ids(x) if isinstance(x, Tensor) else x):
            first = self._rows.setdefault(ecg, row)
            if any(not torch.equal(value[first], value[row]) for value in self._values().values()):
                raise ValueError(
                    f"expected one set of values for each ECG, got two of the same ECG at index "
                    f"{first} and {row}; leave one of them out"
                )
        self.training = False  # the mode of the network itself is left as it is

    def extra_repr(self) -> str:
        return f"with each ECG {', '.join(self.names)} ({fingerprint(self._rows)})"

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Any:
        """Outputs for ECGs, or for copies of the one that they are copies of."""
        return called(self.body, x, self.of(x))

    def of(self, x: Float[Tensor, "batch lead time"]) -> dict[str, Tensor]:
        """Values by name, a row for each of these ECGs or copies."""
        own = self.unperturbed
        rows = self._found(x) if own is None else self._found(own) * len(x)
        return {name: value[rows].to(x.device) for name, value in self._values().items()}

    def gradients(
        self, x: Float[Tensor, "batch lead time"], target: int = 0
    ) -> dict[str, Float[Tensor, "batch *shape"]]:
        """Gradient of output `target` to each value beside the ECG, by name.

        In the target's unit per unit of the value; values that are whole numbers, as of an
        embedding, have none and are left out.
        """
        with torch.enable_grad():
            given = {name: value.clone() for name, value in self.of(x).items()}
            floats = {
                name: each.requires_grad_()
                for name, each in given.items()
                if each.is_floating_point()
            }
            outputs = called(self.body, x.detach().clone(), given)
            outputs = column_of(outputs, len(x), target)
            found = torch.autograd.grad(outputs.sum(), [*floats.values()], allow_unused=True)
        return {
            name: torch.zeros_like(value).detach() if slope is None else slope
            for (name, value), slope in zip(floats.items(), found, strict=True)
        }

    def _values(self) -> dict[str, Tensor]:
        return {name: self.get_buffer(EACH + name) for name in self.names}

    def _found(self, x: Float[Tensor, "batch lead time"]) -> list[int]:
        found = [self._rows.get(ecg) for ecg in sample_ids(x)]
        if self.takes_any:
            return [row or 0 for row in found]
        rows = [row for row in found if row is not None]
        if len(rows) < len(found):
            raise UnknownEcg(
                f"expected ECGs of which {', '.join(self.names)} are known, got others: values "
                f"were given for {len(self._rows)} ECGs, as they came"
            )
        return rows


def checked_others(others: Any, ecgs: int) -> dict[str, Tensor]:
    """Values beside the ECG as tensors, floats as float32; ValueError as in WithEach."""
    if not isinstance(others, Mapping) or not others:
        raise ValueError(
            "expected values by name, such as with_each={'age': ages}, got "
            f"{type(others).__name__}{'' if others else ' without any'}"
        )
    found = {}
    for name, given in others.items():
        if not isinstance(name, str) or not name.isidentifier():
            raise ValueError(f"expected a name such as age in with_each, got {name!r}")
        value = given.detach() if isinstance(given, Tensor) else _numbers(given, name)
        if value.ndim == 0 or len(value) != ecgs:
            raise ValueError(
                f"expected with_each[{name!r}] with a value for each of {ecgs} ECGs, got shape "
                f"{tuple(value.shape)}"
            )
        if value.is_floating_point():
            value = value.to(torch.float32)
        if not value.isfinite().all():
            row = int((~value.isfinite()).nonzero()[0, 0])
            raise ValueError(
                f"expected finite with_each[{name!r}], got NaN or infinity for the ECG at index "
                f"{row}; leave such ECGs out, or give what the network takes for unknown"
            )
        found[name] = value
    return found


def _numbers(given: Any, name: str) -> Tensor:
    array = np.asarray(given)
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"expected with_each[{name!r}] as an array of numbers, got dtype {array.dtype}; code "
            "texts as numbers, as the network was trained on them"
        )
    return torch.from_numpy(np.ascontiguousarray(array))


def is_an_ecg(value: Tensor) -> bool:
    """True if a value beside the ECG is an ECG itself, such as a prior one."""
    return value.ndim == 3 and value.shape[1] == len(LEADS)
