"""The AUC of every series (method or control), network, draw and ECG of an evaluation."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from ..curves import Curves
from ..outcomes import area_under_curve
from ..statistics.components import components
from .outcome import draw_outcomes, usable


def errors(each: Sequence[Curves]) -> Float[np.ndarray, "series network ecg point"]:
    """The outcome of usable ECGs at every point; means over draws, which are never resampled."""
    found = []
    for scores in each:
        outcomes, keep = draw_outcomes(scores), usable(scores)
        names = (*scores.methods, *scores.controls)
        found.append(np.stack([outcomes[name][:, keep].mean(0) for name in names]))
    return np.stack(found, axis=1)


def per_draw(scores: Curves) -> Float[np.ndarray, "series draw ecg"]:
    """The AUC of every usable ECG and draw, in the order of the curves."""
    keep = usable(scores)
    until = scores.protocol.until
    return np.stack([areas(each[:, keep], until) for each in draw_outcomes(scores).values()])


def areas(errors: Float[np.ndarray, "*series point"], until: int) -> Float[np.ndarray, "*series"]:
    """The area under each curve up to this index."""
    return area_under_curve(torch.from_numpy(errors), until).numpy()


def means(aucs: Float[np.ndarray, "series network ecg"]) -> Float[np.ndarray, " series"]:
    """Over networks, then over ECGs."""
    return aucs.mean(1).mean(1)


def variance(each: Sequence[Curves]) -> pd.DataFrame:
    """Per method and control: the variance of one network's AUC of one ECG and draw, by source.

    The columns are those of `components`, of the difference from random (of random itself: of its
    AUC), since it is differences that are ranked.
    """
    names = list(each[0].predictions)
    aucs = np.stack([per_draw(scores) for scores in each], axis=1)
    random = aucs[names.index("random")]
    apart = np.stack(
        [auc if name == "random" else auc - random for name, auc in zip(names, aucs, strict=True)]
    )
    return pd.DataFrame(components(apart)._asdict(), index=pd.Index(names, name="method"))


def of_the_mean(split: pd.DataFrame, networks: int, draws: int, ecgs: int) -> pd.DataFrame:
    """Contribution of each source of `variance` to the variance of a mean.

    The mean is over this many networks, draws and ECGs. Estimates below 0 and unknown ones count
    as 0.
    """
    averaged = {
        "ecg": ecgs,
        "network": networks,
        "ecg_network": ecgs * networks,
        "draw": ecgs * draws,
        "rest": ecgs * networks * draws,
    }
    return split.clip(lower=0).fillna(0) / pd.Series(averaged)
