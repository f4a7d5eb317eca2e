"""Scores of twins' maps: against a slow loop, on planted maps, and the rule on known areas."""

from dataclasses import replace

import numpy as np
import pytest
import yaml
from ecglens.eval import DECIDING, MOST_KEPT, Networks, Perturbation
from ecglens.eval.evaluations.perturbation.curves import Noise, perturbation_curve
from ecglens.eval.evaluations.sanity import Weights
from ecglens.eval.evaluations.sanity.twins import PROTOCOLS, Twin, judged
from ecglens.eval.heatmaps.probe import probe_of
from ecglens.explain import attribute, find
from ecglens.models import randomised
from ecglens.registry import config_folder

from benchmarks.template_maps import Mottled, OfOneNetwork, OnsetBump, SmoothedAbsX, Wave

from ...networks import exact_ecgs
from .networks import made_subject, trained

PATIENTS = [str(number) for number in range(24)]
RNG = np.random.default_rng(0)


def area(level: float, spread: float = 5.0) -> np.ndarray:
    """Areas of 24 ECGs by both protocols."""
    return level + spread * RNG.normal(size=(2, 24))


@pytest.mark.parametrize(
    ("own", "twin", "verdict"),
    [
        (100, 30, "passes"),
        (100, 100, "fails"),
        (100, 85, "fails"),  # 81 % of what is beyond random numbers
        (20, 5, "fails"),  # no more than random numbers
    ],
)
def test_a_map_passes_where_a_twin_scores_much_less(own, twin, verdict):
    found = judged(
        {"random": area(20), "one": area(own)}, [{"one": area(twin)} for _ in range(5)], PATIENTS
    )
    assert found["one"].verdict == verdict
    if verdict == "passes":
        assert found["one"].low < 10 / 80 < found["one"].high
        assert found["one"].high < MOST_KEPT


def test_nothing_is_said_of_a_method_that_refuses_a_twin_it_was_asked_for():
    own, low = {"random": area(20), "one": area(100)}, {"one": area(30)}
    for twins, asked, verdict in (
        ([low, low, {}], 3, "cannot be said"),
        ([low, low, {}], 2, "passes"),  # a dear one is asked for fewer
        ([{}], 1, "cannot be said"),
        ([{}], 0, "not judged"),
    ):
        assert judged(own, twins, PATIENTS, {"one": asked})["one"].verdict == verdict


def test_near_the_limit_nothing_is_said_and_one_protocol_is_enough_to_fail():
    near = {"random": area(0, 0.1), "one": area(100)}
    found = judged(near, [{"one": area(68, 40)} for _ in range(3)], PATIENTS)
    assert found["one"].verdict == "cannot be said"
    one_sided = np.stack([area(30)[0], area(100)[1]])
    found = judged(near, [{"one": one_sided}], PATIENTS)
    assert (found["one"].verdict, found["one"].protocol) == ("fails", "noise_10")


def test_of_two_protocols_that_fail_the_sure_one_is_told():
    random, own = np.zeros((2, 24)), area(100)
    twin = np.stack([area(75, 60)[0], area(90)[1]])
    found = judged({"random": random, "one": own}, [{"one": twin}], PATIENTS)["one"]
    assert (found.verdict, found.protocol) == ("fails", "noise_10")
    assert found.low > MOST_KEPT
    # Surely below random numbers, which has no share.
    own, twin = np.stack([area(100)[0], area(-50)[1]]), np.stack([area(75, 60)[0], area(-50)[1]])
    found = judged({"random": random, "one": own}, [{"one": twin}], PATIENTS)["one"]
    assert (found.verdict, found.protocol) == ("fails", "noise_10")


@pytest.mark.parametrize(
    ("own", "by_chance"),
    [
        ((-1.0, -1.0), True),  # in the mean below random numbers, with 0 in the interval
        ((-1.0, -50.0), False),  # the sure protocol is told
        ((-50.0, -50.0), False),
        ((100.0, -1.0), True),
    ],
)
def test_a_map_no_better_than_random_numbers_fails_by_chance_where_they_may_be_beaten(
    own, by_chance
):
    noise = np.resize([20.0, -20.0], 24)
    mine = np.stack([level + noise for level in own])
    twin = {"one": np.zeros((2, 24))}
    found = judged({"random": np.zeros((2, 24)), "one": mine}, [twin], PATIENTS)["one"]
    assert (found.verdict, found.by_chance) == ("fails", by_chance)
    assert np.isnan(found.low)


def test_a_gate_that_is_passed_or_surely_failed_did_not_fail_by_chance():
    own = {"random": area(20), "one": area(100)}
    passed = judged(own, [{"one": area(30)} for _ in range(5)], PATIENTS)["one"]
    assert (passed.verdict, passed.by_chance) == ("passes", False)
    sure = judged(own, [{"one": area(95)} for _ in range(3)], PATIENTS)["one"]
    assert (sure.verdict, sure.by_chance) == ("fails", False)


def test_without_a_twin_or_patients_nothing_is_judged():
    own = {"random": area(0), "one": area(100)}
    assert judged(own, [], PATIENTS)["one"].verdict == "not judged"
    assert judged(own, [{"one": area(0)}], ["a"] * 24)["one"].verdict == "not judged"


def test_the_second_protocol_is_that_of_the_command():
    path = config_folder() / "evaluation" / "noise_10.yaml"
    given = yaml.safe_load(path.read_text(encoding="utf-8"))["noise_10"]
    assert given.pop("_target_") == "ecglens.eval.Perturbation"
    assert DECIDING[1] == Perturbation(**given).protocol


@pytest.mark.parametrize("method", ["saliency", "abs_x"])
def test_scores_are_those_of_a_slow_loop(tmp_path, method):
    """Maps of a redrawn network, perturbed on the trained one by noise of 10 %."""
    net, subject = trained(0), made_subject(tmp_path)
    x, records = subject.ecgs.x, subject.ecgs.record
    twin = randomised(net, ["body.0", "body.1", "body.3", "body.4", "body.8"], x, 0)
    found = Twin(lambda: twin, subject.every_method).areas(probe_of(net, subject))
    noise = PROTOCOLS[1]
    slow = np.zeros(len(x))
    for draw in range(noise.draws):
        drawn = Noise(noise.noise, subject.seed, records, draw)
        curves = perturbation_curve(net, x, attribute(method, twin, x), 0, noise.until, drawn)
        slow += np.trapezoid((curves - curves[:, :1]).abs().numpy(), axis=1) / noise.draws
    assert noise.draws == noise.ladder == 2
    assert found[method][1] == pytest.approx(slow, rel=1e-4)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Maps that never look at the network that reads T, and one that is exact."""
    net = trained(0)
    methods = {
        "smoothed |x|": SmoothedAbsX(),
        "of another network": OfOneNetwork(find("saliency"), trained(1)),
        "T wave × noise by network": Mottled(Wave(), "T wave"),
        "bump in T, hash noise": OnsetBump("T", 60.0, 30.0, ("V4", "V5", "V6")),
        "bump in T × |x|": OnsetBump("T", 60.0, 30.0, ("V4", "V5", "V6"), "|x|"),
        "exact contributions": find("integrated_gradients", steps=64),
    }
    subject = made_subject(tmp_path_factory.mktemp("store"), ecgs=exact_ecgs(24))
    subject = replace(subject, methods=methods)
    networks = Networks([net], permuted=trained(1))
    return Weights(stages=0, copies=3)(networks, subject).table.set_index("method")


@pytest.mark.heavy
@pytest.mark.parametrize("gate", ["redrawn", "labels"])
def test_a_map_that_never_looks_at_the_network_fails_whatever_its_shape(planted, gate):
    blind = planted.drop(index="exact contributions")
    assert {*blind.loc[blind["kind"] == "method", f"{gate}_verdict"]} == {"fails"}


@pytest.mark.heavy
def test_exact_contributions_score_higher_than_without_the_weights(planted):
    exact = planted.loc["exact contributions"]
    assert exact["redrawn_verdict"] == "passes"
    assert exact["redrawn_kept_high"] < MOST_KEPT
