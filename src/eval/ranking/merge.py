"""Results of one experiment that were made in several jobs, brought together to be ranked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import TypeVar

import numpy as np

from ..curves import Gallery, Result, Scores

Value = TypeVar("Value")


def merge(results: Sequence[Result]) -> Result:
    """One result with the methods of all; facts that differ are the first result's.

    Raises ValueError when they differ in network, target, input, protocol, seed, records or
    patients, or when a method of one name gave different curves.
    """
    if not results:
        raise ValueError("expected at least one result to merge, got none")
    wanted = experiment(results[0])
    for result in results[1:]:
        found = experiment(result)
        if differing := [what for what in wanted if found[what] != wanted[what]]:
            raise ValueError(
                f"expected results of one experiment, got different {' and '.join(differing)}"
            )
    return reduce(_joined, results)


def experiment(result: Result) -> Mapping[str, object]:
    """What must be equal for methods to be ranked against each other."""
    return {
        "networks": result.network,
        "targets": result.target,
        "inputs": result.input,
        "protocols": result.scores.protocol,
        "seeds": result.scores.seed,
        "records": result.scores.records,
        "patients": result.scores.patients,
    }


def _joined(one: Result, other: Result) -> Result:
    a, b = one.scores, other.scores
    for name in a.curves.keys() & b.curves.keys():
        if not np.array_equal(a.curves[name], b.curves[name]):
            raise ValueError(
                f"expected the same curves of {name} in both results, got different ones; "
                "give methods with different settings different names"
            )
    scores = replace(
        a,
        curves=_union(a.curves, b.curves),
        controls=tuple(dict.fromkeys([*a.controls, *b.controls])),
        left_out=_union(a.left_out, b.left_out),
        zero_share=_union(a.zero_share, b.zero_share),
        short=_union(a.short, b.short),
        references=_union(a.references, b.references),
        grains=_union(a.grains, b.grains),
        places=_union(a.places, b.places),
        gallery=_gallery(a, b),
    )
    return replace(one, scores=scores, facts=_union(one.facts, other.facts))


def _gallery(a: Scores, b: Scores) -> Gallery:
    """The ECGs that both show, from the first on, with the maps of both."""
    shown = min(len(a.gallery.records), len(b.gallery.records))
    maps = _union(a.gallery.heatmaps, b.gallery.heatmaps)
    return Gallery(
        a.gallery.records[:shown],
        a.gallery.x[:shown],
        a.gallery.segments[:shown],
        {name: each[:shown] for name, each in maps.items()},
    )


def _union(one: Mapping[str, Value], other: Mapping[str, Value]) -> Mapping[str, Value]:
    return {**one, **{name: value for name, value in other.items() if name not in one}}
