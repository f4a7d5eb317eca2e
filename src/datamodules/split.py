"""Training, validation and test part of the ECGs, and ECGs that are too close."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Float32, Int, Shaped
from pandas.api.types import is_numeric_dtype

from ..store import check_types
from .preparation.prepared import Prepared
from .readers.file_reader import FileReader
from .records import Reader, readers_in

PARTS = ("train", "val", "test")
# 53 bits of the hash fill a float's mantissa exactly.
BITS = 53


@dataclass(frozen=True)
class Split:
    """Shares of the patients, 60/20/20 as published (Storås 2025), and the seed of the draw.

    A patient's part depends only on the seed and the patient's name, not on the number or the order
    of the others. All ECGs of a patient are in one part. `first` is the number of training ECGs
    with a label that are used, in the order of `order`: fewer ones are some of more ones. None
    means all.
    """

    train: float = 0.6
    val: float = 0.2
    test: float = 0.2
    seed: int = 0
    first: int | None = None

    def __post_init__(self) -> None:
        check_first(self.first)
        shares = (self.train, self.val, self.test)
        if min(shares) < 0 or not abs(sum(shares) - 1) <= 1e-9:  # NaN is refused too
            raise ValueError(
                f"expected shares of train, val and test that add up to 1, got {shares}"
            )

    @property
    def wanted(self) -> tuple[str, ...]:
        """Names of the parts that must have ECGs."""
        return tuple(name for name in PARTS if getattr(self, name))

    def parts(self, table: pd.DataFrame) -> Shaped[np.ndarray, " row"]:
        """Part of each ECG of a prepared table."""
        return np.array([self.part(patient) for patient in table["patient"]])

    def part(self, patient: str) -> str:
        """Part of this patient's ECGs."""
        place = self._place("split", patient)
        if place < self.train:
            return "train"
        return "val" if place < self.train + self.val else "test"

    def order(self, records: Sequence[str]) -> list[int]:
        """Shuffled order of these ids; the order of two ids is independent of the others."""
        return sorted(range(len(records)), key=lambda row: self._place("order", records[row]))

    def _place(self, purpose: str, name: str) -> float:
        """Number in [0, 1) that depends on the seed, the purpose and the name."""
        digest = hashlib.sha256(f"{self.seed}\x1f{purpose}\x1f{name}".encode()).digest()
        return (int.from_bytes(digest[:8], "big") >> (64 - BITS)) / 2**BITS


@dataclass(frozen=True)
class Folds:
    """Folds that come with a data set, in a label column: `val`, `test`; the others are training.

    An ECG without a fold is in no part. PTB-XL (Wagner 2020, doi 10.1038/s41597-020-0495-6) has
    each patient in one of ten folds and recommends fold 9 for validation and 10 for testing,
    because cardiologists checked their reports. `first` is that of Split.
    """

    column: str = "fold"
    val: Sequence[int] = (9,)
    test: Sequence[int] = (10,)
    seed: int = 0
    first: int | None = None

    def __post_init__(self) -> None:
        check_first(self.first)
        for name in ("val", "test"):  # a list from a yaml file is not equal to a tuple
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if both := sorted({*self.val} & {*self.test}):
            raise ValueError(f"expected each fold in val or in test, got {both[0]} in both")

    @property
    def wanted(self) -> tuple[str, ...]:
        """Names of the parts that must have ECGs."""
        return ("train", *(name for name in ("val", "test") if getattr(self, name)))

    def parts(self, table: pd.DataFrame) -> Shaped[np.ndarray, " row"]:
        """Part of each ECG of a prepared table; "" for an ECG without a fold.

        Raises ValueError for a missing column and for a patient in two parts.
        """
        if self.column not in table or not is_numeric_dtype(table[self.column]):
            raise ValueError(
                f"expected for data.split.by=folds a column {self.column!r} of numbers in the "
                "labels of the ECGs, got none; name another in data.split.folds.column, or "
                "take by=hash"
            )
        fold = table[self.column].to_numpy(float)
        cases = [np.isnan(fold), np.isin(fold, self.val), np.isin(fold, self.test)]
        part = np.select(cases, ["", "val", "test"], "train")
        placed: dict[str, set[str]] = {}
        for patient, name in zip(table["patient"], part.tolist(), strict=True):
            if name:
                placed.setdefault(patient, set()).add(name)
        if twice := [patient for patient, names in placed.items() if len(names) > 1]:
            raise ValueError(
                f"expected each patient in one part, got {len(twice)} in several, such as "
                f"{twice[0]!r} in {' and '.join(sorted(placed[twice[0]]))}; data.split.by=hash "
                "keeps a patient's ECGs together"
            )
        return part

    def order(self, records: Sequence[str]) -> list[int]:
        """Shuffled order of these ids; the order of two ids is independent of the others."""
        return Split(seed=self.seed).order(records)


def split_of(settings: Mapping[str, Any]) -> Split | Folds:
    """Split with plain settings as in data.split; ValueError for an unknown one."""
    shares = {name: value for name, value in settings.items() if name not in ("by", "folds")}
    by, folds = settings.get("by", "hash"), settings.get("folds", {})
    if by not in ("hash", "folds"):
        raise ValueError(f"expected data.split.by to be hash or folds, got {by!r}")
    check_types(Split, shares, "data.split")
    split = Split(**shares)
    if by == "hash":
        return split
    if not isinstance(folds, Mapping):
        raise ValueError(f"expected in data.split.folds column, val and test, got {folds!r}")
    check_types(Folds, folds, "data.split.folds")
    return Folds(**folds, seed=split.seed, first=split.first)


def check_first(first: int | None) -> None:
    """Raise ValueError for fewer than two training ECGs: one label has no scale."""
    if first is not None and first < 2:
        raise ValueError(f"expected in data.split.first at least 2 training ECGs, got {first}")


def overlap(one: Reader, other: Reader) -> bool:
    """True if an ECG of one source is an ECG of the other, as far as their settings tell.

    Generated ECGs are an endless sequence per seed, of which `n` are taken: two sources of one seed
    share their hearts, whatever noise is added. Files are the same if they have the same path, or
    the same id below one folder (PTB-XL at both rates). Copies in another folder or format are not
    detected.
    """
    for mixed, single in ((one, other), (other, one)):
        if readers := readers_in(mixed):
            return any(overlap(each, single) for each in readers.values())
    if isinstance(one, FileReader) and isinstance(other, FileReader):
        alike = type(one) is type(other) and one.path.resolve() == other.path.resolve()
        named = _ids if alike else _places
        return not named(one).isdisjoint(named(other))
    if type(one) is not type(other):
        return False
    seed = getattr(one, "seed", None)
    return one == other or (seed is not None and seed == getattr(other, "seed", None))


def _ids(reader: FileReader) -> set[str]:
    return {reader.id(name) for name in reader.names}


def _places(reader: FileReader) -> set[str]:
    folder = reader.path.resolve().as_posix()
    return {f"{folder}/{name}" for name in reader.names}


# Rows of a matrix product: 256 × 12·600 floats are 7 MB.
CHUNK = 256
# Pairs of training ECGs for the typical distance: its median is known to 1 %.
PAIRS = 4000
# Pairs in memory at a time, 4 MB: read one by one, they take three times as long.
FEW = 64


@dataclass(frozen=True)
class Neighbours:
    """Distances between median beats: root mean square over leads and time, µV.

    `test` and `train` are the numbers of ECGs compared, with or without a label: the distances are
    the same for all targets. `nearest_uv` is the median over test ECGs of the distance to the
    nearest training ECG, `closest_uv` the minimum; `typical_uv` is the median distance between two
    training ECGs.
    """

    test: int
    train: int
    nearest_uv: float
    closest_uv: float
    typical_uv: float

    def sentence(self) -> str:
        """Sentence for the reader of a result; at 100 % test ECGs are unrelated to the others."""
        share = self.nearest_uv / self.typical_uv
        return (
            f"A test ECG differs by {self.nearest_uv:.0f} µV (RMS) from the nearest training ECG: "
            f"{100 * share:.0f}\u00a0% of the {self.typical_uv:.0f} µV between two training "
            f"ECGs. Medians over {self.test} test and {self.train} training ECGs with or without a "
            "label."
        )


def neighbours(
    beats: Prepared, test: Int[np.ndarray, " test"], train: Int[np.ndarray, " train"]
) -> Neighbours:
    """Distances from the `test` rows to the `train` rows of the prepared median beats.

    Raises ValueError for fewer than 1 test or 2 training ECGs, and for copies of one ECG.
    """
    if len(test) < 1 or len(train) < 2:
        raise ValueError(
            f"expected at least 1 test and 2 training ECGs, got {len(test)} and {len(train)}; "
            "give more ECGs or other shares in data.split"
        )
    chunks = (beats.x(train[start : start + CHUNK]) for start in range(0, len(train), CHUNK))
    near = nearest(beats.x(test), chunks)
    first, second = np.random.default_rng(0).integers(len(train), size=(2, PAIRS))
    pairs = train[np.stack((first, second), 1)[first != second]]
    # Where there are few ECGs, the same pair is drawn many times.
    different, drawn = np.unique(np.sort(pairs), axis=0, return_inverse=True)
    parts = np.array_split(different, range(FEW, len(different), FEW))
    read = (pair for few in parts for pair in zip(*map(beats.x, few.T), strict=True))
    apart = np.array([rms(one - other) for one, other in read])[drawn.ravel()]
    if not np.median(apart):
        raise ValueError(
            "expected training ECGs that differ, got copies of one; give recordings of their own"
        )
    return Neighbours(
        test=len(test),
        train=len(train),
        nearest_uv=float(np.median(near)),
        closest_uv=float(near.min()),
        typical_uv=float(np.median(apart)),
    )


def nearest(
    test: Float32[np.ndarray, "test lead time"],
    chunks: Iterable[Float32[np.ndarray, "_ lead time"]],
) -> Float[np.ndarray, " test"]:
    """Distance from each test ECG to the nearest ECG of all chunks, µV RMS."""
    rows = test.reshape(len(test), -1)
    neighbour = np.zeros_like(rows)
    best = np.full(len(rows), np.inf)
    for chunk in chunks:
        others = chunk.reshape(len(chunk), -1)
        # |a − b|² = |a|² + |b|² − 2ab, and |a|² is the same for all candidates of a.
        distance = np.einsum("nk,nk->n", others, others) - 2 * rows @ others.T
        place = distance.argmin(1)
        value = np.take_along_axis(distance, place[:, None], 1)[:, 0]
        nearer = value < best
        best[nearer], neighbour[nearer] = value[nearer], others[place[nearer]]
    # The matrix product only finds the neighbour: its rounding error would hide a small distance.
    return np.array([rms(one - other) for one, other in zip(rows, neighbour, strict=True)])


def rms(difference: np.ndarray) -> float:
    """Root mean square of all elements."""
    return float(np.sqrt(np.mean(np.square(difference, dtype=float))))
