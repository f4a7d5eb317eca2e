"""Votes: one expert's decision, ballots as a table, and all votes of a study."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

import pandas as pd

TASKS = ("pick", "rate", "pair")
VIEWS = ("full", "averaged")
NONE = "none"  # in place of a method: no map is useful
RATINGS = range(1, 6)
MIDDLE = 3  # of the ratings
EVERYONE, MEAN = "all", "mean"  # in place of an expert, in tables


@dataclass(frozen=True)
class Ballot:
    """One expert's decision on one ECG at one showing.

    `task` is pick (`choice` is the best of `shown` maps, or NONE), rate (`choice` received
    `rating`, 1 worst to 5 best) or pair (`choice` was preferred to `other`). `showing` is 1 or 2.
    `order` counts the expert's decisions from 1. `position` is the position of the choice on the
    screen, 1 to `shown`; 0 if it is unknown or no map was chosen. `seconds` is NaN if unknown.
    `catch` names the right map of a catch item and is "" otherwise; catch items check the expert
    and are never counted as votes. With task rate, their `choice` is the right map or noise.
    `second` is the answer to the second question.
    Raises ValueError that names every wrong field.
    """

    study: str
    task: str
    target: str
    view: str
    ecg: str
    showing: int
    expert: str
    order: int
    choice: str
    other: str
    rating: int
    position: int
    shown: int
    seconds: float
    catch: str = ""
    second: str = ""
    comment: str = ""

    def __post_init__(self) -> None:
        if wrong := [*self._faults()]:
            raise ValueError("; ".join(wrong))

    @property
    def item(self) -> tuple[str, ...]:
        """ECG and maps that were judged: equal for all experts, both showings and any answer."""
        judged = {"pick": (), "rate": (self.choice,)}
        return (self.ecg, *judged.get(self.task, sorted((self.choice, self.other))))

    @property
    def answer(self) -> str:
        """Category for agreement; for a pair, whether the first method by name was preferred.

        agreement counts a pair both ways round, so that names do not matter.
        """
        if self.task == "pair":
            return "first" if self.choice < self.other else "second"
        return str(self.rating) if self.task == "rate" else self.choice

    @property
    def right(self) -> bool:
        """True if the answer to a catch item is right.

        With task rate, a rating above the middle for the right map, and below it for noise.
        """
        if self.task == "rate":
            return self.rating > MIDDLE if self.choice == self.catch else self.rating < MIDDLE
        return self.choice == self.catch

    @property
    def decision(self) -> tuple[str, ...]:
        """Key of the decision; each expert may make each decision once."""
        return (self.target, self.view, *self.item, str(self.showing), self.expert, self.catch)

    def _faults(self) -> Iterator[str]:
        for name in ("study", "target", "ecg", "expert", "choice"):
            if not getattr(self, name).strip():
                yield f"expected a value for {name}, got nothing"
        if self.expert in (EVERYONE, MEAN):
            yield f"expected an expert not named {self.expert!r}, which stands for all experts"
        for name, known in (("task", TASKS), ("view", VIEWS), ("showing", (1, 2))):
            if getattr(self, name) not in known:
                choices = ", ".join(map(str, known))
                yield f"expected {name} to be one of {choices}, got {getattr(self, name)!r}"
        if self.order < 1:
            yield f"expected order to count from 1, got {self.order}"
        if self.shown < 1 or not 0 <= self.position <= self.shown:
            yield f"expected position from 1 to shown, got {self.position} of {self.shown}"
        if self.seconds < 0 or math.isinf(self.seconds):
            yield f"expected seconds of 0 or more, or nothing, got {self.seconds}"
        yield from self._faults_of_task()

    def _faults_of_task(self) -> Iterator[str]:
        if self.choice == NONE and (self.position or self.task != "pick"):
            yield f"expected {NONE!r} only with task pick and without a position"
        if self.task == "rate" and self.rating not in RATINGS:
            yield f"expected a rating from 1 to 5, got {self.rating or 'nothing'}"
        if self.task != "rate" and self.rating:
            yield f"expected a rating only with task rate, got {self.rating} with {self.task}"
        if (self.task == "pair") != bool(self.other):
            yield (
                "expected other with task pair and with no other task, "
                f"got {self.other or 'nothing'!r}"
            )
        if self.other and self.other in (self.choice, NONE):
            yield f"expected other to differ from the choice, got {self.other!r}"


BALLOT_COLUMNS = tuple(field.name for field in fields(Ballot))


def frame_of(ballots: Sequence[Ballot]) -> pd.DataFrame:
    """One row per ballot: BALLOT_COLUMNS, `item`, `answer`, and `right` for catch items."""
    return pd.DataFrame(
        [
            vars(ballot) | {"item": ballot.item, "answer": ballot.answer, "right": ballot.right}
            for ballot in ballots
        ],
        columns=pd.Index((*BALLOT_COLUMNS, "item", "answer", "right")),
    )


def by_target_and_view(votes: pd.DataFrame) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Target and view with their rows, in order of first appearance."""
    for target, view in dict.fromkeys(zip(votes["target"], votes["view"], strict=True)):
        yield (
            (str(target), str(view)),
            votes.loc[(votes["target"] == target) & (votes["view"] == view)],
        )


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

    def possible(self, target: str = "") -> int:
        """Number of possible answers for this target, or for all targets together.

        "None is useful" counts if it was offered or given.
        """
        votes, methods = self.votes, self.methods
        none = int(self.none or (votes["choice"] == NONE).any())
        # Other targets may have other methods.
        if target and (self.shown_on or {*votes["target"]} != {target}):
            votes = votes.loc[votes["target"] == target]
            methods = self.shown_on.get(target, {*votes["choice"]} - {NONE})
        shown = max(int(votes["shown"].max()), len(methods))
        return {"pick": shown + none, "rate": 5, "pair": 2}[self.task]
