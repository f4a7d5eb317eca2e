"""Results that the core keeps are of the metrics and networks here."""

import pytest
from ecglens.eval import validations
from ecglens.eval.meta_evaluation import READS
from ecglens.report.text.cautions import WHERE
from ecglens_benchmark.meta_evaluation import (
    AXIOMS,
    DEGRADATION,
    EFFECTS,
    LOCALISATION,
    METRICS,
    NETWORKS,
    validate,
)
from ecglens_metrics import Axioms, Counterfactuals, Degradation

OF_PANELS = {**AXIOMS, **DEGRADATION, **EFFECTS, **LOCALISATION}


def test_every_metric_of_a_score_was_tried_and_every_other_result_is_of_a_measure_that_there_is():
    assert set(METRICS) <= set(validations()) <= {*METRICS, *OF_PANELS}
    declared = {
        each.name for each in (Axioms, Counterfactuals, Degradation) if len(each.store_steps)
    }
    assert {name.partition(",")[0] for name in validations()} >= {*READS, *declared}


def test_every_result_is_of_the_versions_of_now():
    assert [name for name, each in validations().items() if not each.is_current(name)] == []


def test_every_network_of_the_trial_has_words():
    assert set(WHERE) == set(NETWORKS)


AT_ONCE = {"edge", "product"}  # a network takes ten seconds


@pytest.mark.heavy
@pytest.mark.parametrize(
    "name",
    [pytest.param(each, marks=[] if each in AT_ONCE else pytest.mark.long) for each in NETWORKS],
)
def test_the_validation_of_completeness_is_what_its_trial_says(name):
    fit = validate(METRICS["completeness"], NETWORKS[name]).fit
    assert fit == (name not in validations()["completeness"].unfit)
