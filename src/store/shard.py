"""A share of work that several processes or machines divide among them."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Shard:
    """Every `of`-th piece of work from the `number`-th on, counted from 1."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Shard of a text such as "3/64"; ValueError for another text and for 0/64 and 65/64."""
        found = re.fullmatch(r"(\d+)/(\d+)", text)
        if found is None or not 1 <= int(found[1]) <= int(found[2]):
            raise ValueError(
                f"expected shard as number/shards, from 1/4 to 4/4 for 4 shards, got {text!r}"
            )
        return cls(int(found[1]), int(found[2]))

    def __contains__(self, piece: int) -> bool:
        """Whether a piece, counted from 0, belongs to this shard."""
        return piece % self.of == self.number - 1

    def __str__(self) -> str:
        return f"shard {self.number} of {self.of}"


WHOLE = Shard(1, 1)  # all of the work
