"""Lead that tiles show first: the same for all methods and all ECGs of a target."""

from collections.abc import Sequence

import numpy as np
from ecglens.ecg import LEADS

from .study_input import StudyInput


def first_lead(study_input: StudyInput, places: Sequence[int]) -> str:
    """Lead in which the target is read, else the one with the largest share of relevance.

    The share is the mean over the ECGs at `places` and over all methods, with equal weight, so that
    the choice favours none.
    """
    if study_input.target.lead:
        return study_input.target.lead
    shown = np.stack([maps[[*places]] for maps in study_input.heatmaps.values()])
    relevance = np.abs(shown).sum(-1)
    total = relevance.sum(-1, keepdims=True)
    shares = np.divide(relevance, total, out=np.zeros_like(relevance), where=total > 0)
    return LEADS[int(shares.mean(axis=(0, 1)).argmax())]
