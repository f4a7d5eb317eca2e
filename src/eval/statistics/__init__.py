"""Uncertainty of means, differences and orders."""

from typing import TYPE_CHECKING

from ...extras import lazy

if TYPE_CHECKING:
    from .bootstrap import replicates, too_few
    from .comparison import LEVEL, Sampling, beats, best_and_tied, p_of_the_best, sampling
    from .crossed import Crossed, corrected
    from .power import FEWEST, MOST_ECGS, Comparisons, Pilot, SharePilot
    from .ranks import Friedman, auroc_values, kendall, won
    from .resampling import (
        REPLICATES,
        Estimate,
        Patients,
        bootstrap_means,
        holm,
        interval,
        resampled,
    )

__getattr__, __dir__, __all__ = lazy(__name__)
