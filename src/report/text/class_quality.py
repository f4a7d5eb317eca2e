"""How well the network tells each of its classes."""

from collections.abc import Mapping

from ...datamodules import DIAGNOSES, Target
from .numerals import number, whole

COUNTS = {"positive": "With it", "negative": "Without", "unknown": "Unknown"}
MEASURES = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "brier": "Brier score",
    "calibration_error": "Calibration error",
    "calibration_slope": "Slope",
    "calibration_intercept": "Intercept",
}
Row = tuple[str, tuple[str, ...]]


def class_name(name: str) -> str:
    """A class in words, such as "atrial fibrillation (af)"; its own name where there are none."""
    words = DIAGNOSES.get(name, name)
    return name if words == name else f"{words} ({name})"


def fit_of_class(fit: Mapping[str, float], name: str) -> dict[str, float]:
    """The metrics of one class; those that belong to none, where the network has one output."""
    own = {key.removesuffix(f"/{name}"): fit[key] for key in fit if key.endswith(f"/{name}")}
    return own or {key: value for key, value in fit.items() if "/" not in key}


def class_table(
    target: Target, fits: Mapping[str, Mapping[str, float]]
) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Heads and rows: of each class, on each of these sets of ECGs, counts and measures.

    There is no row where no label is known.
    """
    rows = []
    for name in target.outputs:
        for where, fit in fits.items():
            own = fit_of_class(fit, name)
            if not own.get("positive", 0) + own.get("negative", 0):
                continue
            counts = [whole(own.get(count)) for count in COUNTS]
            measures = [number(own.get(measure)) for measure in MEASURES]
            rows.append((f"{class_name(name)}, {where}", (*counts, *measures)))
    return (*COUNTS.values(), *MEASURES.values()), tuple(rows)
