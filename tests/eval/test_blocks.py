"""Heatmaps and curves are kept per block of 64 ECGs, under what their own numbers depend on."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from ecglens.datamodules import Batch
from ecglens.eval import Curves, Protocol, Subject, explained, score
from ecglens.eval.chunks import BLOCK, ShardWriter
from ecglens.eval.evaluations.perturbation import orders as kept_curves
from ecglens.eval.evaluations.perturbation.evaluation import curve_pieces
from ecglens.eval.heatmaps import attributions, probe
from ecglens.eval.heatmaps.probe import probe_of
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


def counted(monkeypatch: pytest.MonkeyPatch, room: Any, function: str) -> list[tuple[Any, ...]]:
    """What the function is called with from now on."""
    calls: list[tuple[Any, ...]] = []
    own: Callable[..., object] = getattr(room, function)

    def counting(*given: Any) -> object:
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


@pytest.mark.heavy
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


def test_a_chunk_looks_at_the_ecgs_of_its_own_block_alone(tmp_path, monkeypatch):
    few = subject(3 * FEWER, Store(tmp_path))
    chunk = 2 * BLOCK + 1
    read = counted(monkeypatch, probe, "sample_ids")
    changed = counted(monkeypatch, kept_curves, "changed_by")
    for piece in next(curve_pieces(Smooth().eval(), few, NOISE)):
        piece.begin()(ShardWriter(few.store, piece.count, print, {chunk}))
    assert {repr(own[2]) for own in changed} == {repr(slice(2 * FEWER, 3 * FEWER))}
    assert len(read) == 1  # the samples of its block, once for all methods


def test_the_work_of_a_chunk_does_not_grow_with_the_ecgs(tmp_path):
    protocol = replace(NOISE, unit="segment", fill="donor", ladder=1)

    def calls(number: int) -> int:
        """Functions called for the second chunk of every piece."""
        own, found, net = subject(number, Store(tmp_path / f"{number}")), 0, Smooth().eval()

        def count(frame: object, event: str, given: object) -> None:
            nonlocal found
            found += event in ("call", "c_call")

        for piece in next(curve_pieces(net, own, protocol)):
            do = piece.begin()
            do(ShardWriter(own.store, piece.count, print, {0}))
            sys.setprofile(count)
            do(ShardWriter(own.store, piece.count, print, {1}))
            sys.setprofile(None)
        return found

    assert calls(4 * FEWER) == pytest.approx(calls(FEWER), rel=0.01)


def test_beats_with_the_r_peak_at_one_place_share_their_segments():
    own = probe_of(Smooth().eval(), Subject(ecgs(20), {}, progress=False))
    units = own.units(False, 5)
    assert len({id(one) for one in units}) == 1
    moved = ecgs(20)
    moved.segments[7] = moved.segments[7].roll(3)
    again = probe_of(Smooth().eval(), Subject(moved, {}, progress=False)).units(False, 5)
    assert len({id(one) for one in again}) == 2
    # The R peak is in the middle of a segment.
    assert again[7][3:].diff().tolist() == units[7][:-3].diff().tolist()
    assert again[7].tolist() != units[7].tolist()
