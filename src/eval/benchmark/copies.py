"""Methods whose maps are those of another method, under another name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float
from torch import nn

from ...explain import Method
from ..evaluations.axioms.numbers import alike
from ..heatmaps.explained import explained
from ..heatmaps.same_maps import same_maps
from ..subject import Subject
from .contributions import cosine

# ρ of the sizes above which two maps are one: 2 % of the variance of the ranks differ, as for a
# copy in sanity.gates.
ONE_MAP = 0.98**0.5
# Cosine of the sizes above which they are one: a trace of another map has less than 5 % of the
# length, and is what someone adds to a map that knows no network, or to that of another method.
ONE_PICTURE = 0.999
SAME_ORDER = 1 - 1e-6

Maps = Float[np.ndarray, "ecg lead time"]


def copies(
    name: str, maps: Maps, net: nn.Module, subject: Subject, others: Mapping[str, Method]
) -> str:
    """A sentence on the methods whose maps are the given ones, or nearly; empty without any.

    `maps` are those of the one method of `subject`, which is no copy of itself under its own name.
    """
    (method,) = subject.methods.values()
    others = {key: each for key, each in others.items() if key != name or each != method}
    made = explained(net, replace(subject, methods=others), "maps of other methods").maps
    known = {key: each for key, each in made.items() if key in others}
    scaled = _scaled(maps)
    same = [key for key, each in known.items() if same_maps({"a": scaled, "b": _scaled(each)})]
    if same:
        return f"The maps are those of {_listed(same)} but for a factor: one method, two names."
    ordered = [key for key, each in known.items() if (alike(maps, each) >= SAME_ORDER).all()]
    if ordered:
        return f"The maps order the points of every ECG as those of {_listed(ordered)} do."
    near = [key for key, each in known.items() if one_map(maps, each)]
    if near:
        return (
            f"The maps are nearly those of {_listed(near)}: sizes of the points with ρ of at least "
            f"{ONE_MAP:.2f} or a cosine of at least {ONE_PICTURE:g} (median over ECGs)."
        )
    return ""


def one_map(one: Maps, other: Maps) -> bool:
    """Whether maps are nearly the same, by the order of the sizes of their points or by these."""
    one_order = np.nanmedian(alike(one, other)) >= ONE_MAP
    one_picture = np.nanmedian(cosine(np.abs(one), np.abs(other))) >= ONE_PICTURE
    return bool(one_order or one_picture)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _scaled(maps: Maps) -> Maps:
    """Each map divided by its value of largest size, whose sign it loses."""
    flat = maps.reshape(len(maps), -1)
    largest = np.take_along_axis(flat, np.abs(flat).argmax(1)[:, None], 1)[:, :, None]
    return np.divide(maps, largest, out=np.zeros_like(maps), where=largest != 0)
