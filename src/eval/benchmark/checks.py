"""Checks of honesty: what a method's maps depend on beside the network and the ECG."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ...datamodules import Batch
from ...explain import Method
from ..ahead import one_thread
from ..forked import fork_works, run_forked
from ..heatmaps.attributions import heatmaps
from ..heatmaps.probe import probe_of
from ..heatmaps.same_maps import same_maps
from ..subject import Subject
from .copies import Maps, copies, one_map

FEW = 8  # ECGs
ALONE = 2  # of them
# Largest difference of a map from that in another batch, as a share of its length. In another
# batch sums are rounded otherwise, which opens or closes single ReLU units.
BATCH = 0.01
LATER = 100  # samples: 200 ms

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
        """As JSON has it."""
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
    changes = {"label": (LABEL, lambda: _under_other_labels(net, few))}
    if not method.facts.uses_segments:
        changes["marks"] = (MARKS, lambda: _maps(net, _marked(few)))
    if not method.facts.needs_background:
        changes["background"] = (BACKGROUND, lambda: _maps(net, _among_others(few)))
    # First, in processes of their own: nothing can be remembered yet.
    changed = {check: _apart(make) for check, (_, make) in changes.items()}
    elsewhere = [_apart(lambda other=other: _maps(net, other)) for _, other in batches]
    both = _apart(lambda: np.concatenate([_maps(each, few) for each in (nets[1], net)]))
    of_another, again = np.split(both, 2)
    maps = _maps(net, few)

    def unless(same: bool, said: str) -> str:
        return "" if same else said

    told = {
        "network": unless(not one_map(maps, of_another), NETWORK),
        "copies": copies(name, maps, net, few, others),
    }
    if not _same(maps, again):
        return told | {"repeats": AGAIN}  # it differs anyway
    for check, (said, _) in changes.items():
        told[check] = unless(_same(maps, changed[check]), said)
    pairs = zip(batches, elsewhere, strict=True)
    alone = all(_near(maps[at], each) for (at, _), each in pairs)
    return told | {"batch": unless(alone, NEIGHBOURS)}


def _maps(net: nn.Module, subject: Subject) -> Maps:
    """Maps made now, whatever the store has."""
    (method,) = subject.methods.values()
    probe = probe_of(net, subject)
    return heatmaps(probe, method, slice(0, len(subject.records))).numpy()


def _same(one: Maps, other: Maps) -> bool:
    return bool(same_maps({"one": one, "other": other}))


def _near(maps: Maps, others: Maps) -> bool:
    """Whether each map is the other one but for a share BATCH of its length."""
    one, other = (np.float64(each).reshape(len(each), -1) for each in (maps, others))
    away, length = (np.linalg.norm(each, axis=1) for each in (one - other, one))
    return bool((away <= BATCH * length).all())


def _apart(make: Callable[[], Maps]) -> Maps:
    """Maps made in a process of its own where processes can be forked.

    A method that keeps the label, its neighbours or the map of its first call has not met them
    when it is called later in this process.
    """
    if fork_works():
        with TemporaryDirectory() as folder:
            file = Path(folder) / "maps.npy"

            def task(_: int) -> None:
                gc.unfreeze()  # a method that looks through all objects finds those of this process
                np.save(file, make())

            run_forked(task, 1, 1, lambda _: None)
            if file.is_file():
                return np.load(file)
    return make()


def _under_other_labels(net: nn.Module, subject: Subject) -> Maps:
    with _other_labels(subject.ecgs.y):
        return _maps(net, subject)


@contextmanager
def _other_labels(y: Tensor) -> Iterator[None]:
    """Labels of other ECGs, further apart, in the same tensor; afterwards they are as before."""
    own = y.clone()
    with torch.no_grad():
        y.copy_(own.flip(0) * 1.7 + 31.0)
    try:
        yield
    finally:
        y.copy_(own)


def _marked(subject: Subject) -> Subject:
    """With the wave marks of each ECG LATER."""
    marks = subject.ecgs.segments.roll(LATER, dims=1)
    return replace(subject, ecgs=subject.ecgs._replace(segments=marks))


def _among_others(subject: Subject) -> Subject:
    """With other ECGs of others, where there are any."""
    others = subject.background
    return replace(subject, background=None if others is None else -others.roll(LATER, dims=2))


def _batches(subject: Subject) -> list[tuple[list[int], Subject]]:
    """All ECGs in reverse order, and each of the first ALONE by itself, with their positions."""
    places = [*range(len(subject.records))]
    return [(each, _of(subject, each)) for each in (places[::-1], *([at] for at in places[:ALONE]))]


def _of(subject: Subject, places: list[int]) -> Subject:
    x, y, segments, record = subject.ecgs
    own = Batch(x[places], y[places], segments[places], [record[at] for at in places])
    return replace(subject, ecgs=own, patients=[subject.patients[at] for at in places], traits={})
