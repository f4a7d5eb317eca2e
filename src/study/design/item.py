"""What is judged on one screen, and when an expert meets it."""

from dataclasses import dataclass
from typing import Literal

Part = Literal["practice", "vote"]


@dataclass(frozen=True)
class Item:
    """One ECG of a target in a view, with the methods whose maps are shown of it.

    `number` is its place among the items of the study. `methods` are in the order of the study,
    never that of the screen; rate has one, pair two. `catch` names the right one of a catch item,
    "" elsewhere. Items of the part "practice" come first and are never counted. `words` is what
    an expert reads of the ECG, such as "PR interval"; `prediction` such as "172 ms", "" when it is
    not to be seen.
    """

    number: int
    target: str
    view: str
    ecg: str
    methods: tuple[str, ...]
    words: str
    prediction: str = ""
    catch: str = ""
    part: Part = "vote"


@dataclass(frozen=True)
class Turn:
    """One decision that an expert is to make.

    `order` counts an expert's decisions from 1, practice included; `showing` is 1 or 2. `methods`
    are those of the item in the order of the screen: position k shows methods[k − 1].
    """

    order: int
    item: int
    showing: int
    methods: tuple[str, ...]
