import numpy as np
import pytest
from ecglens.eval.evaluations.sanity.baselines import Ground, estimated
from scipy.stats import rankdata

PATIENTS = [str(number) for number in range(30)]


def crossed_rhos(rng: np.random.Generator, mean: float, redraws: int) -> np.ndarray:
    """ρ of redraws × patients: both, and what is left, add to the spread."""
    of_redraw = 0.1 * rng.normal(size=(redraws, 1))
    of_patient = 0.1 * rng.normal(size=(1, len(PATIENTS)))
    return mean + of_redraw + of_patient + 0.1 * rng.normal(size=(redraws, len(PATIENTS)))


def test_the_interval_holds_the_truth_over_redraws_and_patients():
    """Over patients alone it would hold it in two thirds of the repeats."""
    rng = np.random.default_rng(0)
    repeats, held = 150, 0
    for _ in range(repeats):
        found = estimated(crossed_rhos(rng, 0.3, 10), PATIENTS)
        held += found.beyond_x_low <= 0.3 <= found.beyond_x_high
    assert held / repeats >= 0.9


def test_one_network_has_the_interval_of_its_patients():
    apart = 0.1 * np.random.default_rng(1).normal(size=len(PATIENTS) // 2)
    values = 0.1 + np.concatenate([apart, -apart])[None]  # without skewness, which widens one side
    found = estimated(values, PATIENTS)
    half = 2.045 * values.std(ddof=1) / np.sqrt(30)  # Student, 29 degrees of freedom
    assert found.beyond_x_high - found.beyond_x == pytest.approx(half, rel=1e-3)
    assert found.beyond_x_low == pytest.approx(found.beyond_x - half, rel=1e-3)


def test_what_has_no_rho_is_left_out():
    values = np.random.default_rng(2).normal(0.1, 0.01, (4, 30))
    values[3] = np.nan  # a redrawn network whose maps are constant
    values[0, 0] = np.nan
    found = estimated(values, PATIENTS)
    assert found.redraws == 3
    assert found.beyond_x == pytest.approx(values[:3, 1:].mean())
    values[1:] = np.nan
    assert np.isnan(estimated(values, PATIENTS).beyond_x_low)
    values[1] = 0.1  # one of two has no spread between redraws
    assert np.isnan(estimated(values[1:3], PATIENTS).beyond_x_low)
    one_patient = estimated(np.zeros((3, 4)), ["a"] * 4)
    assert np.isnan(one_patient.beyond_x_low)


def test_beyond_x_is_a_slow_partial_correlation():
    rng = np.random.default_rng(4)
    x, original, *redrawn = rng.normal(size=(4, 5, 2, 200)) * np.linspace(0.5, 2, 5)[:, None, None]
    ground = Ground(x, np.zeros((5, 200), np.int8), np.arange(5))
    found = ground.partial_rhos(original, np.stack(redrawn))

    def residual(of: np.ndarray, given: np.ndarray) -> np.ndarray:
        design = np.stack([np.ones(given.size), rankdata(np.abs(given))], 1)
        ranks = rankdata(np.abs(of))
        return ranks - design @ np.linalg.lstsq(design, ranks, rcond=None)[0]

    for number, maps in enumerate(redrawn):
        for ecg in range(5):
            left, right = (residual(each[ecg], x[ecg]) for each in (original, maps))
            slow = left @ right / np.sqrt((left @ left) * (right @ right))
            assert found[number, ecg] == pytest.approx(slow)
