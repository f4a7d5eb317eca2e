"""What the mask of the deleted places tells alone: planted, nothing, naive Bayes by hand."""

import math

import numpy as np
import pytest
from ecglens_metrics.class_auroc import DEALS, _shuffled, dealt, mask_auroc

RANDOM = np.random.default_rng(0)
POSITIVE = RANDOM.random(40) < 0.4
PATIENTS = [f"p{number // 2}" for number in range(40)]


def names(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def test_places_that_go_with_the_class_tell_it():
    places = RANDOM.integers(0, 20, (40, 3))
    places[POSITIVE, 1] = 20  # from the second step on
    found = mask_auroc([places], POSITIVE, names(40), seed=0)
    assert found.by_step[0] < 0.9
    assert found.by_step[1:] == pytest.approx(1.0)
    assert found.by_chance.max() < 1
    # Half of the networks' masks tell it, half say nothing.
    nothing = np.zeros((40, 3), np.int64)
    both = mask_auroc([places, nothing], POSITIVE, names(40), seed=0)
    assert both.by_step[-1] == pytest.approx(0.75)


@pytest.mark.heavy
def test_places_that_know_nothing_have_one_half_on_average():
    found = []
    for _ in range(40):
        places = RANDOM.integers(0, 30, (30, 1))
        positive = RANDOM.permutation(30) < 8
        told, by_chance = mask_auroc([places], positive, names(30), seed=1)
        found.append((told[-1], (by_chance >= told[-1]).mean()))
    aurocs, p = np.array(found).T
    # 40 AUROCs of 8 against 22: their mean is known to ± 0.04 (two standard errors).
    assert aurocs.mean() == pytest.approx(0.5, abs=0.05)
    # p is spread evenly: its mean is known to ± 0.09, and 2 of 40 are below 0.05.
    assert p.mean() == pytest.approx(0.5, abs=0.1)
    assert (p < 0.05).sum() <= 5


def test_one_place_for_all_tells_nothing():
    same = mask_auroc([np.full((40, 2), 7)], POSITIVE, PATIENTS, seed=0)
    np.testing.assert_allclose(same.by_step, 0.5)
    np.testing.assert_allclose(same.by_chance, 0.5)


def test_the_classifier_is_naive_bayes_by_hand():
    places = RANDOM.integers(0, 6, (40, 3))
    random, ahead, pairs = np.random.default_rng(5), 0.0, 0
    for _ in range(DEALS):
        fold = dealt(PATIENTS, POSITIVE, random)
        for number in {*fold.tolist()}:
            learnt = [ecg for ecg in range(40) if fold[ecg] != number]
            read = [ecg for ecg in range(40) if fold[ecg] == number]
            score = {ecg: by_hand(ecg, learnt, places) for ecg in read}
            for ill in (ecg for ecg in read if POSITIVE[ecg]):
                for well in (ecg for ecg in read if not POSITIVE[ecg]):
                    apart = score[ill] - score[well]
                    ahead += 0.5 if abs(apart) < 1e-9 else apart > 0
                    pairs += 1
    found = mask_auroc([places], POSITIVE, PATIENTS, seed=5)
    assert found.by_step[-1] == pytest.approx(ahead / pairs)


def by_hand(ecg: int, learnt: list[int], places: np.ndarray) -> float:
    """log P(mask | class) − log P(mask | without), Manning 2008, section 13.3."""
    total = 0.0
    for place in range(6):
        for sign, side in ((1, True), (-1, False)):
            own = [one for one in learnt if POSITIVE[one] == side]
            p = (sum(place in places[one] for one in own) + 1) / (len(own) + 2)
            total += sign * math.log(p if place in places[ecg] else 1 - p)
    return total


def test_folds_hold_patients_together_and_both_classes_apart():
    fold = dealt(PATIENTS, POSITIVE, np.random.default_rng(0))
    for patient in PATIENTS:
        assert (
            len({one for one, whose in zip(fold, PATIENTS, strict=True) if whose == patient}) == 1
        )
    for number in range(5):
        assert 0 < POSITIVE[fold == number].sum() < (fold == number).sum()
    few = np.arange(40) < 6  # of three patients
    assert dealt(PATIENTS, few, np.random.default_rng(0)).max() == 2


def test_the_order_of_the_ecgs_does_not_matter():
    places = RANDOM.integers(0, 9, (40, 3))
    order = RANDOM.permutation(40)
    there = mask_auroc([places], POSITIVE, PATIENTS, seed=3)
    patients = [PATIENTS[one] for one in order]
    shuffled = mask_auroc([places[order]], POSITIVE[order], patients, seed=3)
    np.testing.assert_allclose(shuffled.by_step, there.by_step)


def test_by_chance_a_patient_gets_all_the_masks_of_one_other():
    order = _shuffled(PATIENTS, np.random.default_rng(0))
    assert sorted(order) == list(range(40))
    for first in range(0, 40, 2):
        assert order[first + 1] == order[first] + 1


def test_a_patient_of_many_ecgs_gets_the_masks_of_one_other_too():
    patients = np.array(["a"] * 5 + ["b"] + ["c"] * 3)
    for seed in range(10):
        order = _shuffled(patients.tolist(), np.random.default_rng(seed))
        given = [{*patients[order[patients == name]]} for name in "abc"]
        assert sorted(map(len, given)) == [1, 1, 1]
        assert set.union(*given) == {*"abc"}
