"""Outputs of a network, groups of ECGs, and relevance by segment and in independent leads.

III, aVR, aVL and aVF follow from I and II: x₁₂ = A x₈. A network that reads twelve leads may lean
on any of these six, and a map may say so, but no ECG can move one of them alone. The eight-lead map
of f(A x₈) shows the response to changes that a heart can make.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from ecglens.datamodules import Target
from ecglens.ecg import COMPLETION, INDEPENDENT_INDEX, SEGMENTS, wave_sums
from ecglens.engine import evaluating, keeps_statistics, unperturbed
from ecglens.eval import Subject
from ecglens.explain import Form, prediction
from ecglens.models import device_of
from jaxtyping import Bool, Float, Int8
from scipy.special import expit
from torch import nn

Outcome = Literal["TP", "FP", "TN", "FN", ""]


@dataclass(frozen=True, eq=False)
class Output:
    """The output of each ECG and that of 0 µV throughout, `zero`; a logit where `binary`.

    `zero` differs from ECG to ECG where the network keeps statistics.
    """

    value: Float[np.ndarray, " ecg"]
    zero: float | Float[np.ndarray, " ecg"]
    truth: Float[np.ndarray, " ecg"]
    binary: bool

    @property
    def change(self) -> Float[np.ndarray, " ecg"]:
        """f(x) − f(0): what the relevance of a method with completeness adds up to."""
        return self.value - self.zero

    @property
    def shown(self) -> Float[np.ndarray, " ecg"]:
        """The probability of a class; the prediction itself of a number."""
        return expit(self.value) if self.binary else self.value

    @property
    def outcomes(self) -> np.ndarray:
        """TP, FP, TN or FN of each ECG at a probability of 1/2; "" where the truth is unknown."""
        found = np.full(len(self.value), "", dtype="<U2")
        if self.binary:
            positive = self.value > 0
            for name, said, true in (
                ("TP", positive, 1),
                ("FP", positive, 0),
                ("TN", ~positive, 0),
                ("FN", ~positive, 1),
            ):
                found[said & (self.truth == true)] = name
        return found


def at_zero(net: nn.Module, subject: Subject) -> float | Float[np.ndarray, " ecg"]:
    """Output at 0 µV in every lead; of each ECG where the network keeps its statistics."""
    x = subject.ecgs.x.to(device_of(net))
    nothing = torch.zeros_like(x[:1])

    def output() -> float:
        return float(prediction(net, nothing, subject.output))

    with torch.no_grad(), evaluating(net):
        if not keeps_statistics(net):
            return output()
        found = []
        for one in x:
            with unperturbed(net, one):
                found.append(output())
        return np.array(found)


def mean_relevance(maps: Float[np.ndarray, "ecg lead time"]) -> Float[np.ndarray, " ecg"]:
    """r: the signed mean over leads and time."""
    return maps.mean((1, 2), dtype=np.float64)


def excess(maps: Float[np.ndarray, "ecg lead time"], output: Output) -> Float[np.ndarray, " ecg"]:
    """Σ R − (f(x) − f(0)): what a sum says beyond the output itself, in the output's unit."""
    return maps.sum((1, 2), dtype=np.float64) - output.change


Members = Bool[np.ndarray, " ecg"]
SEX = {0.0: "male", 1.0: "female"}
AGES = (50.0, 65.0, 80.0)  # years; four groups of similar size among patients of a hospital
QUARTERS = 4


def by_label(y: Float[np.ndarray, "ecg output"], place: int, target: Target) -> dict[str, Members]:
    """ECGs of a class, and normal ones where that is a class too, else those without it.

    Of a number the quarters of its known values; an ECG without a label is in no group. `place` is
    that of the target among the outputs.
    """
    known = y[:, place]
    if target.kind == "binary":
        name = target.explained
        if "normal" in target.outputs and name != "normal":
            return {name: known == 1, "normal": y[:, target.outputs.index("normal")] == 1}
        return {name: known == 1, f"not {name}": known == 0}
    there = known[np.isfinite(known)]
    if not len(there):
        return {"all": np.ones(len(known), bool)}
    inner = np.unique(np.quantile(there, np.linspace(0, 1, QUARTERS + 1)))[1:-1]
    if not len(inner):
        return {"all": np.isfinite(known)}
    quarter = np.searchsorted(inner, known, side="right")
    return {
        f"{name} {target.unit}".rstrip(): (quarter == number) & np.isfinite(known)
        for number, name in enumerate(_between(inner.tolist()))
    }


def by_trait(traits: Mapping[str, Float[np.ndarray, " ecg"]]) -> dict[tuple[str, str], Members]:
    """ECGs by trait and value; one of unknown value is in no group of that trait."""
    groups: dict[tuple[str, str], Members] = {}
    for trait, values in traits.items():
        there = np.isfinite(values)
        if trait == "age":
            place = np.searchsorted(AGES, values, side="right")
            numbers = [(name, there & (place == at)) for at, name in enumerate(_ages())]
        else:
            numbers = [(_named(trait, one), values == one) for one in np.unique(values[there])]
        for name, members in numbers:
            if members.any():  # values with one name, as of another sex, are one group
                groups[trait, name] = groups.get((trait, name), False) | members
    return groups


def patients_in(patients: Sequence[str], members: Members) -> int:
    """Number of patients of a group."""
    return len({name for name, inside in zip(patients, members, strict=True) if inside})


def _between(inner: Sequence[float]) -> list[str]:
    """Values without the smallest and the largest: either could identify a person."""
    # As few digits as tell the ends apart; 17 tell all numbers apart.
    digits = next(
        n for n in range(3, 18) if len({float(f"{each:.{n}g}") for each in inner}) == len(inner)
    )
    ends = [f"{float(f'{each:.{digits}g}'):.15g}" for each in inner]  # 1000, not 1e+03
    middle = [f"{low} to {high}" for low, high in pairwise(ends)]
    return [f"below {ends[0]}", *middle, f"from {ends[-1]}"]


def _ages() -> list[str]:
    first, *_, last = AGES
    between = [f"{a:.0f}–{b - 1:.0f} y" for a, b in pairwise(AGES)]
    return [f"under {first:.0f} y", *between, f"{last:.0f} y and over"]


def _named(trait: str, value: float) -> str:
    return SEX.get(value, "other") if trait == "sex" else f"{trait} {value:g}"


def signed_means(
    maps: Float[np.ndarray, "ecg lead time"], segments: Int8[np.ndarray, "ecg time"]
) -> Float[np.ndarray, "ecg lead segment"]:
    """Mean of the map per sample of each segment, with its sign; NaN where there is none."""
    samples = wave_sums(np.ones((len(maps), 1, maps.shape[2])), segments)
    return wave_sums(maps.astype(np.float64), segments) / samples


def concordant(
    x: Float[np.ndarray, "ecg lead time"], segments: Int8[np.ndarray, "ecg time"]
) -> Bool[np.ndarray, "ecg lead"]:
    """The leads in which T points where QRS does, by their areas above the lead's median.

    False where the ECG lacks one of them. In left bundle branch block T is discordant (Surawicz
    2009).
    """
    middle = np.median(x, axis=2, keepdims=True)
    areas = wave_sums(x.astype(np.float64) - middle, segments)
    return areas[:, :, SEGMENTS.index("QRS")] * areas[:, :, SEGMENTS.index("T")] > 0


LIMB = slice(0, 6)
# What real ECGs move the six limb leads in: two directions, those of I and II.
MOVED = np.linalg.qr(COMPLETION[LIMB, :2])[0]


def of_slopes(maps: Float[np.ndarray, "*ecg 12 time"]) -> Float[np.ndarray, "*ecg 8 time"]:
    """Aᵀ a: the slope of f(A x₈) by each independent lead, by the chain rule."""
    return COMPLETION.T @ maps.astype(np.float64)


def of_products(
    maps: Float[np.ndarray, "*ecg 12 time"], x: Float[np.ndarray, "*ecg 12 time"]
) -> Float[np.ndarray, "*ecg 8 time"]:
    """x₈ · Aᵀ(a ∕ x): slopes first, then their product with the independent leads.

    Aᵀ a itself would be no map of f(A x₈), nor keep its sum: a limb lead's share goes to I and II
    as they make up its voltage, so every sample keeps its sum over the leads. Where a lead is at
    exactly 0 µV its product does not tell its slope, which counts as 0.
    """
    slopes = np.divide(maps, x, out=np.zeros(maps.shape), where=x != 0, dtype=np.float64)
    return x[..., INDEPENDENT_INDEX, :] * of_slopes(slopes)


def in_eight(
    maps: Float[np.ndarray, "*ecg 12 time"], x: Float[np.ndarray, "*ecg 12 time"], kind: Form
) -> Float[np.ndarray, "*ecg 8 time"] | None:
    """The map of the independent leads; None where it does not follow from that of twelve."""
    if kind == "slope":
        return of_slopes(maps)
    return of_products(maps, x) if kind == "product" else None


def unmovable(maps: Float[np.ndarray, "ecg 12 time"]) -> Float[np.ndarray, " ecg"]:
    """The share of the limb leads' energy (Σ a²) in directions in which no ECG can differ.

    For maps of slopes; four of six directions are such, so random numbers have 2/3. NaN for limb
    leads without relevance.
    """
    limb = maps[:, LIMB].astype(np.float64)
    whole, moved = (np.square(each).sum((1, 2)) for each in (limb, MOVED.T @ limb))
    return 1 - np.divide(moved, whole, out=np.full(len(maps), np.nan), where=whole > 0)
