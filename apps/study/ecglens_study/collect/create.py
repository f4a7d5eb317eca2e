"""Creation of a study from heatmaps: choose, blind, draw, and invite the experts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from secrets import randbelow

import numpy as np
from ecglens.eval import progress_bar

from ..design import Item, Settings, StudyInput, items, maps_of, methods_of, sources
from ..drawing import heat_of, sheet_of
from .storage import ASSETS, FILE, ORGANISER, StudyStorage, check_name

Sources = Mapping[tuple[str, str], StudyInput]  # by target and phase of an item
BEGUN = "begun"  # log entry with the fingerprint of all drawn maps


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
    """Study with `ecgs` ECGs per target, chosen by `sampling` (design.choose).

    After an interruption, a call with the same arguments resumes. Experts are invited once all
    maps are drawn. Raises ValueError for a folder with a finished study or one begun with other
    arguments, for experts without distinct names, and as `design.items` does.
    """
    check_experts(experts)
    check_new(folder)
    planned, notes = items(study_inputs, settings, ecgs, sampling)
    storage = _begun(folder, settings, planned, methods_of(study_inputs))
    shown = sources(study_inputs, settings)
    _check_same(storage, _fingerprint(shown, planned))
    _draw(storage, shown, planned)
    links = {expert: storage.invite(expert) for expert in experts}
    decisions = storage.progress(experts[0]).total
    return Created(folder, links, storage.invite_organiser(), decisions, notes)


def check_experts(experts: Sequence[str]) -> None:
    """Raise ValueError unless there are experts with distinct, valid names.

    This runs before drawing: a name that fails later would lose the links already made.
    """
    if not experts or len({*experts}) < len(experts):
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
    if storage.overview():
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
        storage.drawings.keep_map(*key, name, heat_of(heatmap, item.view))
