"""Tables of relevance: means over groups with intervals over patients, and average beats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from ecglens.ecg import (
    BEAT_LENGTH,
    FS_HZ,
    INDEPENDENT,
    LEADS,
    R_INDEX,
    R_PEAK,
    SEGMENTS,
    wave_shares,
)
from ecglens.eval.heatmaps import MOMENTS, windows
from ecglens.eval.statistics import bootstrap_means, interval, resampled
from ecglens.explain import Form, controls
from jaxtyping import Float, Int8

from .output import Members, Output, excess, in_eight, mean_relevance, patients_in, signed_means


class Band(NamedTuple):
    """A mean at each point with the ends of its 95 % interval."""

    mean: Float[np.ndarray, "*point"]
    low: Float[np.ndarray, "*point"]
    high: Float[np.ndarray, "*point"]


def band(
    values: Float[np.ndarray, "ecg *point"], patients: Sequence[str], seed: int, least: int
) -> Band:
    """The mean over the ECGs that have a number at a point; NaN below `least` patients.

    Fewer than that would show what one person's ECG looks like. Points are taken together that the
    same ECGs have, so that each interval is over its own patients.
    """
    flat = values.reshape(len(values), -1)
    ends = np.full((3, flat.shape[1]), np.nan)
    there = np.isfinite(flat)
    packed = np.ascontiguousarray(np.packbits(there, axis=0).T)
    _, first, which = np.unique(
        packed.view(f"V{packed.shape[1]}"), return_index=True, return_inverse=True
    )
    for number, has in enumerate(there[:, first].T):
        names = [name for name, is_there in zip(patients, has, strict=True) if is_there]
        if len({*names}) < max(2, least):
            continue
        points = np.flatnonzero(which.ravel() == number)
        weights = resampled(names, seed)
        # 600 points of 2000 replicates are 10 MB.
        for some in np.array_split(points, max(1, len(points) // 600)):
            kept = flat[np.ix_(has, some)].T
            low, high = interval(bootstrap_means(kept, weights), len({*names}))
            ends[:, some] = kept.mean(1), low, high
    return Band(*ends.reshape(3, *values.shape[1:]))


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
    share, mean = wave_shares(maps, ecgs.segments), signed_means(maps, ecgs.segments)
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
    ecgs: Ecgs, maps: Float[np.ndarray, "ecg lead time"], form: Form, groups: Mapping[str, Members]
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
    ecgs: Ecgs, maps: Float[np.ndarray, "ecg lead time"], groups: Mapping[tuple[str, str], Members]
) -> list[dict[str, Any]]:
    """Share of |relevance| by subgroup and segment, over all leads."""
    share = wave_shares(maps, ecgs.segments).sum(1)
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
    kinds = {name: "control" if name in controls() else "method" for name in rows}
    named = {name: {"method": name, "kind": kind} for name, kind in kinds.items()}
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


def average_beats(
    values: Float[np.ndarray, "ecg lead time"], segments: Int8[np.ndarray, "ecg time"]
) -> Float[np.ndarray, "ecg lead beat"]:
    """Mean beat of each ECG, the R peak at `r_of` its samples; a median beat is one.

    Only beats whose window lies within the strip are taken. NaN for a strip without one.
    """
    if values.shape[2] == BEAT_LENGTH:
        return values.astype(np.float64)
    return np.stack([_mean_beat(*one) for one in zip(values, segments, strict=True)])


def r_of(time: int) -> int:
    """The sample of the R peak in an average beat of ECGs of this length."""
    return R_INDEX if time == BEAT_LENGTH else -int(MOMENTS[0])


def _mean_beat(
    values: Float[np.ndarray, "lead time"], segments: Int8[np.ndarray, " time"]
) -> Float[np.ndarray, "lead beat"]:
    cuts = windows(values, np.flatnonzero(segments & R_PEAK))
    if not cuts.shape[1]:
        return np.full((len(values), len(MOMENTS)), np.nan)
    return cuts.mean(1, dtype=np.float64)


DIGITS = 5  # more than a drawing shows


def average_rows(
    ecgs: Ecgs,
    maps: Float[np.ndarray, "ecg lead time"],
    groups: Mapping[str, Members],
    leads: tuple[str, ...] = LEADS,
) -> list[dict[str, Any]]:
    """Mean ECG in µV and mean relevance with its interval by group, lead and time (ms from R).

    Beats are averaged within an ECG first, then the ECGs.
    """
    rows = []
    beats, relevance = (average_beats(each, ecgs.segments) for each in (ecgs.x, maps))
    ms = (np.arange(beats.shape[2]) - r_of(ecgs.x.shape[2])) / FS_HZ * 1e3
    places = [LEADS.index(lead) for lead in leads]
    for group, members in groups.items():
        there = members & np.isfinite(beats).all((1, 2))
        of_x, of_maps = (ecgs.band(each[:, places], there) for each in (beats, relevance))
        for row, lead in enumerate(leads):
            table = {"ms": ms, "x": of_x.mean[row], "relevance": of_maps.mean[row]}
            table |= {"low": of_maps.low[row], "high": of_maps.high[row]}
            short = pd.DataFrame({name: shortened(each) for name, each in table.items()})
            rows += [
                {"group": group, "ecgs": int(there.sum()), "lead": lead} | one
                for one in short.to_dict("records")
            ]
    return rows


def strongest_lead(maps: Float[np.ndarray, "ecg lead time"], members: Members) -> str:
    """The lead with the largest mean |relevance| in a group."""
    return LEADS[int(np.abs(maps[members]).mean((0, 2)).argmax())]


def shortened(values: Float[np.ndarray, " time"]) -> Float[np.ndarray, " time"]:
    """The numbers to DIGITS digits."""
    return np.array([float(f"{value:.{DIGITS}g}") for value in values])
