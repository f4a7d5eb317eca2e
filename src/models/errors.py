"""Errors of predicted measurements, and of logits as predictions of classes."""

from math import nan

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torchmetrics import MeanAbsoluteError, MeanSquaredError, Metric, MetricCollection, R2Score
from torchmetrics.functional.classification import (
    binary_auroc,
    binary_average_precision,
    binary_calibration_error,
)
from torchmetrics.utilities import dim_zero_cat


class MeanError(Metric):
    """Mean of prediction − truth per target: the bias. Exact over several processes."""

    is_differentiable = True
    higher_is_better = None
    full_state_update = False

    total: Tensor
    count: Tensor

    def __init__(self, targets: int = 1) -> None:
        super().__init__()
        self.add_state("total", torch.zeros(targets), dist_reduce_fx="sum")
        self.add_state("count", torch.tensor(0), dist_reduce_fx="sum")

    def update(
        self, preds: Float[Tensor, "batch target"], target: Float[Tensor, "batch target"]
    ) -> None:
        self.total = self.total + (preds - target).sum(0)
        self.count = self.count + len(preds)

    def compute(self) -> Float[Tensor, " target"]:
        return self.total / self.count


def regression_errors(targets: int) -> MetricCollection:
    """mae, rmse, bias and r2, each with one value per target, summed up in float64.

    In float32 the R² of an interval near 400 ms would lose four digits to cancellation.
    """
    errors = MetricCollection(
        {
            "mae": MeanAbsoluteError(num_outputs=targets),
            "rmse": MeanSquaredError(squared=False, num_outputs=targets),
            "bias": MeanError(targets),
            "r2": R2Score(multioutput="raw_values"),
        },
        compute_groups=False,  # each holds other sums
    )
    return errors.set_dtype(torch.float64)


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
    probabilities are too small on average. NaN where labels do not differ and where a logit is not
    finite; the slope also where logits do not differ, or where they separate the labels and no
    finite slope fits best.
    """
    from scipy.optimize import brentq
    from scipy.special import expit

    if len(np.unique(y)) < 2 or not np.isfinite(logit).all():
        return nan, nan
    edge = np.abs(logit).max() + BEYOND
    intercept = brentq(lambda a: float(np.mean(expit(logit + a) - y)), -edge, edge)
    return _slope(logit, y), float(intercept)  # pyright: ignore[reportArgumentType]


def _slope(logit: Float[np.ndarray, " ecg"], y: Float[np.ndarray, " ecg"]) -> float:
    from scipy.optimize import minimize
    from scipy.special import expit

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


BINS = 15  # of the expected calibration error (Guo et al. 2017)


class ClassErrors(Metric):
    """Values of `class_errors` for each class over all added batches; a NaN label is unknown.

    Exact over several processes.
    """

    is_differentiable = False
    higher_is_better = None
    full_state_update = False

    logits: list[Tensor]
    labels: list[Tensor]

    def __init__(self) -> None:
        super().__init__()
        self.add_state("logits", [], dist_reduce_fx="cat")
        self.add_state("labels", [], dist_reduce_fx="cat")

    def update(
        self, preds: Float[Tensor, "batch class"], target: Float[Tensor, "batch class"]
    ) -> None:
        self.logits.append(preds)
        self.labels.append(target)

    def compute(self) -> dict[str, Float[Tensor, " class"]]:
        """Measures by name, with a value per class."""
        pairs = zip(dim_zero_cat(self.logits).T, dim_zero_cat(self.labels).T, strict=True)
        each = [class_errors(logit, y) for logit, y in pairs]
        return {name: torch.stack([one[name] for one in each]) for name in each[0]}


def class_errors(
    logit: Float[Tensor, " ecg"], y: Float[Tensor, " ecg"]
) -> dict[str, Float[Tensor, ""]]:
    """Measures of the logits of one class against its labels 1, 0 and NaN, which is left out.

    Areas under the ROC curve and under precision against recall (average precision), accuracy
    at a probability of ½, Brier score (1950), cross-entropy in nat, expected calibration error,
    calibration slope and intercept, and the numbers of positive, negative and unknown labels. Areas
    are NaN where only one of the two labels is known, all others where none is.
    """
    known = ~y.isnan()
    unknown, logit, y = (~known).sum(), logit[known], y[known]
    p, labels, some = logit.sigmoid(), y.int(), len(y) > 0
    positive = labels.sum()
    # Places in 0…1, which torchmetrics takes as they are: far from 0 probabilities are equal.
    order = logit.unique(return_inverse=True)[1].double() / max(len(y), 1)
    both = some and bool(0 < positive < len(y))
    nan = logit.new_tensor(torch.nan)
    slope, intercept = calibration(logit.cpu().numpy(), y.cpu().numpy())
    return {
        "auroc": binary_auroc(order, labels).clamp(max=1) if both else nan,  # float32
        "auprc": binary_average_precision(order, labels) if both else nan,
        "accuracy": ((logit > 0) == (y == 1)).to(p).mean(),
        "brier": (p - y).square().mean(),
        "cross_entropy": binary_cross_entropy_with_logits(logit, y) if some else nan,
        "calibration_error": binary_calibration_error(p, labels, BINS) if some else nan,
        "calibration_slope": logit.new_tensor(slope),
        "calibration_intercept": logit.new_tensor(intercept),
        "positive": positive.to(p),
        "negative": (len(y) - positive).to(p),
        "unknown": unknown.to(p),
    }
