"""Which networks are searched for discontinuities: the search is most of what the linter costs."""

import pytest
import torch
from ecglens.explain import lint
from ecglens.explain.checks.discontinuities import may_have_steps
from torch import Tensor, nn
from torch.nn import functional

from .networks import Residual, ecgs, filled


class Pooled(Residual):
    """The values of each are functions without steps; where they were found is not read."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def rectify1(self, x: Tensor) -> Tensor:
        return {
            "MaxPool1d": lambda: nn.MaxPool1d(3, 2)(x),
            "with padding": lambda: functional.max_pool1d(x, 3, 1, 1),
            "adaptive": lambda: functional.adaptive_max_pool1d(x, 5),
            "max along time": lambda: x.max(-1, keepdim=True).values,
            "min along time": lambda: x.min(-1, keepdim=True)[0],
            "sort": lambda: x.sort(-1).values,
            "topk": lambda: x.topk(3, -1).values,
            "median": lambda: x.median(-1, keepdim=True).values,
            "cummax": lambda: x.cummax(-1).values,
        }[self.kind]()


class Placed(Pooled):
    """The place decides something: a step where the largest moves."""

    def rectify1(self, x: Tensor) -> Tensor:
        return {
            "argmax": lambda: x + x.argmax(-1, keepdim=True),
            "max": lambda: x + x.max(-1, keepdim=True).indices,
            "pooling": lambda: (
                x.mean(-1, keepdim=True) + functional.max_pool1d(x, 8, 8, return_indices=True)[1]
            ),
            "unpooling": lambda: functional.max_unpool1d(
                *functional.max_pool1d(x, 8, 8, return_indices=True), [8]
            ),
            "gather": lambda: x.gather(-1, x.sort(-1).indices[..., :3]),
            "in python": lambda: x + float(x.max(-1).indices[0, 0]),
            "by numpy": lambda: x + torch.from_numpy(x.max(-1).indices.numpy())[..., None],
        }[self.kind]()


POOLED = ["MaxPool1d", "with padding", "adaptive", "max along time", "min along time", "sort",
          "topk", "median", "cummax"]  # fmt: skip
PLACED = ["argmax", "max", "pooling", "unpooling", "gather", "in python", "by numpy"]


@pytest.mark.parametrize("kind", POOLED)
def test_places_that_nothing_reads_are_no_reason_to_search(kind):
    assert not may_have_steps(filled(Pooled(kind)), ecgs(1))


@pytest.mark.parametrize("kind", PLACED)
def test_places_that_decide_something_are(kind):
    assert may_have_steps(filled(Placed(kind)), ecgs(1))


def test_max_pooling_costs_the_linter_no_search():
    class Counting(Pooled):
        passes = 0

        def forward(self, x: Tensor) -> Tensor:
            Counting.passes += len(x)
            return super().forward(x)

    def passes(kind: str) -> int:
        Counting.passes = 0
        assert lint(filled(Counting(kind)), ecgs()).errors == ()
        return Counting.passes

    searched = 3 * 3 * (33 + 2 * 15)  # lines of three ECGs
    assert passes("MaxPool1d") < searched
