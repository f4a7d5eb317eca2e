"""The validation that pages print is the one that was measured."""

from dataclasses import replace
from datetime import date

import pytest
import yaml
from ecglens.eval import (
    DEFAULT,
    POINTS,
    STORAS2025,
    Perturbation,
    measure_name,
    score_name,
    validations,
    why_not_validated,
)
from ecglens.eval.meta_evaluation import READS
from ecglens.registry import config_folder
from ecglens.report.text.cautions import WHERE
from ecglens_metrics.axioms import COMPLETENESS, SENSITIVITY
from ecglens_metrics.localisation import MEASURES


@pytest.mark.parametrize("metric", validations())
def test_results_are_current_and_on_networks_that_there_are(metric):
    found = validations()[metric]
    assert found.is_current(metric)
    assert found.tried
    assert date.fromisoformat(found.measured)
    assert set(found.fit) | set(found.unfit) <= set(WHERE)
    assert not set(found.fit) & set(found.unfit)


@pytest.mark.parametrize("step", READS["perturbation AUC"], ids=lambda step: step.name)
def test_results_of_another_version_of_a_step_are_not_current(monkeypatch, step):
    metric = "perturbation AUC, points"
    read = [replace(s, version=99) if s == step else s for s in READS["perturbation AUC"]]
    monkeypatch.setitem(READS, "perturbation AUC", tuple(read))
    assert not validations()[metric].is_current(metric)
    assert validations()["completeness"].is_current("completeness")


def test_rules_are_tried_only_as_they_stood_trial():
    assert score_name(DEFAULT) == "perturbation AUC, default protocol"
    assert score_name(POINTS) == "perturbation AUC, points"
    assert score_name(STORAS2025) == "perturbation AUC, Storås 2025"
    longer = replace(POINTS, name="noise_20", steps=200, oracle=2, ladder=0)
    assert score_name(longer) == score_name(POINTS)
    zero = replace(POINTS, unit="segment", fill="zero", draws=1)
    assert score_name(replace(zero, noise=0.1)) == "perturbation AUC, segments filled: zero"
    for other in ({"noise": 0.03}, {"until": 20}, {"order": "lerf"}, {"segment_ms": 20}):
        assert (score_name(replace(POINTS, **other)) is None) == ("segment_ms" not in other)
    assert score_name(replace(zero, segment_ms=20)) is None


def test_every_configured_protocol_stood_trial():
    untried, found = set(), set()
    for path in (config_folder() / "evaluation").glob("*.yaml"):
        given = yaml.safe_load(path.read_text("utf-8"))
        if "defaults" in given:
            continue  # a list of others
        for name, settings in given.items():
            if settings.pop("_target_") == "ecglens.eval.Perturbation":
                found |= {name}
                untried |= (
                    {name} if score_name(Perturbation(**settings).protocol) is None else set()
                )
    assert untried == set()
    assert found >= {"default", "points", "storas2025"}


def test_a_measure_of_sizes_is_another_one_only_where_signs_count():
    rank, edge = "relevance_rank", "localisation_edge"
    assert measure_name(edge, rank) == rank
    assert measure_name(edge, rank, absolute=True) == "relevance_rank, of |map|"
    assert measure_name("localisation_wave", "aup", absolute=True) == "aup"
    assert measure_name("axioms", "completeness") == "axioms, completeness"
    assert measure_name("an evaluation of one's own", "aup") not in validations()


def test_what_cannot_be_validated_says_why():
    rank = MEASURES["relevance_rank"]
    assert why_not_validated("localisation_edge", rank, "regression", "median") == ""
    assert "median beats" in why_not_validated("localisation_edge", rank, "regression", "rhythm")
    assert "no probabilities" in why_not_validated("degradation", rank, "binary", "median")
    assert why_not_validated("degradation", rank, "regression", "median") == ""
    assert "experts" in why_not_validated("votes_full", rank, "regression", "median")
    assert "orders no maps" in why_not_validated("axioms", SENSITIVITY, "regression", "median")
    assert why_not_validated("axioms", COMPLETENESS, "regression", "median") == ""
