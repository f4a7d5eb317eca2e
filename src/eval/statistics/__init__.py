"""Uncertainty of means, differences and orders."""

from .agreement import kendall
from .bootstrap import replicates, too_few
from .comparison import LEVEL, sampling, trusted
from .estimates import Patients
from .friedman import Friedman
from .resampling import REPLICATES, bootstrap_means, interval, resampled

__all__ = [
    "LEVEL",
    "REPLICATES",
    "Friedman",
    "Patients",
    "bootstrap_means",
    "interval",
    "kendall",
    "replicates",
    "resampled",
    "sampling",
    "too_few",
    "trusted",
]
