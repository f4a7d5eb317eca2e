"""Groups of ECGs to be averaged over: by class or by quarter of the target, and by their people."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float

from ....datamodules import Target

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


def by_trait(
    traits: Mapping[str, Float[np.ndarray, " ecg"]],
) -> dict[tuple[str, str], Members]:
    """ECGs by trait and value; one of unknown value is in no group of that trait."""
    groups: dict[tuple[str, str], Members] = {}
    for trait, values in traits.items():
        there = np.isfinite(values)
        if trait == "age":
            place = np.searchsorted(AGES, values, side="right")
            numbers = {name: there & (place == at) for at, name in enumerate(_ages())}
        else:
            numbers = {_named(trait, one): values == one for one in np.unique(values[there])}
        groups |= {(trait, name): members for name, members in numbers.items() if members.any()}
    return groups


def patients_in(patients: Sequence[str], members: Members) -> int:
    """Number of patients of a group."""
    return len({name for name, inside in zip(patients, members, strict=True) if inside})


def _between(inner: Sequence[float]) -> list[str]:
    """Without the smallest and the largest value, each of which one person has."""
    middle = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(inner)]
    return [f"below {inner[0]:.3g}", *middle, f"from {inner[-1]:.3g}"]


def _ages() -> list[str]:
    first, *_, last = AGES
    between = [f"{a:.0f}–{b - 1:.0f} y" for a, b in pairwise(AGES)]
    return [f"under {first:.0f} y", *between, f"{last:.0f} y and over"]


def _named(trait: str, value: float) -> str:
    return SEX.get(value, "other") if trait == "sex" else f"{trait} {value:g}"
