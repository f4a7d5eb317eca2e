"""What the tables say of a metric is what came out of its trial."""

from dataclasses import replace

import pytest
import yaml
from ecglens.config_folder import config_folder
from ecglens.eval import DEFAULT, POINTS, STORAS2025, Perturbation
from ecglens.eval.evaluations.axioms.measures import COMPLETENESS, SENSITIVITY
from ecglens.eval.evaluations.localisation.measures import MEASURES
from ecglens.eval.meta_evaluation import (
    METRICS,
    NETWORKS,
    STOOD,
    UNFIT_ON,
    Stood,
    standing,
    stood,
    trial,
    tried_as,
    tried_on,
    why_not,
)
from ecglens.eval.meta_evaluation.of_axioms import TRIED as AXIOMS
from ecglens.eval.meta_evaluation.of_degradation import TRIED as DEGRADATION
from ecglens.eval.meta_evaluation.of_effects import TRIED as EFFECTS
from ecglens.eval.meta_evaluation.of_localisation import TRIED as LOCALISATION
from ecglens.report.text.validation import WHERE

OF_PANELS = {**AXIOMS, **DEGRADATION, **EFFECTS, **LOCALISATION}


def test_every_metric_has_a_standing_on_networks_that_there_are():
    assert set(UNFIT_ON) == set(METRICS)
    assert all(set(unfit) <= set(tried_on(name)) for name, unfit in UNFIT_ON.items())
    assert tried_on("a metric of one's own") == ()
    assert all(set(unfit) <= set(NETWORKS) for unfit in UNFIT_ON.values())
    assert standing("completeness").startswith("unfit on window; signed")
    assert standing("a metric of one's own") == "not tried"


def test_rules_are_tried_only_as_they_stood_trial():
    assert tried_as(DEFAULT) == "perturbation AUC, default protocol"
    assert tried_as(POINTS) == "perturbation AUC, points"
    assert tried_as(STORAS2025) == "perturbation AUC, Storås 2025"
    longer = replace(POINTS, name="noise_20", steps=200, oracle=2, ladder=0)
    assert tried_as(longer) == tried_as(POINTS)
    zero = replace(POINTS, unit="segment", fill="zero", draws=1)
    assert tried_as(replace(zero, noise=0.1)) == "perturbation AUC, segments filled: zero"
    for other in ({"noise": 0.03}, {"until": 20}, {"order": "least"}, {"segment_ms": 20}):
        assert (tried_as(replace(POINTS, **other)) is None) == ("segment_ms" not in other)
    assert tried_as(replace(zero, segment_ms=20)) is None


def test_every_configured_protocol_stood_trial():
    untried, found = set(), set()
    for path in (config_folder() / "evaluation").glob("*.yaml"):
        given = yaml.safe_load(path.read_text("utf-8"))
        if "defaults" in given:
            continue  # a list of others
        for name, settings in given.items():
            if settings.pop("_target_") == "ecglens.eval.Perturbation":
                found |= {name}
                untried |= {name} if tried_as(Perturbation(**settings).protocol) is None else set()
    assert untried == set()
    assert found >= {"default", "points", "storas2025"}


def test_every_network_of_the_trial_has_words():
    assert set(WHERE) == set(NETWORKS)


def test_every_measure_that_stood_is_one_of_the_benchmark_on_networks_that_there_are():
    assert set(STOOD) <= set(OF_PANELS)
    for found in STOOD.values():
        assert set(found.fit) | set(found.unfit) <= set(NETWORKS)
        assert not set(found.fit) & set(found.unfit)


def test_a_measure_of_sizes_is_another_one_only_where_signs_count():
    assert stood("localisation_edge", "relevance_rank") == STOOD["relevance_rank"]
    sized = stood("localisation_edge", "relevance_rank", absolute=True)
    assert sized == STOOD.get("relevance_rank, of |map|", Stood())
    assert stood("localisation_wave", "aup", absolute=True) == STOOD["aup"]
    assert stood("axioms", "completeness") == STOOD["axioms, completeness"]
    assert stood("an evaluation of one's own", "aup") == Stood()


def test_what_cannot_stand_trial_says_why():
    rank = MEASURES["relevance_rank"]
    assert why_not("localisation_edge", rank, "regression", "median") == ""
    assert "median beats" in why_not("localisation_edge", rank, "regression", "rhythm")
    assert "no probabilities" in why_not("degradation", rank, "binary", "median")
    assert why_not("degradation", rank, "regression", "median") == ""
    assert "experts" in why_not("votes_full", rank, "regression", "median")
    assert "orders no maps" in why_not("axioms", SENSITIVITY, "regression", "median")
    assert why_not("axioms", COMPLETENESS, "regression", "median") == ""


@pytest.mark.heavy
def test_the_standing_of_completeness_is_what_its_trial_says():
    metric = METRICS["completeness"]
    unfit = [name for name, network in NETWORKS.items() if not trial(metric, network).fit]
    assert unfit == list(UNFIT_ON["completeness"])
