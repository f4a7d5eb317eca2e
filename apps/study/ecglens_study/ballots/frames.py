"""Ballots as a table, and the rows of each target and view."""

from collections.abc import Iterator, Sequence

import pandas as pd

from .ballot import COLUMNS, Ballot


def frame_of(ballots: Sequence[Ballot]) -> pd.DataFrame:
    """One row per ballot: COLUMNS, `item`, `answer`, and `right` for catch items."""
    return pd.DataFrame(
        [
            vars(ballot) | {"item": ballot.item, "answer": ballot.answer, "right": ballot.right}
            for ballot in ballots
        ],
        columns=pd.Index((*COLUMNS, "item", "answer", "right")),
    )


def by_target_and_view(votes: pd.DataFrame) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Target and view with their rows, in order of first appearance."""
    for target, view in dict.fromkeys(zip(votes["target"], votes["view"], strict=True)):
        yield (
            (str(target), str(view)),
            votes.loc[(votes["target"] == target) & (votes["view"] == view)],
        )
