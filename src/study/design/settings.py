"""How a study asks its experts."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..ballot import PROTOCOLS, VIEWS

# Maps that one screen shows: a digit each.
MOST_SHOWN = 9
CONSENT = (
    "You will be asked which heatmap explains a network's reading of an ECG best. Your answers and "
    "the time that each took are kept under your name in this study. Of answers that you withdraw "
    "none is used."
)


@dataclass(frozen=True)
class Settings:
    """What is asked, how often, and what an expert may see.

    `protocol` and `views` are those of a Ballot. `none` offers "none is useful" (pick alone).
    `showings` is 1 or 2. `prediction` shows what the network said of the ECG. `second` is a second
    question with the answers that may be chosen, "" for none; `comment` offers free text.
    `practice` ECGs come first and are not counted; `catch` items per target and view have an
    answer that is known; `guess` asks at the end which method drew which map. A login link lives
    for `days`. Raises ValueError that names every setting that is wrong.
    """

    name: str
    protocol: str = "pick"
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

    def _faults(self) -> Iterator[str]:
        if not self.name.strip():
            yield "expected a name of the study, got nothing"
        if self.protocol not in PROTOCOLS:
            yield f"expected protocol as one of {', '.join(PROTOCOLS)}, got {self.protocol!r}"
        if not self.views or {*self.views} - {*VIEWS} or len({*self.views}) < len(self.views):
            yield f"expected views of {', '.join(VIEWS)}, each once, got {', '.join(self.views)}"
        if self.showings not in (1, 2):
            yield f"expected 1 or 2 showings, got {self.showings}"
        if bool(self.second) != bool(self.second_answers):
            yield "expected a second question with its answers, got one without the other"
        for name, least in (("practice", 0), ("catch", 0), ("days", 1), ("seed", 0)):
            if getattr(self, name) < least:
                yield f"expected {name} of {least} or more, got {getattr(self, name)}"
