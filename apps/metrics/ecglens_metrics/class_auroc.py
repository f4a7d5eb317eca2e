"""AUROC while points are deleted, never without that of the mask of what was deleted.

Bernoulli naive Bayes with Laplace's smoothing (Manning et al. 2008, section 13.3) reads the mask
from the places that were hit, cross-validated by patient; its use here and the definition of a
place are our own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from ecglens.eval import Curves
from ecglens.eval.ranking import areas, side_by_side
from ecglens.eval.statistics import LEVEL, Sampling, auroc_values, sampling, won
from jaxtyping import Bool, Float, Int, Int64

__all__ = ["Deletions", "deletions", "mask_auroc", "tells_classes"]

Class = Bool[np.ndarray, " ecg"]
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
    positive: Class,
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
    patients: Sequence[str], positive: Class, random: np.random.Generator
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
    positive: Class,
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


@dataclass(frozen=True)
class Deletions:
    """Means over networks.

    Columns of `table`, a row per method and control: method; start, the AUROC of whole ECGs; auroc,
    that at the last step of the protocol's area; fall, the mean of start − AUROC over the steps;
    both with their 95 % interval _low and _high, NaN where all ECGs have one value; mask, the AUROC
    of the mask alone at that step; chance, what 95 % of masks dealt at random stay below; p of the
    mask's; and mask_tells, whether that is below 0.05. `curves` and `masks` are both AUROCs from
    step 0 on; of `positive` and `negative` ECGs.
    """

    table: pd.DataFrame
    curves: Mapping[str, Float[np.ndarray, " point"]]
    masks: Mapping[str, Float[np.ndarray, " point"]]
    positive: int
    negative: int


def tells_classes(scores: Curves) -> bool:
    """True where by labels 0 and 1 at least 2 patients have the class and 2 do not."""
    known = {*scores.y[np.isfinite(scores.y)]}
    ill = {patient for patient, y in zip(scores.patients, scores.y, strict=True) if y == 1}
    well = {patient for patient, y in zip(scores.patients, scores.y, strict=True) if y == 0} - ill
    return known == {0.0, 1.0} and len(ill) > 1 and len(well) > 1 and bool(scores.places)


def deletions(networks: Sequence[Curves]) -> Deletions:
    """The AUROC of the explained logit along the curves, over one network or several.

    Raises ValueError for scores without two classes (tells_classes), and for networks under
    different evaluations.
    """
    each = side_by_side(networks)
    scores = each[0]
    if not all(tells_classes(one) for one in each):
        raise ValueError(
            "expected labels 0 and 1, each of at least 2 patients, and scores that know what each "
            "step hit, for an AUROC over deletions"
        )
    known = np.isfinite(scores.y)
    positive = scores.y[known] == 1
    patients = [patient for patient, kept in zip(scores.patients, known, strict=True) if kept]
    names = (*scores.methods, *scores.controls)
    until = scores.protocol.until
    values = np.stack([[_network(one, name, known, positive) for one in each] for name in names])
    masks = [
        mask_auroc(
            [one.places[name][known, :until] for one in each], positive, patients, scores.seed
        )
        for name in names
    ]
    fall = areas(np.moveaxis(values[:, :, :1] - values, 2, -1), until) / until
    drawn = sampling(len(each), len(scores.methods), patients, scores.seed)
    table = pd.DataFrame({"method": names, "start": values[:, :, 0].mean((1, 2))})
    table = table.join(_estimates("auroc", values[:, :, -1], drawn).clip(0, 1))
    table = table.join(_estimates("fall", fall, drawn))
    table["mask"] = [mask.by_step[-1] for mask in masks]
    table["chance"] = [float(np.quantile(mask.by_chance, 1 - LEVEL)) for mask in masks]
    table["p"] = [_p(mask) for mask in masks]
    table["mask_tells"] = table["p"] < LEVEL
    return Deletions(
        table,
        dict(zip(names, values.mean((1, 3)), strict=True)),
        # An empty mask tells nothing.
        {name: np.array([0.5, *mask.by_step]) for name, mask in zip(names, masks, strict=True)},
        int(positive.sum()),
        int((~positive).sum()),
    )


def _network(
    scores: Curves, name: str, known: Class, positive: Bool[np.ndarray, " known"]
) -> Float[np.ndarray, "point known"]:
    """Values whose mean is the network's AUROC at each step, mean over draws."""
    predicted = scores.predictions[name][:, known, : scores.protocol.until + 1]
    ahead = won(np.moveaxis(predicted, 1, 2), positive).mean(0)
    compared = np.where(positive, (~positive).sum(), positive.sum())
    return auroc_values(ahead, compared, positive)


def _p(mask: MaskAuroc) -> float:
    """One-sided p of "the mask tells nothing": as much by chance, the masks as they are counted."""
    as_much = (mask.by_chance >= mask.by_step[-1]).sum()
    return float((as_much + 1) / (len(mask.by_chance) + 1))


def _estimates(
    name: str, values: Float[np.ndarray, "series network ecg"], drawn: Sampling
) -> pd.DataFrame:
    """The means of the series with both ends of their intervals.

    No interval where all values are alike, as with an AUROC of 1: none of them says how far others
    may be away, and an interval without width would.
    """
    alike = np.ptp(values, axis=(1, 2)) == 0
    low, high = (np.where(alike, np.nan, end) for end in drawn.interval(values))
    return pd.DataFrame({name: values.mean((1, 2)), f"{name}_low": low, f"{name}_high": high})
