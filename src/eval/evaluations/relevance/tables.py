"""Relevance as tables: by segment of the beat and lead, by lead, against the output."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Int8

from ....ecg import INDEPENDENT, LEADS
from ....explain import Form
from ..sanity.rows import kind
from .grouped import Band, band
from .groups import Members, patients_in
from .leads import in_eight
from .output import Output, excess, mean_relevance
from .waves import SEGMENTS, shares, signed_means

# Points of the drawing of relevance against the output.
BINS = 10


@dataclass(frozen=True, eq=False)
class Ecgs:
    """The ECGs under the maps, in groups; no group below `least` patients is shown."""

    x: Float[np.ndarray, "ecg lead time"]
    segments: Int8[np.ndarray, "ecg time"]
    patients: Sequence[str]
    seed: int
    least: int

    def band(self, values: Float[np.ndarray, "ecg *point"], members: Members) -> Band:
        """The mean of the values over a group."""
        names = [name for name, inside in zip(self.patients, members, strict=True) if inside]
        return band(values[members], names, self.seed, self.least)

    def large(self, groups: Mapping[Any, Members]) -> dict[Any, Members]:
        """The groups of enough patients."""
        return {
            name: members
            for name, members in groups.items()
            if patients_in(self.patients, members) >= self.least
        }


def wave_rows(
    ecgs: Ecgs, maps: Float[np.ndarray, "ecg lead time"], groups: Mapping[str, Members]
) -> list[dict[str, Any]]:
    """Share of |relevance| and signed mean per sample, by group, lead and segment."""
    share, mean = shares(maps, ecgs.segments), signed_means(maps, ecgs.segments)
    rows = []
    for group, members in groups.items():
        of_share, of_mean = ecgs.band(share, members), ecgs.band(mean, members)
        rows += [
            {"group": group, "lead": lead, "segment": segment}
            | _at(of_share, (row, column), "share")
            | _at(of_mean, (row, column), "mean")
            for row, lead in enumerate(LEADS)
            for column, segment in enumerate(SEGMENTS)
        ]
    return rows


def lead_rows(
    ecgs: Ecgs,
    maps: Float[np.ndarray, "ecg lead time"],
    form: Form,
    groups: Mapping[str, Members],
) -> list[dict[str, Any]]:
    """Signed mean over time and share of |relevance| by group and lead, in 12 and in 8 leads."""
    systems = {12: (LEADS, maps), 8: (INDEPENDENT, in_eight(maps, ecgs.x, form))}
    rows = []
    for system, (leads, values) in systems.items():
        if values is None:
            continue
        magnitude = np.abs(values).sum(2, dtype=np.float64)
        whole = magnitude.sum(1, keepdims=True)
        share = np.divide(magnitude, whole, out=np.full(magnitude.shape, np.nan), where=whole > 0)
        for group, members in groups.items():
            of_mean = ecgs.band(values.mean(2, dtype=np.float64), members)
            of_share = ecgs.band(share, members)
            rows += [
                {"group": group, "leads": system, "lead": lead}
                | _at(of_mean, (row,), "mean")
                | _at(of_share, (row,), "share")
                for row, lead in enumerate(leads)
            ]
    return rows


def part_rows(
    ecgs: Ecgs,
    maps: Float[np.ndarray, "ecg lead time"],
    groups: Mapping[tuple[str, str], Members],
) -> list[dict[str, Any]]:
    """Share of |relevance| by subgroup and segment, over all leads."""
    share = shares(maps, ecgs.segments).sum(1)
    rows = []
    for (trait, group), members in groups.items():
        of_share = ecgs.band(share, members)
        rows += [
            {
                "trait": trait,
                "group": group,
                "patients": patients_in(ecgs.patients, members),
                "segment": segment,
            }
            | _at(of_share, (column,), "share")
            for column, segment in enumerate(SEGMENTS)
        ]
    return rows


def output_rows(
    ecgs: Ecgs, maps: Float[np.ndarray, "ecg lead time"], output: Output, form: Form
) -> list[dict[str, Any]]:
    """Means over ECGs of like output and one outcome (TP, FP, TN, FN): relevance and the line.

    `output` is the probability or the prediction, `change` f(x) − f(0), `relevance` Σ R, and
    `excess` Σ R − (f(x) − f(0)) where the map is in that unit.
    """
    numbers = {
        "output": output.shown,
        "change": output.change,
        "relevance": mean_relevance(maps) * maps[0].size,
        "excess": excess(maps, output) if form == "product" else np.full(len(maps), np.nan),
    }
    ends = np.quantile(output.value, np.linspace(0, 1, BINS + 1)[1:-1])
    place = np.searchsorted(ends, output.value, side="right")
    rows = []
    for outcome in sorted({*output.outcomes.tolist()}):
        of_outcome = output.outcomes == outcome
        for members in _bins(ecgs, place, of_outcome):
            found = {"outcome": outcome, "ecgs": int(members.sum())}
            for name, values in numbers.items():
                found |= _at(ecgs.band(values, members), (), name)
            rows.append(found)
    return rows


def frame(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> pd.DataFrame:
    """The rows of every method or control by its name."""
    named = {name: {"method": name, "kind": kind(name)} for name in rows}
    return pd.DataFrame([{**named[name], **row} for name, every in rows.items() for row in every])


def _bins(ecgs: Ecgs, place: np.ndarray, of_outcome: Members) -> list[Members]:
    """Tenths of the output, joined from the lowest until each has enough patients."""
    bins: list[Members] = []
    for number in range(BINS):
        here = of_outcome & (place == number)
        if bins and patients_in(ecgs.patients, bins[-1]) < ecgs.least:
            bins[-1] = bins[-1] | here
        elif here.any():
            bins.append(here)
    if len(bins) > 1 and patients_in(ecgs.patients, bins[-1]) < ecgs.least:
        last = bins.pop()
        bins[-1] = bins[-1] | last
    return [each for each in bins if patients_in(ecgs.patients, each) >= ecgs.least]


def _at(of: Band, where: tuple[int, ...], name: str) -> dict[str, float]:
    mean, low, high = (float(each[where]) for each in of)
    return {name: mean, f"{name}_low": low, f"{name}_high": high}
