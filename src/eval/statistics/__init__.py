"""Uncertainty of means, differences and orders."""

from .bootstrap import replicates, too_few
from .comparison import LEVEL, beats, best_and_tied, p_of_the_best, sampling
from .crossed import Crossed, corrected
from .ranks import Friedman, kendall
from .resampling import REPLICATES, Patients, bootstrap_means, holm, interval, resampled

__all__ = [
    "LEVEL",
    "REPLICATES",
    "Crossed",
    "Friedman",
    "Patients",
    "beats",
    "best_and_tied",
    "bootstrap_means",
    "corrected",
    "holm",
    "interval",
    "kendall",
    "p_of_the_best",
    "replicates",
    "resampled",
    "sampling",
    "too_few",
]
