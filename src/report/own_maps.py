"""Heatmaps that a user brings as arrays, checked and made methods."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ..engine import sample_ids
from ..explain import GivenMaps, Method, controls
from .own_network import methods_of
from .own_numbers import numbers


def methods_and_maps(
    methods: Any, maps: Any, x: Float[Tensor, "batch lead time"]
) -> dict[str, Method]:
    """The methods, and each array of `maps` as one more under its name.

    The map of the ECG at a place of `x` is at the same place. No other method is needed beside
    maps. Raises ValueError for maps of another shape than the ECGs, for NaN, for a name that
    a method or control has, and for an ECG that is twice in `x` under two maps.
    """
    if maps is None:
        return methods_of(methods)
    if not isinstance(maps, Mapping) or not maps:
        raise ValueError(
            f"expected maps by the name of their method, such as {{'mine': array}}, got {maps!r}"
        )
    nothing = isinstance(methods, Mapping | Sequence) and not len(methods)
    chosen = {} if nothing else methods_of(methods)
    for name, given in maps.items():
        if not isinstance(name, str) or name in chosen or name in controls():
            raise ValueError(
                "expected for maps the name of a method that is not ranked or a control already, "
                f"got {name!r}"
            )
        chosen[name] = GivenMaps(_by_samples(name, numbers(given, f"maps[{name!r}]"), x))
    return chosen


def _by_samples(
    name: str, given: Float[Tensor, "..."], x: Float[Tensor, "batch lead time"]
) -> dict[str, Float[Tensor, "lead time"]]:
    given = given.cpu()
    if given.shape != x.shape:
        raise ValueError(
            f"expected maps[{name!r}] of the shape of x, {tuple(x.shape)}, a map for each ECG in "
            f"its order, got {tuple(given.shape)}"
        )
    wrong = (~torch.isfinite(given)).flatten(1).any(1).nonzero().flatten().tolist()
    if wrong:
        raise ValueError(f"expected finite maps[{name!r}], got NaN or infinity in ECG {wrong[0]}")
    found: dict[str, Tensor] = {}
    for ecg, each in zip(sample_ids(x), given, strict=True):
        if not torch.equal(found.setdefault(ecg, each), each):
            raise ValueError(f"expected one map per ECG in maps[{name!r}], got two of the same ECG")
    return found
