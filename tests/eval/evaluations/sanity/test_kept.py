import numpy as np
import pytest
from ecglens.eval.evaluations.sanity.baselines import (
    JUDGED_MAPS,
    Ground,
    Residuals,
    estimated,
    less_others,
    partial_rhos,
)
from scipy.stats import rankdata

from .networks import rho

PATIENTS = [str(number) for number in range(30)]


def crossed_rhos(rng: np.random.Generator, mean: float, redraws: int) -> np.ndarray:
    """ρ of redraws × patients: both, and what is left, add to the spread."""
    of_redraw = 0.1 * rng.normal(size=(redraws, 1))
    of_patient = 0.1 * rng.normal(size=(1, len(PATIENTS)))
    return mean + of_redraw + of_patient + 0.1 * rng.normal(size=(redraws, len(PATIENTS)))


def test_the_interval_holds_the_truth_over_redraws_and_patients():
    """Over patients alone it would hold it in two thirds of the repeats."""
    rng = np.random.default_rng(0)
    repeats, held, below = 150, 0, 0
    for _ in range(repeats):
        found = estimated(crossed_rhos(rng, 0.3, 10), PATIENTS, 0.3, 0.5)
        held += found.low <= 0.3 <= found.high
        below += found.below <= 0.025
    assert held / repeats >= 0.9
    assert below / repeats < 0.06  # false "significantly below", of 0.025 allowed


def test_one_network_has_the_interval_of_its_patients():
    apart = 0.1 * np.random.default_rng(1).normal(size=len(PATIENTS) // 2)
    values = 0.1 + np.concatenate([apart, -apart])[None]  # without skewness, which widens one side
    found = estimated(values, PATIENTS, 0.3, 0.5)
    half = 2.045 * values.std(ddof=1) / np.sqrt(30)  # Student, 29 degrees of freedom
    assert found.high - found.value == pytest.approx(half, rel=1e-3)
    assert found.low == pytest.approx(found.value - half, rel=1e-3)


def test_what_has_no_rho_is_left_out_and_counted():
    values = np.random.default_rng(2).normal(0.1, 0.01, (4, 30))
    values[3] = np.nan  # a redrawn network whose maps are constant
    values[0, 0] = np.nan
    found = estimated(values, PATIENTS, 0.3, 0.5)
    assert (found.redraws, found.missing) == (3, pytest.approx(1 / 30))
    assert found.value == pytest.approx(values[:3, 1:].mean())
    values[1:] = np.nan
    assert np.isnan(estimated(values, PATIENTS, 0.3, 0.5).low)
    values[1] = 0.1  # one of two has no spread between redraws
    assert np.isnan(estimated(values[1:3], PATIENTS, 0.3, 0.5).low)
    one_patient = estimated(np.zeros((3, 4)), ["a"] * 4, 0.3, 0.5)
    assert np.isnan(one_patient.low)
    assert one_patient.below == one_patient.above == 1


def test_the_mean_map_is_that_of_all_other_patients():
    maps = np.random.default_rng(3).normal(size=(4, 50))
    names = ["b", "a", "b", "c"]
    left = less_others(maps, names)
    assert left[0] == pytest.approx(maps[0] - (maps[1] + maps[3]) / 2)
    assert left[2] == pytest.approx(maps[2] - (maps[1] + maps[3]) / 2)
    assert left[3] == pytest.approx(maps[3] - maps[:3].mean(0))
    assert not less_others(maps, ["a"] * 4).any()
    assert not less_others(np.repeat(maps[:1], 4, 0), names).any()


def test_every_part_is_a_slow_partial_correlation():
    rng = np.random.default_rng(4)
    x, original, *redrawn = rng.normal(size=(4, 5, 2, 200)) * np.linspace(0.5, 2, 5)[:, None, None]
    partner = np.array([1, 2, 3, 4, 0])
    ground = Ground(x, np.zeros((5, 200), np.int8), partner)
    found = partial_rhos(original, np.stack(redrawn), Residuals(ground, [*"abcde"]))

    def residual(of: np.ndarray, *given: np.ndarray) -> np.ndarray:
        design = np.stack([np.ones(len(of)), *(rankdata(each) for each in given)], 1)
        ranks = rankdata(of)
        return ranks - design @ np.linalg.lstsq(design, ranks, rcond=None)[0]

    def values(maps: np.ndarray, scale: str) -> np.ndarray:
        flat = np.abs(maps)
        return (flat if scale == "sample" else flat.reshape(5, 2, 10, 20).sum(-1)).reshape(5, -1)

    for part in JUDGED_MAPS:
        one, size = values(original, part.scale), values(x, part.scale)
        for number, maps in enumerate(redrawn):
            other = values(maps, part.scale)
            for ecg in range(5):
                away = [each != ecg for each in range(5)]

                def own(of: np.ndarray, ecg: int = ecg, away: list = away) -> np.ndarray:
                    return of[ecg] - of[away].mean(0)

                pair = (own(one), own(other)) if part.centred else (one[ecg], other[ecg])
                given = (size[ecg], own(size)) if part.centred else (size[ecg],)
                left, right = (residual(each, *given) for each in pair)
                slow = left @ right / np.sqrt((left @ left) * (right @ right))
                assert found[part][number, ecg] == pytest.approx(slow)


def test_a_template_under_noise_from_point_to_point_is_seen_at_40_ms():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(6, 12, 600))
    template = np.repeat(rng.exponential(size=(12, 30)), 20, -1)
    one, other = (template * rng.exponential(size=(6, 12, 600)) for _ in range(2))
    ground = Ground(x, np.zeros((6, 600), np.int8), np.roll(np.arange(6), 1))
    found = partial_rhos(one, other[None], Residuals(ground, [*"abcdef"]))
    by_sample, coarse = (found[part].mean() for part in (JUDGED_MAPS[0], JUDGED_MAPS[2]))
    assert coarse > 0.8 > 0.5 > by_sample
    assert rho(one[0].ravel(), other[0].ravel()) == pytest.approx(by_sample, abs=0.05)
