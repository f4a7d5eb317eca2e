"""Calibration of logits: whether probabilities are as large as they should be."""

from math import nan

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq, minimize
from scipy.special import expit

# Largest gradient of the mean cross-entropy, in nat: slopes and intercepts to about 6 digits.
PRECISE = 1e-8
# Distance beyond the largest |logit|: no number of ECGs could tell e^−60 from 0.
BEYOND = 60.0


def calibration(
    logit: Float[np.ndarray, " ecg"], y: Float[np.ndarray, " ecg"]
) -> tuple[float, float]:
    """Slope and intercept of the logits against labels 0 and 1 (Cox 1958; Van Calster 2019).

    The slope is that of a logistic regression on the logits: 1 is right, below 1 the logits are too
    extreme. The intercept is estimated with the slope held at 1: 0 is right, above 0 the
    probabilities are too small on average. NaN where labels do not differ; the slope also where
    logits do not differ, or where they separate the labels and no finite slope fits best.
    """
    if len(np.unique(y)) < 2:
        return nan, nan
    edge = np.abs(logit).max() + BEYOND
    intercept = brentq(lambda a: float(np.mean(expit(logit + a) - y)), -edge, edge)
    return _slope(logit, y), float(intercept)  # pyright: ignore[reportArgumentType]


def _slope(logit: Float[np.ndarray, " ecg"], y: Float[np.ndarray, " ecg"]) -> float:
    yes, no = logit[y == 1], logit[y == 0]
    if yes.min() >= no.max() or yes.max() <= no.min():
        return nan
    z = (logit - logit.mean()) / logit.std()  # near 1, so that one precision fits all

    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        logits = line[0] + line[1] * z
        wrong = expit(logits) - y
        mean = np.mean(np.logaddexp(0, logits) - y * logits)
        return float(mean), np.array([wrong.mean(), (wrong * z).mean()])

    found = minimize(loss, np.zeros(2), jac=True, method="BFGS", options={"gtol": PRECISE})
    return float(found.x[1] / logit.std())
