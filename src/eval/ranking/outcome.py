"""Outcomes and areas of the curves of several networks, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float

from ..curves import CurveArray, Curves, area_under_curve, fall, prediction_change, relative_error
from ..finding import Finding
from ..protocol import Protocol
from ..statistics.crossed import components
from ..statistics.ranks import Agreement, agreement


def draw_outcomes(scores: Curves) -> Mapping[str, CurveArray]:
    """The protocol's outcome at every point of every curve; NaN where the true value has none."""
    return {name: outcome(scores, curve) for name, curve in scores.predictions.items()}


def outcome(scores: Curves, curve: CurveArray) -> CurveArray:
    """The protocol's outcome along curves of the first ECGs, higher for a better map.

    Least relevant first, where a good map moves it late, it counts negative.
    """
    return read(scores.protocol, curve, scores.y[: curve.shape[1]])


def read(protocol: Protocol, curve: CurveArray, y: Float[np.ndarray, " ecg"]) -> CurveArray:
    """The protocol's outcome along the curves of ECGs with these true values (see `outcome`)."""
    # Double precision: means over thousands of ECGs are compared in their last digits.
    outputs = torch.from_numpy(np.array(curve, np.float64))
    if protocol.outcome == "change":
        found = prediction_change(outputs)
    elif protocol.outcome == "logit":
        found = fall(outputs)
    else:
        found = relative_error(outputs, torch.from_numpy(divisors(protocol, y)))
    return (found if protocol.order == "morf" else -found).numpy()


def usable(scores: Curves) -> Bool[np.ndarray, " ecg"]:
    """The ECGs the outcome exists for: all, or those with a truth but 0 for the relative error."""
    if scores.protocol.outcome != "relative_error":
        return np.ones(len(scores.y), bool)
    y = divisors(scores.protocol, scores.y)
    return np.isfinite(y) & (y != 0)


def usable_patients(scores: Curves) -> list[str]:
    """The patient of each usable ECG."""
    keep = usable(scores)
    return [patient for patient, kept in zip(scores.patients, keep, strict=True) if kept]


def divisors(protocol: Protocol, y: Float[np.ndarray, " ecg"]) -> Float[np.ndarray, " ecg"]:
    """The true values as the protocol divides by them: as measured, or whole ones."""
    return np.rint(y) if protocol.whole_labels else y


def mean_curves(*networks: Curves) -> dict[str, Float[np.ndarray, " point"]]:
    """The outcome against the step, mean over draws and usable ECGs (Storås 2025, figure 7).

    Mean over networks, for the methods that all of them have.
    """
    each = [
        {name: one[:, usable(scores)].mean((0, 1)) for name, one in draw_outcomes(scores).items()}
        for scores in networks
    ]
    names = [name for name in each[0] if all(name in curves for curves in each)]
    return {name: np.mean([curves[name] for curves in each], 0) for name in names}


# What can be ranked: the curves of one network, of several, or those of a finding.
Ranked = Curves | Sequence[Curves] | Finding


def curves_of(ranked: Ranked) -> tuple[Curves, ...]:
    """The curves of each network, as they were given."""
    if isinstance(ranked, Finding):
        return ranked.curves
    return (ranked,) if isinstance(ranked, Curves) else tuple(ranked)


def side_by_side(ranked: Ranked) -> tuple[Curves, ...]:
    """The curves of each network, for the methods that all of them have.

    Networks may differ in their noise seed. A method that was left out for one of them is left
    out. Raises ValueError for no curves, when they differ in protocol, records, patients, true
    values or controls, and when the control random is missing.
    """
    given = curves_of(ranked)
    if not given:
        raise ValueError("expected the curves of at least one network to rank, got none")
    first = given[0]
    if "random" not in first.controls:
        names = ", ".join(first.predictions) or "nothing"
        raise ValueError(f"expected the control random, got {names}")
    for other in given[1:]:
        wanted, found = comparable(first), comparable(other)
        if differing := [what for what in wanted if found[what] != wanted[what]]:
            raise ValueError(
                "expected networks under the same evaluation, got different "
                + " and ".join(differing)
            )
    names = [name for name in first.predictions if all(name in each.predictions for each in given)]
    left_out = {name: why for each in given for name, why in each.left_out.items()}
    return tuple(
        replace(
            each, predictions={name: each.predictions[name] for name in names}, left_out=left_out
        )
        for each in given
    )


def comparable(scores: Curves) -> Mapping[str, object]:
    """Facts that must be equal for networks to be compared."""
    return {
        "protocols": scores.protocol,
        "records": scores.records,
        "patients": scores.patients,
        "true values": scores.y.tobytes(),
        "controls": scores.controls,
    }


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


def agree(one: Ranked, other: Ranked) -> Agreement:
    """Kendall's τ-b between the methods' mean AUCs by two protocols, of one network or several.

    Of the methods and ECGs that both can judge; the interval speaks of other patients, of these
    methods and networks. Raises ValueError for other networks or ECGs, and for fewer than 2
    methods or patients in common.
    """
    first, second = side_by_side(one), side_by_side(other)
    a, b = first[0], second[0]
    if (a.records, a.patients) != (b.records, b.patients) or _keys(one) != _keys(other):
        raise ValueError("expected two protocols on the same networks and ECGs, got different ones")
    keep = usable(a) & usable(b)
    names = [name for name in a.methods if name in b.methods]
    patients = [patient for patient, kept in zip(a.patients, keep, strict=True) if kept]
    return agreement(
        _aucs(first, names, keep), _aucs(second, names, keep), patients, min(a.seed, b.seed)
    )


def _keys(ranked: Ranked) -> set[str]:
    return {*ranked.about.networks} if isinstance(ranked, Finding) else set()


def _aucs(
    each: Sequence[Curves], names: Sequence[str], keep: Bool[np.ndarray, " ecg"]
) -> Float[np.ndarray, "method kept"]:
    """AUCs of these methods on these ECGs, means over draws and networks."""
    scores = each[0]
    found = areas(errors(each), scores.protocol.until).mean(1)
    return found[[scores.methods.index(name) for name in names]][:, keep[usable(scores)]]
