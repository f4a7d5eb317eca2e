"""ECGs that a user brings in batches, kept in a temporary file rather than in memory."""

from collections.abc import Iterable, Mapping
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .own_numbers import numbers

FORM = "x or (x, y) with x of shape (batch, lead, time)"


def gathered(x: Any, y: Any) -> tuple[Any, Any]:
    """The ECGs and labels of all batches, where `x` is a DataLoader or another iterable of them.

    Each batch is x, a pair (x, y), or has `x` and `y`. The ECGs are a tensor of which the parts
    that are used are in memory. Arrays, tensors and lists are given back as they came. Raises
    ValueError for batches beside `y`, of other shapes than the first, some without labels, and for
    none.
    """
    if isinstance(x, np.ndarray | Tensor | list | tuple | str | Mapping):
        return x, y
    if not isinstance(x, Iterable):
        return x, y
    if y is not None:
        raise ValueError(f"expected the labels in the batches, each {FORM}, got y beside them")
    with TemporaryFile() as file:
        shape, labels = _written(x, file)
        file.flush()
        # Copy on write: no use of the tensor can change the file.
        ecgs = np.memmap(file, np.float32, "c", shape=shape)
    return torch.from_numpy(ecgs), torch.cat(labels) if labels else None


def _written(
    batches: Iterable[Any], file: IO[bytes]
) -> tuple[tuple[int, ...], list[Float[Tensor, "..."]]]:
    """Shape of all ECGs after each batch was written, and the labels of each."""
    count, each, labelled = 0, None, 0
    labels: list[Float[Tensor, ...]] = []
    for number, batch in enumerate(batches):
        signals, given = _parts(batch, number)
        each = tuple(signals.shape[1:]) if each is None else each
        if signals.ndim != 3 or tuple(signals.shape[1:]) != each:
            raise ValueError(f"expected batches {FORM}, got {tuple(signals.shape)} in {number}")
        if given is not None:
            labels.append(numbers(given, f"y of batch {number}").cpu())
            labelled += len(signals)
        file.write(signals.cpu().contiguous().numpy().tobytes())
        count += len(signals)
    if each is None or not count:
        raise ValueError(f"expected at least one batch, {FORM}, got none")
    if labelled not in (0, count):
        raise ValueError(f"expected labels in every batch or in none, got {labelled} of {count}")
    return (count, *each), labels


def _parts(batch: Any, number: int) -> tuple[Float[Tensor, "..."], Any]:
    """ECGs and labels of a batch."""
    if hasattr(batch, "x") and hasattr(batch, "y"):
        signals, labels = batch.x, batch.y
    elif isinstance(batch, tuple | list) and len(batch) == 2:
        signals, labels = batch
    elif isinstance(batch, tuple | list) and len(batch) == 1:  # of a TensorDataset
        signals, labels = batch[0], None
    else:
        signals, labels = batch, None
    return numbers(signals, f"x of batch {number}"), labels
