"""Meta-evaluation: metrics before networks with a known answer. Names load on first use."""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .maps import BROKEN, exact_ecgs, mixed
    from .metrics import METRICS, Completeness, Metric, OnChangedEcgs, PerturbationAuc
    from .networks import (
        ELSEWHERE,
        NETWORKS,
        Edge,
        HandSet,
        Largest,
        Maximum,
        Mean,
        Product,
        Vote,
        truth_from_mean,
        truth_of,
        window,
    )
    from .panels import AXIOMS, DEGRADATION, EFFECTS, LOCALISATION
    from .validation import (
        THRESHOLDS,
        DoseResponse,
        NetworkValidation,
        Samples,
        Thresholds,
        validate,
    )

__getattr__, __dir__, __all__ = lazy(__name__)
