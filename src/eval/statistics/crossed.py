"""Means over patients and networks, both drawn from many: intervals and p-values.

Every network is judged on the ECGs of every patient, as every reader of a reader study reads every
case: patients and networks are crossed. Resampling one after the other would count what they share
three times (Owen 2007), and five networks, resampled, are too alike. Here the variance comes from
mean squares and the quantile from Student's distribution (docs/statistics.md shows what it covers).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy import stats

from .resampling import numbered

HALVINGS = 50  # p to 15 digits


class Estimate(NamedTuple):
    """A mean, its standard error, and the share of the networks in the square of that."""

    mean: Float[np.ndarray, "*series"]
    error: Float[np.ndarray, "*series"]
    share: Float[np.ndarray, "*series"]


@dataclass(frozen=True)
class Crossed:
    """Intervals and tests of means over the patients of these ECGs and 2 networks or more.

    Draws are averaged before: they are part of what their ECG adds, and counted with it once.
    """

    order: Int[np.ndarray, " ecg"]  # the ECGs, those of a patient side by side
    starts: Int[np.ndarray, " patient"]  # where the ECGs of each patient begin in it

    @classmethod
    def of(cls, patients: Sequence[str]) -> "Crossed":
        """`patients` names the patient of each ECG; ValueError for fewer than 2 of them."""
        patient = numbered(patients)
        order = patient.argsort(kind="stable")
        return cls(order, np.flatnonzero(np.diff(patient[order], prepend=-1)))

    @property
    def patients(self) -> int:
        """How many there are."""
        return len(self.starts)

    def estimate(self, values: Float[np.ndarray, "*series network ecg"]) -> Estimate:
        """The mean over networks and ECGs, and how well it is known.

        Its variance is (MS_P + max(MS_N − MS_PN, 0)) / (networks · patients), with the mean squares
        of patients, of networks and of what is left: that of reader studies (Hillis 2007). Patients
        with several ECGs count by their share of the ECGs, as deviations from the mean (a ratio's
        linearisation).
        """
        networks, ecgs = values.shape[-2:]
        patients = self.patients
        of_network = values.mean(-1)
        mean = np.asarray(of_network.mean(-1))
        # What each patient adds to the mean of each network: sums to 0 over patients.
        apart = (values - of_network[..., None])[..., self.order]
        each = np.add.reduceat(apart, self.starts, axis=-1) * (patients / ecgs)
        of_patient = each.mean(-2)
        left = each - of_patient[..., None, :]
        ms_n = patients * ((of_network - mean[..., None]) ** 2).sum(-1) / (networks - 1)
        ms_p = networks * (of_patient**2).sum(-1) / (patients - 1)
        ms_pn = (left**2).sum((-2, -1)) / ((networks - 1) * (patients - 1))
        more = np.maximum(ms_n - ms_pn, 0)
        total = ms_p + more
        share = np.divide(more, total, out=np.zeros_like(mean), where=total > 0)
        return Estimate(mean, np.asarray(np.sqrt(total / (networks * patients))), share)

    def interval(
        self, values: Float[np.ndarray, "*series network ecg"], level: float = 0.95
    ) -> tuple[Float[np.ndarray, "*series"], Float[np.ndarray, "*series"]]:
        """Both ends of the interval of the mean of each series."""
        mean, error, share = self.estimate(values)
        reach = error * quantile((1 - level) / 2, share, values.shape[-2], self.patients)
        return np.asarray(mean - reach), np.asarray(mean + reach)

    def p(
        self, differences: Float[np.ndarray, "*series network ecg"]
    ) -> Float[np.ndarray, "*series"]:
        """Two-sided p of "the mean difference is 0": the interval of level 1 − p ends there."""
        mean, error, share = self.estimate(differences)
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = np.where(mean == 0, 0.0, np.abs(mean) / error)
        low, high = np.zeros_like(mean), np.full_like(mean, 0.5)
        for _ in range(HALVINGS):
            tail = (low + high) / 2
            further = quantile(tail, share, differences.shape[-2], self.patients) > statistic
            low, high = np.where(further, tail, low), np.where(further, high, tail)
        return np.asarray(low + high)


def quantile(
    tail: float | Float[np.ndarray, "*series"],
    share: Float[np.ndarray, "*series"],
    networks: int,
    patients: int,
) -> Float[np.ndarray, "*series"]:
    """Student's quantiles of networks and patients, weighted by their shares of the variance.

    Cochran & Cox 1957, section 4.14. Satterthwaite's degrees of freedom, the more usual way, gave
    intervals that held the truth in 86 to 95 % of simulated studies of 2 or 3 unlike networks.
    """
    of_networks, of_patients = (stats.t.isf(tail, count - 1) for count in (networks, patients))
    return np.asarray(share * of_networks + (1 - share) * of_patients)
