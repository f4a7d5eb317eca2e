"""Pieces of the claims' experiments against closed forms."""

import numpy as np
import pytest
import torch
from ecglens.ecg import BEAT_LENGTH, LEADS
from ecglens.store import Store
from ecglens_benchmark.claims import claims, maps, networks, removal
from ecglens_benchmark.season.hand_set import Readings, window
from ecglens_benchmark.season.hearts import Hearts

SEASON = networks.season(claims()["timing2025"], 99)  # no claim has so many networks
ECGS = Hearts(SEASON, "closed forms").beats(3)


def test_claims_are_drawn_as_when_they_were_run():
    """By suite 1 of the seasons, whatever their suite is now."""
    assert {networks.season(claim, 0).suite for claim in claims().values()} == {1}
    assert SEASON.number("weights") == 1_614_611_621


def test_claims_of_one_seed_have_one_source_and_others_another():
    of = {name: networks.season(each, 0).seed for name, each in claims().items()}
    assert of["song2023"] == of["hooker2019"]
    assert of["erts2026"] == of["convergence"]
    assert len({*of.values()}) == len(of) - 2
    assert networks.season(claims()["song2023"], 1).seed != of["song2023"]


def test_removed_points_of_a_linear_network_cancel_at_once_and_add_up_one_by_one():
    hand_set = Readings((window(10, 340, 20) - window(11, 340, 20))[None], "sum", 100.0)
    truth = hand_set.truth(ECGS.x)
    at_once, cumulative = removal._walks(hand_set.network(), ECGS, truth, 40)
    np.testing.assert_allclose(at_once, truth.sum((1, 2)).abs(), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(cumulative, truth.abs().sum((1, 2)), rtol=1e-3)
    assert (cumulative > 1.1 * at_once).all()
    few, one_by_one = removal._walks(hand_set.network(), ECGS, truth, 1)
    np.testing.assert_allclose(few, one_by_one)
    np.testing.assert_allclose(few, truth.abs().flatten(1).amax(1), rtol=1e-3)


def test_the_largest_points_are_taken_and_ties_in_no_order_of_memory():
    numbers = np.random.default_rng(0).normal(size=ECGS.x.shape).astype(np.float32)
    top = removal._top(numbers, 100, ECGS).numpy()
    assert top.sum((1, 2)).tolist() == [100] * 3
    assert np.abs(numbers[0][top[0]]).min() >= np.abs(numbers[0][~top[0]]).max()
    empty = removal._top(np.zeros_like(numbers), 600, ECGS).numpy()
    assert empty[0].sum(1).max() < 100  # of each lead about 50


def test_a_difference_of_classes_is_in_sds_and_that_of_shuffled_classes_is_taken_off():
    random = np.random.default_rng(0)
    high = np.arange(400) % 2 == 0
    scores = random.normal(size=400) + 2.0 * high
    assert removal._apart(scores, high) == pytest.approx(2.0, abs=0.25)
    assert removal._apart(np.array([0.0, 1, 4, 5]), np.array([True, True, False, False])) == (
        pytest.approx(4 / 0.5**0.5)
    )
    assert removal._between(scores, high, random) == pytest.approx(1.9, abs=0.25)
    none = [removal._between(random.normal(size=40), high[:40], random) for _ in range(60)]
    assert abs(np.mean(none)) < 0.1
    assert np.isnan(removal._between(scores[:3], np.array([True, False, False]), random))


def test_focus_is_0_for_equal_points_and_1_for_a_single_one():
    one = np.zeros((3, 2, 50))
    one[0] = -4.0
    one[1, 1, 7] = 0.2
    focus = maps._focus(one)
    np.testing.assert_allclose(focus[:2], [0.0, 1.0], atol=1e-12)
    assert np.isnan(focus[2])
    one[2, 0, :10] = 1.0
    assert maps._focus(one)[2] == pytest.approx(1 - np.log(10) / np.log(100))


def test_agreement_with_others_leaves_out_itself_and_empty_maps():
    points = np.random.default_rng(0).normal(size=(4, 1, 30))
    points[3] = 2.0  # no ranks
    rho = maps.correlations(points, points)
    found = maps._with_others(rho)[:, 0]
    by_hand = [(rho[0, 1, 0] + rho[0, 2, 0]) / 2, (rho[0, 1, 0] + rho[1, 2, 0]) / 2]
    np.testing.assert_allclose(found[:2], by_hand)
    assert np.isnan(found[3])


def test_relevance_within_a_mask_is_a_share_of_all():
    mask = np.zeros((2, 50), bool)
    mask[1] = True
    own = np.ones((4, 2, 50))
    own[:, 1] = -3.0
    every = {str(name): own for name in maps.POPULAR}
    assert [*maps._on(every, mask, "part")] == [("part", pytest.approx(0.75))] * 8
    del every["occlusion"]
    with pytest.raises(KeyError, match="occlusion"):  # not a mean over the others
        list(maps._on(every, mask, "part"))


def test_density_is_1_for_a_flat_map_and_large_for_one_at_an_edge():
    flat = np.ones((len(LEADS), BEAT_LENGTH))
    assert maps._density(flat, ("on", "off"), ECGS, 0) == pytest.approx(1.0)
    at_end = np.zeros_like(flat)
    at_end[:, round(ECGS.parameters[0].marks.t_off)] = 1.0
    off = maps._density(at_end, ("off",), ECGS, 0)
    marks = ECGS.parameters[0].marks
    length = marks.t_off + maps.AFTER - marks.p_on
    assert off == pytest.approx(length / (2 * maps.NEAR + 1), rel=0.05)
    assert maps._density(at_end, ("on",), ECGS, 0) == 0.0


@pytest.mark.heavy
def test_readers_learn_and_are_kept_and_a_disturbed_one_uses_the_lead_that_holds_it(tmp_path):
    store = Store.at(tmp_path)
    reader = networks.Reader(SEASON, 0, store, disturbed=True)
    assert reader.reads
    without = reader.ecgs.x.clone()
    without[:, networks.PICKUP] = 0.0
    assert reader.unexplained(reader.net, without) > 2 * reader.unexplained(
        reader.net, reader.ecgs.x
    )
    again = networks.Reader(SEASON, 0, store, disturbed=True).net.state_dict()
    for name, weight in reader.net.state_dict().items():
        torch.testing.assert_close(again[name], weight, rtol=0, atol=0)


def test_a_kept_reader_is_of_the_ecgs_and_the_start_that_were_given(tmp_path, monkeypatch):
    fitted = []
    monkeypatch.setattr(
        networks.Reader, "_fitted", lambda self, *given: fitted.append(given) or networks.fresh()
    )
    reader = networks.Reader(SEASON, 0, Store.at(tmp_path))
    x, other = reader.ecgs.x, networks.fresh()
    for given, start in ((x, None), (x, None), (x + 1, None), (x, other), (x, other)):
        reader.trained(given, "one", start)
    assert len(fitted) == 3


@pytest.mark.heavy
def test_points_that_are_removed_become_the_mean_of_their_lead(tmp_path):
    reader = networks.Reader(SEASON, 0, Store.at(tmp_path))
    roar = removal._Roar(reader)
    numbers = np.random.default_rng(0).normal(size=reader.ecgs.x.shape).astype(np.float32)
    gone = roar.removed(numbers)
    changed = gone != reader.ecgs.x
    share = float(changed.float().mean())
    assert share == pytest.approx(removal.REMOVED, abs=0.01)
    mean = reader.ecgs.x[: networks.TRAINING].mean((0, 2))
    torch.testing.assert_close(gone[0, 6][changed[0, 6]].unique(), mean[6:7])
