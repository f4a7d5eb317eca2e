"""A whole study out of heatmaps: chosen, blinded, drawn, and its experts invited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from secrets import randbelow

import numpy as np

from ..eval.progress import bar
from .box import ORGANISER, BallotBox, check_name
from .box.schema import ASSETS, FILE
from .design import Item, Material, Settings, items, maps_of, methods_of
from .pictures import heat_of, sheet_of

BEGUN = "begun"  # in the log, with the fingerprint of what is drawn


@dataclass(frozen=True)
class Created:
    """Where a study lies and how to enter it: a login token of each expert and the organiser's.

    `decisions` are those of one expert, practice included. `reasons` say what is not as asked for:
    ECGs that were not chosen, targets without catch items, maps that are all zero.
    """

    folder: Path
    links: Mapping[str, str]
    organiser: str
    decisions: int
    reasons: tuple[str, ...]


def create_study(
    folder: Path,
    materials: Sequence[Material],
    settings: Settings,
    ecgs: int,
    how: str,
    experts: Sequence[str],
) -> Created:
    """Make a study of this many ECGs of each target, chosen as `how` says (design.choose).

    Interrupted, it goes on with the same arguments where it was. Experts are invited when all is
    drawn. Raises ValueError for a folder with a study that is drawn or was begun with other
    arguments, for experts that are not named once each, and as `design.items` does.
    """
    check_experts(experts)
    check_new(folder)
    planned, reasons = items(materials, settings, ecgs, how)
    box = _begun(folder, settings, planned, methods_of(materials))
    _check_same(box, _fingerprint(materials, planned))
    _draw(box, materials, planned)
    links = {expert: box.invite(expert) for expert in experts}
    decisions = box.progress(experts[0]).of
    return Created(folder, links, box.invite_organiser(), decisions, reasons)


def check_experts(experts: Sequence[str]) -> None:
    """ValueError unless there are experts, each once, by names that a study takes.

    One that cannot be invited when all is drawn would cost the links of those before.
    """
    if not experts or len({*experts}) < len(experts):
        raise ValueError(f"expected experts, each once, got {', '.join(experts) or 'none'}")
    for expert in experts:
        check_name(expert)


def check_new(folder: Path) -> None:
    """ValueError for a folder with a study that experts were invited to, or with other files.

    Their links would die if they were invited anew; the files would be closed to everybody else,
    as the folder of a study is. A study that is unfinished may be there.
    """
    try:
        box = BallotBox(folder)
    except ValueError:  # no study, or one that was interrupted before it was one
        names = sorted(each.name for each in folder.glob("*"))
        if others := [name for name in names if name != ASSETS and not name.startswith(FILE)]:
            raise ValueError(
                f"expected a new folder, found {', '.join(others[:3])} in {folder}; "
                "give another --to"
            ) from None
        return
    if box.overview():
        raise ValueError(
            f"expected a new folder, found a study in {folder} that is drawn; give another --to, "
            "or make new links by study invite"
        )


def seed_for(folder: Path) -> int:
    """The seed of the unfinished study in `folder`, a new one that nobody can guess elsewhere.

    With the seed and this code anybody could tell which map is whose.
    """
    try:
        return BallotBox(folder).settings.seed
    except ValueError:
        return randbelow(2**63)


def _begun(
    folder: Path, settings: Settings, planned: tuple[Item, ...], methods: tuple[str, ...]
) -> BallotBox:
    """A new box, or the one that an interrupted create left."""
    try:
        box = BallotBox(folder)
    except ValueError:
        return BallotBox.create(folder, settings, planned, methods)
    names = [each.name for each in fields(settings)]
    other = [name for name in names if getattr(settings, name) != getattr(box.settings, name)]
    if (box.items, box.methods) != (planned, methods):
        other.append("ECGs or methods")
    if other:
        raise ValueError(
            f"expected what the unfinished study in {folder} was begun with, got other "
            f"{', '.join(other)}; repeat them, or give another --to"
        )
    return box


def _check_same(box: BallotBox, fingerprint: str) -> None:
    """Maps of two runs in one study would be told apart by nothing."""
    begun = [entry.detail for entry in box.audit() if entry.action == BEGUN]
    if not begun:
        box.note(ORGANISER, BEGUN, fingerprint)
    elif begun != [fingerprint]:
        raise ValueError(
            "expected the heatmaps that this study was begun with, got others of the same names; "
            "give another --to"
        )


def _fingerprint(materials: Sequence[Material], planned: Sequence[Item]) -> str:
    """A hash of every signal and map that is drawn, in the order of the items."""
    material_of, digest = {each.target.name: each for each in materials}, sha256()
    for item in planned:
        material = material_of[item.target]
        digest.update(material.x[material.ecgs.index(item.ecg)].tobytes())
        for heatmap in maps_of(material, item).values():
            digest.update(np.ascontiguousarray(heatmap).tobytes())
    return digest.hexdigest()


def _draw(box: BallotBox, materials: Sequence[Material], planned: Sequence[Item]) -> None:
    """Draw each sheet and map that is not kept yet."""
    material_of = {each.target.name: each for each in materials}
    with bar(len(planned), "drawing", shown=True) as done:
        for item in planned:
            _draw_item(box, material_of[item.target], item)
            done.update()


def _draw_item(box: BallotBox, material: Material, item: Item) -> None:
    x, fs = material.x[material.ecgs.index(item.ecg)], material.fs
    if not box.has_sheet(item.ecg, item.view):
        sheet = sheet_of(x, item.view, fs, material.origin)
        box.keep_sheet(item.ecg, item.view, sheet.png, sheet.geometry)
    key = (item.target, item.ecg, item.view)
    missing = tuple(name for name in item.methods if not box.has_map(*key, name))
    for name, heatmap in maps_of(material, replace(item, methods=missing)).items():
        box.keep_map(*key, name, heat_of(x, heatmap, item.view, fs))
