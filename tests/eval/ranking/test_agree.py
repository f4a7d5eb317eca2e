"""Whether two protocols order the methods of the same networks alike."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.eval import DEFAULT, STORAS2025, finding_of, rank
from ecglens.eval.ranking.outcome import agree
from scipy import stats

from ..networks import column, made_curves
from ..test_finding_files import about
from .test_ranking import CONTROLS, aucs

FIVE = {"a": 20.0, "b": 18.0, "c": 16.0, "d": 14.0, "e": 12.0}
TURNED = {"a": 14.0, "b": 18.0, "c": 20.0, "d": 16.0, "e": 12.0}


def test_it_is_scipys_tau_of_the_mean_areas_of_all_networks():
    one = [made_curves(aucs(FIVE | CONTROLS, seed), DEFAULT) for seed in range(3)]
    gentle = replace(DEFAULT, name="gentle", noise=0.05)
    other = [made_curves(aucs(TURNED | CONTROLS, seed), gentle) for seed in range(3)]
    found = agree(one, other)
    tables = [column(rank(each), "value") for each in (one, other)]
    expected = stats.kendalltau(*([table[name] for name in FIVE] for table in tables))[0]
    assert found.tau == pytest.approx(expected)
    assert expected == pytest.approx(0.2)  # 6 of 10 pairs stand alike
    assert found.low <= found.tau <= found.high
    assert agree(one, one).tau == 1


def test_only_what_both_can_judge_is_compared():
    y = np.full(24, 50.0)
    y[[2, 5]] = np.nan  # no relative error there
    made = aucs(FIVE | CONTROLS, ecgs=24)
    made["a"][[2, 5]] = -10_000.0  # which turns the order of all 24
    default = made_curves(made, DEFAULT, y=y)
    foreign = {name: auc for name, auc in aucs(FIVE | CONTROLS, ecgs=24).items() if name != "e"}
    other = made_curves({name: 9 * auc for name, auc in foreign.items()}, STORAS2025, y=y)
    raised = {name: curve + 50.0 for name, curve in other.predictions.items()}
    assert agree([default], [replace(other, predictions=raised)]).tau == 1


def test_other_networks_or_ecgs_are_refused():
    curves = made_curves(aucs(FIVE | CONTROLS), DEFAULT)
    few = made_curves(aucs(FIVE | CONTROLS, ecgs=20), DEFAULT)
    with pytest.raises(ValueError, match="same networks and ECGs, got different ones"):
        agree([curves], [few])
    one, other = (finding_of((curves,), about(curves, networks=(name,))) for name in "ab")
    with pytest.raises(ValueError, match="same networks and ECGs, got different ones"):
        agree(one, other)
