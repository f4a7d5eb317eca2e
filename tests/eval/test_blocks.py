"""Heatmaps and curves are kept per block of 64 ECGs, under what their own numbers depend on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from ecglens.datamodules import Batch
from ecglens.eval import Curves, Protocol, Subject, explained, score
from ecglens.eval.evaluations.perturbation import kept_curves
from ecglens.eval.heatmaps import attributions
from ecglens.explain import find_all
from ecglens.store import Store

from .networks import Smooth, exact_ecgs

MORE, FEWER = 80, 64
NOISE = Protocol(
    "quick", unit="point", fill="noise", steps=3, draws=1, until=2, cutoffs=(1, 3), ladder=0
)


def ecgs(number: int) -> Batch:
    """ECGs under names of their own, with samples of a few."""
    few = exact_ecgs(4)
    rows = torch.arange(number) % 4
    x = few.x[rows][..., 200:260] + torch.arange(number)[:, None, None]
    names = [f"ecg {row}" for row in range(number)]
    return Batch(x, few.y[rows], few.segments[rows][:, 200:260], names)


def subject(number: int, store: Store) -> Subject:
    return Subject(ecgs(number), find_all(["saliency"]), store=store, progress=False)


def counted(monkeypatch: pytest.MonkeyPatch, room: Any, function: str) -> list[object]:
    """What the function is called with from now on."""
    calls: list[object] = []
    own: Callable[..., object] = getattr(room, function)

    def counting(*given: object) -> object:
        calls.append(given)
        return own(*given)

    monkeypatch.setattr(room, function, counting)
    return calls


def test_more_ecgs_cost_the_maps_and_curves_of_the_new_ones_alone(tmp_path, monkeypatch):
    net, store = Smooth().eval(), Store(tmp_path)
    few = score(net, subject(FEWER, store), NOISE)
    maps = counted(monkeypatch, attributions, "attribute")
    curves = counted(monkeypatch, kept_curves, "predictions")
    many = score(net, subject(MORE, store), NOISE)
    assert len(maps) == len(many.predictions)  # one chunk of 16 ECGs by each method
    assert len(curves) == (MORE - FEWER) * len(many.predictions)
    for name, each in few.predictions.items():
        np.testing.assert_array_equal(each, many.predictions[name][:, :FEWER])
    score(net, subject(FEWER, store), NOISE)
    assert len(maps) == len(many.predictions)


def test_curves_of_donors_are_made_again_where_the_donors_are_others(tmp_path):
    net, protocol = Smooth().eval(), replace(NOISE, fill="donor", ladder=1)
    kept: list[Curves] = []
    for store in (Store(tmp_path / "fresh"), Store(tmp_path / "grown")):
        if store.root.name == "grown":
            score(net, subject(FEWER, store), protocol)
        kept.append(score(net, subject(MORE, store), protocol))
    fresh, grown = kept
    for name, each in {**fresh.predictions, **fresh.references}.items():
        again = {**grown.predictions, **grown.references}[name]
        np.testing.assert_array_equal(each, again)


def test_a_block_does_not_depend_on_the_ecgs_before_it(tmp_path, monkeypatch):
    net, store = Smooth().eval(), Store(tmp_path)
    explained(net, subject(MORE, store), "many")
    maps = counted(monkeypatch, attributions, "attribute")
    x, y, segments, records = ecgs(MORE)
    last = Batch(x[FEWER:], y[FEWER:], segments[FEWER:], records[FEWER:])
    explained(net, replace(subject(MORE, store), ecgs=last, patients=()), "last")
    assert not maps
