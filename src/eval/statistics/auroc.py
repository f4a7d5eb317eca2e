"""The AUROC as a mean over ECGs: its intervals are those of any mean (DeLong et al. 1988)."""

import numpy as np
from jaxtyping import Bool, Float, Real
from scipy.stats import rankdata


def won(
    score: Float[np.ndarray, "*series ecg"], positive: Bool[np.ndarray, " ecg"]
) -> Float[np.ndarray, "*series ecg"]:
    """Number of ECGs of the other class that each ECG is on the right side of; equal ones half."""
    own = np.empty(score.shape)
    for side in (positive, ~positive):
        own[..., side] = rankdata(score[..., side], axis=-1)
    below = rankdata(score, axis=-1) - own
    return np.where(positive, below, positive.sum() - below)


def auroc_values(
    won: Float[np.ndarray, "*series ecg"],
    compared: Real[np.ndarray, " ecg"],
    positive: Bool[np.ndarray, " ecg"],
) -> Float[np.ndarray, "*series ecg"]:
    """A value for each ECG whose mean is the AUROC, by what each won of what it was compared with.

    They are its linearisation, DeLong's structural components where every pair is compared.
    """
    pairs = compared[positive].sum()
    auroc = won[..., positive].sum(-1, keepdims=True) / pairs
    return auroc + len(positive) * (won - auroc * compared) / pairs
