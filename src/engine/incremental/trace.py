"""Operations of a network on ECGs of one shape, exported without changing the network."""

import copy
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from threading import Lock

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .graph import Lowering, Network
from .operations import NotUnderstoodError

# torch.export and the silence around it belong to the whole process.
ONE_AT_A_TIME = Lock()


# Copies that go through a layer at once: 9 MB in the widest windows of a 10-s strip.
ROWS = 32


def trace(net: nn.Module, x: Float[Tensor, "lead time"], rows: int = ROWS) -> Network | None:
    """Steps of a network in evaluation mode, on `rows` ECGs of x's shape, type and device at once.

    Convolutions, pooling, functions of each sample, their sums and concatenations and means over
    time are steps of windows; what follows the means, and any other operation with all that
    follows it, is computed for whole signals. None where that is the whole network, and for one
    with hooks or in another type than float32 or float64. The weights are read once: a network that
    has changed needs a new trace.
    """
    if x.dtype not in (torch.float32, torch.float64) or any(map(_has_hooks, net.modules())):
        return None
    with ONE_AT_A_TIME, torch.no_grad(), _in_silence():
        try:
            # A copy, because export runs the network's own code on tensors without values, and
            # any state that the code keeps would stay without values.
            copied = copy.deepcopy(net).eval()
            program = torch.export.export(copied, (x.new_zeros(rows, *x.shape),), strict=False)
        except Exception:  # noqa: BLE001 - errors of many types, torch.export's own and python's
            return None
        try:
            return Lowering(program).network()
        except NotUnderstoodError:
            return None


@contextmanager
def _in_silence() -> Iterator[None]:
    """Silences torch.export, whose refusal of a network only means that whole passes are made."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stderr(StringIO()), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _has_hooks(module: nn.Module) -> bool:
    return bool(module._forward_hooks or module._forward_pre_hooks)
