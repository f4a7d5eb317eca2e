"""Cheating networks by their data sheets: one real pair, and the interval of an AUROC."""

import pytest
from ecglens.store import Store
from ecglens_benchmark.planted import Planted
from ecglens_measure.content import moved_most
from ecglens_measure.doses import doses
from ecglens_measure.library import on_ecgs
from ecglens_measure.measurement import GRADED
from ecglens_measure.sheet import DataSheet
from ecglens_measure.words import printed

from benchmarks.shortcuts_by_doses import TARGET, hearts, largest, newcombe

ASKED = [largest(each) for each in doses().values() if each.kind not in GRADED]


@pytest.mark.heavy
def test_the_sheet_of_a_cheating_network_names_mains_and_that_of_its_twin_does_not(tmp_path):
    store, known, named = Store(tmp_path), hearts(), {}
    for cheating in (True, False):
        net = Planted("mains", 0, cheating).fitted()
        found = on_ecgs([net], known, ASKED, TARGET, store)
        named[cheating] = moved_most(found)
        assert named[cheating] in DataSheet((found,)).html()
    assert f"{printed('noise_mains')} (" in named[True]
    assert f"{printed('noise_mains')} (" not in named[False]


def test_the_interval_of_an_auroc_mirrors_and_is_hanley_and_mcneils_for_many():
    low, high = newcombe(0.9, 8, 8)
    mirrored = newcombe(0.1, 8, 8)
    assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-6)
    auc, n = 0.9, 100_000
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (auc * (1 - auc) + (n - 1) * (q1 - auc**2 + q2 - auc**2)) / n**2
    low, high = newcombe(auc, n, n)
    assert high - low == pytest.approx(2 * 1.959964 * variance**0.5, rel=0.01)
