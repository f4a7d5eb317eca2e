"""How far a network's predictions are from the truth."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torchmetrics import MeanAbsoluteError, MeanSquaredError, Metric, MetricCollection, R2Score
from torchmetrics.classification import BinaryAccuracy, BinaryAUROC
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
        """Add a batch."""
        self.total = self.total + (preds - target).sum(0)
        self.count = self.count + len(preds)

    def compute(self) -> Float[Tensor, " target"]:
        """The mean error of everything added so far."""
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


class CrossEntropy(Metric):
    """Mean binary cross-entropy of logits in nat. Exact over several processes."""

    is_differentiable = True
    higher_is_better = False
    full_state_update = False

    total: Tensor
    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total", torch.tensor(0.0), dist_reduce_fx="sum")
        self.add_state("count", torch.tensor(0), dist_reduce_fx="sum")

    def update(
        self, preds: Float[Tensor, "batch target"], target: Float[Tensor, "batch target"]
    ) -> None:
        """Add a batch."""
        each = binary_cross_entropy_with_logits(preds, target, reduction="none")
        self.total = self.total + each.sum()
        self.count = self.count + each.numel()

    def compute(self) -> Float[Tensor, ""]:
        """The mean of everything added so far."""
        return self.total / self.count


# torchmetrics takes a batch whose logits all lie within 0…1 for probabilities: it gets these.
class Auroc(BinaryAUROC):
    """Area under the ROC curve of logits; NaN while only one class has been seen."""

    def update(self, preds: Tensor, target: Tensor) -> None:
        """Add a batch."""
        super().update(preds.sigmoid(), target.int())

    def compute(self) -> Tensor:
        """The area of everything added so far."""
        if len(dim_zero_cat(self.target).unique()) < 2:
            return torch.tensor(torch.nan)
        return super().compute()


class Accuracy(BinaryAccuracy):
    """Share of logits on the right side of 0."""

    def update(self, preds: Tensor, target: Tensor) -> None:
        """Add a batch."""
        super().update(preds.sigmoid(), target.int())


class Brier(MeanSquaredError):  # noqa: N818 - a metric, no exception
    """Mean squared error of the probabilities (Brier 1950)."""

    def update(self, preds: Tensor, target: Tensor) -> None:
        """Add a batch."""
        super().update(preds.sigmoid(), target)


def classification_errors() -> MetricCollection:
    """auroc, accuracy, brier and cross_entropy of logits against labels 0 and 1, in float64."""
    errors = MetricCollection(
        {
            "auroc": Auroc(),
            "accuracy": Accuracy(),
            "brier": Brier(),
            "cross_entropy": CrossEntropy(),
        },
        compute_groups=False,
    )
    return errors.set_dtype(torch.float64)
