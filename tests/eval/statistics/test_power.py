"""Power and ECGs needed beside closed forms and simulations; the planner has further tests."""

import numpy as np
import pytest
from ecglens.eval.statistics import LEVEL, MOST_ECGS, Comparisons, Pilot, SharePilot
from scipy import stats

ERROR, PATIENTS = 0.08, 64


@pytest.mark.parametrize("ecgs", [40, 64, 200])
@pytest.mark.parametrize("methods", [1, 8])
def test_power_of_a_share_is_that_of_simulated_means(ecgs, methods):
    """Means of normal values with the same standard error, each against Student's quantile."""
    sd = ERROR * np.sqrt(PATIENTS)
    values = np.random.default_rng(ecgs).normal(0.1, sd, (20_000, ecgs))
    t = values.mean(1) / (values.std(1, ddof=1) / np.sqrt(ecgs))
    simulated = (t > stats.t.isf(LEVEL / methods / 2, ecgs - 1)).mean()
    assert SharePilot(ERROR, 0.1, PATIENTS, methods).power(ecgs) == pytest.approx(
        simulated, abs=0.015
    )


def test_ecgs_of_a_share_are_those_of_the_normal_formula():
    """n = ((z of the level + z of the power) · SD / gain)², to the correction of Student's t."""
    z = stats.norm.isf(LEVEL / 2) + stats.norm.ppf(0.9)
    for gain in (0.05, 0.1, 0.2):
        expected = (z * ERROR * np.sqrt(PATIENTS) / gain) ** 2
        found = SharePilot(ERROR, gain, PATIENTS).ecgs(0.9)
        assert found is not None
        assert expected < found < expected + 4


def test_ecgs_are_the_fewest_with_this_power_and_more_for_less_gain_and_more_power():
    differences = np.random.default_rng(0).normal(size=(3, 40))
    zeros = np.zeros(3)
    tests = Comparisons("m", ("a", "b", "c"), np.ones((3, 40)), differences, zeros, (1,) * 3, 2)
    for pilot in (Pilot, lambda tests, gain: SharePilot(ERROR, gain, PATIENTS)):
        found = {
            (gain, power): pilot(tests, gain).ecgs(power) or MOST_ECGS
            for gain in (0.1, 0.2)
            for power in (0.5, 0.9)
        }
        assert found[0.1, 0.9] > found[0.2, 0.9] > found[0.2, 0.5]
        assert found[0.1, 0.9] > found[0.1, 0.5] > found[0.2, 0.5]
        fewest, asked = found[0.2, 0.9], pilot(tests, 0.2)
        assert asked.power(fewest) >= 0.9 > asked.power(fewest - 1)


def test_more_draws_of_patients_with_several_ecgs_leave_what_they_leave():
    """4 ECGs a patient in 2 draws, SD 2 between patients and 5 between draws of an ECG."""
    random = np.random.default_rng(0)
    patients, ecgs, draws = 20_000, 4, 2
    own = random.normal(0, 2, patients)

    def means(draws):
        return own + random.normal(0, 5 / np.sqrt(ecgs * draws), patients)

    found = means(draws)
    tests = Comparisons(
        "m", ("a",), found[None], found[None], np.array([25.0]), (draws,), 1, float(ecgs)
    )
    expected = means(2 * draws).std() / found.std()
    assert Pilot(tests, 0.2).narrower(2) == pytest.approx(expected, abs=0.01)


def test_what_no_number_of_ecgs_shows_is_none():
    assert SharePilot(float("nan"), 0.1, PATIENTS).ecgs(0.9) is None
    assert SharePilot(ERROR, 0.1 * ERROR / np.sqrt(MOST_ECGS), PATIENTS).ecgs(0.9) is None
    assert SharePilot(0.0, 0.1, PATIENTS).power(6) == 1.0
