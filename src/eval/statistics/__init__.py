"""Uncertainty of means, differences and orders."""

from .bootstrap import replicates, too_few
from .comparison import LEVEL, Sampling, beats, best_and_tied, p_of_the_best, sampling
from .crossed import Crossed, corrected
from .power import FEWEST, MOST_ECGS, Comparisons, Pilot, SharePilot
from .ranks import Friedman, auroc_values, kendall, won
from .resampling import REPLICATES, Estimate, Patients, bootstrap_means, holm, interval, resampled

__all__ = [
    "FEWEST",
    "LEVEL",
    "MOST_ECGS",
    "REPLICATES",
    "Comparisons",
    "Crossed",
    "Estimate",
    "Friedman",
    "Patients",
    "Pilot",
    "Sampling",
    "SharePilot",
    "auroc_values",
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
    "won",
]
