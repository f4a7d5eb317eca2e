"""Donors: for each ECG another one, of another patient."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Int

from ..engine import generator
from .subject import Subject


def donors(records: Sequence[str], patients: Sequence[str], seed: int, draw: int) -> list[int]:
    """Place of each ECG's donor: the next ECG of another patient in a seeded circle of all.

    It depends on which ECGs there are, not on their order. With an ECG a patient each ECG is the
    donor of one other. Raises ValueError when all are of one patient.
    """
    if len({*patients}) < 2:
        raise ValueError(
            f"expected ECGs of at least 2 patients for donors, got {len(records)} of "
            f"{len({*patients})}; give patients=, or a fill other than donor"
        )
    place = [
        int(torch.randint(2**62, (), generator=generator(seed, "donor", draw, record)))
        for record in records
    ]
    around = sorted(range(len(records)), key=lambda ecg: (place[ecg], records[ecg]))
    found = [0] * len(records)
    after = next(ecg for ecg in around if patients[ecg] != patients[around[-1]])
    for here in range(len(around) - 1, -1, -1):
        ecg = around[here]
        following = around[(here + 1) % len(around)]
        # Of a run of one patient's ECGs all have the donor of the last.
        after = following if patients[following] != patients[ecg] else after
        found[ecg] = after
    return found


def partners(subject: Subject) -> Int[np.ndarray, " ecg"]:
    """The position of another patient's ECG for each ECG.

    Raises ValueError when all are of one patient.
    """
    return np.array(donors(subject.records, subject.patients, subject.seed, 0))
