"""Arithmetic in float32 whatever a GPU or CPU would rather use."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

backends: Any = torch.backends  # type checkers do not see its properties
# The parents first: an operation that only inherits is then right and goes on inheriting, and one
# that was set by itself, as torch's older `allow_tf32` also does, is changed and put back.
SWITCHES: tuple[Any, ...] = (
    backends,
    backends.cudnn,
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
    older, changed = _allowed_in_cudnn(), []
    try:
        for switch in SWITCHES:
            before = switch.fp32_precision
            if before != "ieee":
                changed.append((switch, before))
                switch.fp32_precision = "ieee"
        if older:  # torch.export reads it, and refuses one that contradicts the switches
            backends.cudnn.allow_tf32 = False
        yield
    finally:
        if older:
            backends.cudnn.allow_tf32 = True
        for switch, before in reversed(changed):
            switch.fp32_precision = before


def _allowed_in_cudnn() -> bool:
    """torch's older switch, False where the caller's newer ones contradict it."""
    try:
        return backends.cudnn.allow_tf32
    except RuntimeError:
        return False
