"""Measures of relevance in one ECG."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Int8

from ....explain import Form
from ...measures.measure import Measure
from .leads import unmovable
from .output import Output, excess
from .waves import SEGMENTS, shares

BENDER = "Bender et al. 2023 (only the abstract was at hand); our own definition"
IN_WORDS = {
    "P": "the P wave",
    "PQ": "the PQ segment",
    "QRS": "the QRS complex",
    "ST": "the ST segment",
    "T": "the T wave",
    "TP": "what belongs to no wave or segment",
}


def measures(unit: str) -> tuple[Measure, ...]:
    """A share for each segment of the beat, the gap of the sum, and what no ECG can move."""
    by_segment = [
        Measure(
            name=f"share_{segment.lower()}",
            label=f"Share in {segment}",
            unit="",
            higher_is_better=None,
            about="description",
            source=BENDER,
            explained=f"How much of all |relevance| lies in {IN_WORDS[segment]}, over all leads.",
        )
        for segment in SEGMENTS
    ]
    gap = Measure(
        name="gap",
        label="Completeness gap",
        unit=unit,
        higher_is_better=None,
        about="description",
        source="Sundararajan et al. 2017, axiom of completeness",
        explained="How far the sum of the map is from f(x) − f(0), for maps in the output's unit.",
    )
    limb = Measure(
        name="unmovable",
        label="Limb leads: unmovable",
        unit="",
        higher_is_better=None,
        about="description",
        source="Einthoven 1908 and Goldberger 1942; our own definition",
        explained="The share of the limb leads' energy in directions in which no ECG can differ, "
        "since four of the six leads follow from two; of maps of slopes alone.",
        chance=2 / 3,  # four of six directions
    )
    return (*by_segment, gap, limb)


def numbers(
    maps: Float[np.ndarray, "ecg lead time"],
    segments: Int8[np.ndarray, "ecg time"],
    output: Output,
    kind: Form,
    control: bool,
) -> Mapping[str, Float[np.ndarray, " ecg"]]:
    """One number of each ECG by the names of `measures`, NaN where it has none."""
    none = np.full(len(maps), np.nan)
    by_segment = shares(maps, segments).sum(1).T
    found = {
        f"share_{segment.lower()}": each for segment, each in zip(SEGMENTS, by_segment, strict=True)
    }
    found["gap"] = np.abs(excess(maps, output)) if kind == "product" else none
    found["unmovable"] = unmovable(maps) if kind == "slope" or control else none
    return found
