"""Fitting a network that predicts measurements."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import mse_loss
from torchmetrics import MetricCollection

from .errors import regression_errors
from .fitting import Fitting


class Regression(Fitting):
    """Fits `net` to the standardised target; see Fitting.

    Logs mae, rmse, bias (mean error) and r2 in the target's unit.
    """

    def errors(self, targets: int) -> MetricCollection:
        """mae, rmse, bias and r2."""
        return regression_errors(targets)

    def loss(
        self, predicted: Float[Tensor, "batch target"], y: Float[Tensor, "batch target"]
    ) -> Tensor:
        """Mean squared error of the standardised targets."""
        return mse_loss(self.net.standardised(predicted), self.net.standardised(y))

    def loss_of(self, errors: Mapping[str, Tensor]) -> Tensor:
        """Loss from the rmse."""
        return ((errors["rmse"] / self.net.y_sd) ** 2).mean()
