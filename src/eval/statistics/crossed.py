"""Means over crossed patients and networks: intervals, p, and sources of variance.

Every network is judged on the ECGs of every patient, as every reader of a reader study reads every
case: patients and networks are crossed. Resampling one after the other would count what they share
three times (Owen 2007), and five networks, resampled, are too alike. Here the variance comes from
mean squares and the quantile from Student's distribution, that of patients corrected for their
skewness (docs/statistics.md shows what it covers).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.special import stdtrit

from .bootstrap import CrossedPairs
from .resampling import PatientGroups

PerSeries = Float[np.ndarray, "*series"]

# Below this the correction is 1e-9 of the quantile, and dividing by it would lose digits.
NO_SKEWNESS = 1e-6


def skewness(values: Float[np.ndarray, "*series unit"]) -> PerSeries:
    """Unbiased sample skewness G1 of deviations from their mean; 0 for fewer than 3 or no spread.

    Joanes & Gill 1998.
    """
    count = values.shape[-1]
    square, cube = (values**2).mean(-1), (values**3).mean(-1)
    if count < 3:
        return np.zeros_like(square)
    found = np.divide(cube, square**1.5, out=np.zeros_like(square), where=square > 0)
    return np.asarray(found * np.sqrt(count * (count - 1)) / (count - 2))


def corrected(quantile: float | PerSeries, skewness: PerSeries, count: int) -> PerSeries:
    """Quantile of the t of a mean of `count` values with this skewness, from Student's quantile.

    Solves x = t + a t²/3 + a² t³/27 + a/6 for t, with a = skewness/√count, which is monotone
    (Hall 1992, transformation g₁).
    """
    a = skewness / np.sqrt(count)
    flat = np.abs(a) < NO_SKEWNESS
    a = np.where(flat, 1.0, a)
    turned = 3 / a * (np.cbrt(1 + a * (quantile - a / 6)) - 1)
    return np.where(flat, quantile, turned)


HALVINGS = 50  # p to 15 digits


class CrossedMean(NamedTuple):
    """A mean, its standard error, the networks' share in its square, and the patients' skewness."""

    mean: PerSeries
    error: PerSeries
    share: PerSeries
    skewness: PerSeries


@dataclass(frozen=True)
class Crossed:
    """Intervals and tests of means over the patients of these ECGs and 2 networks or more.

    Draws are averaged before: they are part of what their ECG adds, and counted with it once.
    """

    patients: PatientGroups

    @classmethod
    def of(cls, patients: Sequence[str]) -> "Crossed":
        """`patients` names the patient of each ECG; ValueError for fewer than 2 of them."""
        return cls(PatientGroups.of(patients))

    def estimate(self, values: Float[np.ndarray, "*series network ecg"]) -> CrossedMean:
        """The mean over networks and ECGs, and how well it is known.

        Its variance is (MS_P + max(MS_N − MS_PN, 0)) / (networks · patients), with the mean squares
        of patients, of networks and of what is left: that of reader studies (Hillis 2007). Patients
        with several ECGs count by their share of the ECGs, as deviations from the mean (a ratio's
        linearisation).
        """
        mean, patient, more, of_patient = self._squares(values)
        more = np.maximum(more, 0)
        total = patient + more
        share = np.divide(more, total, out=np.zeros_like(total), where=total > 0)
        error = np.asarray(np.sqrt(total / (values.shape[-2] * self.patients.count)))
        return CrossedMean(mean, error, share, skewness(of_patient))

    def _squares(
        self, values: Float[np.ndarray, "*series network ecg"]
    ) -> tuple[PerSeries, PerSeries, PerSeries, Float[np.ndarray, "*series patient"]]:
        """Mean, the patients' mean square, what networks add to it, and patients' deviations."""
        networks, ecgs = values.shape[-2:]
        patients = self.patients.count
        of_network = values.mean(-1)
        mean = np.asarray(of_network.mean(-1))
        # What each patient adds to the mean of each network: sums to 0 over patients.
        each = self.patients.sums(values - of_network[..., None]) * (patients / ecgs)
        of_patient = each.mean(-2)
        left = each - of_patient[..., None, :]
        ms_n = patients * ((of_network - mean[..., None]) ** 2).sum(-1) / (networks - 1)
        ms_p = networks * (of_patient**2).sum(-1) / (patients - 1)
        ms_pn = (left**2).sum((-2, -1)) / ((networks - 1) * (patients - 1))
        return mean, np.asarray(ms_p), np.asarray(ms_n - ms_pn), of_patient

    def interval(
        self, values: Float[np.ndarray, "*series network ecg"], level: float = 0.95
    ) -> tuple[PerSeries, PerSeries]:
        """Both ends of the interval of the mean of each series."""
        found, tail = self.estimate(values), (1 - level) / 2
        upper, lower = (self._quantile(sign, tail, found, values.shape[-2]) for sign in (1, -1))
        low, high = found.mean - upper * found.error, found.mean - lower * found.error
        return np.asarray(low), np.asarray(high)

    def p(self, differences: Float[np.ndarray, "*series network ecg"]) -> PerSeries:
        """Two-sided p of "the mean difference is 0": the interval of level 1 − p ends there."""
        found, networks = self.estimate(differences), differences.shape[-2]
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(found.mean == 0, 0.0, np.abs(found.mean) / found.error)
        side = np.where(found.mean < 0, -1, 1)
        low, high = np.zeros_like(t), np.full_like(t, 0.5)
        for _ in range(HALVINGS):
            tail = (low + high) / 2
            further = side * self._quantile(side, tail, found, networks) > t
            low, high = np.where(further, tail, low), np.where(further, high, tail)
        return np.asarray(low + high)

    def pairs(self, differences: Float[np.ndarray, "pair network ecg"]) -> CrossedPairs:
        """Differences for a test of all of them at once."""
        mean, patient, more, _ = self._squares(differences)
        return CrossedPairs(mean, patient, more, differences.shape[-2], self.patients.count)

    def _quantile(
        self,
        side: int | Int[np.ndarray, "*series"],
        tail: float | PerSeries,
        found: CrossedMean,
        networks: int,
    ) -> PerSeries:
        """Quantile of t above (side 1) or below (−1): of networks and patients, by their shares.

        Cochran & Cox 1957, section 4.14. Satterthwaite's degrees of freedom, the more usual way,
        gave intervals that held the truth in 86 to 95 % of simulated studies of 2 or 3 unlike
        networks. The patients' part is corrected for skewness (Hall 1992).
        """
        patients = self.patients.count
        of_networks, of_patients = (
            -side * stdtrit(count - 1, tail) for count in (networks, patients)
        )
        of_patients = corrected(of_patients, found.skewness, patients)
        return np.asarray(found.share * of_networks + (1 - found.share) * of_patients)


class Components(NamedTuple):
    """Variances of one network's score of one ECG and draw, by their source.

    `ecg` and `network` move the score of one ECG in all networks and of one network on all ECGs,
    `ecg_network` of one ECG in one network; `draw` moves it in all networks, as they share the
    noise of an ECG, `rest` in one network alone. NaN where there is one network or one draw and
    so nothing to tell the source by: its variance is then part of another.
    """

    ecg: PerSeries
    network: PerSeries
    ecg_network: PerSeries
    draw: PerSeries
    rest: PerSeries


def components(scores: Float[np.ndarray, "*series network draw ecg"]) -> Components:
    """The variance split by the method of moments: draws lie in ECGs, networks cross both.

    Each mean square of the balanced analysis of variance equals its expectation (Searle, Casella &
    McCulloch 1992, chapter 4). Unbiased, so that a source which adds nothing is as often below 0
    as above. Raises ValueError for fewer than 2 ECGs.
    """
    networks, draws, ecgs = scores.shape[-3:]
    if ecgs < 2:
        raise ValueError(f"expected at least 2 ECGs to split a variance, got {ecgs}")
    of_ecg = scores.mean((-3, -2), keepdims=True)
    of_network = scores.mean((-2, -1), keepdims=True)
    of_both = scores.mean(-2, keepdims=True)
    of_draw = scores.mean(-3, keepdims=True)
    mean = scores.mean((-3, -2, -1), keepdims=True)

    def square(deviations: np.ndarray, times: int, freedom: int) -> np.ndarray:
        total = times * (deviations**2).sum((-3, -2, -1))
        return np.asarray(total / freedom if freedom else np.full_like(total, np.nan))

    ecg = square(of_ecg - mean, networks * draws, ecgs - 1)
    network = square(of_network - mean, draws * ecgs, networks - 1)
    both = square(of_both - of_ecg - of_network + mean, draws, (ecgs - 1) * (networks - 1))
    draw = square(of_draw - of_ecg, networks, ecgs * (draws - 1))
    rest = square(scores - of_both - of_draw + of_ecg, 1, ecgs * (networks - 1) * (draws - 1))
    # What cannot be told by its source is part of another, and nothing is taken off for it.
    less_both, less_draw, less_rest = (np.nan_to_num(each) for each in (both, draw, rest))
    return Components(
        ecg=(ecg - less_both - less_draw + less_rest) / (networks * draws),
        network=(network - less_both) / (draws * ecgs),
        ecg_network=(both - less_rest) / draws,
        draw=(draw - less_rest) / networks,
        rest=rest,
    )
