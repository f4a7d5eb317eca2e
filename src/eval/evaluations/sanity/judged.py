"""The decisions of the gates as columns of a table, and every part they stand on."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .gates import Thresholds, Verdict, both
from .redrawn import Judged
from .rows import kind

NOT_JUDGED: Verdict = "not judged"
# What is lost in each gate, by the beginning of its columns.
GATES = {"weights": "weights redrawn", "permuted": "labels permuted"}


def columns(
    drawn: Mapping[str, Judged], labels: Mapping[str, Judged], limits: Thresholds
) -> list[dict[str, Any]]:
    """A row per method: of each gate what decides, its interval, p and verdict.

    `labels` is empty where no label-permuted network was given.
    """
    rows = []
    for name, weights in drawn.items():
        row = {"method": name, "limit": limits.limit} | _of("weights", weights)
        row |= _of("permuted", labels.get(name))
        verdicts = (row["weights_verdict"], row["permuted_verdict"])
        rows.append(row | {"verdict": both(*verdicts)})
    return rows


def parts(gate: str, judged: Mapping[str, Judged]) -> list[dict[str, Any]]:
    """A row for every method and part of a gate."""
    return [
        {
            "gate": GATES[gate],
            "method": name,
            "kind": kind(name),
            "part": str(part),
            "kept": kept.value,
            "kept_low": kept.low,
            "kept_high": kept.high,
            "missing": kept.missing,
            "redraws": kept.redraws,
        }
        for name, each in judged.items()
        for part, kept in each.parts.items()
    ]


def _of(gate: str, judged: Judged | None) -> dict[str, Any]:
    """`kept` is of the part that decides; of none where a map is a copy or nothing was given."""
    part = judged.decision.part if judged else None
    kept = judged.parts[part] if judged and part else None
    numbers = (kept.value, kept.low, kept.high) if kept else (np.nan,) * 3
    names = ("kept", "kept_low", "kept_high")
    return {f"{gate}_{name}": number for name, number in zip(names, numbers, strict=True)} | {
        f"{gate}_redraws": max((one.redraws for one in judged.parts.values()), default=0)
        if judged
        else 0,
        f"{gate}_p": judged.decision.p if judged else np.nan,
        f"{gate}_why": judged.decision.why if judged else "",
        f"{gate}_verdict": judged.decision.verdict if judged else NOT_JUDGED,
    }
