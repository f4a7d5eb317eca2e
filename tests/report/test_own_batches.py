"""ECGs in batches are ranked as the same ECGs in an array."""

from typing import Any

import numpy as np
import pytest
import torch
from ecglens import evaluate, rank_methods
from ecglens.datamodules import Batch
from ecglens.inputs import check_order, gathered
from torch import nn
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from .conftest import beats

X = torch.from_numpy(beats(5, 600)).float()
Y = torch.arange(5.0)


def batches(form):
    """The ECGs two at a time, in this form."""
    for x, y in zip(X.split(2), Y.split(2), strict=True):
        segments = torch.zeros((len(x), 600), dtype=torch.int8)
        yield {
            "x": x,
            "pair": (x.numpy(), y.numpy()),
            "list": [x.double(), y],
            "batch": Batch(x, y[:, None], segments, ["a"] * len(x)),
        }[form]


@pytest.mark.parametrize("form", ["x", "pair", "list", "batch"])
def test_batches_are_the_ecgs_that_were_in_them(form):
    x, y = gathered(batches(form), None)
    torch.testing.assert_close(x, X, rtol=0, atol=0)
    assert y is None if form == "x" else torch.equal(y.flatten(), Y)
    x[0] = 0.0  # a copy: the file behind it is not changed
    assert not torch.equal(gathered(batches(form), None)[0], x)


@pytest.mark.heavy
def test_a_loader_is_ranked_as_its_array():
    torch.manual_seed(0)
    layers = (nn.Conv1d(12, 4, 9), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten())
    net = nn.Sequential(*layers, nn.Linear(4, 1)).eval()
    loader = DataLoader(TensorDataset(X, Y), batch_size=2)
    one = rank_methods(net, X, Y, methods=["saliency"]).finding
    other = rank_methods(net, loader, methods=["saliency"]).finding
    assert other.about.records == one.about.records
    for method, scores in one.scores["auc"].items():
        np.testing.assert_array_equal(other.scores["auc"][method], scores)


def test_an_array_stays_as_it_is():
    assert gathered(X, Y) == (X, Y)


@pytest.mark.parametrize(
    ("given", "y", "expected"),
    [
        (iter([X]), Y, "labels in the batches"),
        (iter([]), None, "at least one batch"),
        (iter([X[0]]), None, "got \\(12, 600\\) in 0"),
        (iter([X, X[..., :500]]), None, "got \\(5, 12, 500\\) in 1"),
        (iter([(X, Y), X]), None, "in every batch or in none, got 5 of 10"),
        (iter([(X[:2], Y[:1]), (X[2:], Y[1:])]), None, r"y of shape \(2,\) in batch 0, got \(1,\)"),
        (iter([(X[:4], Y[:4]), (X[4:], Y[4])]), None, r"y of shape \(1,\) in batch 1, got \(\)"),
        (iter([{"x": X}]), None, "real numbers"),
    ],
)
def test_batches_that_do_not_fit_are_refused(given, y, expected):
    with pytest.raises(ValueError, match=expected):
        gathered(given, y)


def test_values_in_the_order_of_the_ecgs_are_refused_beside_a_loader_that_shuffles():
    shuffled = DataLoader(TensorDataset(X), shuffle=True)
    ordered: list[dict[str, Any]] = [
        {"with_each": {"age": Y}},
        {"marks": X[:, 0] > 0},
        {"maps": {"mine": X}},
    ]
    for beside in ordered:
        with pytest.raises(ValueError, match=f"in the order of {next(iter(beside))}, got a Data"):
            rank_methods(nn.Flatten().eval(), shuffled, **beside)
    with pytest.raises(ValueError, match="in the order of with_each"):
        evaluate(nn.Flatten().eval(), shuffled, with_each={"age": Y})
    whole = TensorDataset(X[:, None])  # a batch at each place
    batched = DataLoader(whole, batch_size=None, shuffle=True)  # has no batch_sampler
    with pytest.raises(ValueError, match="in the order of marks"):
        check_order(batched, marks=X[:, 0] > 0)
    check_order(shuffled, with_each=None)
    check_order(DataLoader(TensorDataset(X)), with_each={"age": Y})


class Stream(IterableDataset):
    """ECGs one after another, of a number that nobody knows before."""

    def __iter__(self):
        return iter(X)


def test_a_loader_without_a_length_is_in_order():
    loader = DataLoader(Stream(), batch_size=2)
    check_order(loader, with_each={"age": Y})
    torch.testing.assert_close(gathered(loader, None)[0], X, rtol=0, atol=0)
