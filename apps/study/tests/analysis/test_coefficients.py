"""Coefficients of agreement against published examples, scikit-learn and slow loops."""

from itertools import combinations

import numpy as np
import pytest
from ecglens_study.coefficients import (
    cohen_kappa,
    cohen_kappas,
    gwet_ac1,
    krippendorff_alpha,
    mean_kappa,
    percent_agreement,
    strength,
    weighted_kappa,
)
from sklearn.metrics import cohen_kappa_score


def crossed(table: list[list[int]]) -> np.ndarray:
    """Ratings of two raters with this cross table."""
    cells = [(a, b) for a, row in enumerate(table) for b, n in enumerate(row) for _ in range(n)]
    return np.array(cells).T


@pytest.fixture
def ratings() -> np.ndarray:
    """Four raters with missing ratings; one item has none and one a single rating."""
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 5, 40)
    found = np.where(draw.random((4, 40)) < 0.6, truth, draw.integers(0, 5, (4, 40)))
    found[draw.random((4, 40)) < 0.2] = -1
    found[:, 7] = -1
    found[1:, 8] = -1
    return found


def test_kappa_is_that_of_cohens_example():
    # Cohen 1960, table 1: 200 patients in three diagnoses, κ = 0.29 / 0.59.
    table = crossed([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert cohen_kappa(table).value == pytest.approx([0.29 / 0.59], abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_kappa_is_scikit_learns(seed):
    draw = np.random.default_rng(seed)
    one, other = draw.choice(6, size=(2, 51), p=[0.5, 0.2, 0.1, 0.1, 0.05, 0.05])
    expected = cohen_kappa_score(one, other)
    assert cohen_kappa(np.stack([one, other])).value[0] == pytest.approx(expected, abs=1e-12)


def test_kappa_of_several_raters_is_the_mean_over_pairs_by_the_items_that_both_rated(ratings):
    pairs, items = [], []
    for one, other in combinations(ratings, 2):
        both = (one >= 0) & (other >= 0)
        pairs.append(cohen_kappa_score(one[both], other[both]))
        items.append(both.sum())
    expected = np.average(pairs, weights=items)
    assert cohen_kappa(ratings).value[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("coefficient", [cohen_kappa, weighted_kappa])
def test_an_expert_who_stopped_counts_by_the_items_that_were_shared(coefficient):
    two = np.random.default_rng(0).integers(0, 5, (2, 40))
    two[:, 0] = 2
    third = np.full(40, -1)
    third[0] = 2  # equal to both others: 0/0, which counts as 1
    alone = coefficient(two).value[0]
    found = coefficient(np.vstack([two, third]))
    assert found.value[0] == pytest.approx((40 * alone + 1 + 1) / 42, abs=1e-12)
    assert strength(found.value[0]) == "slight"
    # A replicate without that item has the pair of the two others alone.
    later = np.ones((1, 40))
    later[0, 0] = 0
    expected = coefficient(two[:, 1:]).value[0]
    drawn = coefficient(np.vstack([two, third]), later).value[0]
    assert drawn == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("raters", [2, 3, 4])
def test_kappa_by_products_of_matrices_is_that_of_the_pairs(ratings, raters):
    few = ratings[:raters]
    assert mean_kappa(few) == pytest.approx(cohen_kappa(few).value[0], abs=1e-12)


def test_kappa_by_products_of_matrices_of_raters_without_common_items_is_unknown():
    apart = np.array([[0, 1, -1, -1], [-1, -1, 1, 0]])
    assert np.isnan(mean_kappa(apart))
    third = np.vstack([apart, [0, -1, 1, 1]])  # shares one item with the first, two with the other
    assert mean_kappa(third) == pytest.approx(cohen_kappa(third).value[0], abs=1e-12)
    assert mean_kappa(np.zeros((3, 5), int)) == 1.0  # one category
    with pytest.raises(ValueError, match="at least 2 raters"):
        mean_kappa(apart[:1])


def quadratic_kappa_slowly(one: np.ndarray, other: np.ndarray, times: np.ndarray) -> float:
    """Cohen 1968, equation 11, cell by cell of the table of ratings."""
    both = (one >= 0) & (other >= 0)
    observed = expected = 0.0
    total = times[both].sum()
    for a in range(5):
        for b in range(5):
            together = times[both & (one == a) & (other == b)].sum() / total
            alone = times[both & (one == a)].sum() * times[both & (other == b)].sum() / total**2
            observed += (a - b) ** 2 * together
            expected += (a - b) ** 2 * alone
    return 1 - observed / expected


def test_weighted_kappa_is_that_of_a_slow_count_for_each_replicate(ratings):
    weights = np.random.default_rng(1).integers(0, 4, (3, ratings.shape[1])).astype(float)
    found = weighted_kappa(ratings, weights)
    for value, times in zip(found.value, weights, strict=True):
        pairs = [quadratic_kappa_slowly(*pair, times) for pair in combinations(ratings, 2)]
        items = [times[(one >= 0) & (two >= 0)].sum() for one, two in combinations(ratings, 2)]
        assert value == pytest.approx(np.average(pairs, weights=items), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_weighted_kappa_is_scikit_learns(seed):
    one = np.random.default_rng(seed).integers(0, 5, 60)
    other = np.clip(one + np.random.default_rng(seed + 50).integers(-1, 2, 60), 0, 4)
    expected = cohen_kappa_score(one, other, weights="quadratic")
    found = weighted_kappa(np.stack([one, other]))
    assert found.value[0] == pytest.approx(expected, abs=1e-12)
    # Neighbouring ratings are nearly equal.
    assert found.value[0] > cohen_kappa(np.stack([one, other])).value[0] + 0.2


def test_weighted_kappa_leaves_out_pairs_without_common_items():
    apart = np.array([[0, 4, -1, -1], [-1, -1, 4, 0]])
    alone = weighted_kappa(apart)
    assert np.isnan(alone.value).all()
    assert not alone.one_category.any()
    third = np.vstack([apart, [0, 2, 3, 0]])
    pairs = [weighted_kappa(third[[pair, 2]]).value[0] for pair in (0, 1)]
    found = weighted_kappa(third)
    assert (found.value[0], found.one_category[0]) == (pytest.approx(np.mean(pairs)), False)
    # A replicate of the bootstrap may draw no item of a pair.
    late = weighted_kappa(third, np.array([[0.0, 0.0, 1.0, 1.0]]))
    assert late.value[0] == pytest.approx(pairs[1])


def test_weighted_kappa_of_one_rating_is_marked():
    found = weighted_kappa(np.full((2, 9), 3))
    assert (found.value[0], found.one_category[0]) == (1.0, True)


def test_many_studies_at_once_are_each_alone():
    studies = np.random.default_rng(0).integers(0, 3, (7, 3, 20))
    studies[2] = 1  # one category
    alone = [cohen_kappa(each).value[0] for each in studies]
    np.testing.assert_allclose(cohen_kappas(studies), alone, atol=1e-12)


def test_alpha_is_that_of_krippendorffs_examples():
    gap = -1
    # Krippendorff 2011, part C: four observers, twelve units, α = 0.743.
    four = np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, gap, gap, gap],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, gap, 3],
            [gap, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, gap],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, gap],
        ]
    )
    assert krippendorff_alpha(four).value[0] == pytest.approx(0.743, abs=5e-4)
    # Three coders, fifteen units, α = 0.691.
    three = np.array(
        [
            [gap, gap, gap, gap, gap, 3, 4, 1, 2, 1, 1, 3, 3, gap, 3],
            [1, gap, 2, 1, 3, 3, 4, 3, gap, gap, gap, gap, gap, gap, gap],
            [gap, gap, 2, 1, 3, 4, 4, gap, 2, 1, 1, 3, 3, gap, 4],
        ]
    )
    assert krippendorff_alpha(three).value[0] == pytest.approx(0.691, abs=5e-4)


def test_alpha_is_a_slow_walk_over_all_pairs_of_ratings(ratings):
    units = [column[column >= 0] for column in ratings.T]
    units = [unit for unit in units if len(unit) > 1]
    every = np.concatenate(units)
    apart = sum(
        (a != b) / (len(unit) - 1)
        for unit in units
        for i, a in enumerate(unit)
        for j, b in enumerate(unit)
        if i != j
    ) / len(every)
    by_chance = (every[:, None] != every).sum() / (len(every) * (len(every) - 1))
    expected = 1 - apart / by_chance
    assert krippendorff_alpha(ratings).value[0] == pytest.approx(expected, abs=1e-12)


def test_ac1_keeps_what_kappa_loses_where_nearly_all_is_one_category():
    # 118 and 0 equal, 5 and 2 different: π = 243/250, chance 2π(1 − π).
    table = crossed([[118, 5], [2, 0]])
    chance = 2 * (243 / 250) * (7 / 250)
    expected = (118 / 125 - chance) / (1 - chance)
    assert gwet_ac1(table, 2).value[0] == pytest.approx(expected, abs=1e-12)
    assert cohen_kappa(table).value[0] < 0 < 0.9 < expected


def test_ac1_is_a_slow_walk_over_items_with_several_raters(ratings):
    units = [column[column >= 0] for column in ratings.T if (column >= 0).any()]
    agreed = np.mean(
        [np.mean([a == b for a, b in combinations(unit, 2)]) for unit in units if len(unit) > 1]
    )
    share = np.array(
        [np.mean([(unit == category).mean() for unit in units]) for category in range(5)]
    )
    chance = (share * (1 - share)).sum() / (10 - 1)
    expected = (agreed - chance) / (1 - chance)
    assert gwet_ac1(ratings, 10).value[0] == pytest.approx(expected, abs=1e-12)
    assert percent_agreement(ratings).value[0] == pytest.approx(agreed, abs=1e-12)


def test_one_category_is_1_and_marked():
    same = np.full((3, 10), 4)
    for found in (cohen_kappa(same), krippendorff_alpha(same)):
        assert found.value == [1.0]
        assert found.one_category == [True]
    assert gwet_ac1(same, 9).value == [1.0]
    apart = np.array([[0, 0, 1], [0, 0, 0]])
    assert not cohen_kappa(apart).one_category[0]


@pytest.mark.parametrize("coefficient", [cohen_kappa, krippendorff_alpha, percent_agreement])
def test_a_weight_is_how_often_an_item_counts(ratings, coefficient):
    times = np.random.default_rng(1).integers(0, 4, 40)
    repeated = np.repeat(ratings, times, axis=1)
    weighted = coefficient(ratings, times[None].astype(float)).value
    assert weighted == pytest.approx(coefficient(repeated).value, abs=1e-12)


def test_too_few_raters_or_categories_are_refused(ratings):
    with pytest.raises(ValueError, match="at least 2 raters, got 1"):
        cohen_kappa(ratings[:1])
    with pytest.raises(ValueError, match="the 5 categories rated, got 3"):
        gwet_ac1(ratings, 3)


def test_words_end_where_the_study_ends_them():
    values = (-0.2, 0.0, 0.01, 0.2, 0.204, 0.21, 0.4, 0.6, 0.8, 0.81, 0.994, 1.0, np.nan)
    assert [strength(value) for value in values] == [
        "none", "none", "slight", "slight", "slight", "fair", "fair", "moderate", "substantial",
        "near perfect", "near perfect", "perfect", "",
    ]  # fmt: skip
