"""What the tables say of a metric is what came out of its trial."""

import pytest
from ecglens.eval.trial import METRICS, NETWORKS, UNFIT_ON, standing, trial


def test_every_metric_has_a_standing_on_networks_that_there_are():
    assert set(UNFIT_ON) == set(METRICS)
    assert all(set(unfit) <= set(NETWORKS) for unfit in UNFIT_ON.values())
    assert standing("completeness").startswith("unfit on window; signed")
    assert standing("a metric of one's own") == "not tried"


@pytest.mark.heavy
def test_the_standing_of_completeness_is_what_its_trial_says():
    metric = METRICS["completeness"]
    unfit = [name for name, network in NETWORKS.items() if not trial(metric, network).fit]
    assert unfit == list(UNFIT_ON["completeness"])
