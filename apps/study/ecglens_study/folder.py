"""A study's folder: created from heatmaps, imported from files of votes, or read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from secrets import randbelow

import numpy as np
import pandas as pd
from ecglens.eval import progress_bar
from ecglens.store import csv_text, read_json, write_json, write_text

from .ballots import NONE, StudyVotes, frame_of
from .crossover import readings
from .csv_files import (
    COUNT_COLUMNS,
    GUESS_COLUMNS,
    UNKNOWN,
    raise_faults,
    read_counts,
    read_guesses,
    read_votes,
    table_of,
    votes_text,
    wrong_sums,
)
from .drawing import heat_of, sheet_of
from .items import items, methods_of
from .judgements import Usefulness, usefulness
from .known import maps_of, sources
from .settings import JUDGE, Item, Settings, StudyInput, check_days
from .storage.database import ASSETS, FILE
from .storage.people import ORGANISER, check_name
from .storage.study_storage import StudyStorage

Sources = Mapping[tuple[str, str], StudyInput]  # by target and phase of an item
BEGUN = "begun"  # log entry with the fingerprint of all drawn maps
STUDY, VOTES, COUNTS, GUESSES = "study.json", "votes.csv", "counts.csv", "guesses.csv"


@dataclass(frozen=True)
class Created:
    """Folder of a study and a login token for each expert and the organiser.

    `decisions` is the number per expert, practice included. `notes` say where the study differs
    from its settings: ECGs that cannot be chosen, targets without catch items, maps of zeros.
    """

    folder: Path
    links: Mapping[str, str]
    organiser: str
    decisions: int
    notes: tuple[str, ...]


def create_from_inputs(
    folder: Path,
    study_inputs: Sequence[StudyInput],
    settings: Settings,
    ecgs: int,
    sampling: str,
    experts: Sequence[str],
) -> Created:
    """Study with `ecgs` ECGs per target, chosen by `sampling` (`choose`).

    After an interruption, a call with the same arguments resumes. Experts are invited once all
    maps are drawn. Raises ValueError for a folder with a finished study or one begun with other
    arguments, for experts without distinct names, and as `check_days`, `items` and `readings` do.
    """
    check_experts(experts)
    check_days(settings)
    check_new(folder)
    chosen = readings if settings.task == JUDGE else items
    planned, notes = chosen(study_inputs, settings, ecgs, sampling)
    storage = _begun(folder, settings, planned, methods_of(study_inputs))
    if others := {each.expert for each in storage.overview()} - {*experts}:
        raise ValueError(
            f"expected the experts of the unfinished study in {folder}, of whom "
            f"{', '.join(sorted(others))} {'has' if len(others) == 1 else 'have'} a link; repeat "
            "them, or give another --to"
        )
    shown = sources(study_inputs, settings)
    _check_same(storage, _fingerprint(shown, planned))
    _draw(storage, shown, planned)
    if storage.is_complete:  # its links would be revoked
        raise ValueError(f"expected nobody else at work in {folder}, got links of another process")
    links = {expert: storage.invite(expert) for expert in experts}
    decisions = storage.progress(experts[0]).total
    return Created(folder, links, storage.invite_organiser(), decisions, notes)


def check_experts(experts: Sequence[str]) -> None:
    """Raise ValueError unless there are experts with distinct, valid names.

    This runs before drawing: a name that fails later would lose the links already made.
    """
    if not experts or len({name.casefold() for name in experts}) < len(experts):
        raise ValueError(f"expected each expert once, got {', '.join(experts) or 'none'}")
    for expert in experts:
        check_name(expert)


def check_new(folder: Path) -> None:
    """Raise ValueError for a folder with a finished study or with other files.

    A second study would revoke the experts' links, and a study's folder is closed to other users
    of the machine. An unfinished study is allowed.
    """
    try:
        storage = StudyStorage(folder)
    except ValueError:  # no study, or one that was interrupted at its very start
        names = sorted(each.name for each in folder.glob("*"))
        if others := [name for name in names if name != ASSETS and not name.startswith(FILE)]:
            raise ValueError(
                f"expected a new folder, found {', '.join(others[:3])} in {folder}; "
                "give another --to"
            ) from None
        return
    if storage.is_complete:
        raise ValueError(
            f"expected a new folder, found a finished study in {folder}; give another --to, "
            "or make new links with study invite"
        )


def seed_for(folder: Path) -> int:
    """Seed of the unfinished study in `folder`, else a random one.

    Whoever knows the seed can work out which method drew which map.
    """
    try:
        return StudyStorage(folder).settings.seed
    except ValueError:
        return randbelow(2**63)


def _begun(
    folder: Path, settings: Settings, planned: tuple[Item, ...], methods: tuple[str, ...]
) -> StudyStorage:
    """New storage, or that of an interrupted call with the same arguments."""
    try:
        storage = StudyStorage(folder)
    except ValueError:
        return StudyStorage.create(folder, settings, planned, methods)
    storage.check_drawn()
    names = [each.name for each in fields(settings)]
    other = [name for name in names if getattr(settings, name) != getattr(storage.settings, name)]
    if (storage.items, storage.methods) != (planned, methods):
        other.append("ECGs or methods")
    if other:
        raise ValueError(
            f"expected the arguments of the unfinished study in {folder}, got other "
            f"{', '.join(other)}; repeat them, or give another --to"
        )
    return storage


def _check_same(storage: StudyStorage, fingerprint: str) -> None:
    """Raise ValueError if the maps differ from those the study was begun with."""
    begun = [entry.detail for entry in storage.log() if entry.action == BEGUN]
    if not begun:
        storage.note(ORGANISER, BEGUN, fingerprint)
    elif begun != [fingerprint]:
        raise ValueError(
            "expected the heatmaps of the unfinished study, got different ones with the same "
            "names; give another --to"
        )


def _fingerprint(shown: Sources, planned: Sequence[Item]) -> str:
    """Hash of every signal and map that is drawn, in order of the items."""
    digest = sha256()
    for item in planned:
        study_input = shown[item.target, item.phase]
        digest.update(study_input.x[study_input.ecgs.index(item.ecg)].tobytes())
        for heatmap in maps_of(study_input, item).values():
            digest.update(np.ascontiguousarray(heatmap).tobytes())
    return digest.hexdigest()


def _draw(storage: StudyStorage, shown: Sources, planned: Sequence[Item]) -> None:
    """Draw the sheets and maps that are not stored yet."""
    with progress_bar(len(planned), "drawing", shown=True) as done:
        for item in planned:
            _draw_item(storage, shown[item.target, item.phase], item)
            done.update()


def _draw_item(storage: StudyStorage, study_input: StudyInput, item: Item) -> None:
    x, fs = study_input.x[study_input.ecgs.index(item.ecg)], study_input.fs
    if not storage.drawings.has_sheet(item.ecg, item.view):
        sheet = sheet_of(x, item.view, fs, study_input.origin)
        storage.drawings.keep_sheet(item.ecg, item.view, sheet.signal, sheet.geometry)
    key = (item.target, item.ecg, item.view)
    missing = tuple(name for name in item.methods if not storage.drawings.has_map(*key, name))
    for name, heatmap in maps_of(study_input, replace(item, methods=missing)).items():
        storage.drawings.keep_map(*key, name, heat_of(heatmap, item.view, fs))


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
    check_new(folder)
    with table_of(votes) as rows:
        header = {name.strip() for name in rows.fieldnames or ()}
    text: dict[str, str] = {}
    if header == {*COUNT_COLUMNS}:
        table = read_counts(votes, decisions)
        name, chosen = votes.stem, [*dict.fromkeys(table["method"])]
        text[COUNTS] = csv_text(table)
    else:
        ballots = read_votes(votes)
        counted = [ballot for ballot in ballots if not ballot.catch]
        name = ballots[0].study
        if decisions:
            raise_faults(votes, wrong_sums(frame_of(counted).assign(votes=1), decisions))
        judged = [each for ballot in counted for each in (ballot.choice, ballot.other)]
        chosen = sorted({*judged} - {""})
        text[VOTES] = votes_text(ballots)
    named = [each for each in dict.fromkeys(methods or chosen) if each != NONE]
    if not named:
        raise ValueError(f"expected a vote for a method, got {NONE} alone; name all with --methods")
    if unknown := [each for each in chosen if each not in (*named, NONE)]:
        raise ValueError(f"expected votes for {', '.join(named)}, got {', '.join(unknown)}")
    if guesses is not None:
        table = read_guesses(guesses)
        if unknown := sorted({*table["method"], *({*table["guess"]} - {UNKNOWN})} - {*named}):
            raise ValueError(
                f"expected guesses on {', '.join(named)}, got {', '.join(unknown)}; name all "
                "methods with --methods"
            )
        if table.duplicated(["expert", "method"]).any():
            raise ValueError("expected one guess per expert and method, got several")
        text[GUESSES] = csv_text(table)
    for file_name, content in text.items():  # names of experts and comments stay the owner's
        write_text(folder / file_name, content, 0o600)
    write_json(folder / STUDY, {"name": name, "methods": named})
    return load_study(folder)


def load_study(folder: Path) -> StudyVotes:
    """Votes that `import_study` copied, or the votes so far of a study in progress.

    Raises ValueError for a folder without a study, and before the first vote.
    """
    if (folder / FILE).is_file():
        return _from_storage(folder)
    if not (folder / STUDY).is_file():
        raise ValueError(
            f"expected a study in {folder}, found no {STUDY}; run study create or study import "
            "first"
        )
    about = read_json(folder / STUDY)
    kept = {name: folder / name for name in (VOTES, COUNTS, GUESSES)}
    ballots = read_votes(kept[VOTES]) if kept[VOTES].is_file() else []
    return StudyVotes(
        name=about["name"],
        methods=tuple(each for each in about["methods"] if each != NONE),  # of sums it was kept
        ballots=frame_of(ballots),
        counts=read_counts(kept[COUNTS]) if kept[COUNTS].is_file() else _empty(COUNT_COLUMNS),
        guesses=read_guesses(kept[GUESSES]) if kept[GUESSES].is_file() else _empty(GUESS_COLUMNS),
    )


def usefulness_in(folder: Path) -> Usefulness | None:
    """Analysis of the judgements so far of a study of task judge; None for another study.

    Raises ValueError as `usefulness` does.
    """
    if not (folder / FILE).is_file():
        return None
    storage = StudyStorage(folder)
    if storage.settings.task != JUDGE:
        return None
    judged = storage.judgements()
    if judged.empty:
        raise ValueError(
            f"expected judgements in {folder}, got none: nobody has answered yet, or all were "
            "withdrawn"
        )
    return usefulness(judged, storage.settings.washout, storage.locked)


def _from_storage(folder: Path) -> StudyVotes:
    storage = StudyStorage(folder)
    ballots = storage.ballots()
    if not ballots:
        raise ValueError(
            f"expected votes in {folder}, got none: nobody has voted yet, or all were withdrawn"
        )
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
