"""Curves of methods to an order, in numbers and in words."""

from .finding import experiment
from .ladder import COMPARED, harder_to_beat, level_name, paired_areas
from .outcome import (
    agree,
    areas,
    errors,
    mean_curves,
    of_the_mean,
    side_by_side,
    usable,
    usable_patients,
)
from .ranking import MARGIN
from .strata import strata

__all__ = [
    "COMPARED",
    "MARGIN",
    "agree",
    "areas",
    "errors",
    "experiment",
    "harder_to_beat",
    "level_name",
    "mean_curves",
    "of_the_mean",
    "paired_areas",
    "side_by_side",
    "strata",
    "usable",
    "usable_patients",
]
