"""Curves of methods to an order, in numbers and in words."""

from .agree import agree
from .aucs import areas, errors, of_the_mean
from .ladder_words import COMPARED, level_name
from .merge import experiment
from .networks import side_by_side
from .outcome import mean_curves, usable, usable_patients
from .ranking import MARGIN
from .strata import strata

__all__ = [
    "COMPARED",
    "MARGIN",
    "agree",
    "areas",
    "errors",
    "experiment",
    "level_name",
    "mean_curves",
    "of_the_mean",
    "side_by_side",
    "strata",
    "usable",
    "usable_patients",
]
