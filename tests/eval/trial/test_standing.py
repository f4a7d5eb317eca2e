"""What the tables say of a metric is what came out of its trial."""

from dataclasses import replace

import pytest
import yaml
from ecglens.eval import HOUSE, STORAS2025, Protocol
from ecglens.eval.trial import METRICS, NETWORKS, UNFIT_ON, standing, trial, tried_as
from ecglens.explain import config_folder
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
    zero = replace(HOUSE, unit="segment", fill="zero", draws=1)
    assert tried_as(replace(zero, noise=0.1)) == "perturbation AUC, segments filled: zero"
    for other in ({"noise": 0.05}, {"until": 20}, {"order": "least"}, {"segment_ms": 20}):
        assert (tried_as(replace(HOUSE, **other)) is None) == ("segment_ms" not in other)
    assert tried_as(replace(zero, segment_ms=20)) is None


def test_every_configured_protocol_stood_trial_but_those_of_less_noise():
    untried = set()
    for path in (config_folder() / "evaluation").glob("*.yaml"):
        given = yaml.safe_load(path.read_text("utf-8"))
        if "defaults" in given:
            continue  # a list of others
        for name, settings in given.items():
            if settings.pop("_target_") == "ecglens.eval.Protocol":
                untried |= {name} if tried_as(Protocol(**settings)) is None else set()
    assert untried == {"noise_2", "noise_5", "noise_10"}


def test_every_network_of_the_trial_has_words():
    assert set(WHERE) == set(NETWORKS)


@pytest.mark.heavy
def test_the_standing_of_completeness_is_what_its_trial_says():
    metric = METRICS["completeness"]
    unfit = [name for name, network in NETWORKS.items() if not trial(metric, network).fit]
    assert unfit == list(UNFIT_ON["completeness"])
