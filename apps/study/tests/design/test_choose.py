"""The sample covers its strata, and depends only on the seed and the names."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens_study.choose import SAMPLINGS, choose
from hypothesis import given, settings
from hypothesis import strategies as st

from .inputs import AF, in_other_order, plain


def some(number: int = 600, seed: int = 0):
    draw = np.random.default_rng(seed)
    y = draw.gamma(2.0, 40.0, number)
    return plain(y, y + draw.normal(0, 1 + y / 10))


def named(study_input, places):
    return {study_input.ecgs[place] for place in places}


@pytest.mark.parametrize("how", SAMPLINGS)
def test_same_seed_same_ecgs_whatever_their_order_and_another_seed_others(how):
    study_input = some()
    found = named(study_input, choose(study_input, 50, how, 4))
    assert len(found) == 50
    other = in_other_order(study_input, 7)
    assert named(other, choose(other, 50, how, 4)) == found
    assert named(study_input, choose(study_input, 50, how, 5)) != found


def test_stratified_takes_one_ecg_of_each_share_of_the_labels():
    study_input = some()
    ranks = np.argsort(np.argsort(study_input.y))[[*choose(study_input, 60, "stratified", 0)]]
    assert sorted(ranks // 10) == [*range(60)]


def test_random_does_not_cover_each_share():
    study_input = some()
    ranks = np.argsort(np.argsort(study_input.y))[[*choose(study_input, 60, "random", 0)]]
    # By chance about 60 / e of 60 strata stay empty.
    assert 15 < 60 - len({*(ranks // 10).tolist()}) < 30


def test_representative_takes_as_many_of_every_part_of_the_plane_of_value_and_error():
    study_input = some(640)
    chosen = np.zeros(640, bool)
    chosen[[*choose(study_input, 64, "representative", 0)]] = True
    y, error = study_input.y, study_input.prediction - study_input.y

    def parts(places: np.ndarray, axes: list[np.ndarray], depth: int) -> list[np.ndarray]:
        """Strata by definition: halves at the median of each axis in turn."""
        if depth == 0:
            return [places]
        middle = np.median(axes[0][places])
        low, high = places[axes[0][places] < middle], places[axes[0][places] > middle]
        turned = [*axes[1:], axes[0]]
        return parts(low, turned, depth - 1) + parts(high, turned, depth - 1)

    assert [chosen[part].sum() for part in parts(np.arange(640), [y, error], 6)] == [1] * 64
    # Both margins follow those of all ECGs.
    for axis in (y, error):
        eighths = np.argsort(np.argsort(axis))[chosen] // 80
        assert np.abs(np.bincount(eighths, minlength=8) - 8).max() <= 3


@pytest.mark.parametrize(("positive", "expected"), [(100, 10), (4, 4), (197, 17)])
def test_a_binary_label_is_taken_half_and_half_as_far_as_there_are(positive, expected):
    y = np.repeat([1.0, 0.0], [positive, 200 - positive])
    study_input = plain(y, np.zeros(200), AF)
    assert y[[*choose(study_input, 20, "stratified", 0)]].sum() == expected


def test_every_ecg_is_chosen_about_equally_often():
    study_input = some(30)
    for how in SAMPLINGS:
        counts = np.zeros(30)
        for seed in range(90):
            counts[[*choose(study_input, 10, how, seed)]] += 1
        # Each of three is drawn 30 times on average, with an SD of 4.5.
        assert np.abs(counts - 30).max() < 18


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(0, 39), st.sampled_from(SAMPLINGS), st.integers(0, 3))
def test_any_number_of_different_ecgs_is_chosen(number, fewer, how, values):
    y = np.random.default_rng(number).integers(0, values + 1, number).astype(float)
    study_input = plain(y, y[::-1].copy())
    ecgs = max(1, number - fewer)
    assert len({*choose(study_input, ecgs, how, 0)}) == ecgs


def test_ecgs_without_a_label_are_chosen_at_random_alone():
    study_input = some(20)
    y = study_input.y.copy()
    y[:8] = np.nan
    study_input = replace(study_input, y=y)
    assert min(choose(study_input, 12, "stratified", 0)) >= 0
    assert {*choose(study_input, 12, "representative", 0)} == {*range(8, 20)}
    assert len(choose(study_input, 20, "random", 0)) == 20
    with pytest.raises(ValueError, match=r"expected 1 to 12 ECGs of target 'pr'.* got 13"):
        choose(study_input, 13, "stratified", 0)


def test_an_ecg_with_a_map_that_is_not_finite_is_never_chosen():
    study_input = some(6)
    maps = study_input.heatmaps["a"].copy()
    maps[2, 0, 1] = np.nan
    study_input = replace(study_input, heatmaps={"a": maps, "b": study_input.heatmaps["b"]})
    assert {*choose(study_input, 5, "random", 0)} == {0, 1, 3, 4, 5}


def test_what_cannot_be_chosen_is_said():
    with pytest.raises(ValueError, match=r"expected sampling as one of stratified.*'best'"):
        choose(some(4), 2, "best", 0)
    for ecgs in (0, 5):
        with pytest.raises(ValueError, match=f"expected 1 to 4 ECGs .* got {ecgs}"):
            choose(some(4), ecgs, "random", 0)
