"""The ECGs of each patient side by side, so that sums and resampling run over patients."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from .resampling import numbered


@dataclass(frozen=True)
class PatientGroups:
    """ECGs of each patient, patients in the order of their names."""

    order: Int[np.ndarray, " ecg"]  # the ECGs, those of a patient side by side
    starts: Int[np.ndarray, " patient"]  # where the ECGs of each patient begin in it

    @classmethod
    def of(cls, names: Sequence[str]) -> "PatientGroups":
        """`names` of the patient of each ECG; ValueError for fewer than 2 of them."""
        patient = numbered(names)
        order = patient.argsort(kind="stable")
        return cls(order, np.flatnonzero(np.diff(patient[order], prepend=-1)))

    @property
    def count(self) -> int:
        """Number of patients."""
        return len(self.starts)

    @property
    def sizes(self) -> Int[np.ndarray, " patient"]:
        """Number of ECGs of each patient."""
        return np.diff(self.starts, append=len(self.order))

    def sums(
        self, values: Float[np.ndarray, "*series ecg"]
    ) -> Float[np.ndarray, "*series patient"]:
        """Sum of the values of each patient's ECGs."""
        return np.add.reduceat(values[..., self.order], self.starts, axis=-1)
