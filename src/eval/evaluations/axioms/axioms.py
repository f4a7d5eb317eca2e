"""Properties every map should have: completeness, stability, and a true account of removal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from ....models import device_of
from ...ahead import Piece
from ...evaluation import Evaluation
from ...finding import Finding
from ...heatmaps.explained import Explained, explained, left_out, linter_notes, map_pieces
from ...heatmaps.probe import probe_of
from ...measures.per_ecg import PerEcg, stacked
from ...networks import Networks
from ...subject import Subject
from ..effects.unit import slopes
from .baseline import Baselines
from .change import Unshifted, baseline_shift, leads_off, noisy, without
from .infidelity import scaled_infidelity
from .measures import MEASURES
from .numbers import alike, completeness_gap, sensitivity_max, share_of
from .removed import removed, removed_piece

QUESTION = "Does each map keep what its definition promises, and does it stand still where it must?"
SOURCE = "Sundararajan 2017; Yeh 2019; Kindermans 2019; lead off, noise and runs are our own"


@dataclass(frozen=True)
class Axioms(Evaluation):
    """Properties every map should have, whatever the network is; of the first network.

    Raises ValueError for less than 1 ECG or copy.
    """

    ecgs: int | None = 32  # each is explained 4 + copies times
    copies: int = 2  # with noise of 10 µV; over thousands of samples copies hardly differ

    name = "axioms"
    question = QUESTION
    source = SOURCE
    every_network = False

    def __post_init__(self) -> None:
        if (self.ecgs is not None and self.ecgs < 1) or self.copies < 1:
            raise ValueError(
                f"expected at least 1 ECG and 1 copy, got {self.ecgs} and {self.copies}"
            )

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """The maps of every variant, and what windows removed do to the output."""
        changed = [_changed(net, subject, self.copies) for net in networks.nets]
        maps = [map_pieces(*each) for variants in changed for each in variants.values()]
        probes = [probe_of(net, subject) for net in networks.nets]
        yield [*(one for each in maps for one in each), *(removed_piece(each) for each in probes)]

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The measures of docs/axioms.md for each method and control."""
        nets = networks.nets
        linted = linter_notes({f"network {k}": net for k, net in enumerate(nets)}, subject)
        each = [_Variants(net, subject, self.copies) for net in nets]
        return Finding(
            self.about(networks, subject),
            measures=MEASURES,
            scores=stacked([one.scores() for one in each]),
            notes=(*linted, *dict.fromkeys(note for one in each for note in one.left_out)),
        )


OWN, NOISE, SHIFTED, LEAD_OFF, AGAIN = (
    "the ECGs", "noise {}", "baseline shifted", "a lead off", "another seed",
)  # fmt: skip


def _changed(net: nn.Module, subject: Subject, copies: int) -> dict[str, tuple[nn.Module, Subject]]:
    """The network and the ECGs of each variant, by its name."""
    x, _, _, record = subject.ecgs
    shift = baseline_shift().to(x)
    noises = {
        NOISE.format(copy + 1): (net, subject.changed(noisy(x, record, subject.seed, copy)))
        for copy in range(copies)
    }
    return {
        OWN: (net, subject),
        **noises,
        # Ordinary ECGs of another network, not copies.
        SHIFTED: (
            Unshifted(net, shift.to(device_of(net))).eval(),
            replace(subject, ecgs=subject.ecgs._replace(x=x + shift)),
        ),
        LEAD_OFF: (net, subject.changed(without(x, leads_off(record, subject.seed)))),
        AGAIN: (net, replace(subject, seed=subject.seed + 1)),
    }


class _Variants:
    """The maps of one network: unchanged, under noise, shifted, with a lead off, drawn again."""

    def __init__(self, net: nn.Module, subject: Subject, copies: int) -> None:
        self.net, self.subject = net, subject
        self.off = leads_off(subject.records, subject.seed)
        changed = _changed(net, subject, copies)
        found = {name: explained(*each, name) for name, each in changed.items()}
        self.own, self.shifted, self.again = found[OWN], found[SHIFTED], found[AGAIN]
        self.noisy = [found[NOISE.format(copy + 1)] for copy in range(copies)]
        self.lead_off = found[LEAD_OFF]
        every = left_out(self.own, *self._others)
        self.left_out = (
            *every,
            *(
                f"no shift is tested on {name}: {why}"
                for name, why in self.shifted.left_out.items()
                if name in self.own.maps
            ),
        )

    @property
    def _others(self) -> list[Explained]:
        return [*self.noisy, self.lead_off, self.again]

    def scores(self) -> PerEcg:
        """The measures of each ECG, by method that is right on every variant."""
        names = [name for name in self.own.maps if all(name in one.maps for one in self._others)]
        is_slope, baselines = (
            slopes(self.net, self.subject, names),
            Baselines(self.net, self.subject),
        )
        x, moved = self.subject.ecgs.x.cpu(), torch.from_numpy(removed(self.net, self.subject))
        found = {measure.name: {} for measure in MEASURES}
        for name in names:
            maps, copies = self.own.maps[name], [one.maps[name] for one in self.noisy]
            difference = self.own.outputs - baselines.of(self.subject.every_method[name])
            gap = completeness_gap(maps, difference)
            numbers = {
                "completeness": np.full_like(gap, np.nan) if is_slope[name] else gap,
                "infidelity": scaled_infidelity(
                    torch.from_numpy(maps), x, moved, is_slope[name]
                ).numpy(),
                "sensitivity": sensitivity_max(maps, np.stack(copies)),
                "noise": np.mean([alike(maps, copy) for copy in copies], 0),
                "shift": self._shift(name),
                "lead_off": share_of(self.lead_off.maps[name], self.off),
                "runs": alike(maps, self.again.maps[name]),
            }
            for measure, values in numbers.items():
                found[measure][name] = values
        return found

    def _shift(self, name: str) -> Float[np.ndarray, " ecg"]:
        """NaN of a method that cannot explain the network behind another layer."""
        maps = self.own.maps[name]
        there = name in self.shifted.maps
        return alike(maps, self.shifted.maps[name]) if there else np.full(len(maps), np.nan)
