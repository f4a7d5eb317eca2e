"""Shares of relevance outside the heart's signal, and the flags they give."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Int8

from ...heatmaps.explained import Heatmaps
from ...statistics.estimates import Patients
from .measures import MEASURES
from .places import PLACES
from .rule import judged
from .shares import (
    MAP_BANDS,
    SIGNAL_BANDS,
    Shares,
    power_in,
    share_of_bins,
    share_of_points,
    share_of_signal,
    share_within,
    signal_in,
)


@dataclass(frozen=True)
class Audit:
    """Shares of relevance by measure and method, and what a map that knows nothing has."""

    shares: Mapping[str, Mapping[str, Shares]]
    expected: Mapping[str, Shares]


def audit(
    maps: Heatmaps,
    x: Float[np.ndarray, "ecg lead time"],
    segments: Int8[np.ndarray, "ecg time"],
) -> Audit:
    """The shares of these maps (500 Hz, µV); places that no ECG has are left out."""
    shares, expected = {}, {}
    for name, place in PLACES.items():
        masks = np.stack([place(ecg, waves) for ecg, waves in zip(x, segments, strict=True)])
        if masks.any():
            shares[name] = {method: share_within(each, masks) for method, each in maps.items()}
            expected[name] = share_of_points(masks)
    for name, band in MAP_BANDS.items():
        shares[name] = {method: power_in(each, band) for method, each in maps.items()}
        expected[name] = share_of_bins(x, band)
    for name, band in SIGNAL_BANDS.items():
        shares[name] = {method: signal_in(each, x, band) for method, each in maps.items()}
        expected[name] = share_of_signal(x, band)
    ordered = [name for name in MEASURES if name in shares]
    return Audit({name: shares[name] for name in ordered}, expected)


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
