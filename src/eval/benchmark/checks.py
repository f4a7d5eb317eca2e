"""Checks of honesty: what a method's maps depend on beside the network and the ECG."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...explain import Method
from ..ahead import one_thread
from ..evaluations.axioms.numbers import alike
from ..forked import fork_works, run_forked
from ..heatmaps.attributions import heatmaps
from ..heatmaps.explained import explained
from ..heatmaps.probe import probe_of
from ..heatmaps.same_maps import same_maps
from ..subject import Subject
from .contributions import cosine

FEW = 8  # ECGs
# ρ of the sizes above which two maps are one: 2 % of the variance of the ranks differ, as for a
# copy in sanity.gates.
ONE_MAP = 0.98**0.5
# Cosine of the sizes above which they are one: a trace of another map has less than 5 % of the
# length, and is what someone adds to a map that knows no network.
ONE_PICTURE = 0.999
SAME_ORDER = 1 - 1e-6

Maps = Float[np.ndarray, "ecg lead time"]


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
    """Findings on the one method of `subject`, by maps of its first ECGs.

    `nets` are two networks of the same target with other weights. `others` are the methods whose
    maps it may have copied. Labels of the subject are changed in place for a moment, so that
    whoever holds them sees others. Raises ValueError where the method is wrong on a network.
    """
    (name,) = subject.methods
    few = subject.first(FEW)
    relabelled = _relabelled(nets[0], few)  # first: nothing can be remembered yet
    maps = _maps(nets[0], few)
    again = _maps(nets[0], few)
    return (
        Check("repeats", _unless_same(maps, again, AGAIN), True),
        Check("label", _label(maps, again, relabelled), True),
        Check("marks", _marks(nets[0], few, maps, again), True),
        Check("network", _network(maps, _maps(nets[1], few)), True),
        Check("copies", _copies(name, maps, nets[0], few, others), False),
    )


AGAIN = "The map differs between two calls with the same network, ECG and seed."
LABEL = (
    "The map changes when the true label is changed while network and ECG stay: the method looks "
    "at the label."
)
MARKS = (
    "The map changes with the wave marks of the ECG, which the method does not declare "
    "(Facts.uses_segments): it reads them."
)
NETWORK = (
    "Two networks with other weights get nearly the same map: the method looks at the ECG and not "
    "at the network."
)


def _maps(net: nn.Module, subject: Subject) -> Maps:
    """Maps made now, whatever the store has."""
    (method,) = subject.methods.values()
    probe = probe_of(net, subject)
    return heatmaps(probe, method, slice(0, len(subject.records))).numpy()


def _unless_same(one: Maps, other: Maps, said: str) -> str:
    return "" if same_maps({"one": one, "other": other}) else said


def _label(maps: Maps, again: Maps, relabelled: Maps) -> str:
    if not same_maps({"one": maps, "other": again}):
        return ""  # it differs anyway
    return _unless_same(maps, relabelled, LABEL)


def _relabelled(net: nn.Module, subject: Subject) -> Maps:
    """Maps under other labels.

    Where processes can be forked they are made in one of their own, so that a method that keeps
    the label or the map of its first call meets the true label later.
    """
    if fork_works():
        with TemporaryDirectory() as folder, one_thread():
            file = Path(folder) / "maps.npy"

            def make(_: int) -> None:
                with _other_labels(subject.ecgs.y):
                    np.save(file, _maps(net, subject))

            run_forked(make, 1, 1, lambda _: None)
            if file.is_file():
                return np.load(file)
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


def _marks(net: nn.Module, subject: Subject, maps: Maps, again: Maps) -> str:
    (method,) = subject.methods.values()
    if method.facts.uses_segments or not same_maps({"one": maps, "other": again}):
        return ""
    marks = subject.ecgs.segments.roll(100, dims=1)  # 200 ms later
    moved = replace(subject, ecgs=subject.ecgs._replace(segments=marks))
    return _unless_same(maps, _maps(net, moved), MARKS)


def _network(maps: Maps, other: Maps) -> str:
    one_order = np.nanmedian(alike(maps, other)) >= ONE_MAP
    one_picture = np.nanmedian(cosine(np.abs(maps), np.abs(other))) >= ONE_PICTURE
    return NETWORK if one_order or one_picture else ""


def _copies(
    name: str, maps: Maps, net: nn.Module, subject: Subject, others: Mapping[str, Method]
) -> str:
    """The methods whose maps are this one's but for a factor, or order the points as it does."""
    (method,) = subject.methods.values()
    others = {key: each for key, each in others.items() if each != method and key != name}
    made = explained(net, replace(subject, methods=others), "maps of other methods").maps
    known = {key: each for key, each in made.items() if key in others}
    scaled = _scaled(maps)
    same = [key for key, each in known.items() if same_maps({"a": scaled, "b": _scaled(each)})]
    if same:
        return f"The maps are those of {', '.join(same)} but for a factor: one method, two names."
    ordered = [key for key, each in known.items() if (alike(maps, each) >= SAME_ORDER).all()]
    if ordered:
        return f"The maps order the points of every ECG as those of {', '.join(ordered)} do."
    return ""


def _scaled(maps: Maps) -> Maps:
    """Each map divided by its value of largest size, whose sign it loses."""
    flat = maps.reshape(len(maps), -1)
    largest = np.take_along_axis(flat, np.abs(flat).argmax(1)[:, None], 1)[:, :, None]
    return np.divide(maps, largest, out=np.zeros_like(maps), where=largest != 0)
