"""The planted contributions from the mean ECG are what they are called."""

import torch
from ecglens.explain import Context
from torch import nn

from benchmarks.template_maps import FromTheMean


class Squares(nn.Module):
    """Σ x² / 10⁴ of each ECG."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One output."""
        return x.square().sum((1, 2))[:, None] / 1e4


def test_contributions_of_squares_are_the_differences_of_squares() -> None:
    torch.manual_seed(0)
    x, others = 100 * torch.randn(2, 12, 600), 100 * torch.randn(16, 12, 600)
    context = Context([], torch.zeros(2, 600, dtype=torch.int8), others)
    found = FromTheMean(steps=8).heatmap(Squares(), x, 0, context)
    # The gradient is linear on the line, so that the midpoint rule is exact.
    truth = (x.square() - others.mean(0).square()) / 1e4
    assert torch.allclose(found, truth, rtol=1e-4, atol=1e-4)
