"""Which ECGs a network learns from, is watched on, and is judged by."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..store import check_types

PARTS = ("train", "val", "test")
# 53 bits of the hash fill a float's mantissa exactly.
BITS = 53


@dataclass(frozen=True)
class Split:
    """Shares of the patients, 60/20/20 as published (Storås 2025), and the seed of the draw.

    A patient's part depends on the seed and the patient's name alone: never on how many others
    there are, nor on their order; two ECGs of one patient are always in one part.
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
        """The split of plain settings; ValueError on a name that it does not have."""
        check_types(cls, settings, "data.split")
        return cls(**settings)

    def part(self, patient: str) -> str:
        """The part of this patient's ECGs."""
        place = self._place("split", patient)
        if place < self.train:
            return "train"
        return "val" if place < self.train + self.val else "test"

    def order(self, records: Sequence[str]) -> list[int]:
        """A shuffled order of these ids, in which two of them never change places."""
        return sorted(range(len(records)), key=lambda row: self._place("order", records[row]))

    def _place(self, purpose: str, name: str) -> float:
        """A number in [0, 1) of its own for each name."""
        digest = hashlib.sha256(f"{self.seed}\x1f{purpose}\x1f{name}".encode()).digest()
        return (int.from_bytes(digest[:8], "big") >> (64 - BITS)) / 2**BITS
