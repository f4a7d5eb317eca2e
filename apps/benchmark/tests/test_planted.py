"""Planted shortcuts: from the AUROC of each kind to a verdict, and the networks that cheat."""

import math

import numpy as np
import pytest
import torch
from ecglens.ecg import Shortcut, draw_exact
from ecglens.store import Store
from ecglens_benchmark.planted import MEANT, SEED, Planted, auroc, kept_network, outcome_of, world
from ecglens_metrics.shortcuts import MEASURES

NAN = math.nan


@pytest.mark.parametrize(
    ("values", "verdict", "said"),
    [
        ([1.0, 0.9, 0.95, 1.0, 0.5, 0.0], "passes", "4 of 6 kinds found: offset, edge,"),
        ([1.0, 0.89, 0.5, 0.5, 0.5, 1.0], "fails", "2 of 6 kinds found: offset, lead"),
        ([1.0, 1.0, 1.0, NAN, 0.5, 0.5], "cannot be said", "3 of 5 kinds found: offset, edge,"),
        ([1.0, 1.0, 0.5, NAN, 0.5, 0.5], "fails", "2 of 5 kinds found: offset, edge"),
        ([NAN] * 6, "not tried", "0 of 0 kinds found"),
    ],
)  # fmt: skip
def test_four_kinds_of_six_meet_the_limit(values, verdict, said):
    found = outcome_of("mine", {"mine": values, "random": [0.5] * 6})
    assert found.verdict == verdict
    assert found.said.startswith(said)
    (score,) = found.scores
    assert [each is None for each in score.rows["mine"]] == [math.isnan(each) for each in values]


def test_a_network_is_fitted_once(tmp_path):
    planted = Planted("lead", 0, True, ecgs=40, epochs=1)
    first = kept_network(planted, Store(tmp_path))
    (folder,) = (tmp_path / "planted").glob("*/net.pt")
    made = folder.stat().st_mtime_ns
    again = kept_network(planted, Store(tmp_path))
    assert folder.stat().st_mtime_ns == made
    x = torch.randn(2, 12, 600)
    torch.testing.assert_close(first(x), again(x), rtol=0, atol=0)
    torch.testing.assert_close(first(x), planted.fitted()(x), rtol=0, atol=0)


def test_auroc_counts_pairs_and_halves_ties():
    assert auroc(np.array([2.0, 3.0]), np.array([1.0, 2.0])) == 3.5 / 4
    assert auroc(np.array([1.0, 1.0]), np.array([1.0])) == 0.5


def test_each_kind_has_a_measure():
    assert {*MEANT.values()} <= {*MEASURES}


def test_the_shortcut_follows_the_label_in_one_world_and_a_coin_in_the_other():
    x, y, present, _ = world("lead", 0, 40, strength=1.0)
    other, same, coin, _ = world("lead", 0, 40, strength=0.0)
    np.testing.assert_array_equal(present, y == 1)
    np.testing.assert_array_equal(y, same)
    assert (coin != present).any()
    for index in range(40):
        off = Shortcut("lead").place(draw_exact(SEED, index).marks, 600)
        torch.testing.assert_close(x[index][~off], other[index][~off], rtol=0, atol=0)
