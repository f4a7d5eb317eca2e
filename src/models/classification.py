"""Fitting a network whose outputs are logits of classes."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from .class_errors import ClassErrors
from .fitting import Fitting
from .units import InUnits


class Classification(Fitting):
    """Fits `net`, whose outputs are the log-odds (logits) of classes; see Fitting.

    A label is 1, 0 or NaN, which is unknown and left out of the loss. Logs the measures of
    `class_errors`. All classes and labels have equal weight.
    Raises ValueError for outputs that are scaled or shifted.
    """

    def __init__(
        self, net: InUnits, lr: float = 4e-3, schedule: str = "one_cycle", seed: int = 0
    ) -> None:
        if net.y_mean.any() or (net.y_sd != 1).any():
            raise ValueError(
                "expected outputs that are logits (y_mean 0, y_sd 1), "
                f"got y_mean {net.y_mean.tolist()} and y_sd {net.y_sd.tolist()}"
            )
        super().__init__(net, lr, schedule, seed)

    def errors(self, targets: int) -> ClassErrors:
        """Measures of each class."""
        return ClassErrors()

    def loss(
        self, predicted: Float[Tensor, "batch target"], y: Float[Tensor, "batch target"]
    ) -> Tensor:
        """Mean binary cross-entropy of the logits over the known labels, 0 where none is known."""
        known = ~y.isnan()
        each = binary_cross_entropy_with_logits(predicted, y.nan_to_num(), reduction="none")
        return (each * known).sum() / known.sum().clamp(min=1)

    def loss_of(self, errors: Mapping[str, Tensor]) -> Tensor:
        """Loss from the cross-entropies of the classes."""
        known = errors["positive"] + errors["negative"]
        return (errors["cross_entropy"].nan_to_num() * known).sum() / known.sum().clamp(min=1)
