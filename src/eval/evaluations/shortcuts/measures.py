"""Measures of the audit, in the order of its page."""

from collections.abc import Mapping
from dataclasses import replace

from ...measures.measure import Measure
from .shares import FAST, MAINS, MAINS_OF_MAP, Band

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


def with_chance(name: str, chance: float) -> Measure:
    """The measure with what a map that knows nothing has on these ECGs."""
    return replace(MEASURES[name], chance=chance)
