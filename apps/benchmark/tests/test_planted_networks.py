"""Cheating networks and their clean twins learn from the same hearts."""

import numpy as np
import torch
from ecglens.ecg import Shortcut, draw_exact
from ecglens.eval.evaluations.shortcuts import MEASURES
from ecglens_benchmark.planted import MEANT, SEED, auroc, world


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
