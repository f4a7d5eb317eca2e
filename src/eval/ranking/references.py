"""References of an AUC: random and the best possible one."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from ..curves import ORACLE, Curves
from ..statistics.comparison import sampling
from .aucs import areas, errors, means
from .outcome import outcome, usable


def references(each: Sequence[Curves]) -> pd.DataFrame:
    """Columns for the table of a ranking, by method and control; none without references.

    scaled: (AUC − random) / (oracle − random) over the oracle's ECGs, all networks together, and
    its 95 % interval scaled_low–scaled_high; empty where the oracle is not above random.
    """
    scores = each[0]
    names = [*scores.methods, *scores.controls]
    columns = pd.DataFrame(index=pd.Index(names, name="method"))
    if all(ORACLE in one.references for one in each):
        values = np.stack(_scaled(each), axis=1)
        columns[["scaled", "scaled_low", "scaled_high"]] = values
    return columns


def _scaled(each: Sequence[Curves]) -> tuple[Float[np.ndarray, " series"], ...]:
    """The ratio of means and its interval by linearisation (Cochran 1977, section 6.3)."""
    scores = each[0]
    ecgs = scores.references[ORACLE].shape[1]
    keep = usable(scores)[:ecgs]
    # The usable ECGs stand in their order, so that the oracle's come first.
    aucs = areas(errors(each), scores.protocol.until)[:, :, : keep.sum()]
    best = np.stack([_reference(one, ORACLE)[keep] for one in each])
    random = aucs[len(scores.methods) + scores.controls.index("random")]
    way = float((best - random).mean()) if keep.any() else 0.0
    if not way > 0:
        return (np.full(len(aucs), np.nan),) * 3
    share = means(aucs - random) / way
    patients = [patient for patient, kept in zip(scores.patients, keep, strict=False) if kept]
    if len({*patients}) < 2:
        return share, np.full(len(aucs), np.nan), np.full(len(aucs), np.nan)
    drawn = sampling(len(each), len(scores.methods), patients, scores.seed)
    low, high = drawn.interval((aucs - random) - share[:, None, None] * (best - random))
    return share, share + low / way, share + high / way


def _reference(scores: Curves, name: str) -> Float[np.ndarray, " ecg"]:
    """The AUC of each ECG that the reference has, usable or not, mean over draws."""
    read = outcome(scores, scores.references[name]).mean(0)
    return areas(read, scores.protocol.until)
