"""Uncertainty of means, differences and orders."""

from .agreement import kendall
from .bootstrap import replicates, too_few
from .comparison import LEVEL, beats, best_and_tied, p_of_the_best, sampling
from .estimates import Patients
from .friedman import Friedman
from .resampling import REPLICATES, bootstrap_means, interval, resampled

__all__ = [
    "LEVEL",
    "REPLICATES",
    "Friedman",
    "Patients",
    "beats",
    "best_and_tied",
    "bootstrap_means",
    "interval",
    "kendall",
    "p_of_the_best",
    "replicates",
    "resampled",
    "sampling",
    "too_few",
]
