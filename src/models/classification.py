"""Fitting a network that tells ECGs of one kind from all others."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torchmetrics import MetricCollection

from .errors import classification_errors
from .fitting import Fitting
from .units import InUnits


class Classification(Fitting):
    """Fits `net`, whose one output is the log-odds of label 1 (a logit); see Fitting.

    Logs auroc, accuracy (at a probability of ½), brier and cross_entropy (nat).
    Raises ValueError for several outputs, or for outputs that are not taken as they are.
    """

    def __init__(
        self, net: InUnits, lr: float = 4e-3, schedule: str = "one_cycle", seed: int = 0
    ) -> None:
        if net.y_mean.tolist() != [0.0] or net.y_sd.tolist() != [1.0]:
            raise ValueError(
                "expected one output that is a logit (y_mean 0, y_sd 1), "
                f"got y_mean {net.y_mean.tolist()} and y_sd {net.y_sd.tolist()}"
            )
        super().__init__(net, lr, schedule, seed)

    def errors(self, targets: int) -> MetricCollection:
        """auroc, accuracy, brier and cross_entropy."""
        return classification_errors()

    def loss(
        self, predicted: Float[Tensor, "batch target"], y: Float[Tensor, "batch target"]
    ) -> Tensor:
        """Binary cross-entropy of the logits."""
        return binary_cross_entropy_with_logits(predicted, y)

    def loss_of(self, errors: Mapping[str, Tensor]) -> Tensor:
        """The cross-entropy itself."""
        return errors["cross_entropy"]
