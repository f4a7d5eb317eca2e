"""AUROC of a class while points are deleted, beside the AUROC of the deleted places alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from ...curves import Curves
from ...ranking.aucs import areas
from ...ranking.networks import side_by_side
from ...statistics.auroc import auroc_values, won
from ...statistics.comparison import LEVEL, Sampling, sampling
from .mask import MaskAuroc, mask_auroc


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
    """Whether 2 patients or more have the class by their labels 0 and 1, and 2 have it not."""
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
    masks = [_mask(each, name, known, patients) for name in names]
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
    scores: Curves, name: str, known: Bool[np.ndarray, " ecg"], positive: Bool[np.ndarray, " known"]
) -> Float[np.ndarray, "point known"]:
    """Values whose mean is the network's AUROC at each step, mean over draws."""
    predicted = scores.predictions[name][:, known, : scores.protocol.until + 1]
    ahead = won(np.moveaxis(predicted, 1, 2), positive).mean(0)
    compared = np.where(positive, (~positive).sum(), positive.sum())
    return auroc_values(ahead, compared, positive)


def _mask(
    each: Sequence[Curves], name: str, known: Bool[np.ndarray, " ecg"], patients: Sequence[str]
) -> MaskAuroc:
    scores = each[0]
    hit = [one.places[name][known, : scores.protocol.until] for one in each]
    return mask_auroc(hit, scores.y[known] == 1, patients, scores.seed)


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
