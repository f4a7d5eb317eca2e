"""Settings of a study."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..ballots import TASKS, VIEWS

# Maps on one screen: one per digit key.
MOST_SHOWN = 9
CONSENT = (
    "You will compare heatmaps that explain how a network reads ECGs. The study stores under your "
    "name: your answers, comments and guesses, the time that each answer took, and the times at "
    "which you log in. If you withdraw from the study, none of your answers is used; they stay "
    "stored, unused."
)


@dataclass(frozen=True)
class Settings:
    """Questions, repetitions, and what experts see.

    `task` and `views` are those of a Ballot. `none` offers "none is useful" (task pick only).
    `showings` is 1 or 2. `prediction` shows the network's output. `second` is a second question
    with the choices `second_answers`, "" for none; `comment` offers free text. `practice` items
    come first and are not counted; `catch` is the number of catch items per target and view;
    `guess` asks at the end which method drew which map. A login link is valid for `days`.
    Raises ValueError that names every wrong setting.
    """

    name: str
    task: str = "pick"
    views: tuple[str, ...] = VIEWS
    none: bool = True
    showings: int = 2
    prediction: bool = False
    second: str = ""
    second_answers: tuple[str, ...] = ()
    comment: bool = True
    practice: int = 2
    catch: int = 2
    guess: bool = True
    consent: str = CONSENT
    days: int = 90
    seed: int = 0

    def __post_init__(self) -> None:
        if wrong := [*self._faults()]:
            raise ValueError("; ".join(wrong))

    @property
    def offers_none(self) -> bool:
        """Whether "none is useful" is an answer."""
        return self.none and self.task == "pick"

    def _faults(self) -> Iterator[str]:
        if not self.name.strip():
            yield "expected a name for the study, got nothing"
        if self.task not in TASKS:
            yield f"expected task as one of {', '.join(TASKS)}, got {self.task!r}"
        if not self.views or {*self.views} - {*VIEWS} or len({*self.views}) < len(self.views):
            yield f"expected views of {', '.join(VIEWS)}, each once, got {', '.join(self.views)}"
        if self.showings not in (1, 2):
            yield f"expected 1 or 2 showings, got {self.showings}"
        if bool(self.second) != bool(self.second_answers):
            yield "expected a second question with its answers, got one without the other"
        for name, least in (("practice", 0), ("catch", 0), ("days", 1), ("seed", 0)):
            if getattr(self, name) < least:
                yield f"expected {name} of {least} or more, got {getattr(self, name)}"
