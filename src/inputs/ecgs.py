"""ECGs that a user brings: an array, or batches kept in a temporary file; checked and named."""

from collections.abc import Iterable, Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.utils.data import RandomSampler, SubsetRandomSampler, WeightedRandomSampler

from ..datamodules import Batch
from ..ecg import BEAT_LENGTH, FS_HZ, LEADS, R_PEAK, checked_rate, fault_of_unit
from ..engine import sample_ids
from .marks import LONGEST_BEAT_S, found_marks, given_marks, is_strip, why_without, without_waves


def numbers(values: Any, name: str) -> Float[Tensor, "..."]:
    """Any array or tensor of real numbers as float32; an array is copied. ValueError for others."""
    if isinstance(values, Tensor) and not values.is_complex():
        return values.detach().to(torch.float32)
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):  # lists of several lengths, a complex tensor on a GPU
        array = np.empty(0, object)
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"expected {name} as an array or tensor of real numbers, got {type(values).__name__} "
            f"of dtype {array.dtype}; convert it with numpy.asarray({name}, float)"
        )
    return torch.from_numpy(array.astype(np.float32))


def check_whole(least: int, **settings: Any) -> None:
    """Raise ValueError for a setting that is no whole number from `least` on."""
    for name, value in settings.items():
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < least:
            raise ValueError(f"expected {name} as a whole number from {least} on, got {value!r}")


PAIR = "the first as x and the second as y=…"
FORM = "x or (x, y) with x of shape (batch, lead, time)"


def check_order(x: Any, **beside: Any) -> None:
    """Raise ValueError for a DataLoader that shuffles beside values in the order of its ECGs."""
    given = [name for name, values in beside.items() if values is not None]
    # A DataLoader of whole batches has None in place of a batch_sampler; others may have no length.
    of_batches = getattr(x, "batch_sampler", None)
    sampler = getattr(x if of_batches is None else of_batches, "sampler", None)
    if given and isinstance(sampler, RandomSampler | SubsetRandomSampler | WeightedRandomSampler):
        raise ValueError(
            f"expected batches in the order of {given[0]}, got a DataLoader that shuffles; give it "
            "shuffle=False"
        )


def gathered(x: Any, y: Any) -> tuple[Any, Any]:
    """The ECGs and labels of all batches, where `x` is a DataLoader or another iterable of them.

    Each batch is x, a pair (x, y), or has `x` and `y`. The ECGs are a tensor of which the parts
    that are used are in memory. Arrays, tensors and lists are given back as they came. Raises
    ValueError for batches beside `y`, of other shapes than the first, with labels of other ECGs or
    of some alone, and for none.
    """
    if isinstance(x, tuple) and len(x) == 2 and y is None and np.ndim(x[0]) == 3:
        raise ValueError(f"expected x of shape (batch, lead, time), got a pair; give {PAIR}")
    arrays = np.ndarray | Tensor | list | tuple | str | Mapping
    if isinstance(x, arrays) or not isinstance(x, Iterable):
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
    count, each = 0, None
    labels: list[Float[Tensor, ...]] = []
    for number, batch in enumerate(batches):
        signals, given = _parts(batch, number)
        each = tuple(signals.shape[1:]) if each is None else each
        if signals.ndim != 3 or tuple(signals.shape[1:]) != each:
            raise ValueError(f"expected batches {FORM}, got {tuple(signals.shape)} in {number}")
        if given is not None:
            labels.append(numbers(given, f"y of batch {number}").cpu())
            wanted, got = (len(signals), *labels[0].shape[1:]), tuple(labels[-1].shape)
            if got != wanted:
                raise ValueError(f"expected y of shape {wanted} in batch {number}, got {got}")
        file.write(signals.cpu().contiguous().numpy().tobytes())
        count += len(signals)
    if each is None or not count:
        raise ValueError(f"expected at least one batch, {FORM}, got none")
    if (labelled := sum(map(len, labels))) not in (0, count):
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


# ECGs tried for another rate than the one given: PTB-XL's strips at 100 Hz look like long beats.
TRIED, OTHER_FS_HZ = 4, 100.0
BLOCK = 256  # ECGs checked at a time: 60 MB of strips
NAMED = 10  # flat ECGs in one line


def ecgs_of(x: Any, y: Any, target: Any, fs: Any = FS_HZ, marks: Any = None) -> Batch:
    """The ECGs (µV) as a batch with names made from their samples, and their marks.

    Without `marks` (masks as of ecg.segment_mask) they are found (inputs.found_marks).
    Raises ValueError for what is not numbers of the right shape, for NaN, for flat ECGs, for ECGs
    that are not in µV, for marks that are no masks of these ECGs, for a target that is no index,
    and for a rate `fs` below 100 Hz.
    """
    rate = checked_rate(fs, "fs")
    check_whole(0, target=target)
    signals = numbers(x, "x")
    shape = signals.shape
    if len(shape) != 3 or shape[0] < 2 or shape[1] != len(LEADS) or shape[2] == 0:
        raise ValueError(
            f"expected at least 2 ECGs of shape (batch, {len(LEADS)}, time) in µV with the leads "
            f"{', '.join(LEADS)}, got {tuple(shape)}"
        )
    # In blocks: the ECGs may be more than memory holds twice.
    blocks = signals.split(BLOCK)
    wrong = torch.cat([~each.isfinite().flatten(1).all(1) for each in blocks])
    constant = torch.cat([(each == each[:, :1, :1]).flatten(1).all(1) for each in blocks])
    for found, expected, got in (
        (wrong, "finite ECGs", "NaN or infinity"),
        (constant, "ECGs with a signal", "the same value everywhere"),
    ):
        if places := found.nonzero().flatten().tolist():
            said = f"{', '.join(map(str, places[:NAMED]))}{', …' * (len(places) > NAMED)}"
            raise ValueError(
                f"expected {expected}, got {got} in x at index {said}; leave these out"
            )
    if fault := fault_of_unit(max(float(each.abs().max()) for each in blocks)):
        raise ValueError(
            f"{fault}; a network that reads anything but µV needs a Module around it that scales "
            "them, such as ecglens.models.InUnits"
        )
    records = list(sample_ids(signals))
    segments = found_marks(signals, rate) if marks is None else given_marks(marks, signals)
    return Batch(signals, _truth(y, len(signals), int(target)), segments, records)


def _truth(y: Any, ecgs: int, target: int) -> Float[Tensor, "batch target"]:
    """Labels in the column of the target; NaN where there are none."""
    truth = torch.full((ecgs, target + 1), torch.nan)
    if y is None:
        return truth
    given = numbers(y, "y").cpu()
    if given.shape == (ecgs,):
        truth[:, target] = given
    elif given.ndim == 2 and len(given) == ecgs and given.shape[1] > target:
        truth[:, target] = given[:, target]
    else:
        raise ValueError(
            f"expected y of shape ({ecgs},) or ({ecgs}, more than {target}), "
            f"got {tuple(given.shape)}"
        )
    if truth.isinf().any():
        raise ValueError("expected finite y, or NaN where a label is not known, got infinity")
    return truth


def cautions(ecgs: Batch, fs: float = FS_HZ) -> list[str]:
    """Cautions about the ECGs, for the page."""
    texts = []
    if is_strip(ecgs.x.shape[2], fs):
        without = int(((ecgs.segments & R_PEAK) == 0).all(1).sum())
        if without:
            strips = "1 strip" if without == 1 else f"{without} strips"
            texts.append(
                f"In {strips} no beats were found; their points were disturbed one by one."
            )
    if _looks_like_strips(ecgs.x, fs):
        texts.append(
            f"At {fs:g} Hz each of these ECGs is one beat of {ecgs.x.shape[2] / fs:g} s, but read "
            f"at {OTHER_FS_HZ:g} Hz they are strips of several: is fs={OTHER_FS_HZ:g} missing?"
        )
    elif unmarked := without_waves(ecgs.segments):
        texts.append(_without_waves(unmarked, ecgs, fs))
    return texts


def _without_waves(unmarked: Sequence[int], ecgs: Batch, fs: float) -> str:
    """Caution that names ECGs without waves by their index, and gives the reasons."""
    few = unmarked[:NAMED]
    reasons: dict[str, list[str]] = {}
    for ecg in few:
        reason = why_without(ecgs.x[ecg], fs) or "none in the marks that were given"
        reasons.setdefault(reason, []).append(str(ecg))
    told = "; ".join(f"index {', '.join(each)}: {reason}" for reason, each in reasons.items())
    more = f"; and {len(unmarked) - len(few)} more" if len(unmarked) > len(few) else ""
    return (
        f"No waves are marked in {len(unmarked)} of {len(ecgs.x)} ECGs ({told}{more}). They are "
        "ranked with the others, their target prior is random, and maps of other patients are laid "
        "on them from R alone; give marks= to mark them."
    )


def _looks_like_strips(x: Float[Tensor, "batch lead time"], fs: float) -> bool:
    """True if ECGs taken for single beats have several at a rate of 100 Hz."""
    if fs == OTHER_FS_HZ or not BEAT_LENGTH < x.shape[2] <= LONGEST_BEAT_S * fs:
        return False
    marks = found_marks(x[:TRIED], OTHER_FS_HZ)
    return bool((((marks & R_PEAK) != 0).sum(1) > 1).all())
