"""A study's folder: imported votes, or the storage that experts vote into."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from ecglens.store import csv_text, read_json, write_json, write_text

from .ballots import (
    COUNT_COLUMNS,
    GUESS_COLUMNS,
    NONE,
    Ballot,
    StudyVotes,
    frame_of,
    read_counts,
    read_guesses,
    read_votes,
    write_votes,
)
from .collect.storage import FILE, StudyStorage

STUDY, VOTES, COUNTS, GUESSES = "study.json", "votes.csv", "counts.csv", "guesses.csv"


def import_study(
    votes: Path,
    folder: Path,
    methods: Sequence[str] = (),
    guesses: Path | None = None,
    decisions: int = 0,
) -> StudyVotes:
    """Votes of a CSV file, checked and copied to `folder`.

    The header tells whether `votes` holds ballots (`read_votes`) or sums (`read_counts`).
    `methods` are all methods whose maps were shown; by default those that were chosen. The votes
    of each target and view must sum to `decisions`, if it is not 0. Raises ValueError with one
    line per fault, for a choice outside `methods`, and for a folder that holds a study.
    """
    if (folder / STUDY).is_file() or (folder / FILE).is_file():
        raise ValueError(f"expected a new folder, found a study in {folder}; give another --to")
    with votes.open(encoding="utf-8-sig") as file:
        header = {name.strip() for name in file.readline().split(",")}
    text: dict[str, str] = {}
    ballots: list[Ballot] = []
    if header == {*COUNT_COLUMNS}:
        table = read_counts(votes, decisions)
        name, chosen = votes.stem, [*dict.fromkeys(table["method"])]
        text[COUNTS] = csv_text(table)
    else:
        ballots = read_votes(votes)
        counted = [ballot for ballot in ballots if not ballot.catch]
        name = ballots[0].study
        named = [each for ballot in counted for each in (ballot.choice, ballot.other)]
        chosen = sorted({*named} - {"", NONE})
    if unknown := [each for each in chosen if methods and each not in methods]:
        raise ValueError(f"expected votes for {', '.join(methods)}, got {', '.join(unknown)}")
    if guesses is not None:
        text[GUESSES] = csv_text(read_guesses(guesses))
    if ballots:
        write_votes(ballots, folder / VOTES)
    for file_name, content in text.items():
        write_text(folder / file_name, content)
    write_json(folder / STUDY, {"name": name, "methods": [*(methods or chosen)]})
    return load_study(folder)


def load_study(folder: Path) -> StudyVotes:
    """Votes that `import_study` copied, or the votes so far of a study in progress.

    Raises ValueError for a folder without a study, and before the first vote.
    """
    if (folder / FILE).is_file():
        return _from_storage(folder)
    if not (folder / STUDY).is_file():
        raise ValueError(f"expected a study in {folder}, found no {STUDY}; run study import first")
    about = read_json(folder / STUDY)
    kept = {name: folder / name for name in (VOTES, COUNTS, GUESSES)}
    ballots = read_votes(kept[VOTES]) if kept[VOTES].is_file() else []
    return StudyVotes(
        name=about["name"],
        methods=tuple(about["methods"]),
        ballots=frame_of(ballots),
        counts=read_counts(kept[COUNTS]) if kept[COUNTS].is_file() else _empty(COUNT_COLUMNS),
        guesses=read_guesses(kept[GUESSES]) if kept[GUESSES].is_file() else _empty(GUESS_COLUMNS),
    )


def _from_storage(folder: Path) -> StudyVotes:
    storage = StudyStorage(folder)
    ballots = storage.ballots()
    if not ballots:
        raise ValueError(f"expected votes in {folder}, but nobody has voted yet")
    return StudyVotes(
        name=storage.settings.name,
        methods=storage.methods,
        ballots=frame_of(ballots),
        counts=_empty(COUNT_COLUMNS),
        guesses=storage.guesses(),
        shown_on=_methods_by_target(storage),
        none=storage.settings.offers_none,
        open=not storage.locked,
    )


def _methods_by_target(storage: StudyStorage) -> dict[str, tuple[str, ...]]:
    """Methods shown for each target, in the study's order, without practice and catch items."""
    shown: dict[str, set[str]] = {}
    for item in storage.items:
        if item.phase == "vote" and not item.catch:
            shown.setdefault(item.target, set()).update(item.methods)
    return {
        target: tuple(name for name in storage.methods if name in names)
        for target, names in shown.items()
    }


def _empty(columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=pd.Index(columns))
