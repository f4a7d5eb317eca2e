"""The mixed model of crossed readers and ECGs: closed form, and the likelihood written out."""

import numpy as np
import pytest
from ecglens_study.mixed import crossed
from scipy import stats
from scipy.optimize import minimize


def drawn(readers: int, ecgs: int, seed: int, kept: float = 1.0):
    """Answers with effects of readers and ECGs, a covariate, and the codes of both."""
    draw = np.random.default_rng(seed)
    reader, ecg = np.divmod(np.arange(readers * ecgs), ecgs)
    there = draw.random(len(reader)) < kept
    reader, ecg = reader[there], ecg[there]
    x = np.stack([np.ones(len(ecg)), draw.choice([-1.0, 1.0], len(ecg))], axis=1)
    y = 2 + 0.3 * x[:, 1] + draw.normal(0, 0.8, readers)[reader] + draw.normal(0, 1.2, ecgs)[ecg]
    return y + draw.normal(0, 1, len(ecg)), x, reader, ecg


def mean_squares(y: np.ndarray) -> tuple[float, float, float]:
    """Mean squares of rows, columns and the rest of a full table."""
    rows, columns = y.shape
    by_row, by_column, mean = y.mean(1), y.mean(0), y.mean()
    rest = y - by_row[:, None] - by_column + mean
    return (
        columns * np.square(by_row - mean).sum() / (rows - 1),
        rows * np.square(by_column - mean).sum() / (columns - 1),
        np.square(rest).sum() / ((rows - 1) * (columns - 1)),
    )


def test_of_a_full_table_it_is_the_analysis_of_variance():
    y, x, reader, ecg = drawn(6, 15, seed=1)
    fit = crossed(y, x[:, :1], reader, ecg)
    a, b, rest = mean_squares(y.reshape(6, 15))
    assert min(a, b) > rest  # so that no variance is cut at 0
    np.testing.assert_allclose(fit.variances, [(a - rest) / 15, (b - rest) / 6, rest], rtol=1e-3)
    variance = (a + b - rest) / (6 * 15)
    freedom = (a + b - rest) ** 2 / (a**2 / 5 + b**2 / 14 + rest**2 / (5 * 14))
    np.testing.assert_allclose(fit.errors[0], np.sqrt(variance), rtol=1e-3)
    np.testing.assert_allclose(fit.freedom[0], freedom, rtol=1e-3)
    value, low, high = fit.interval()
    half = stats.t.ppf(0.975, freedom) * np.sqrt(variance)
    np.testing.assert_allclose([value, low, high], y.mean() + np.array([0, -half, half]), rtol=1e-3)
    p = 2 * stats.t.sf(y.mean() / np.sqrt(variance), freedom)
    np.testing.assert_allclose(fit.p(), p, rtol=1e-2)


@pytest.mark.parametrize("seed", [8, 36, 37])
def test_ecgs_that_differ_much_more_than_readers_hide_no_variance(seed):
    draw = np.random.default_rng(seed)
    reader, ecg = np.divmod(np.arange(4 * 12), 12)
    y = draw.normal(0, 1, 4)[reader] + draw.normal(0, 40, 12)[ecg] + draw.normal(0, 1, 4 * 12)
    a, b, rest = mean_squares(y.reshape(4, 12))
    expected = [(a - rest) / 12, (b - rest) / 4, rest]
    found = crossed(y, np.ones((48, 1)), reader, ecg).variances
    np.testing.assert_allclose(found, expected, rtol=0.03)


def written_out(y, x, effects) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients, their errors and the variances, by the restricted likelihood of the whole V.

    `effects` are codes of the random effects (Patterson and Thompson 1971).
    """
    ties = [codes[:, None] == codes for codes in effects] + [np.eye(len(y))]

    def parts(logs):
        inverse = np.linalg.inv(sum(np.exp(log) * tie for log, tie in zip(logs, ties, strict=True)))
        covariance = np.linalg.inv(x.T @ inverse @ x)
        return inverse, covariance, covariance @ x.T @ inverse @ y

    def deviance(logs):
        inverse, covariance, values = parts(logs)
        rest = y - x @ values
        signs = -np.linalg.slogdet(inverse)[1] - np.linalg.slogdet(covariance)[1]
        return signs + rest @ inverse @ rest

    found = minimize(deviance, np.zeros(len(ties)), method="Nelder-Mead",
                     options={"xatol": 1e-6, "fatol": 1e-9, "maxiter": 4000})  # fmt: skip
    _, covariance, values = parts(found.x)
    return values, np.sqrt(np.diag(covariance)), np.exp(found.x)


def test_with_gaps_and_a_covariate_it_maximises_the_restricted_likelihood():
    y, x, reader, ecg = drawn(5, 12, seed=2, kept=0.8)
    fit = crossed(y, x, reader, ecg)
    values, errors, variances = written_out(y, x, [reader, ecg])
    np.testing.assert_allclose(fit.values, values, atol=1e-4)
    np.testing.assert_allclose(fit.errors, errors, rtol=1e-3)
    np.testing.assert_allclose(fit.variances, variances, rtol=5e-3)
    np.testing.assert_allclose(y @ fit.weights, fit.values, atol=1e-9)


def test_the_difference_is_the_model_of_all_judgements_with_arm_and_period():
    """Reader, ECG, their pair, and both in each arm are random: the difference has all it needs."""
    draw = np.random.default_rng(3)
    reader, ecg = np.divmod(np.arange(4 * 8), 8)
    later = (reader + ecg) % 2  # the map in period 2
    base = draw.normal(0, 1, 4)[reader] + draw.normal(0, 1, 8)[ecg] + draw.normal(0, 1, 32)
    own = [draw.normal(0, 0.8, 4)[reader] + draw.normal(0, 0.8, 8)[ecg] for _ in range(2)]
    arms = [base + each + draw.normal(0, 0.7, 32) for each in own]
    y = np.concatenate([arms[0] + 0.3 * (1 - later), arms[1] + 0.5 + 0.3 * later])
    arm, period = np.repeat([0, 1], 32), np.concatenate([1 - later, later])
    x = np.stack([arm, period, np.ones(64)], axis=1)
    both = [np.concatenate([codes] * 2) for codes in (reader, ecg, 8 * reader + ecg)]
    values, errors, _ = written_out(y, x, [*both, both[0] + 4 * arm, both[1] + 8 * arm])
    fit = crossed(y[32:] - y[:32], np.stack([np.ones(32), 2.0 * later - 1], axis=1), reader, ecg)
    np.testing.assert_allclose(fit.values, values[:2], atol=2e-3)
    np.testing.assert_allclose(fit.errors, errors[:2], rtol=1e-2)


@pytest.mark.parametrize(("readers", "ecgs", "equal"), [(1, 9, False), (4, 9, True), (9, 1, False)])
def test_without_differences_or_a_second_reader_there_is_no_interval(readers, ecgs, equal):
    y, x, reader, ecg = drawn(readers, ecgs, seed=4)
    fit = crossed(np.full(len(y), 0.25) if equal else y, x[:, :1], reader, ecg)
    assert fit.values[0] == pytest.approx(0.25 if equal else y.mean())
    np.testing.assert_allclose(fit.weights[:, 0], 1 / len(y))
    assert np.isnan([*fit.interval()[1:], fit.p()]).all()


def test_too_few_answers_to_tell_the_variances_apart_have_no_interval():
    y, x, reader, ecg = drawn(2, 2, seed=5)
    assert np.isnan(crossed(y, np.stack([x[:, 0], [1, 0, 0, 1]], axis=1), reader, ecg).errors).all()
    each_his_own = np.arange(8)
    y, x, _, _ = drawn(2, 4, seed=6)
    assert np.isnan(crossed(y, x[:, :1], each_his_own // 4, each_his_own).errors).all()
