"""What two maps have in common though they explain nothing: no correlation is read without it.

The columns of FLOORS stand beside every ρ:
- `other_ecg`: ρ of the maps of two different ECGs, of different patients, by the same network. The
  other ECG's map is also the control that is shuffled and keeps the method's own autocorrelation.
- `centred`: ρ after the mean map over the ECGs is subtracted from each.
- `permuted`: ρ with the map of a network that was trained on permuted labels.
- `abs_x`: ρ of |map| with |x|, for methods that multiply by the input; computed for all.
"""

import warnings
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

FLOORS = ("other_ecg", "centred", "permuted", "abs_x")


def partners(
    records: Sequence[str], patients: Sequence[str], seed: int
) -> Int[np.ndarray, " ecg"]:
    """For each ECG another one, of another patient; each is the other of one. By seed and names.

    The order in which the ECGs come changes no pair. Raises ValueError when one patient has more
    than half of the ECGs, which cannot all be paired with others.
    """
    shuffled = np.random.default_rng(seed).permutation(sorted(set(patients)))
    place = {patient: number for number, patient in enumerate(shuffled.tolist())}
    order = sorted(range(len(records)), key=lambda ecg: (place[patients[ecg]], records[ecg]))
    most = max(patients.count(patient) for patient in place)
    if 2 * most > len(records):
        raise ValueError(
            "expected no patient with more than half of the ECGs, as the floor pairs ECGs of "
            f"different patients; got {most} ECGs of one patient among {len(records)}"
        )
    # The ECGs of a patient stand together: a shift by the longest such run leaves every run.
    partner = np.empty(len(records), int)
    partner[order] = np.roll(order, -most)
    return partner


def centred(values: Float[np.ndarray, "*map ecg point"]) -> Float[np.ndarray, "*map ecg point"]:
    """Each map less the mean map of the ECGs; NaN where the ECG has no such point."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a wave that no ECG has: its mean is NaN
        return values - np.nanmean(values, axis=-2, keepdims=True)
