"""Check that an output depends on its own ECG alone, and is finite and repeatable."""

import copy

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..passes import prediction

# Float32 rounding through a deep network, as a share of the largest output.
ROUNDING = 1e-4


def checked_outputs(
    net: nn.Module, x: Float[Tensor, "batch lead time"], target: int
) -> Float[Tensor, " batch"]:
    """Outputs; raises ValueError unless each is finite and depends on its own ECG alone."""
    with torch.no_grad():
        outputs = prediction(_fresh(net), x.clone(), target)
        if not outputs.isfinite().all():
            raise ValueError("expected finite outputs, got NaN or infinity")
        tolerance = ROUNDING * float(outputs.abs().max())
        _check_repeated(net, x, target, outputs, tolerance)
        _check_independence(net, x, target, tolerance)
    return outputs


def _check_repeated(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    outputs: Float[Tensor, " batch"],
    tolerance: float,
) -> None:
    again = prediction(_fresh(net), x.clone(), target)
    if not torch.allclose(outputs, again, rtol=0, atol=tolerance):
        raise ValueError(
            "expected the same output twice, got two; look for functional dropout without "
            "training=self.training and for other random numbers in the network"
        )
    used = _fresh(net)
    prediction(used, -2 * x.flip(-1), target)
    after = prediction(used, x.clone(), target)
    if not torch.allclose(outputs, after, rtol=0, atol=tolerance):
        raise ValueError(
            "expected the same output in every call, got another one after other ECGs; look for "
            "state that the network keeps from one call to the next"
        )


def _check_independence(
    net: nn.Module, x: Float[Tensor, "batch lead time"], target: int, tolerance: float
) -> None:
    alone = prediction(net, x[:1].clone(), target)
    # Other ECGs of the same mean, and of the opposite sign and ten times the size.
    for others in (x.flip(-1), -10 * x):
        among = prediction(net, torch.cat([x[:1], others, x[:1]]), target)
        for found in (among[:1], among[-1:]):
            if not torch.allclose(alone, found, rtol=0, atol=tolerance):
                raise ValueError(
                    "expected an output that depends on its own ECG alone, got one that changes "
                    "with the rest of the batch or with the place in it; look for normalisation "
                    "over the batch, and for labels or random numbers by place"
                )


def _fresh(net: nn.Module) -> nn.Module:
    """A copy of the network as it was given, or the network itself if it cannot be copied."""
    try:
        return copy.deepcopy(net)
    except (RuntimeError, TypeError):  # a kept activation has a graph; a lock has no copy
        return net
