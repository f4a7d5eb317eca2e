"""Arithmetic in float32 whatever a GPU or CPU would rather use."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

backends: Any = torch.backends  # type checkers do not see its properties
# The parents first, on the way in and out: an operation that only inherits is then right and goes
# on inheriting; one that was set by itself, as torch's older `allow_tf32` also does, is put back.
SWITCHES: tuple[Any, ...] = (
    backends,
    backends.cudnn,
    backends.mkldnn,
    backends.cuda.matmul,
    backends.cudnn.conv,
    backends.cudnn.rnn,
    backends.mkldnn.matmul,
    backends.mkldnn.conv,
    backends.mkldnn.rnn,
)


@contextmanager
def full_precision() -> Iterator[None]:
    """No TF32 (which keeps 10 bits, and is torch's default for convolutions on a GPU) and no bf16.

    Also a decorator: `@full_precision()`. The settings of the caller are restored afterwards, also
    after an exception.
    """
    older, before = _allowed_in_cudnn(), [switch.fp32_precision for switch in SWITCHES]
    try:
        for switch in SWITCHES:
            _set(switch, "ieee")
        if older:  # torch.export reads it, and refuses one that contradicts the switches
            backends.cudnn.allow_tf32 = False
        yield
    finally:
        # All of them: torch.export and torch.compile write into each what it only inherits.
        for switch, precision in zip(SWITCHES, before, strict=True):
            _set(switch, precision)
        if older:
            backends.cudnn.allow_tf32 = True


def _set(switch: Any, precision: str) -> None:
    """Inherited where that is enough: what is chosen later for all then reaches it."""
    for value in ("none", precision):
        if switch.fp32_precision == precision:
            return
        if switch is backends.mkldnn:  # torch's own setter of this one writes to `backends` (2.13)
            switch.set_flags(_fp32_precision=value)
        else:
            switch.fp32_precision = value


def _allowed_in_cudnn() -> bool:
    """torch's older switch, False where the caller's newer ones contradict it."""
    try:
        return backends.cudnn.allow_tf32
    except RuntimeError:
        return False
