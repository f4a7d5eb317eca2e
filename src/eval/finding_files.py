"""Findings as a folder: JSON, arrays, and tables as CSV files."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..datamodules import Target
from ..store import as_was, changed, checksums, csv_text, read_json, write_json, write_text
from ..trust import is_own, is_signed
from .chunks import opened_arrays, write_arrays
from .curves import AREA, Curves, Gallery, ShownSteps
from .finding import About, Finding
from .measures import Measure
from .protocol import Protocol
from .ranking.finding import finding_of
from .ranking.ranking import RANKING


def write_frames(frames: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write each table atomically."""
    for name, frame in frames.items():
        write_text(folder / f"{name}.csv", csv_text(frame))


def read_frames(names: Sequence[str], folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of these names; ValueError for a name that leads out of the folder."""
    if wrong := [name for name in names if Path(name).name != name]:
        raise ValueError(f"expected the name of a table, got {wrong[0]!r}")
    return {name: read_frame(folder / f"{name}.csv") for name in names}


def read_frame(path: Path) -> pd.DataFrame:
    """The table in a CSV file that pandas wrote; floats are identical."""
    # A method may be called "None": only what is empty is missing.
    as_written: Any = {"keep_default_na": False, "na_values": [""], "float_precision": "round_trip"}
    try:
        found = pd.read_csv(path, **as_written).rename(columns=as_was)
    except pd.errors.EmptyDataError:  # of a run without methods
        return pd.DataFrame()
    texts = found.select_dtypes("object")
    return found.assign(**{name: texts[name].map(as_was) for name in texts})


def plain_frame(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The columns of a table as plain JSON: name, type and values, null where there is none."""
    return [
        {
            "name": name,
            "type": str(column.dtype),
            "values": column.astype(object).where(column.notna(), None).tolist(),
        }
        for name, column in frame.items()
    ]


def frame_of(plain: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The table that plain_frame was given, identical."""
    columns = {
        column["name"]: pd.Series(column["values"], dtype=column["type"]) for column in plain
    }
    return pd.DataFrame(columns)


FINDING, TABLE, DETAILS = "finding.json", "table.csv", "details"
SCORES, NUMBERS = "scores.csv", "scores.npz"
# Files of each network's curves, by its number.
CURVES, GALLERY, STEPS = "curves-{}.npz", "gallery-{}.npz", "steps-{}.npz"
# Fields of curves: arrays by name, which not every finding has, and what is kept as JSON.
NAMED_ARRAYS = ("references", "places", "nonzero", "test_part")
TUPLES = ("records", "patients", "controls", "notes", "not_computed")
MAPPINGS = ("left_out", "zero_share", "short", "grains")
FROM_CURVES = (AREA, RANKING)  # steps from the curves of a finding to its scores and table


def save_finding(finding: Finding, folder: Path) -> Path:
    """Write every file atomically, finding.json last: without it there is no finding; the folder.

    table.csv and scores.csv are the table and the scores of the finding, details/ its other tables.
    """
    (folder / FINDING).unlink(missing_ok=True)
    write_text(folder / TABLE, csv_text(finding.table))
    write_text(folder / SCORES, csv_text(finding.tidy()))
    write_frames(finding.details, folder / DETAILS)
    stacked = {name: np.stack([*by.values()]) for name, by in finding.scores.items() if by}
    write_arrays(folder / NUMBERS, **stacked)
    for number, curves in enumerate(finding.curves):
        _save_curves(curves, folder, number)
    write_json(folder / FINDING, {**_plain(finding), "files": _checksums(folder)})
    return folder


def load_finding(folder: Path, trust: bool = False) -> Finding:
    """The finding that save_finding wrote, trusted if so told or if this user's command signed it.

    Scores, table and sentence of curves that were saved with another version of FROM_CURVES are
    made again, with a note: a page shows the numbers of one version. Raises ValueError when the
    folder holds no finished finding, a table or array that has changed since, or a finding of an
    ECGLens that saved something else.
    """
    if not (folder / FINDING).is_file():
        raise ValueError(f"expected a finished finding in {folder}, found no {FINDING}")
    try:
        found = _read(folder)
    except (KeyError, TypeError, AttributeError, IndexError) as other:
        raise _of_another_version(folder, other) from other
    file = folder / FINDING
    return replace(found, trusted=trust or is_signed(file), own=trust or is_own(file))


def _of_another_version(folder: Path, other: Exception) -> ValueError:
    return ValueError(
        f"expected a finding that this version of ECGLens saved in {folder}, got another "
        f"({' '.join(str(other).split())}); run the command of that run again"
    )


def _read(folder: Path) -> Finding:
    plain = read_json(folder / FINDING)
    checksums = _checksums(folder)
    fault = changed(plain.pop("files", checksums), checksums)  # 0.1 kept none
    if fault is not None:
        raise ValueError(f"expected the finding in {folder} as it was saved: {fault}")
    about, methods = plain.pop("about"), plain.pop("methods")
    try:
        target = Target.from_plain(about.pop("target"))
    except ValueError as other:  # before, an age in any unit was taken
        raise _of_another_version(folder, other) from other
    tuples = ("networks", "records", "patients", "fits", "cites")
    about |= {name: tuple(about[name]) for name in tuples}
    about.pop("view", "")  # a class, in findings of 0.1
    about["method_cites"] = {name: tuple(each) for name, each in about["method_cites"].items()}
    measures = tuple(Measure(**each) for each in plain.pop("measures"))
    with opened_arrays(folder / NUMBERS) as kept:
        scores = {
            each.name: dict(zip(methods, kept[each.name], strict=True)) if methods else {}
            for each in measures
        }
    steps = plain.pop("steps", {})
    details = read_frames(plain.pop("details"), folder / DETAILS)
    found = Finding(
        about=About(target=target, **about),
        measures=measures,
        scores=scores,
        table=_renamed(about["evaluation"], frame_of(plain.pop("table")), details),
        details=details,
        notes=tuple(plain.pop("notes")),
        curves=tuple(_load_curves(*each, folder) for each in enumerate(plain.pop("curves"))),
        **plain,
    )
    return found if steps == _versions(found) else _made_again(found, steps)


def _renamed(
    evaluation: str, table: pd.DataFrame, details: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """The table; in findings `weights` of 0.2 ρ beyond |x| was `kept`, in the details."""
    if evaluation != "weights" or "kept" not in details:
        return table
    kept = details.pop("kept").set_index(["gate", "part"]).loc[[("weights redrawn", "by sample")]]
    names = {"kept": "beyond_x", "kept_low": "beyond_x_low", "kept_high": "beyond_x_high"}
    own = pd.DataFrame(kept[["method", *names, "redraws"]]).rename(columns=names)
    if "stages" in details:
        details["stages"] = details["stages"].rename(columns=names)
    former = ("weights_", "permuted_", "rho_", "limit")
    shown = [name for name in table if not str(name).startswith(former)]
    return table[shown].merge(own, on="method", how="left")


def _checksums(folder: Path) -> dict[str, str]:
    """Checksums of its tables and arrays; folders of others within, such as a study's, are none."""
    found = {Path(name): each for name, each in checksums(folder).items()}
    return {
        name.as_posix(): each
        for name, each in found.items()
        if name.suffix in (".csv", ".npz") and name.parent.as_posix() in (".", DETAILS)
    }


def _versions(finding: Finding) -> dict[str, int]:
    """Versions, now, of the steps from curves to table; none without curves."""
    return {step.name: step.version for step in FROM_CURVES} if finding.curves else {}


def _made_again(finding: Finding, steps: Mapping[str, int]) -> Finding:
    """The finding with scores, table and sentence from its curves."""
    saved = ", ".join(f"{name} {version}" for name, version in steps.items()) or "unknown versions"
    note = f"areas and ranking were made again from the saved curves (saved with {saved})"
    found = finding_of(finding.curves, finding.about)
    return replace(found, notes=(*found.notes, note))


def _plain(finding: Finding) -> Mapping[str, Any]:
    """Everything but arrays and details, as plain JSON."""
    return {
        "about": asdict(finding.about),
        "measures": [asdict(measure) for measure in finding.measures],
        "methods": list(finding.methods),
        "table": plain_frame(finding.table),
        "sentence": finding.sentence,
        "reason": finding.reason,
        "notes": list(finding.notes),
        "details": list(finding.details),
        "curves": [_plain_curves(curves) for curves in finding.curves],
        "steps": _versions(finding),
    }


def _plain_curves(curves: Curves) -> Mapping[str, Any]:
    gallery = curves.gallery
    return {name: getattr(curves, name) for name in ("seed", *TUPLES, *MAPPINGS)} | {
        "protocol": asdict(curves.protocol),
        "names": list(curves.predictions),
        "gallery": {
            "records": list(gallery.records),
            "heatmaps": list(gallery.heatmaps),
            "fs": gallery.fs,
        },
    }


def _save_curves(curves: Curves, folder: Path, number: int) -> None:
    """The arrays of one network."""
    gallery = curves.gallery
    predictions = np.stack([*curves.predictions.values()])
    write_arrays(folder / CURVES.format(number), y=curves.y, predictions=predictions)
    for name in NAMED_ARRAYS:
        path = folder / f"{name}-{number}.npz"
        path.unlink(missing_ok=True)
        if arrays := getattr(curves, name):
            write_arrays(path, **arrays)
    write_arrays(
        folder / GALLERY.format(number),
        x=gallery.x,
        segments=gallery.segments,
        heatmaps=np.stack([*gallery.heatmaps.values()]),
    )
    (folder / STEPS.format(number)).unlink(missing_ok=True)
    if steps := gallery.steps:
        orders = np.stack([steps.orders[name] for name in gallery.heatmaps])
        write_arrays(
            folder / STEPS.format(number), units=steps.units, changes=steps.changes, orders=orders
        )


def _load_curves(number: int, plain: dict[str, Any], folder: Path) -> Curves:
    shown = plain.pop("gallery")
    with (
        opened_arrays(folder / CURVES.format(number)) as curves,
        opened_arrays(folder / GALLERY.format(number)) as gallery,
    ):
        return Curves(
            protocol=Protocol(**plain.pop("protocol")),
            y=curves["y"],
            predictions=dict(zip(plain.pop("names"), curves["predictions"], strict=True)),
            gallery=Gallery(
                tuple(shown["records"]),
                gallery["x"],
                gallery["segments"],
                dict(zip(shown["heatmaps"], gallery["heatmaps"], strict=True)),
                shown["fs"],
                _load_steps(folder / STEPS.format(number), shown["heatmaps"]),
            ),
            **{name: _arrays(folder / f"{name}-{number}.npz") for name in NAMED_ARRAYS},
            **{name: tuple(plain.pop(name, ())) for name in TUPLES},
            **plain,
        )


def _load_steps(path: Path, names: Sequence[str]) -> ShownSteps | None:
    kept = _arrays(path)
    if not kept:
        return None
    orders = dict(zip(names, kept["orders"], strict=True))
    return ShownSteps(kept["units"], kept["changes"], orders)


def _arrays(path: Path) -> Mapping[str, np.ndarray]:
    if not path.is_file():
        return {}
    with opened_arrays(path) as kept:
        return dict(kept)
