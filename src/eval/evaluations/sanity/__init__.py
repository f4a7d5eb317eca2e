"""Agreement of maps with each other, and their dependence on the weights."""

from typing import TYPE_CHECKING

from ....extras import lazy
from ....former import handed_on

if TYPE_CHECKING:
    from .baselines import (
        BASELINES,
        MOST_MISSING,
        Ground,
        Numbers,
        centred,
        gathered,
        ground_of,
        permuted_maps,
    )
    from .copies import DEAR_REDRAWS, Copy, passes, plan_of
    from .correlation import (
        RESOLUTIONS,
        SCALES,
        SIGNS,
        Resolution,
        at_resolution,
        correlations,
        spearman,
    )
    from .gates import (
        RHO,
        Verdict,
        above_baseline,
        by_verdict,
        frame,
        headline,
        kind,
        mean_agreement,
        of_methods,
        output_agreement,
        rho_table,
        row,
    )
    from .twins import SCORED
    from .weights import Weights

load, __dir__, __all__ = lazy(__name__)
MOVED = {"Consistency": "ecglens_metrics", "Similarity": "ecglens_metrics"}
__getattr__ = handed_on(__name__, MOVED, load)
