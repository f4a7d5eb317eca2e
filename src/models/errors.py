"""Errors of predicted measurements."""

import torch
from jaxtyping import Float
from torch import Tensor
from torchmetrics import MeanAbsoluteError, MeanSquaredError, Metric, MetricCollection, R2Score


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
        """Mean error over all added batches."""
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
