"""Guesses at the end of a study: which method drew which map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..csv_files import GUESS_COLUMNS, UNKNOWN
from ..settings import Item, Settings, stream
from .database import Database, Decided, note, now
from .people import expert_id
from .voting import finished, open_for


@dataclass(frozen=True)
class GuessItem:
    """Map whose method is to be guessed; its number reveals nothing about the method."""

    number: int
    heat: Path


def example(items: Sequence[Item]) -> Item:
    """Item whose maps the expert assigns to methods: the first one that counts, in view "full"."""
    counted = _counted(items) or [*items]
    return next((item for item in counted if item.view == "full"), counted[0])


def order_of(db: Database, name: str, items: Sequence[Item], seed: int) -> tuple[str, ...]:
    """Methods of the example in the order of this expert's page: map k shows the k-th, from 1."""
    (number,) = db.one("SELECT number FROM people WHERE id = ?", (expert_id(db, name),))
    methods = _methods_of(example(items), items)
    places = stream("guesses", seed, number).permutation(len(methods))
    return tuple(methods[place] for place in places)


def guess(
    db: Database, name: str, guesses: Mapping[str, str], items: Sequence[Item], settings: Settings
) -> None:
    """Store one guess per map of the expert's page; the same guesses again change nothing."""
    expert, order = expert_id(db, name), order_of(db, name, items, settings.seed)
    numbers = [str(number) for number in range(1, len(order) + 1)]
    if not settings.guess:
        raise ValueError("expected no guesses: this study does not ask for any")
    if {*guesses} != {*numbers}:
        raise ValueError(f"expected one guess for each of {', '.join(numbers)}, got others")
    # Methods without maps for the example's target are on the list, too.
    choices = {method for item in _counted(items) for method in item.methods}
    if {*guesses.values()} - {*choices, UNKNOWN}:
        known = ", ".join([*sorted(choices), UNKNOWN])
        raise ValueError(f"expected guesses from {known}, got others")
    rows = {method: guesses[number] for number, method in zip(numbers, order, strict=True)}
    with db.writing() as writer:
        before = dict(db.rows("SELECT method, guess FROM guesses WHERE expert = ?", (expert,)))
        if before == rows:
            return
        if before:
            raise Decided("expected guesses once, but different ones are stored")
        open_for(db, expert)
        if not finished(db, name):
            raise ValueError("expected guesses after the votes are final, but they are not")
        writer.executemany("INSERT INTO guesses VALUES (?, ?, ?, ?)",
                           [(expert, *row, now()) for row in rows.items()])  # fmt: skip
        note(writer, name, "guessed")


def guessed(db: Database, name: str) -> bool:
    """True if the expert has made the guesses."""
    found = db.one("SELECT 1 FROM guesses WHERE expert = ?", (expert_id(db, name),))
    return bool(found)


def guesses_table(db: Database, methods: Sequence[str]) -> pd.DataFrame:
    """One row per guess, with GUESS_COLUMNS, in order of experts and methods."""
    found = db.rows(
        "SELECT people.name, method, guess FROM guesses JOIN people ON people.id = guesses.expert "
        "WHERE expert NOT IN (SELECT expert FROM withdrawals) ORDER BY people.number"
    )
    place = {method: number for number, method in enumerate(methods)}
    first = {expert: number for number, (expert, *_) in reversed([*enumerate(found)])}
    found.sort(key=lambda row: (first[row[0]], place[row[1]]))
    return pd.DataFrame(found, columns=pd.Index(GUESS_COLUMNS))


def _counted(items: Sequence[Item]) -> list[Item]:
    """Items that count: neither practice nor catch items."""
    return [item for item in items if item.phase == "vote" and not item.catch]


def _methods_of(shown: Item, items: Sequence[Item]) -> tuple[str, ...]:
    """All methods with maps of this ECG; with tasks rate and pair no single screen has them all."""
    there = (shown.target, shown.view, shown.ecg, "")
    same = (each for each in items if (each.target, each.view, each.ecg, each.catch) == there)
    return tuple(dict.fromkeys(method for item in same for method in item.methods))
