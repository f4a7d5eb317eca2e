"""AUROC of the mask of deleted samples by itself, with no ECG left.

Bernoulli naive Bayes with Laplace's smoothing (Manning et al. 2008, section 13.3) on the places
that were hit, cross-validated by patient; that it is used here, and what a place is, is our own.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Int64

from ...statistics.auroc import won

FOLDS = 5  # four fifths of the patients to learn from
DEALS = 10  # of patients into folds: with tens of ECGs a single deal may be lucky
PERMUTATIONS = 199  # the smallest p is 0.005
DIGITS = 9  # of a log-odds: equal masks are equal, however their sum was rounded


class MaskAuroc(NamedTuple):
    """The AUROC after each step; and after the last when masks are dealt to patients at random."""

    by_step: Float[np.ndarray, " step"]
    by_chance: Float[np.ndarray, " permutation"]


def mask_auroc(
    networks: Sequence[Int64[np.ndarray, "ecg step"]],
    positive: Bool[np.ndarray, " ecg"],
    patients: Sequence[str],
    seed: int,
) -> MaskAuroc:
    """AUROC of the places that were hit, mean over networks.

    Needs 2 patients with an ECG of the class and 2 without any (`dealt`).
    """
    random = np.random.default_rng(seed)
    deals = [dealt(patients, positive, random) for _ in range(DEALS)]
    as_it_is = np.arange(len(patients))[None]
    shuffled = np.stack([_shuffled(patients, random) for _ in range(PERMUTATIONS)])
    by_step, by_chance = [], []
    for places in networks:
        hit = _masks(places)
        by_step.append([_aurocs(one, as_it_is, positive, deals)[0] for one in hit])
        by_chance.append(_aurocs(hit[-1], shuffled, positive, deals))
    return MaskAuroc(np.mean(by_step, axis=0), np.mean(by_chance, axis=0))


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


def _aurocs(
    hit: Float[np.ndarray, "ecg place"],
    order: Int[np.ndarray, "permutation ecg"],
    positive: Bool[np.ndarray, " ecg"],
    deals: Sequence[Int[np.ndarray, " ecg"]],
) -> Float[np.ndarray, " permutation"]:
    """The cross-validated AUROC where each ECG has the mask of another, `order`.

    Only ECGs of one fold are compared: the scores of two classifiers have different zeros.
    """
    ahead, pairs = np.zeros(len(order)), 0
    which = np.arange(len(order))[:, None]
    for fold in deals:
        for number in range(fold.max() + 1):
            out = fold == number
            here = positive[out]
            odds = []
            for side in (positive, ~positive):
                learnt = np.zeros(order.shape)
                np.add.at(learnt, (which, order[:, side & ~out]), 1.0)
                counts = learnt @ hit
                odds.append(np.log((counts + 1) / ((side & ~out).sum() - counts + 1)))
            scores = (odds[0] - odds[1]) @ hit.T
            score = np.take_along_axis(scores, order[:, out], axis=1).round(DIGITS)
            ahead += won(score, here)[:, here].sum(1)
            pairs += here.sum() * (~here).sum()
    return ahead / pairs


def _masks(places: Int64[np.ndarray, "ecg step"]) -> Float[np.ndarray, "step ecg place"]:
    """1 where a place was hit by this step or one before; places that no ECG had hit are left out.

    They would add the same to every score of a fold.
    """
    known, place = np.unique(places, return_inverse=True)
    hit = np.zeros((*places.shape, len(known)))
    np.put_along_axis(hit, place.reshape(places.shape)[..., None], 1.0, axis=-1)
    return np.maximum.accumulate(hit, axis=1).swapaxes(0, 1)


def _shuffled(patients: Sequence[str], random: np.random.Generator) -> Int[np.ndarray, " ecg"]:
    """ECG whose mask each ECG gets: those of one other patient, repeated where they are fewer.

    Masks of a patient are alike: dealt to several, they would look like more patients than they are
    of, and what masks give by chance like less.
    """
    own: dict[str, list[int]] = {name: [] for name in sorted({*patients})}
    for ecg, name in enumerate(patients):
        own[name].append(ecg)
    ecgs = [*own.values()]
    order = np.empty(len(patients), np.int64)
    for got, place in zip(ecgs, random.permutation(len(ecgs)), strict=True):
        order[got] = np.resize(ecgs[place], len(got))
    return order
