"""The three findings of Bender 2023 as rules that a method passes or fails on one network.

Written before any of them was computed:
- **rises**: mean relevance goes up with what the network says. value: Spearman's ρ of r and the
  probability (of a number: the prediction) over ECGs. line: 1, the ρ of f(x) − f(0) itself, to
  which a method with completeness adds up whatever it finds. excess: ρ of Σ R − (f(x) − f(0)) with
  the probability, for maps of slopes times x, in the output's unit. Holds where the intervals of
  both are above 0; for other maps, whose sum is bound to nothing, where the value's is.
- **false**: relevance is near 0 where the network errs. value: the mean |r| of false
  classifications as a share of that of true ones; line: the same of |f(x) − f(0)|. Near 0 is an
  interval below 1/2 (our own limit). Holds where that of value − line is below 0 as well: errors
  are made near the threshold, where f(x) − f(0) may be small by itself.
- **P wave** (af), **concordant T** (lbbb): negative in ECGs without the diagnosis. value: mean
  relevance per sample there; line: that of the whole ECG, below 0 wherever f(x) < f(0) and a sum
  is kept. Holds where the intervals of value and of value − line are below 0.

Where the sum is kept to within 1 % of the mean |f(x) − f(0)|, **rises** and **false** are
`identity`: they cannot come out otherwise. With fewer than `least` patients on a side they cannot
be said.
"""

from typing import Literal

import numpy as np
from jaxtyping import Float

from .association import Estimated

Verdict = Literal["holds", "holds, as the line does", "identity", "does not hold", "cannot be said"]
NEAR_ZERO = 0.5
KEPT = 0.01


def identity(excess: Float[np.ndarray, " ecg"], change: Float[np.ndarray, " ecg"]) -> bool:
    """Whether the sum of the map is the change of the output, in all but rounding."""
    return bool(np.abs(excess).mean() <= KEPT * np.abs(change).mean())


def rises(value: Estimated, excess: Estimated, kept: bool, in_unit: bool) -> Verdict:
    """Whether relevance rises with the output, beyond the line where there is one."""
    if np.isnan(value.low):
        return "cannot be said"
    if kept:
        return "identity"
    if not value.low > 0:
        return "does not hold"
    return "holds" if not in_unit or excess.low > 0 else "holds, as the line does"


def near_zero(value: Estimated, excess: Estimated, kept: bool) -> Verdict:
    """Whether false classifications have little relevance, less than the line gives them."""
    if np.isnan(value.low):
        return "cannot be said"
    if kept:
        return "identity"
    if value.high < NEAR_ZERO:
        return "holds" if excess.high < 0 else "holds, as the line does"
    return "does not hold" if value.low > NEAR_ZERO else "cannot be said"


def negative(value: Estimated, excess: Estimated) -> Verdict:
    """Whether a wave has negative relevance, more so than the ECG as a whole."""
    if np.isnan(value.low):
        return "cannot be said"
    if value.high < 0:
        return "holds" if excess.high < 0 else "holds, as the line does"
    return "does not hold"
