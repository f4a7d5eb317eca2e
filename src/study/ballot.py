"""One decision of one expert: what a voting page writes and an analysis reads."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields

PROTOCOLS = ("pick", "rate", "pair")
VIEWS = ("full", "averaged")
NONE = "none"  # in place of a method: no map is useful
RATINGS = range(1, 6)


@dataclass(frozen=True)
class Ballot:
    """What one expert decided of one ECG at one showing.

    `protocol` is pick (`choice` is the best of `shown` maps, or NONE), rate (`choice` got `rating`,
    1 worst to 5 best) or pair (`choice` was preferred to `other`). `showing` is 1 or 2. `order`
    counts an expert's decisions from 1. `position` is the place of the choice on the screen, 1 to
    `shown`, 0 where it is not known or nothing was chosen. `seconds` is NaN where it is not known.
    `catch` names the map that is right on a catch item, "" on any other item; catch items say how
    an expert works and are never counted as votes. `second` answers a second question.
    Raises ValueError that names every field that is wrong.
    """

    study: str
    protocol: str
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
        """What was judged, whichever way: the same for all experts and both showings."""
        judged = {"pick": (), "rate": (self.choice,)}
        return (self.ecg, *judged.get(self.protocol, sorted((self.choice, self.other))))

    @property
    def answer(self) -> str:
        """The category that agreement is counted in; of a pair which is better by its name."""
        if self.protocol == "pair":
            return "first" if self.choice < self.other else "second"
        return str(self.rating) if self.protocol == "rate" else self.choice

    @property
    def decision(self) -> tuple[str, ...]:
        """What an expert may decide once."""
        return (self.target, self.view, *self.item, str(self.showing), self.expert, self.catch)

    def _faults(self) -> Iterator[str]:
        for name in ("study", "target", "ecg", "expert", "choice"):
            if not getattr(self, name).strip():
                yield f"expected {name} to be named, got nothing"
        for name, known in (("protocol", PROTOCOLS), ("view", VIEWS), ("showing", (1, 2))):
            if getattr(self, name) not in known:
                choices = ", ".join(map(str, known))
                yield f"expected {name} to be one of {choices}, got {getattr(self, name)!r}"
        if self.order < 1:
            yield f"expected order to count from 1, got {self.order}"
        if self.shown < 1 or not 0 <= self.position <= self.shown:
            yield f"expected position within 1 to shown, got {self.position} of {self.shown}"
        if self.seconds < 0 or math.isinf(self.seconds):
            yield f"expected seconds of 0 or more, or nothing, got {self.seconds}"
        yield from self._faults_of_protocol()

    def _faults_of_protocol(self) -> Iterator[str]:
        if self.choice == NONE and (self.position or self.protocol != "pick"):
            yield f"expected {NONE!r} only of pick and without a position"
        if self.protocol == "rate" and self.rating not in RATINGS:
            yield f"expected a rating of 1 to 5, got {self.rating or 'nothing'}"
        if self.protocol != "rate" and self.rating:
            yield f"expected a rating only of rate, got {self.rating} of {self.protocol}"
        if (self.protocol == "pair") != bool(self.other):
            yield f"expected other only of pair, and there always, got {self.other or 'nothing'!r}"
        if self.catch and self.protocol == "rate":
            yield "expected catch items only of pick and pair: a rating names no right map"
        if self.other and self.other in (self.choice, NONE):
            yield f"expected other to be another map than the choice, got {self.other!r}"


COLUMNS = tuple(field.name for field in fields(Ballot))
