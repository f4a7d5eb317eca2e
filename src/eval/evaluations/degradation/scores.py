"""Degradation scores from outputs while all of an ECG is removed (Suh 2022; Turbé 2023)."""

import numpy as np
from jaxtyping import Float

from ....store import Step

# Raised when a number of these scores changes: their validation is then out of date
# (meta_evaluation).
DEGRADATION_SCORES = Step("degradation_scores", version=1)

Curves = Float[np.ndarray, "ecg point"]
PerEcg = Float[np.ndarray, " ecg"]


def degradation_score(most: Curves, least: Curves) -> PerEcg:
    """Mean over the steps of LeRF_k − MoRF_k, both normalised to 1 … 0 (Suh 2022).

    Outputs along the steps, the clean ECG first, all taken away last. What is normalised is the
    change of the output, whichever way it goes, by the mean over the ECGs of the whole change:
    where the output only falls that is the article's (f_k − f_last) / (f_0 − f_last) with its means
    over ECGs. NaN when all ECGs taken away change nothing.
    """
    moved, kept = (np.abs(curve - curve[:, :1]) for curve in (most, least))
    return (moved - kept).mean(1) / _whole(most)


def score_drop(curves: Curves, probability: bool) -> Curves:
    """S̃ along the steps: the share of the score that is lost, from −1 to 1 (Turbé 2023).

    Of a `probability`, which comes as its logit, (S − S_k) / S as published. Any other output has
    no value that stands for nothing: there S̃ is the change as a share of the mean change over the
    ECGs at the last step, when all points are replaced; our own definition.
    """
    if probability:
        score = 1 / (1 + np.exp(-curves))
        drop = (score[:, :1] - score) / score[:, :1]
    else:
        drop = np.abs(curves - curves[:, :1]) / _whole(curves)
    return np.clip(drop, -1, 1)


def aucs(drops: Curves, replaced: Curves) -> PerEcg:
    """The area under S̃ against the share of an ECG's points that is `replaced` (Turbé 2023).

    By trapezoids; from the last step to all points the curve stays level, as published.
    """
    ends = np.ones((len(drops), 1))
    along = np.concatenate([replaced, ends], 1)
    height = np.concatenate([drops, drops[:, -1:]], 1)
    return np.asarray(np.trapezoid(height, along, axis=1))


def f1s(top: PerEcg, bottom: PerEcg) -> PerEcg:
    """F1S̃: the harmonic mean of AUCS̃_top and 1 − AUCS̃_bottom (Turbé 2023), 0 where one is ≤ 0."""
    found, spared = np.maximum(top, 0), np.maximum(1 - bottom, 0)
    total = found + spared
    return np.divide(2 * found * spared, total, out=np.zeros_like(total), where=total > 0)


def _whole(curves: Curves) -> float:
    """The mean over the ECGs of how far the output goes in the end; NaN for no way."""
    whole = float(np.abs(curves[:, -1] - curves[:, 0]).mean())
    return whole if whole > 0 else np.nan
