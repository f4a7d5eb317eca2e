"""Settings of a study, the items that experts judge, and the input of one target."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import numpy as np
from ecglens.datamodules import Target
from jaxtyping import Float, Int8

from .ballots import TASKS, VIEWS

MOST_DAYS = 36_500  # a century: no date is beyond the calendar
# Maps on one screen: one per digit key.
MOST_SHOWN = 9
# Is the network's reading right? Asked with the map and without it: no vote on maps.
JUDGE = "judge"
# What a study of task judge has in place of the defaults: one method is shown, and its truth known.
OF_JUDGE: Mapping[str, Any] = {
    "views": ("full",), "none": False, "prediction": True, "catch": 0, "guess": False,
}  # fmt: skip
CONSENT = (
    "You will judge how a network reads ECGs, or heatmaps that explain it. The study stores under "
    "your name: your answers, comments and guesses, the time that each answer took, and the times "
    "at which you log in. If you withdraw from the study, none of your answers is used; they stay "
    "stored, unused."
)
Phase = Literal["practice", "vote"]


def defaults_of(task: str) -> Mapping[str, Any]:
    """Settings that a task has in place of the defaults of Settings."""
    return OF_JUDGE if task == JUDGE else {}


def stream(*purpose: str | int) -> np.random.Generator:
    """Generator for a purpose, such as ("turns", seed, expert); identical on every machine."""
    words = "\x1f".join(map(str, purpose)).encode()
    return np.random.default_rng(int.from_bytes(sha256(words).digest()[:16], "big"))


@dataclass(frozen=True)
class Settings:
    """Questions, repetitions, and what experts see.

    `task` and `views` are those of a Ballot. `none` offers "none is useful" (task pick only).
    `showings` is 1 or 2. `prediction` shows the network's output. `second` is a second question
    with the choices `second_answers`, "" for none; `comment` offers free text. `practice` items
    come first and are not counted; `catch` is the number of catch items per target and view;
    `guess` asks at the end which method drew which map. A login link is valid for `days`.
    Task judge takes the values of OF_JUDGE; a reading is right within `limit`, in the target's
    unit (0 for a class), and `washout` days lie between its two periods.
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
    limit: float = 0.0
    washout: int = 14  # [ours]: long enough to forget single ECGs, short enough to keep readers

    def __post_init__(self) -> None:
        for name in ("views", "second_answers"):  # a list would differ from what is read again
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if wrong := [*self._faults()]:
            raise ValueError("; ".join(wrong))

    @property
    def offers_none(self) -> bool:
        """True if "none is useful" is an answer."""
        return self.none and self.task == "pick"

    def _faults(self) -> Iterator[str]:
        if not self.name.strip():
            yield "expected a name for the study, got nothing"
        if self.task not in (*TASKS, JUDGE):
            yield f"expected task as one of {', '.join((*TASKS, JUDGE))}, got {self.task!r}"
        if self.task == JUDGE:
            yield from self._faults_of_judge()
        if not self.views or {*self.views} - {*VIEWS} or len({*self.views}) < len(self.views):
            yield f"expected views of {', '.join(VIEWS)}, each once, got {', '.join(self.views)}"
        if self.showings not in (1, 2):
            yield f"expected 1 or 2 showings, got {self.showings}"
        if bool(self.second) != bool(self.second_answers):
            yield "expected a second question with its answers, got one without the other"
        # Votes are stored without outer spaces.
        for answer in self.second_answers:
            if not answer or answer != answer.strip():
                yield f"expected answers without outer spaces, got {answer!r}"
        for name, least in (("practice", 0), ("catch", 0), ("seed", 0), ("limit", 0)):
            # Not `< least`: NaN is no limit.
            if not least <= getattr(self, name) < math.inf:
                yield f"expected {name} of {least} or more, got {getattr(self, name)}"
        for name, least in (("days", 1), ("washout", 0)):
            if not least <= getattr(self, name) <= MOST_DAYS:
                yield f"expected {name} from {least} to {MOST_DAYS}, got {getattr(self, name)}"

    def _faults_of_judge(self) -> Iterator[str]:
        for name, value in OF_JUDGE.items():
            if name == "views" and len(self.views) == 1:
                continue
            if getattr(self, name) != value:
                wanted = "one view" if name == "views" else f"{name} {value}"
                yield f"expected {wanted} with task {JUDGE}, got {getattr(self, name)}"


def check_days(settings: Settings) -> None:
    """Raise ValueError unless a link outlasts the washout: it is one for both periods.

    No fault of Settings: a study of an earlier version that is stored with fewer days opens.
    """
    if settings.task == JUDGE and settings.days <= settings.washout:
        raise ValueError(f"expected days above washout, got {settings.days} and {settings.washout}")


@dataclass(frozen=True)
class Item:
    """One ECG for one target and view, and the methods whose maps are shown.

    `number` is the index of the item in the study. `methods` are in the order of the study, not
    of the screen; task rate has one, pair two. `catch` names the right method of a catch item and
    is "" otherwise. Items of phase "practice" come first and are not counted. `title` is the
    target as the expert reads it ("PR interval"). `prediction` is the network's output ("172 ms"),
    for practice on an exact ECG the true value, and "" if it is hidden or unknown. `lead` is the
    one that tiles show first, "" for all leads. `reading` is "right" or "wrong" with task judge.
    """

    number: int
    target: str
    view: str
    ecg: str
    methods: tuple[str, ...]
    title: str
    prediction: str = ""
    catch: str = ""
    phase: Phase = "vote"
    lead: str = ""
    reading: str = ""


@dataclass(frozen=True)
class Turn:
    """One decision that an expert is to make.

    `order` counts the expert's decisions from 1, practice included; `showing` is 1 or 2. `methods`
    are those of the item in the order of the screen: position k shows methods[k − 1]. With task
    judge, `showing` is the period, and `methods` is empty without the map.
    """

    order: int
    item: int
    showing: int
    methods: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class StudyInput:
    """ECGs of one target with labels, predictions and heatmaps.

    `ecgs` are pseudonyms, `x` is in µV, `segments` has a bit per wave (ecg.BIT). `y` is the label
    (NaN if unknown) and `prediction` the network's output, in the target's unit. `origin` is the
    sample of the R peak in a median beat, 0 in a strip. `heatmaps` are those of the methods,
    `controls` those of random, abs_x and abs_dx, all with their signs.
    Raises ValueError unless all fields describe the same ECGs.
    """

    target: Target
    ecgs: tuple[str, ...]
    x: Float[np.ndarray, "ecg 12 time"]
    segments: Int8[np.ndarray, "ecg time"]
    y: Float[np.ndarray, " ecg"]
    prediction: Float[np.ndarray, " ecg"]
    heatmaps: Mapping[str, Float[np.ndarray, "ecg 12 time"]]
    controls: Mapping[str, Float[np.ndarray, "ecg 12 time"]]
    fs: float
    origin: int

    def __post_init__(self) -> None:
        if len({*self.ecgs}) < len(self.ecgs):
            raise ValueError("expected each ECG once")
        if not self.heatmaps:
            raise ValueError("expected heatmaps of at least one method, got none")
        shape = self.x.shape
        for name, heatmap in {**self.heatmaps, **self.controls}.items():
            if heatmap.shape != shape:
                raise ValueError(f"expected maps of shape {shape}, got {heatmap.shape} of {name}")
        for name in ("ecgs", "segments", "y", "prediction"):
            if len(getattr(self, name)) != len(self.x):
                raise ValueError(
                    f"expected {name} of {len(self.x)} ECGs, got {len(getattr(self, name))}"
                )
