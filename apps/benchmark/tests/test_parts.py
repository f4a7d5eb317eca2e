"""From findings to verdicts, on a network that has learned something; and what a map costs."""

from dataclasses import replace

import pytest
from ecglens.eval import Networks
from ecglens.eval.evaluations.perturbation import Perturbation
from ecglens.eval.evaluations.sanity import Weights
from ecglens.explain import find, find_all
from ecglens_benchmark.parts import (
    axioms_outcome,
    ladder_outcome,
    not_tried,
    on_every,
    pairs_outcome,
    weights_outcomes,
)
from ecglens_benchmark.run import cost_of
from ecglens_metrics import Axioms, Counterfactuals

from tests.eval.evaluations.sanity.networks import made_subject, trained

from .methods import DataOnly


def networks() -> Networks:
    return Networks([trained(0)], trained(2))


@pytest.mark.heavy
def test_the_gradient_says_how_the_output_moves_and_data_alone_do_not(tmp_path):
    subject = made_subject(tmp_path)
    found = pairs_outcome(Counterfactuals(ecgs=6)(networks(), subject))
    assert found.verdict == "passes"
    assert [each.name for each in found.scores] == ["pairs/cosine", "pairs/sign", "pairs/moved"]
    cheat = replace(subject, methods={"saliency": DataOnly()})
    assert pairs_outcome(Counterfactuals(ecgs=6)(networks(), cheat)).verdict == "fails"


def test_only_the_axiom_with_a_direction_has_a_limit(tmp_path):
    finding = Axioms(ecgs=6, copies=1)(networks(), made_subject(tmp_path))
    found = axioms_outcome(replace(finding, notes=("said",)))
    assert found.notes == ("said",)
    scores = {each.name: each for each in found.scores}
    assert found.verdict == ("passes" if scores["axioms/infidelity"].beats else "fails")
    assert scores["axioms/noise"].better == ""
    assert scores["axioms/noise"].beats is None
    assert scores["axioms/completeness"].value is None  # a slope promises no sum


@pytest.mark.heavy
def test_a_map_of_the_ecg_alone_fails_both_gates(tmp_path):
    cheat = replace(made_subject(tmp_path), methods={"mine": DataOnly()})
    weights, labels = weights_outcomes(Weights(stages=1, copies=3)(networks(), cheat))
    assert (weights.verdict, labels.verdict) == ("fails", "fails")
    assert [each.part for each in weights.scores] == ["weights"]


def test_the_ladder_is_the_lower_level_of_both_protocols(tmp_path):
    subject = made_subject(tmp_path)
    names = {"name": "one", "draws": 2}, {"name": "two", "draws": 2, "unit": "point"}
    found = [Perturbation(fill="noise", **each)(networks(), subject) for each in names]
    outcome = ladder_outcome({"t": found}, "saliency")
    assert outcome.said.startswith("level (of 3): t ")
    assert [each.name for each in outcome.scores] == ["ladder/t, one/auc", "ladder/t, two/auc"]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["passes", "passes"], "passes"),
        (["passes", "not tried"], "cannot be said"),
        (["fails", "not tried"], "fails"),
        (["cannot be said", "passes"], "cannot be said"),
        (["not tried", "not tried"], "not tried"),
    ],
)
def test_a_limit_on_every_target_is_not_met_by_refusing_one(verdicts, expected):
    assert on_every(verdicts) == expected


def test_a_part_that_was_not_tried_has_its_reason():
    found = not_tried("weights", "no weights")
    assert (found.verdict, found.said, found.scores) == ("not tried", "no weights", ())


def test_a_map_of_many_gradients_costs_more_than_one(tmp_path):
    subject = made_subject(tmp_path)
    cheap = cost_of(trained(0), subject)
    many = replace(subject, methods=find_all(["integrated_gradients"]))
    dear = cost_of(trained(0), many)
    assert cheap.passes == find("saliency").facts.gradients  # it checks what it gets by itself
    assert dear.passes > 20 * cheap.passes
    assert dear.of_gradients > cheap.of_gradients
