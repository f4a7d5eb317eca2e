"""What is validated is what an evaluation prints, to the last digit that floats have."""

import pytest
import torch
from ecglens.eval import Finding, Networks, Subject
from ecglens.explain import Inputs, attribute, find
from ecglens.store import Store
from ecglens_benchmark.meta_evaluation import (
    AXIOMS,
    DEGRADATION,
    EFFECTS,
    NETWORKS,
    OnChangedEcgs,
    Thresholds,
    validate,
)
from ecglens_benchmark.meta_evaluation.maps import exact_batch
from ecglens_metrics import Axioms, Counterfactuals, Effects
from ecglens_metrics.degradation import Degradation

ECGS, NET = 4, NETWORKS["signed"]
EVERY = {**AXIOMS, **DEGRADATION, **EFFECTS}
EVALUATIONS = {each.name: each for each in (Axioms(), Degradation(), Effects(), Counterfactuals())}
# On a linear network input x gradient is the truth; a control and a random map are not.
MAPS = ("input_x_gradient", "abs_x", "random")


@pytest.fixture(scope="module")
def findings(tmp_path_factory) -> dict[str, Finding]:
    methods = {"input_x_gradient": find("input_x_gradient")}
    store = Store(tmp_path_factory.mktemp("store"))
    subject = Subject(exact_batch(ECGS), methods, store=store, progress=False)
    return {name: each(Networks([NET]), subject) for name, each in EVALUATIONS.items()}


@pytest.mark.heavy
@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("method", MAPS)
def test_a_metric_gives_the_number_that_is_printed(findings, name, method):
    evaluation, measure = name.split(", ")
    printed = findings[evaluation].scores[measure][method][0, 0]
    metric, (x, _, _, records) = EVERY[name], exact_batch(ECGS)
    ecgs = metric.changed_ecgs(len(x)) if isinstance(metric, OnChangedEcgs) else x
    names = records * (len(ecgs) // len(x))
    heatmap = attribute(method, NET, ecgs, inputs=Inputs(records=names))
    found = metric(NET, ecgs, heatmap, 0)
    torch.testing.assert_close(found, torch.from_numpy(printed), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", sorted({*EVERY} - {"axioms, completeness"}))
def test_other_ecgs_than_those_of_a_trial_are_refused(name):
    metric, x = EVERY[name], exact_batch(2).x
    ecgs = metric.changed_ecgs(len(x)) if isinstance(metric, OnChangedEcgs) else x
    with pytest.raises(ValueError, match="expected the ECGs of the meta-evaluation"):
        metric(NET, ecgs + 1, ecgs, 0)


def test_a_changed_ecg_errs_as_the_one_it_was_made_of():
    found = validate(
        EFFECTS["counterfactuals, cosine"],
        NETWORKS["window"],
        Thresholds(ecgs=12, sample=10, repeats=20, randoms=2, doses=(0.0, 0.5, 1.0)),
    )
    # A map that does not look at the ECG is the same for both and foretells no change.
    assert found.false_alarms == 0
    assert found.dropped == 0
