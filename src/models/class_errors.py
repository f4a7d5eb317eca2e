"""Errors of logits as predictions of classes, some of whose labels are unknown."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torchmetrics import Metric
from torchmetrics.functional.classification import (
    binary_auroc,
    binary_average_precision,
    binary_calibration_error,
)
from torchmetrics.utilities import dim_zero_cat

from .calibration import calibration

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
        """Add a batch of logits and labels."""
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
    both = some and bool(0 < positive < len(y))
    nan = logit.new_tensor(torch.nan)
    slope, intercept = calibration(logit.cpu().numpy(), y.cpu().numpy())
    return {
        # Probabilities, because torchmetrics mistakes logits that all lie within 0…1 for them.
        "auroc": binary_auroc(p, labels) if both else nan,
        "auprc": binary_average_precision(p, labels) if both else nan,
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
