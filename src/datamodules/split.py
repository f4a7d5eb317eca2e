"""Training, validation and test part of the ECGs, by a hash of the patient or by folds."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Shaped

from ..store import check_types

PARTS = ("train", "val", "test")
# 53 bits of the hash fill a float's mantissa exactly.
BITS = 53


@dataclass(frozen=True)
class Split:
    """Shares of the patients, 60/20/20 as published (Storås 2025), and the seed of the draw.

    A patient's part depends only on the seed and the patient's name, not on the number or the order
    of the others. All ECGs of a patient are in one part.
    """

    train: float = 0.6
    val: float = 0.2
    test: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        shares = (self.train, self.val, self.test)
        if min(shares) < 0 or not abs(sum(shares) - 1) <= 1e-9:  # NaN is refused too
            raise ValueError(
                f"expected shares of train, val and test that add up to 1, got {shares}"
            )

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Split":
        """Split with these plain settings; ValueError for an unknown one."""
        check_types(cls, settings, "data.split")
        return cls(**settings)

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
    because cardiologists checked their reports.
    """

    column: str = "fold"
    val: Sequence[int] = (9,)
    test: Sequence[int] = (10,)
    seed: int = 0

    def __post_init__(self) -> None:
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
        if self.column not in table:
            raise ValueError(
                f"expected for data.split.by=folds a column {self.column!r} in the labels of the "
                "ECGs, got none; name another in data.split.folds.column, or take by=hash"
            )
        fold = table[self.column].to_numpy(float)
        part = np.select(
            [np.isnan(fold), np.isin(fold, self.val), np.isin(fold, self.test)],
            ["", "val", "test"],
            "train",
        )
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
    split = Split.of(shares)
    if by == "hash":
        return split
    if not isinstance(folds, Mapping):
        raise ValueError(f"expected in data.split.folds column, val and test, got {folds!r}")
    check_types(Folds, folds, "data.split.folds")
    return Folds(**folds, seed=split.seed)
