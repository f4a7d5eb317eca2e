import numpy as np
import pandas as pd
import pytest
from ecglens.eval import Networks
from ecglens.eval.evaluations.sanity import Weights
from ecglens.eval.evaluations.sanity.copies import DEAR_REDRAWS, GRADIENT_PRICED, passes, stages_of
from ecglens.eval.evaluations.sanity.gates import VERDICTS
from ecglens.eval.subject import donors
from ecglens.explain import attribute, find
from ecglens.models import randomised

from ...networks import exact_ecgs
from .networks import ECGS, linear, made_subject, rho, trained

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The whole evaluation on a small trained network."""
    subject = made_subject(tmp_path_factory.mktemp("store"))
    networks = Networks([trained(0)], permuted=trained(1))
    return subject, Weights(stages=2, copies=2)(networks, subject)


def test_what_ignores_the_network_fails(whole):
    table = whole[1].table.set_index("method")
    for control in ("random", "abs_x", "abs_dx"):
        assert table["value"][control] == pytest.approx(1)
        assert table["permuted"][control] == pytest.approx(1)
        for gate in ("redrawn", "labels"):
            assert table[f"{gate}_verdict"][control] == "fails"


def test_saliency_is_judged_whatever_comes(whole):
    _, finding = whole
    row = finding.table.set_index("method").loc["saliency"]
    assert row["verdict"] in VERDICTS[:3]
    assert row["low"] <= row["value"] <= row["high"]
    assert "saliency" in finding.sentence


def test_all_weights_lost_is_a_slow_loop_over_copies(whole):
    subject, finding = whole
    x, everything = subject.ecgs.x, ["body.0", "body.1", "body.3", "body.4", "body.8"]
    partner = donors(subject.ecgs.record, subject.patients, 0, 0)

    def magnitudes(net):
        return attribute("saliency", net, x).abs().flatten(1).double().numpy()

    original = magnitudes(trained(0))
    copies = [magnitudes(randomised(trained(0), everything, x, seed)) for seed in (0, 1)]
    left, others = original - original.mean(0), [copy - copy.mean(0) for copy in copies]
    ecgs = range(ECGS)
    slow = {
        "value": np.mean([rho(original[e], copy[e]) for copy in copies for e in ecgs]),
        "centred": np.mean([rho(left[e], copy[e]) for copy in others for e in ecgs]),
        "other_ecg": np.mean([rho(original[e], original[partner[e]]) for e in ecgs]),
    }
    row = finding.table.set_index("method").loc["saliency"]
    assert {name: row[name] for name in slow} == pytest.approx(slow, abs=1e-5)


def test_beyond_x_is_a_slow_loop_of_three_correlations(whole):
    subject, finding = whole
    x, everything = subject.ecgs.x, ["body.0", "body.1", "body.3", "body.4", "body.8"]
    size = x.abs().flatten(1).double().numpy()

    def magnitudes(net):
        return attribute("saliency", net, x).abs().flatten(1).double().numpy()

    def partial(one, other, given):
        ab, ax, bx = rho(one, other), rho(one, given), rho(other, given)
        return (ab - ax * bx) / np.sqrt((1 - ax**2) * (1 - bx**2))

    original = magnitudes(trained(0))
    copies = [magnitudes(randomised(trained(0), everything, x, seed)) for seed in (0, 1)]
    ecgs = range(ECGS)
    slow = np.mean([partial(original[e], one[e], size[e]) for one in copies for e in ecgs])
    row = finding.table.set_index("method").loc["saliency"]
    assert row["beyond_x"] == pytest.approx(slow, abs=1e-5)
    assert row["beyond_x_low"] <= row["beyond_x"] <= row["beyond_x_high"]
    assert row["redraws"] == 2


def test_without_stages_the_gates_are_the_same(whole):
    subject, finding = whole
    networks = Networks([trained(0)], permuted=trained(1))
    few = Weights(stages=0, copies=2)(networks, subject)
    pd.testing.assert_frame_equal(few.table, finding.table)
    assert {"stages", "layers"} & {*few.details} == set()


@pytest.mark.parametrize(
    "wrong", [{"stages": -1}, {"copies": 0}, {"permuted_ecgs": 1}, {"permuted_epochs": 0}]
)
def test_sizes_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="expected at least"):
        Weights(**wrong)


def test_dear_methods_get_fewer_redraws(tmp_path):
    subject = made_subject(tmp_path, ("saliency", "occlusion"))
    found = Weights(stages=1, copies=5)(Networks([linear(0)]), subject)
    redraws = found.table.set_index("method")["redraws"]
    assert redraws["saliency"] == redraws["random"] == 5
    assert redraws["occlusion"] == DEAR_REDRAWS == 3
    assert passes(linear(0), find("integrated_gradients"), subject) <= GRADIENT_PRICED


def test_the_cascade_begins_with_the_original_and_ends_with_nothing_of_it(whole):
    _, finding = whole
    layers = finding.details["layers"]
    cascade = layers[layers["mode"] == "cascade"]
    assert [*cascade["layer"][cascade["stage"] == 1]] == ["body.8", "body.4", "body.3"]
    assert (cascade["stage"] == 2).sum() == 5
    stages = finding.details["stages"]
    steps = stages[(stages["method"] == "saliency") & (stages["sign"] == "absolute")]
    first = steps[(steps["mode"] == "cascade") & (steps["stage"] == 0)].iloc[0]
    assert first["output_r"] > 0.9  # the statistics alone are other, of six ECGs
    last = steps[(steps["mode"] == "cascade") & (steps["stage"] == 2)].iloc[0]
    assert last["value"] < first["value"]
    assert [*steps["mode"]].count("independent") == 2
    assert (stages["value"][stages["method"] == "abs_x"] > 1 - 1e-9).all()


def test_a_linear_networks_contributions_are_lost_with_its_weights(tmp_path):
    net, ecgs = linear(0), exact_ecgs(12)
    subject = made_subject(tmp_path, ("saliency", "input_x_gradient"), ecgs=ecgs)
    finding = Weights(stages=1, copies=10)(Networks([net]), subject)
    table = finding.table.set_index("method")
    copies = [randomised(net, ["1"], subject.ecgs.x, seed) for seed in range(10)]
    row, *rows = (
        np.abs(one.get_parameter("1.weight").detach().numpy()).ravel() for one in (net, *copies)
    )
    slow = np.mean([rho(row, other) for other in rows])
    assert table["value"]["saliency"] == pytest.approx(slow, abs=1e-6)
    assert table["labels_verdict"]["saliency"] == "not judged"


def test_steps_hold_every_layer_once():
    names = ["head", "d", "c", "b", "a"]
    plan = stages_of(names, 3)
    alone = [stage for stage in plan if stage.mode == "independent"]
    assert [stage.layers for stage in alone] == [("head", "d"), ("c", "b"), ("a",)]
    assert [len(stage.layers) for stage in plan if stage.mode == "cascade"] == [0, 2, 4, 5]
    assert len(stages_of(names, 100)) == 5 + 6
