"""How well the mask of what was deleted tells the class by itself, with no ECG left.

Bernoulli naive Bayes with Laplace's smoothing (Manning et al. 2008, section 13.3) on the places
that were hit, cross-validated by patient; that it is used here, and what a place is, is our own.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int, Int64

from ..statistics.auroc import auroc_values, won

FOLDS = 5  # four fifths of the patients to learn from
DEALS = 10  # of patients into folds: with tens of ECGs a single deal may be lucky


def mask_values(
    places: Int64[np.ndarray, "ecg step"],
    positive: Bool[np.ndarray, " ecg"],
    patients: Sequence[str],
    seed: int,
) -> Float[np.ndarray, "step ecg"]:
    """For the mask after each step: a value per ECG whose mean is the AUROC (auroc_values).

    Needs 2 patients with an ECG of the class and 2 without any (`dealt`).
    """
    hit = _masks(places)
    every = hit[positive].sum(0), hit[~positive].sum(0)
    ahead = np.zeros((places.shape[1], len(places)))
    compared = np.zeros(len(places))
    random = np.random.default_rng(seed)
    for _ in range(DEALS):
        fold = dealt(patients, positive, random)
        for number in range(fold.max() + 1):
            out = fold == number
            is_positive = positive[out]
            of_class, without = (
                _log_odds(counts - hit[out & side].sum(0), int((side & ~out).sum()))
                for counts, side in zip(every, (positive, ~positive), strict=True)
            )
            score = np.einsum("esp,sp->se", hit[out], of_class - without)
            ahead[:, out] += won(score, is_positive)
            compared[out] += np.where(is_positive, (~is_positive).sum(), is_positive.sum())
    return auroc_values(ahead, compared, positive)


def dealt(
    patients: Sequence[str], positive: Bool[np.ndarray, " ecg"], random: np.random.Generator
) -> Int[np.ndarray, " ecg"]:
    """The fold of each ECG's patient: patients with an ECG of the class, and others, dealt evenly.

    At most FOLDS, and no more than there are patients of either kind. By the patients' names: the
    order of the ECGs does not matter.
    """
    ill = {patient for patient, own in zip(patients, positive, strict=True) if own}
    sides = [sorted(ill), sorted({*patients} - ill)]
    folds = min(FOLDS, *(len(side) for side in sides))
    fold = {
        side[place]: at % folds
        for side in sides
        for at, place in enumerate(random.permutation(len(side)))
    }
    return np.array([fold[patient] for patient in patients])


def _masks(places: Int64[np.ndarray, "ecg step"]) -> Float[np.ndarray, "ecg step place"]:
    """1 where a place was hit by this step or one before; places that no ECG had hit are left out.

    In float32, where whole numbers up to 16 million are exact.
    """
    known, place = np.unique(places, return_inverse=True)
    hit = np.zeros((*places.shape, len(known)), np.float32)
    np.put_along_axis(hit, place.reshape(places.shape)[..., None], 1, axis=-1)
    return np.maximum.accumulate(hit, axis=1)


def _log_odds(
    counts: Float[np.ndarray, "step place"], ecgs: int
) -> Float[np.ndarray, "step place"]:
    """Of a place to be hit, by how many of these ECGs hit it."""
    return np.log((counts + 1) / (ecgs - counts + 1))
