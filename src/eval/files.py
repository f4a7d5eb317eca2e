"""A result as a folder: JSON and arrays to read back, tables to read with the eye."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from ..datamodules import Target
from ..store import write_json, write_text
from .chunks import write_arrays
from .perturbation.curves import area_under_curve
from .perturbation.outcome import draw_outcomes, usable_patients
from .perturbation.protocol import Protocol
from .ranking.ranking import rank
from .result import Gallery, Result, Scores

RESULT, CURVES, GALLERY = "result.json", "curves.npz", "gallery.npz"
REFERENCES, PLACES = "references.npz", "places.npz"  # only where there are any
SCORES, RANKING = "scores.csv", "ranking.csv"


def save(result: Result, folder: Path) -> Path:
    """Write every file atomically, result.json last: without it the folder holds no result.

    There is no ranking.csv when the ECGs to rank on are of fewer than 2 patients.
    """
    scores, gallery = result.scores, result.scores.gallery
    (folder / RESULT).unlink(missing_ok=True)
    write_arrays(folder / CURVES, y=scores.y, curves=np.stack([*scores.curves.values()]))
    for name, arrays in ((REFERENCES, scores.references), (PLACES, scores.places)):
        (folder / name).unlink(missing_ok=True)
        if arrays:
            write_arrays(folder / name, **arrays)
    write_arrays(
        folder / GALLERY,
        x=gallery.x,
        segments=gallery.segments,
        heatmaps=np.stack([*gallery.heatmaps.values()]),
    )
    write_text(folder / SCORES, per_ecg(scores).to_csv(index=False))
    (folder / RANKING).unlink(missing_ok=True)
    if len({*usable_patients(scores)}) > 1:
        write_text(folder / RANKING, rank(result).table.to_csv(index=False))
    write_json(folder / RESULT, _plain(result))
    return folder


def load(folder: Path) -> Result:
    """Read a folder that save() wrote; ValueError when it holds no finished result."""
    if not (folder / RESULT).is_file():
        raise ValueError(f"expected a finished result in {folder}, found no {RESULT}")
    plain = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    kept, shown = plain.pop("scores"), plain.pop("gallery")
    with np.load(folder / CURVES) as curves, np.load(folder / GALLERY) as gallery:
        scores = Scores(
            protocol=Protocol(**kept.pop("protocol")),
            records=tuple(kept.pop("records")),
            patients=tuple(kept.pop("patients")),
            controls=tuple(kept.pop("controls")),
            notes=tuple(kept.pop("notes")),
            y=curves["y"],
            curves=dict(zip(kept.pop("curves"), curves["curves"], strict=True)),
            gallery=Gallery(
                tuple(shown["records"]),
                gallery["x"],
                gallery["segments"],
                dict(zip(shown["heatmaps"], gallery["heatmaps"], strict=True)),
            ),
            references=_arrays(folder / REFERENCES),
            places=_arrays(folder / PLACES),
            **kept,
        )
    return Result(target=Target.from_plain(plain.pop("target")), scores=scores, **plain)


def _arrays(path: Path) -> Mapping[str, np.ndarray]:
    if not path.is_file():
        return {}
    with np.load(path) as kept:
        return dict(kept)


def per_ecg(scores: Scores) -> pd.DataFrame:
    """One row per method, ECG and noise draw: clean prediction, true value, AUC of the outcome."""
    tables = []
    for name, errors in draw_outcomes(scores).items():
        draws, ecgs = errors.shape[:2]
        auc = area_under_curve(torch.from_numpy(errors), scores.protocol.until).numpy()
        tables.append(
            pd.DataFrame(
                {
                    "method": name,
                    "record": np.tile(np.asarray(scores.records, object), draws),
                    "draw": np.repeat(np.arange(draws), ecgs),
                    "y": np.tile(scores.y, draws),
                    "prediction": scores.curves[name][..., 0].ravel(),
                    "auc": auc.ravel(),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _plain(result: Result) -> Mapping[str, Any]:
    """Everything but the arrays, as plain JSON."""
    scores, gallery = result.scores, result.scores.gallery
    return {
        "target": asdict(result.target),
        "input": result.input,
        "network": result.network,
        "facts": dict(result.facts),
        "scores": {
            "protocol": asdict(scores.protocol),
            "seed": scores.seed,
            "records": list(scores.records),
            "patients": list(scores.patients),
            "controls": list(scores.controls),
            "left_out": dict(scores.left_out),
            "zero_share": dict(scores.zero_share),
            "short": dict(scores.short),
            "grains": dict(scores.grains),
            "notes": list(scores.notes),
            "curves": list(scores.curves),
        },
        "gallery": {"records": list(gallery.records), "heatmaps": list(gallery.heatmaps)},
    }
