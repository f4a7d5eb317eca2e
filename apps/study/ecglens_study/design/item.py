"""Items and turns: what one screen shows, and when an expert sees it."""

from dataclasses import dataclass
from typing import Literal

Phase = Literal["practice", "vote"]


@dataclass(frozen=True)
class Item:
    """One ECG for one target and view, and the methods whose maps are shown.

    `number` is the index of the item in the study. `methods` are in the order of the study, not
    of the screen; task rate has one, pair two. `catch` names the right method of a catch item and
    is "" otherwise. Items of phase "practice" come first and are not counted. `title` is the
    target as the expert reads it ("PR interval"). `prediction` is the network's output ("172 ms"),
    for practice on an exact ECG the true value, and "" if it is hidden or unknown. `lead` is the
    one that tiles show first, "" for all leads.
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


@dataclass(frozen=True)
class Turn:
    """One decision that an expert is to make.

    `order` counts the expert's decisions from 1, practice included; `showing` is 1 or 2. `methods`
    are those of the item in the order of the screen: position k shows methods[k − 1].
    """

    order: int
    item: int
    showing: int
    methods: tuple[str, ...]
