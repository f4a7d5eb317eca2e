"""All votes of a study, as an analysis reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from .ballot import NONE


@dataclass(frozen=True, eq=False)
class StudyVotes:
    """Votes of a study: single ballots, or sums as they were published.

    `ballots` is a table made by `frame_of`, `counts` one made by `read_counts`; one of the two is
    empty. `methods` are all methods whose maps were shown, chosen or not; `shown_on` holds those
    of each target, where known. `guesses` is made by `read_guesses`. `none` is true if "none is
    useful" was offered; imported votes do not tell. `open` is true while experts can still vote.
    """

    name: str
    methods: tuple[str, ...]
    ballots: pd.DataFrame
    counts: pd.DataFrame
    guesses: pd.DataFrame
    shown_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    none: bool = False
    open: bool = False

    def methods_of(self, target: str) -> tuple[str, ...]:
        """Methods whose maps were shown for this target."""
        return self.shown_on.get(target, self.methods)

    @property
    def votes(self) -> pd.DataFrame:
        """Ballots without those on catch items."""
        return self.ballots.loc[self.ballots["catch"] == ""]

    @property
    def task(self) -> str:
        """Task of the ballots; pick for published sums."""
        return "pick" if self.ballots.empty else str(self.ballots["task"].iloc[0])

    @property
    def shown(self) -> int:
        """Largest number of maps on one screen."""
        return max(int(self.votes["shown"].max()), len(self.methods)) if len(self.votes) else 0

    @property
    def possible(self) -> int:
        """Number of possible answers; "none is useful" counts if it was offered or given."""
        none = int(self.none or (self.votes["choice"] == NONE).any())
        return {"pick": self.shown + none, "rate": 5, "pair": 2}[self.task]
