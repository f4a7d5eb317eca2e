"""Checks of honesty: what a method's maps depend on beside the network and the ECG."""

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from ecglens.datamodules import Batch
from ecglens.engine import one_thread
from ecglens.eval import Subject, explained
from ecglens.eval.heatmaps import heatmaps, probe_of, same_maps
from ecglens.explain import Method
from ecglens_metrics import alike
from torch import nn

from .special_networks import Maps, cosine

FEW = 8  # ECGs
ALONE = 2  # of them
# Largest difference of a map from that in another batch, as a share of its length. In another
# batch sums are rounded otherwise, which opens or closes single ReLU units.
BATCH = 0.01
LATER = 100  # samples: 200 ms

# ρ of the sizes above which two maps are one: 2 % of the variance of the ranks differ, as for a
# copy in sanity.gates.
ONE_MAP = 0.98**0.5
# Cosine of the sizes above which they are one: a trace of another map has less than 5 % of the
# length, and is what someone adds to a map that knows no network, or to that of another method.
ONE_PICTURE = 0.999
SAME_ORDER = 1 - 1e-6

CHECKS = ("repeats", "label", "marks", "background", "batch", "network", "copies")


@dataclass(frozen=True)
class Check:
    """A check by its name, the sentence of what was found; empty where it found nothing.

    `excludes` says that a method with this finding has no place in the order.
    """

    name: str
    said: str
    excludes: bool

    def plain(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


def checks(
    nets: Sequence[nn.Module], subject: Subject, others: Mapping[str, Method]
) -> tuple[Check, ...]:
    """Findings of CHECKS on the one method of `subject`, by maps of its first ECGs.

    `nets` are two networks of the same target with other weights. `others` are the methods whose
    maps it may have copied. Labels of the subject are changed in place for a moment, so that
    whoever holds them sees others. Everything is computed in one thread, since numbers of threads
    round otherwise. Raises ValueError where the method is wrong on a network.
    """
    with one_thread():
        said = _said(nets, subject.first(FEW), others)
    return tuple(Check(name, said.get(name, ""), name != "copies") for name in CHECKS)


AGAIN = (
    "The map differs between two calls with the same network, ECG and seed, one of them after a "
    "map of another network."
)
LABEL = (
    "The map changes when the true label is changed while network and ECG stay: the method looks "
    "at the label."
)
MARKS = (
    "The map changes with the wave marks of the ECG, which the method does not declare "
    "(Facts.uses_segments): it reads them."
)
BACKGROUND = (
    "The map changes with the ECGs of others that come beside the ECG, which the method does not "
    "declare (Facts.needs_background): it reads them."
)
NEIGHBOURS = (
    "The map of an ECG depends on which other ECGs are explained with it, or on their order: the "
    "method looks at the batch."
)
NETWORK = (
    "Two networks with other weights get nearly the same map: the method looks at the ECG and not "
    "at the network."
)


def _said(
    nets: Sequence[nn.Module], few: Subject, others: Mapping[str, Method]
) -> Mapping[str, str]:
    """Sentences by name of a check, empty where it found nothing or cannot tell."""
    ((name, method),) = few.methods.items()
    net, batches = nets[0], _batches(few)

    def with_later_marks() -> Maps:
        later = few.ecgs._replace(segments=few.ecgs.segments.roll(LATER, dims=1))
        return _maps(net, replace(few, ecgs=later))

    def among_others() -> Maps:
        strangers = None if few.background is None else -few.background.roll(LATER, dims=2)
        return _maps(net, replace(few, background=strangers))

    changes = {"label": (LABEL, lambda: _under_other_labels(net, few))}
    if not method.facts.uses_segments:
        changes["marks"] = (MARKS, with_later_marks)
    if not method.facts.needs_background:
        changes["background"] = (BACKGROUND, among_others)
    # First, in processes of their own: nothing can be remembered yet.
    changed = {check: _apart(make) for check, (_, make) in changes.items()}
    elsewhere = [_apart(lambda other=other: _maps(net, other)) for _, other in batches]
    both = _apart(lambda: np.concatenate([_maps(each, few) for each in (nets[1], net)]))
    of_another, again = np.split(both, 2)
    maps = _maps(net, few)
    told = {
        "network": NETWORK if one_map(maps, of_another) else "",
        "copies": copies(name, maps, net, few, others),
    }
    if not _same(maps, again):
        return told | {"repeats": AGAIN}  # it differs anyway
    for check, (said, _) in changes.items():
        told[check] = "" if _same(maps, changed[check]) else said
    pairs = zip(batches, elsewhere, strict=True)
    alone = all(near(maps[at], each) for (at, _), each in pairs)
    return told | {"batch": "" if alone else NEIGHBOURS}


def _maps(net: nn.Module, subject: Subject) -> Maps:
    """Maps made now, whatever the store has."""
    (method,) = subject.methods.values()
    probe = probe_of(net, subject)
    return heatmaps(probe, method, slice(0, len(subject.records))).numpy()


def _same(one: Maps, other: Maps) -> bool:
    return bool(same_maps({"one": one, "other": other}))


def near(maps: Maps, others: Maps) -> bool:
    """True if each map is the other one but for a share BATCH of its length."""
    one, other = (np.float64(each).reshape(len(each), -1) for each in (maps, others))
    away, length = (np.linalg.norm(each, axis=1) for each in (one - other, one))
    return bool((away <= BATCH * length).all())


def _apart(make: Callable[[], Maps]) -> Maps:
    """Maps made in a process of its own where processes can be forked.

    A method that keeps the label, its neighbours or the map of its first call has not met them
    when it is called later in this process.
    """
    if sys.platform != "linux" or torch.cuda.is_initialized():
        return make()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "maps.npy"

        def task() -> None:
            with suppress(Exception):  # raised below, when it is met again in this process
                np.save(file, make())

        child = get_context("fork").Process(target=task, daemon=True)
        with warnings.catch_warnings():
            # Python 3.12 warns of other threads; the child computes in one and waits for none.
            warnings.filterwarnings("ignore", ".*fork", DeprecationWarning)
            child.start()
        child.join()
        return np.load(file) if file.is_file() else make()


def _under_other_labels(net: nn.Module, subject: Subject) -> Maps:
    """Maps with labels of other ECGs, further apart, in the same tensor; then as they were."""
    y, own = subject.ecgs.y, subject.ecgs.y.clone()
    with torch.no_grad():
        y.copy_(own.flip(0) * 1.7 + 31.0)
    try:
        return _maps(net, subject)
    finally:
        y.copy_(own)


def _batches(subject: Subject) -> list[tuple[list[int], Subject]]:
    """All ECGs in reverse order, and each of the first ALONE by itself, with their positions."""
    places = [*range(len(subject.records))]
    return [(each, _of(subject, each)) for each in (places[::-1], *([at] for at in places[:ALONE]))]


def batch_at(ecgs: Batch, places: list[int]) -> Batch:
    """The ECGs at these places."""
    x, y, segments, record = ecgs
    return Batch(x[places], y[places], segments[places], [record[at] for at in places])


def _of(subject: Subject, places: list[int]) -> Subject:
    own = batch_at(subject.ecgs, places)
    return replace(subject, ecgs=own, patients=[subject.patients[at] for at in places], traits={})


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

    def those(are: Callable[[Maps], bool]) -> str:
        return ", ".join(key for key, each in known.items() if are(each))

    if same := those(lambda each: _same(scaled, _scaled(each))):
        return f"The maps are those of {same} but for a factor: one method, two names."
    if ordered := those(lambda each: bool((alike(maps, each) >= SAME_ORDER).all())):
        return f"The maps order the points of every ECG as those of {ordered} do."
    if close := those(lambda each: one_map(maps, each)):
        return (
            f"The maps are nearly those of {close}: sizes of the points with ρ of at least "
            f"{ONE_MAP:.2f} or a cosine of at least {ONE_PICTURE:g} (median over ECGs)."
        )
    return ""


def one_map(one: Maps, other: Maps) -> bool:
    """True if maps are nearly the same, by the order of the sizes of their points or by these."""
    if np.array_equal(one, other):  # also empty ones, which have neither
        return True
    measures = ((alike(one, other), ONE_MAP), (cosine(np.abs(one), np.abs(other)), ONE_PICTURE))
    # A constant map has no order, an empty one no direction.
    there = ((each[np.isfinite(each)], least) for each, least in measures)
    return any(len(each) and np.median(each) >= least for each, least in there)


def _scaled(maps: Maps) -> Maps:
    """Each map divided by its value of largest size, whose sign it loses."""
    flat = maps.reshape(len(maps), -1)
    largest = np.take_along_axis(flat, np.abs(flat).argmax(1)[:, None], 1)[:, :, None]
    return np.divide(maps, largest, out=np.zeros_like(maps), where=largest != 0)
