"""A study on disk: votes as they were imported, or the ballot box that experts voted in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ..store import write_json, write_text
from .ballot import NONE, Ballot
from .blinding import COLUMNS as GUESS_COLUMNS
from .blinding import read_guesses
from .box import BallotBox
from .box.schema import FILE as BOX
from .counts import COLUMNS as COUNT_COLUMNS
from .counts import read_counts
from .votes import frame_of, read_votes, write_votes

STUDY, VOTES, COUNTS, GUESSES = "study.json", "votes.csv", "counts.csv", "guesses.csv"


@dataclass(frozen=True, eq=False)
class Study:
    """`ballots` is a frame_of ballots, `counts` published sums; one of the two is empty.

    `methods` are those whose maps were shown, chosen or not; `of_target` says which of them of a
    target, where that is known. `guesses` are the experts' at the end. `open` studies take votes
    still.
    """

    name: str
    methods: tuple[str, ...]
    ballots: pd.DataFrame
    counts: pd.DataFrame
    guesses: pd.DataFrame
    of_target: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open: bool = False

    def methods_of(self, target: str) -> tuple[str, ...]:
        """The methods whose maps of this target were shown."""
        return self.of_target.get(target, self.methods)

    @property
    def votes(self) -> pd.DataFrame:
        """The ballots that are not of catch items."""
        return self.ballots.loc[self.ballots["catch"] == ""]

    @property
    def protocol(self) -> str:
        """That of the ballots."""
        return "pick" if self.ballots.empty else str(self.ballots["protocol"].iloc[0])

    @property
    def shown(self) -> int:
        """The most maps that were shown at once."""
        return max(int(self.votes["shown"].max()), len(self.methods)) if len(self.votes) else 0

    @property
    def possible(self) -> int:
        """The number of categories of an answer; "none is useful" counts where it was said."""
        none = int((self.votes["choice"] == NONE).any())
        return {"pick": self.shown + none, "rate": 5, "pair": 2}[self.protocol]


def import_study(
    votes: Path,
    folder: Path,
    methods: Sequence[str] = (),
    guesses: Path | None = None,
    decisions: int = 0,
) -> Study:
    """Check a votes CSV (or a counts CSV, told by its header) and keep it in `folder`.

    `methods` are those whose maps were shown; left out, those that were chosen. `decisions` is what
    each column of counts must sum to. Raises ValueError with a line for each fault, for a choice
    that is not of `methods`, and for a folder that holds another study.
    """
    if (folder / STUDY).is_file() or (folder / BOX).is_file():
        raise ValueError(f"expected a new folder, found a study in {folder}; give another --to")
    with votes.open(encoding="utf-8-sig") as file:
        header = {name.strip() for name in file.readline().split(",")}
    text: dict[str, str] = {}
    ballots: list[Ballot] = []
    if header == {*COUNT_COLUMNS}:
        table = read_counts(votes, decisions)
        name, chosen = votes.stem, [*dict.fromkeys(table["method"])]
        text[COUNTS] = table.to_csv(index=False)
    else:
        ballots = read_votes(votes)
        asked = [ballot for ballot in ballots if not ballot.catch]
        name = ballots[0].study
        named = [each for ballot in asked for each in (ballot.choice, ballot.other)]
        chosen = sorted({*named} - {"", NONE})
    if unknown := [each for each in chosen if methods and each not in methods]:
        raise ValueError(f"expected votes for {', '.join(methods)}, got {', '.join(unknown)}")
    if guesses is not None:
        text[GUESSES] = read_guesses(guesses).to_csv(index=False)
    if ballots:
        write_votes(ballots, folder / VOTES)
    for file_name, content in text.items():
        write_text(folder / file_name, content)
    write_json(folder / STUDY, {"name": name, "methods": [*(methods or chosen)]})
    return load_study(folder)


def load_study(folder: Path) -> Study:
    """Read what import_study kept, or the votes so far of a study that experts vote in.

    Raises ValueError for a folder without a study, and where nobody has voted yet.
    """
    if (folder / BOX).is_file():
        return _voted(folder)
    if not (folder / STUDY).is_file():
        raise ValueError(f"expected a study in {folder}, found no {STUDY}; run study import first")
    words = json.loads((folder / STUDY).read_text(encoding="utf-8"))
    kept = {name: folder / name for name in (VOTES, COUNTS, GUESSES)}
    ballots = read_votes(kept[VOTES]) if kept[VOTES].is_file() else []
    empty = pd.DataFrame(columns=pd.Index(COUNT_COLUMNS))
    no_guess = pd.DataFrame(columns=pd.Index(GUESS_COLUMNS))
    return Study(
        name=words["name"],
        methods=tuple(words["methods"]),
        ballots=frame_of(ballots),
        counts=read_counts(kept[COUNTS]) if kept[COUNTS].is_file() else empty,
        guesses=read_guesses(kept[GUESSES]) if kept[GUESSES].is_file() else no_guess,
    )


def _voted(folder: Path) -> Study:
    box = BallotBox(folder)
    ballots = box.ballots()
    if not ballots:
        raise ValueError(f"expected votes in {folder}, nobody has voted yet")
    return Study(
        name=box.settings.name,
        methods=box.methods,
        ballots=frame_of(ballots),
        counts=pd.DataFrame(columns=pd.Index(COUNT_COLUMNS)),
        guesses=box.guesses(),
        of_target=_of_target(box),
        open=not box.locked,
    )


def _of_target(box: BallotBox) -> dict[str, tuple[str, ...]]:
    """The methods of each target, in the study's order; catch items and practice say nothing."""
    shown: dict[str, set[str]] = {}
    for item in box.items:
        if item.part == "vote" and not item.catch:
            shown.setdefault(item.target, set()).update(item.methods)
    return {
        target: tuple(name for name in box.methods if name in names)
        for target, names in shown.items()
    }
