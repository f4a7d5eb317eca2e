"""ECGs of the meta-evaluation, and maps: the truth mixed with noise, and broken on purpose."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import draw_exact, exact_beat, segment_mask
from ecglens.engine import generator, uniform
from jaxtyping import Float, Int8
from torch import Tensor

ECGS_SEED = 1963  # no other ECGs of this project have it


def exact_ecgs(count: int) -> Float[Tensor, "{count} 12 600"]:
    """Exact beats of the meta-evaluation, in µV."""
    return exact_batch(count).x.clone()


@lru_cache(maxsize=4)
def exact_batch(count: int) -> Batch:
    """Exact beats with true marks and names, each of another patient; no true values."""
    drawn = [draw_exact(ECGS_SEED, index) for index in range(count)]
    x = np.stack([exact_beat(one).signal for one in drawn])
    marks = np.stack([segment_mask(one.marks, x.shape[2]) for one in drawn])
    return without_labels(x, marks, [f"exact-{ECGS_SEED}-{index}" for index in range(count)])


def without_labels(
    x: Float[np.ndarray, "ecg lead time"], marks: Int8[np.ndarray, "ecg time"], names: list[str]
) -> Batch:
    """ECGs with their marks and names, whose true values are NaN."""
    unknown = torch.full((len(x), 1), torch.nan)
    return Batch(torch.from_numpy(x), unknown, torch.from_numpy(marks), names)


def known(x: Float[Tensor, "ecg lead time"]) -> Batch:
    """Batch of these ECGs; raises ValueError for others, whose marks are not known."""
    ecgs = exact_batch(len(x))
    if not torch.equal(x, ecgs.x):
        raise ValueError(
            "expected the ECGs of the meta-evaluation, exact_ecgs(count), got others; "
            "their waves are not known here"
        )
    return ecgs


Maps = Float[Tensor, "batch lead time"]
# Noise that keeps its neighbours together replaces pieces of this many samples, 40 ms: the rise of
# a narrow R wave. It divides a beat of 600 samples and a strip of 5000.
PIECE = 20
SHIFT = 50  # samples, 100 ms: out of a QRS complex, into another part of T


def mixed(
    truth: Maps, dose: float, noise: Literal["white", "rolled"], seed: int, records: Sequence[str]
) -> Maps:
    """The truth with a share `dose` of its points replaced by values from elsewhere in the map.

    White noise is the truth with all its points shuffled, replaced point by point. Rolled noise is
    the truth with its leads shuffled and time rolled around by a random way, which keeps its
    autocorrelation, replaced in pieces of 40 ms of one lead. What is replaced at one dose stays so
    at every higher one. Either way the values are the truth's own, whatever its scale: a score
    cannot fall for another reason than their places.
    """
    found, (leads, time) = [], truth.shape[1:]
    for one, record in zip(truth, records, strict=True):
        own = generator(seed, "trial", noise, record)
        if noise == "white":
            order = torch.randperm(one.numel(), generator=own)
            elsewhere, size = one.flatten()[order].reshape(leads, time), 1
        else:
            way = int(torch.randint(time, (1,), generator=own))
            elsewhere = one[torch.randperm(leads, generator=own)].roll(way, dims=1)
            size = PIECE
        drawn = uniform(own, leads, -(-time // size))
        replaced = (drawn < dose).repeat_interleave(size, dim=1)[:, :time]
        found.append(torch.where(replaced, elsewhere, one))
    return torch.stack(found)


def shifted(truth: Maps, seed: int, records: Sequence[str]) -> Maps:
    """100 ms late."""
    return truth.roll(SHIFT, dims=-1)


def sign_scrambled(truth: Maps, seed: int, records: Sequence[str]) -> Maps:
    """Every point with a random sign."""
    coins = [
        torch.randint(2, truth.shape[1:], generator=generator(seed, "signs", record))
        for record in records
    ]
    return truth * (2 * torch.stack(coins) - 1)


def leads_moved(truth: Maps, seed: int, records: Sequence[str]) -> Maps:
    """Every lead's map in the place of the next lead but one, so that none stays."""
    return truth.roll(2, dims=1)


def one_lead(truth: Maps, seed: int, records: Sequence[str]) -> Maps:
    """Only the lead with most of the truth; where others say the same it looks complete."""
    most = truth.abs().sum(-1).argmax(1)
    kept = torch.zeros_like(truth)
    kept[torch.arange(len(truth)), most] = truth[torch.arange(len(truth)), most]
    return kept


def region_only(truth: Maps, seed: int, records: Sequence[str]) -> Maps:
    """Random numbers where the truth of any of these ECGs lies, 0 elsewhere.

    It knows the region of the target, and neither the network's weights nor the ECG's values.
    """
    drawn = [uniform(generator(seed, "region", record), *truth.shape[1:]) for record in records]
    return torch.stack(drawn).to(truth.device) * (truth != 0).any(0)


def template(truth: Maps, seed: int, records: Sequence[str]) -> Maps:
    """Mean |truth| of the ECGs of other names. Raises ValueError when all have one name."""
    number = {record: place for place, record in enumerate(dict.fromkeys(records))}
    if len(number) < 2:
        raise ValueError(f"expected ECGs of at least 2 names for a template, got {len(number)}")
    own = torch.tensor([number[record] for record in records])
    sizes = truth.abs()
    by_name = sizes.new_zeros(len(number), *truth.shape[1:]).index_add_(0, own, sizes)
    others = len(records) - own.bincount()[own]
    return (by_name.sum(0) - by_name[own]) / others[:, None, None]


BROKEN: Mapping[str, Callable[[Maps, int, Sequence[str]], Maps]] = {
    "shifted by 100 ms": shifted,
    "leads moved": leads_moved,
    "signs scrambled": sign_scrambled,
    "one lead only": one_lead,
    "region only": region_only,
    "template": template,
}
