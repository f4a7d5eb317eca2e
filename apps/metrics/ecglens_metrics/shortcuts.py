"""Audit for shortcuts: shares of relevance outside the heart's signal, judged by a rule.

The rule was written before anything was measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from ecglens.eval import (
    Evaluation,
    Finding,
    Measure,
    Networks,
    Subject,
    explained,
    left_out,
    linter_notes,
    stacked,
)
from ecglens.eval.heatmaps import Heatmaps
from ecglens.eval.statistics import Patients
from ecglens.explain import controls
from jaxtyping import Float, Int8

from .shortcut_places import (
    FAST,
    MAINS,
    MAINS_OF_MAP,
    MAP_BANDS,
    PLACES,
    SIGNAL_BANDS,
    Band,
    Shares,
    power_in,
    share_of_bins,
    share_of_points,
    share_of_signal,
    share_within,
    signal_in,
)

Flag = Literal["suspicious", "not suspicious", "cannot be said"]
# A point of the place has on average twice the relevance of a point elsewhere. Our own choice: a
# map that knows nothing has 1, and networks that pool over time leave a little anywhere.
ODDS = 2.0
# Fewer patients with such a place would let one of them decide.
MIN_PATIENTS = 8


class Judged(NamedTuple):
    """Mean share over ECGs, what a map that knows nothing has, the limit, and the flag.

    `low` and `high` are the 95 % interval over patients of share − limit.
    """

    share: float
    expected: float
    limit: float
    excess: float
    low: float
    high: float
    ecgs: int
    flag: Flag


def limit_of(expected: Float[np.ndarray, " ecg"]) -> Float[np.ndarray, " ecg"]:
    """The share at which a point there has ODDS times the relevance of a point elsewhere."""
    return ODDS * expected / (1 + (ODDS - 1) * expected)


def judged(
    shares: Float[np.ndarray, " ecg"], expected: Float[np.ndarray, " ecg"], patients: Patients
) -> Judged:
    """Suspicious where the mean of share − limit is significantly above 0.

    Significantly: the 95 % interval over patients lies above it.
    It cannot be said where fewer than MIN_PATIENTS have both, or the interval holds 0.
    """
    there = np.isfinite(shares) & np.isfinite(expected)
    limits = limit_of(expected)
    seen = {name for name, has in zip(patients.names, there, strict=True) if has}
    if not seen:
        return Judged(*(np.nan,) * 6, ecgs=0, flag="cannot be said")
    share, chance, limit = (float(each[there].mean()) for each in (shares, expected, limits))
    found = patients.estimate(np.where(there, shares - limits, np.nan))
    flag: Flag = "cannot be said"
    if len(seen) >= MIN_PATIENTS and found.low > 0:
        flag = "suspicious"
    elif len(seen) >= MIN_PATIENTS and found.high <= 0:
        flag = "not suspicious"
    count = int(there.sum())
    return Judged(share, chance, limit, found.value, found.low, found.high, count, flag)


OWN = "own definition"
SPECTRUM = "own definition, cosine transform"
INSPECTION = "after Vielhaben et al. 2024, section 3, with the cosine transform"


def _measure(name: str, label: str, source: str, explained: str) -> Measure:
    return Measure(name, label, "", None, "description", source, explained)


def _hz(band: Band) -> str:
    return ", ".join(f"{low:g}–{high:g}" for low, high in band) + " Hz"


MEASURES: Mapping[str, Measure] = {
    each.name: each
    for each in (
        _measure(
            "tp", "TP baseline", OWN,
            "Share of the relevance outside all waves, PQ and ST, where the heart rests.",
        ),
        _measure(
            "edges", "Edges of the window", OWN,
            "Share of the relevance in the first and last 100 ms, where padding acts.",
        ),
        _measure(
            "spikes", "Pacing spikes", OWN,
            "Share of the relevance within 8 ms of a pacing spike, in ECGs that have one.",
        ),
        _measure(
            "no_signal", "Disconnected or calibrated", OWN,
            "Share of the relevance where a lead stays on one value or shows a calibration pulse, "
            "in ECGs that have such a part.",
        ),
        _measure(
            "mains_map", "Mains, in the map", SPECTRUM,
            f"Share of the map's power at {_hz(MAINS_OF_MAP)}: the map itself hums.",
        ),
        _measure(
            "mains_signal", "Mains, map × ECG", INSPECTION,
            f"Share of map times ECG, by frequency, at {_hz(MAINS)}: hum that the ECG has and the "
            "map weighs.",
        ),
        _measure(
            "fast_map", "Above 40 Hz, in the map", SPECTRUM,
            f"Share of the map's power at {_hz(FAST)}.",
        ),
        _measure(
            "fast_signal", "Above 40 Hz, map × ECG", INSPECTION,
            f"Share of map times ECG, by frequency, at {_hz(FAST)}; generators leave artefacts "
            "there.",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Audit:
    """Shares of relevance by measure and method, and what a map that knows nothing has."""

    shares: Mapping[str, Mapping[str, Shares]]
    expected: Mapping[str, Shares]


def audit(
    maps: Heatmaps, x: Float[np.ndarray, "ecg lead time"], segments: Int8[np.ndarray, "ecg time"]
) -> Audit:
    """The shares of these maps (500 Hz, µV); places that no ECG has are left out."""
    share, expected = {}, {}
    for name, place in PLACES.items():
        masks = np.stack([place(ecg, waves) for ecg, waves in zip(x, segments, strict=True)])
        if masks.any():
            share[name], expected[name] = partial(share_within, masks=masks), share_of_points(masks)
    for name, band in MAP_BANDS.items():
        share[name], expected[name] = partial(power_in, band=band), share_of_bins(x, band)
    for name, band in SIGNAL_BANDS.items():
        share[name], expected[name] = partial(signal_in, x=x, band=band), share_of_signal(x, band)
    shares = {
        name: {method: share[name](each) for method, each in maps.items()}
        for name in MEASURES
        if name in share
    }
    return Audit(shares, expected)


def flags(found: Audit, patients: Patients) -> pd.DataFrame:
    """A row per measure and method or control, with rule.Judged."""
    return pd.DataFrame(
        [
            {"measure": name, "method": method}
            | judged(share, found.expected[name], patients)._asdict()
            for name, by_method in found.shares.items()
            for method, share in by_method.items()
        ]
    )


SOURCE = "own definition; in the spirit of Lapuschkin et al. 2019, who found cheating by relevance"
RULE = (
    f"suspicious: a point there has significantly more than {ODDS:g} times the relevance of one "
    "elsewhere (95 % interval over patients); written before anything was measured"
)


@dataclass(frozen=True)
class Shortcuts(Evaluation):
    """The audit of the first network; details: `flags`, from share − limit of each ECG."""

    name = "shortcuts"
    question = "Is there relevance outside the heart's signal: does the network use a shortcut?"
    source = SOURCE
    every_network = False

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The share of relevance in each place and band without a heart."""
        net, ecgs = networks.nets[0], subject.ecgs
        linted = linter_notes({"the network": net}, subject)
        made = explained(net, subject, "the network")
        found = audit(made.maps, ecgs.x.cpu().numpy(), ecgs.segments.cpu().numpy())
        table = flags(found, Patients(subject.patients, subject.seed))
        absent = [MEASURES[name].label for name in MEASURES if name not in found.shares]
        return Finding(
            self.about(networks, subject),
            measures=tuple(
                replace(MEASURES[name], chance=float(np.nanmean(found.expected[name])))
                for name in found.shares
            ),
            scores=stacked([found.shares]),
            sentence=shortcut_sentence(table, len(subject.records)),
            notes=(
                RULE,
                *(f"{label}: no ECG has such a part" for label in absent),
                *linted,
                *left_out(made),
            ),
            details={"flags": table},
        )


def shortcut_sentence(table: pd.DataFrame, ecgs: int) -> str:
    """The answer in one sentence: where, by how many methods, and the largest share."""
    methods, phrases = table.loc[~table["method"].isin(controls())], []
    for name in dict.fromkeys(methods["measure"]):
        judged = methods.loc[methods["measure"] == name]
        rows = judged.loc[judged["flag"] == "suspicious"].to_dict("records")
        if rows:
            most = max(rows, key=lambda row: row["share"])
            phrases.append(
                f"{MEASURES[name].label} ({len(rows)} of {len(judged)} methods, up to "
                f"{100 * most['share']:.0f}\u00a0% of {most['method']}, by chance "
                f"{100 * most['expected']:.0f}\u00a0%)"
            )
    unsure = int((methods["flag"] == "cannot be said").sum())
    rest = f" Of {unsure} of {len(methods)} shares it cannot be said." if unsure else ""
    if not phrases:
        return f"On {ecgs} ECGs no share of relevance is shown to be suspicious.{rest}"
    return f"On {ecgs} ECGs relevance is suspicious in: {'; '.join(phrases)}.{rest}"
