"""Onset and offset of the QRS complex, on all leads together."""

from math import isnan

import numpy as np
from jaxtyping import Float

from ..filters import filtered
from ..waves import R_INDEX
from .edges import first_quiet, lower_quantile, speed

# Samples at 500 Hz. The numbers below were chosen on the development records of LUDB
# (benchmarks/validate_ludb.py names them).
SEARCH = (R_INDEX - 60, R_INDEX + 70)  # contains a QRS complex of 240 ms; T is further out
REACH = 100  # from the fastest sample back to the onset; P is further out
QRS_HIGH_HZ = 40.0
SMOOTHING = 9
QUIET_RUN = 6  # slow for 12 ms: the complex has ended, this is no turning point
# The complex ends below this share of the highest speed, which must be above the quiet parts of the
# beat by the factor.
EDGE_SHARE = 0.06
QUIET_FACTOR, QUIET_QUANTILE = 2.5, 0.15
# An elevated ST segment may fall at 10 to 25 % of the highest speed of QRS, so that J is not quiet.
# The slowest sample between both is J if it is slower than this many thresholds (12 %).
J_FACTOR = 2.0


def qrs_edges(eight: Float[np.ndarray, "lead 600"]) -> tuple[float, float]:
    """Onset and offset (samples) of the complex at the R peak; NaN without a clear edge.

    A complex that continues into a steep ST segment ends where the leads move slowest between both.
    """
    fast = speed(filtered(eight, high_hz=QRS_HIGH_HZ), SMOOTHING)
    low, high = SEARCH
    top = float(fast[low:high].max())
    threshold = max(EDGE_SHARE * top, QUIET_FACTOR * lower_quantile(fast, QUIET_QUANTILE))
    fastest = low + int(np.argmax(fast[low:high]))
    on = fastest - first_quiet(fast[fastest - REACH : fastest + 1][::-1], threshold, QUIET_RUN)
    off = fastest + first_quiet(fast[fastest : high + QUIET_RUN], threshold, QUIET_RUN)
    slowest = fastest + int(np.argmin(fast[fastest:high]))
    if isnan(off) and fast[slowest] < J_FACTOR * threshold:
        off = float(slowest)
    return on, off
