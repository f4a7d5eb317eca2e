"""Outcomes along a perturbation curve, and the area under it."""

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from ..store import Step

# Raised when a number of an outcome or of the area under it changes. The validation of scores is
# then out of date (meta_evaluation), and saved rankings are made again (finding_files).
AREA = Step("area", version=1)


def relative_error(
    curve: Float[Tensor, "*draw batch point"], y: Shaped[Tensor, " batch"]
) -> Float[Tensor, "*draw batch point"]:
    """|f(x_k) − y| / y with the signed true value y, as published; NaN where y is 0."""
    truth = _beside(curve, y)
    return (curve - truth).abs() / torch.where(truth == 0, torch.nan, truth)


def error_in_sd(
    curve: Float[Tensor, "*draw batch point"], y: Shaped[Tensor, " batch"], sd: float
) -> Float[Tensor, "*draw batch point"]:
    """|f(x_k) − y| / SD of the true values: the second view of amplitudes, which may be near 0."""
    if not sd > 0:
        raise ValueError(f"expected a standard deviation above 0, got {sd}")
    return (curve - _beside(curve, y)).abs() / sd


def prediction_change(
    curve: Float[Tensor, "*draw batch point"],
) -> Float[Tensor, "*draw batch point"]:
    """|f(x_k) − f(x)| in the target's unit: how much the network, right or wrong, was moved."""
    return (curve - curve[..., :1]).abs()


def fall(curve: Float[Tensor, "*draw batch point"]) -> Float[Tensor, "*draw batch point"]:
    """f(x) − f(x_k) with its sign: above 0 where what was removed spoke for the class."""
    return curve[..., :1] - curve


def area_under_curve(
    errors: Float[Tensor, "*batch point"], until: int = 15
) -> Float[Tensor, "*batch"]:
    """Trapezoids of step 1 over the indices 0…until, both included (Storås 2025: 15)."""
    if not 1 <= until < errors.shape[-1]:
        raise ValueError(f"expected until in 1…{errors.shape[-1] - 1}, got {until}")
    return torch.trapezoid(errors[..., : until + 1], dim=-1)


def _beside(curve: Tensor, y: Tensor) -> Tensor:
    """The true values shaped to stand beside every point of their ECG's curve."""
    if y.shape != curve.shape[-2:-1]:
        raise ValueError(
            f"expected one true value per ECG, ({curve.shape[-2]},); got {tuple(y.shape)}"
        )
    return y.to(curve).unsqueeze(-1)
