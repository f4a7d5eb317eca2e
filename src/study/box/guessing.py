"""Which method drew which map, as experts guess at the end: whether the blinding held."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ..blinding import COLUMNS, UNKNOWN
from ..design import Item, Settings
from ..design.streams import stream
from .audit import note
from .clock import now
from .database import Database
from .people import expert_id
from .refusal import Decided
from .voting import next_turn, open_for


def example(items: Sequence[Item]) -> Item:
    """The ECG of which all maps to guess are: the first that counts, all leads where it can be."""
    asked = _asked(items) or [*items]
    return next((item for item in asked if item.view == "full"), asked[0])


def order_of(db: Database, name: str, items: Sequence[Item], seed: int) -> tuple[str, ...]:
    """The example's methods in the order of this expert's page: number k is the k-th, from 1."""
    (number,) = db.one("SELECT number FROM people WHERE id = ?", (expert_id(db, name),))
    methods = _methods_of(example(items), items)
    places = stream("guesses", seed, number).permutation(len(methods))
    return tuple(methods[place] for place in places)


def guess(
    db: Database, name: str, guesses: Mapping[str, str], items: Sequence[Item], settings: Settings
) -> None:
    """Keep one guess for each number of the expert's page; the same ones again change nothing."""
    expert, order = expert_id(db, name), order_of(db, name, items, settings.seed)
    numbers = [str(number) for number in range(1, len(order) + 1)]
    if not settings.guess:
        raise ValueError("expected no guesses, since this study asks for none")
    if {*guesses} != {*numbers}:
        raise ValueError(f"expected a guess for each of {', '.join(numbers)}, got others")
    # Also of one that has no maps of the example's target: it is on the list to guess from.
    asked = {method for item in _asked(items) for method in item.methods}
    if {*guesses.values()} - {*asked, UNKNOWN}:
        known = ", ".join([*sorted(asked), UNKNOWN])
        raise ValueError(f"expected guesses of {known}, got others")
    rows = {method: guesses[number] for number, method in zip(numbers, order, strict=True)}
    with db.writing() as writer:
        before = dict(db.rows("SELECT method, guess FROM guesses WHERE expert = ?", (expert,)))
        if before == rows:
            return
        if before:
            raise Decided("expected guesses once, there are others already")
        open_for(db, expert)
        if next_turn(db, name) is not None:
            raise ValueError("expected guesses after the last vote, some turns are open")
        writer.executemany("INSERT INTO guesses VALUES (?, ?, ?, ?)",
                           [(expert, *row, now()) for row in rows.items()])  # fmt: skip
        note(writer, name, "guessed")


def guesses_table(db: Database, methods: Sequence[str]) -> pd.DataFrame:
    """A row per guess as study.blinding reads them, experts and methods in their order."""
    found = db.rows(
        "SELECT people.name, method, guess FROM guesses JOIN people ON people.id = guesses.expert "
        "WHERE expert NOT IN (SELECT expert FROM withdrawals) ORDER BY people.number"
    )
    place = {method: number for number, method in enumerate(methods)}
    first = {expert: number for number, (expert, *_) in reversed([*enumerate(found)])}
    found.sort(key=lambda row: (first[row[0]], place[row[1]]))
    return pd.DataFrame(found, columns=pd.Index(COLUMNS))


def _asked(items: Sequence[Item]) -> list[Item]:
    """Those whose maps are all the study's methods'."""
    return [item for item in items if item.part == "vote" and not item.catch]


def _methods_of(shown: Item, items: Sequence[Item]) -> tuple[str, ...]:
    """All whose maps of this ECG are kept: one screen of rate or pair does not show them all."""
    there = (shown.target, shown.view, shown.ecg, "")
    same = (each for each in items if (each.target, each.view, each.ecg, each.catch) == there)
    return tuple(dict.fromkeys(method for item in same for method in item.methods))
