"""Average beats of groups with the mean relevance over them: what the figure is drawn from."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from ....ecg import FS_HZ, LEADS
from .beats import average_beats, r_of
from .groups import Members
from .tables import Ecgs

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
