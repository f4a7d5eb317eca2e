"""What the tables say of a metric is what came out of its trial."""

from dataclasses import replace

import pytest
from ecglens.eval import HOUSE, STORAS2025
from ecglens.eval.trial import METRICS, NETWORKS, UNFIT_ON, standing, trial, tried_as
from ecglens.report.on_trial import WHERE


def test_every_metric_has_a_standing_on_networks_that_there_are():
    assert set(UNFIT_ON) == set(METRICS)
    assert all(set(unfit) <= set(NETWORKS) for unfit in UNFIT_ON.values())
    assert standing("completeness").startswith("unfit on window; signed")
    assert standing("a metric of one's own") == "not tried"


def test_rules_are_tried_only_as_they_stood_trial():
    assert tried_as(HOUSE) == "perturbation AUC, house rules"
    assert tried_as(STORAS2025) == "perturbation AUC, Storås 2025"
    longer = replace(HOUSE, name="noise_20", steps=200, oracle=2, other_ecg=True)
    assert tried_as(longer) == tried_as(HOUSE)
    for other in ({"noise": 0.05}, {"until": 20}, {"order": "least"}, {"unit": "segment"}):
        assert tried_as(replace(HOUSE, **other)) is None


def test_every_network_of_the_trial_has_words():
    assert set(WHERE) == set(NETWORKS)


@pytest.mark.heavy
def test_the_standing_of_completeness_is_what_its_trial_says():
    metric = METRICS["completeness"]
    unfit = [name for name, network in NETWORKS.items() if not trial(metric, network).fit]
    assert unfit == list(UNFIT_ON["completeness"])
