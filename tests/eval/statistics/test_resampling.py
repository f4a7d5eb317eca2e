import numpy as np
import pytest
from ecglens.eval.statistics.resampling import (
    bootstrap_means,
    holm,
    interval,
    least_p,
    p_values,
    resampled,
)
from scipy import stats


def own(ecgs):
    """Each ECG a patient of its own."""
    return [str(number) for number in range(ecgs)]


def test_holm_is_the_hand_calculation():
    # 0.01·4, 0.02·3 = 0.06, 0.03·2 = 0.06, 0.04·1 raised to the one before.
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([0.03]) == pytest.approx([0.03])


def test_replicates_are_paired_and_seeded():
    values = np.random.default_rng(0).normal(size=(2, 50))
    values = np.vstack([values, values[0] + 3])
    weights = resampled(own(50), seed=4, replicates=500)
    means = bootstrap_means(values, weights)
    assert np.allclose(means[2] - means[0], 3)
    # Bootstrap of a mean: centred on it, with the standard error of a mean.
    assert means.mean(1) == pytest.approx(values.mean(1), abs=0.03)
    assert means.std(1) == pytest.approx(values.std(1) / np.sqrt(50), rel=0.1)
    assert np.array_equal(weights, resampled(own(50), seed=4, replicates=500))
    assert not np.array_equal(weights, resampled(own(50), seed=5, replicates=500))


@pytest.mark.parametrize("ecgs", [8, 64])
def test_intervals_cover_the_true_difference_as_often_as_they_say(ecgs):
    random = np.random.default_rng(ecgs)
    trials = 1000
    # Skewed differences with the mean 1, as AUCs have, each row another trial.
    shared = random.normal(size=(trials, ecgs))
    one = random.gamma(4, 0.5, size=(trials, ecgs)) + shared
    other = random.gamma(4, 0.25, size=(trials, ecgs)) + shared
    low, high = interval(bootstrap_means(one - other, resampled(own(ecgs), seed=1)), ecgs)
    covered = ((low <= 1) & (high >= 1)).mean()
    # Binomial SD of 1000 trials at 0.95 is 0.007; skewness costs few ECGs some coverage.
    assert 0.92 < covered < 0.97


@pytest.mark.parametrize("patients", [8, 40])
def test_intervals_cover_the_truth_where_the_ecgs_of_a_patient_are_alike(patients):
    random = np.random.default_rng(patients)
    trials = 1000
    # One to seven ECGs a patient; the patients' spread is four times that within a patient.
    of = np.repeat(np.arange(patients), 1 + np.arange(patients) % 7)
    level = random.normal(0, 2, size=(trials, patients))[:, of]
    values = 1 + level + random.normal(0, 0.5, size=(trials, len(of)))
    low, high = interval(bootstrap_means(values, resampled([str(p) for p in of], 1)), patients)
    covered = ((low <= 1) & (high >= 1)).mean()
    low, high = interval(bootstrap_means(values, resampled(own(len(of)), 1)), len(of))
    as_if_independent = ((low <= 1) & (high >= 1)).mean()
    # Binomial SD of 1000 trials at 0.95 is 0.007; unequal numbers of ECGs cost few patients some.
    assert 0.90 < covered < 0.97
    assert as_if_independent < 0.75


def test_a_patient_is_drawn_with_all_their_ecgs():
    weights = resampled(["a", "b", "a", "c", "a"], seed=6, replicates=300)
    assert np.array_equal(weights[:, [0, 0]], weights[:, [2, 4]])
    assert np.allclose(weights.sum(1), 1)
    # The mean over the drawn ECGs, counted one by one: a twice and b once are 7 ECGs.
    drawn = np.random.default_rng(6).multinomial(3, [1 / 3] * 3, size=300)
    values = np.array([1.0, 10.0, 2.0, 20.0, 6.0])
    sums, sizes = np.array([9.0, 10.0, 20.0]), np.array([3, 1, 1])
    assert np.allclose(bootstrap_means(values, weights), (drawn @ sums) / (drawn @ sizes))
    with pytest.raises(ValueError, match=r"of different patients .*, got 3 of 1$"):
        resampled(["a", "a", "a"], seed=0)


def test_what_is_drawn_of_a_patient_does_not_depend_on_the_order_of_the_ecgs():
    patients = ["b", "10", "a", "b", "9", "a"]
    shuffled = np.random.default_rng(0).permutation(6)
    weights = resampled([patients[ecg] for ecg in shuffled], seed=6, replicates=50)
    assert np.allclose(weights, resampled(patients, seed=6, replicates=50)[:, shuffled])


@pytest.mark.parametrize("ecgs", [3, 8, 64])
def test_no_difference_is_found_in_5_percent_of_trials(ecgs):
    random = np.random.default_rng(100 + ecgs)
    differences = random.normal(size=(1000, ecgs))
    p = p_values(bootstrap_means(differences, resampled(own(ecgs), seed=2)), ecgs)
    assert (p < 0.05).mean() < 0.07


def test_p_is_below_5_percent_where_the_interval_leaves_0_out():
    random = np.random.default_rng(5)
    means = bootstrap_means(random.normal(0.25, 1, size=(400, 64)), resampled(own(64), seed=3))
    low, high = interval(means, 64)
    outside = (low > 0) | (high < 0)
    p = p_values(means, 64)
    # A replicate more or less on one side is all that may part the two.
    agree = (p < 0.05) == outside
    assert agree.mean() > 0.98
    assert 0.3 < outside.mean() < 0.7


def test_equal_series_differ_by_nothing():
    assert p_values(np.zeros((1, 2000)), 20).tolist() == [1.0]


def test_two_ecgs_prove_nothing_and_one_is_refused():
    means = bootstrap_means(np.array([[1.0, 1.1]]), resampled(own(2), seed=0))
    assert p_values(means, 2)[0] > 0.2
    with pytest.raises(
        ValueError, match=r"at least 2 usable ECGs of different patients .*, got 1 of 1$"
    ):
        resampled(own(1), seed=0)


@pytest.mark.parametrize(("replicates", "patients"), [(2000, 16), (2000, 300), (5000, 3)])
def test_the_least_p_is_that_of_one_share_in_the_replicates_and_one(replicates, patients):
    normal = stats.norm.ppf(1 / (replicates + 1)) * ((patients - 1) / patients) ** 0.5
    assert least_p(replicates, patients) == pytest.approx(2 * stats.t.cdf(normal, patients - 1))
    one_below = np.append(np.ones(replicates - 1), -1.0)[None]
    assert p_values(one_below, patients)[0] > least_p(replicates, patients)
