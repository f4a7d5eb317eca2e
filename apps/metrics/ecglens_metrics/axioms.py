"""Properties every map should have: completeness, stability, and a true account of removal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from ecglens.ecg import INDEPENDENT, LEADS, from_eight
from ecglens.engine import generator, uniform
from ecglens.eval import (
    Evaluation,
    Explained,
    Finding,
    Measure,
    Networks,
    PerEcg,
    Piece,
    Subject,
    explained,
    left_out,
    linter_notes,
    map_pieces,
    stacked,
)
from ecglens.eval.heatmaps import probe_of
from ecglens.models import device_of
from jaxtyping import Float, Int
from torch import Tensor, nn

from .axiom_numbers import (
    REMOVED,
    Baselines,
    alike,
    completeness_gap,
    removed,
    removed_piece,
    scaled_infidelity,
    sensitivity_max,
    share_of,
)
from .prediction import slopes

OWN = "our own definition"

COMPLETENESS = Measure(
    name="completeness",
    label="Completeness gap",
    unit="",
    higher_is_better=False,
    about="faithfulness",
    source="Sundararajan 2017, proposition 1; its scale is our own",
    explained="How far the sum of a contribution map is from the change of the output since the "
    "baseline, as a share of both; slopes promise no sum.",
)
INFIDELITY = Measure(
    name="infidelity",
    label="Infidelity",
    unit="",
    higher_is_better=False,
    about="faithfulness",
    source="Yeh 2019, definition 2.1 with its optimal scale; the share is our own",
    explained="Mean squared error of what the map says of removing 100 ms of a lead, as a share of "
    "that of a map of nothing.",
    chance=1.0,
)
SENSITIVITY = Measure(
    name="sensitivity",
    label="Sensitivity-max",
    unit="",
    higher_is_better=None,
    about="robustness",
    source="Yeh 2019, definition 2.2, divided by the map's length",
    explained="The most that the map changes under noise of 10 µV, as a share of its length.",
)
NOISE = Measure(
    name="noise",
    label="Agreement under noise",
    unit="",
    higher_is_better=None,
    about="robustness",
    source=OWN,
    explained="Spearman's ρ of the map's sizes with those under noise of 10 µV.",
)
SHIFT = Measure(
    name="shift",
    label="Agreement under a baseline shift",
    unit="",
    higher_is_better=None,
    about="robustness",
    source="Kindermans 2019, section 3",
    explained="Spearman's ρ of the map's sizes with those when the baseline is 100 µV higher and "
    "the network takes that off again.",
)
LEAD_OFF = Measure(
    name="lead_off",
    label="Relevance on a lead that is off",
    unit="",
    higher_is_better=None,
    about="robustness",
    source=OWN,
    explained="Share of relevance on a chest lead that is set to 0 µV.",
    chance=1 / 12,
)
RUNS = Measure(
    name="runs",
    label="Agreement of two runs",
    unit="",
    higher_is_better=None,
    about="robustness",
    source=OWN,
    explained="Spearman's ρ of the map's sizes with those of another seed of the method.",
)
MEASURES = (COMPLETENESS, INFIDELITY, SENSITIVITY, NOISE, SHIFT, LEAD_OFF, RUNS)

NOISE_UV = 10.0  # largest: what is left of noise in a good median beat
SHIFT_UV = 100.0  # 1 mm on paper
CHEST = [LEADS.index(f"V{number}") for number in range(1, 7)]


class Unshifted(nn.Module):
    """A network behind a first layer that takes a shift of the baseline off again."""

    shift: Tensor

    def __init__(self, net: nn.Module, shift: Float[Tensor, "lead 1"]) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("shift", shift)

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """Output for the ECGs without the shift."""
        return self.net(x - self.shift)


def baseline_shift() -> Float[Tensor, "12 1"]:
    """100 µV in the independent leads, and what follows from it in the others."""
    return torch.from_numpy(from_eight(np.full((len(INDEPENDENT), 1), SHIFT_UV))).float()


def noisy(
    x: Float[Tensor, "ecg lead time"], records: Sequence[str], seed: int, copy: int
) -> Float[Tensor, "ecg lead time"]:
    """ECGs with noise uniform in ± 10 µV on the independent leads, drawn by its name."""
    shape = (len(INDEPENDENT), x.shape[2])
    drawn = [2 * uniform(generator(seed, "axioms", record, copy), *shape) - 1 for record in records]
    return x + torch.from_numpy(from_eight(NOISE_UV * torch.stack(drawn).numpy())).to(x)


def leads_off(records: Sequence[str], seed: int) -> Int[np.ndarray, " ecg"]:
    """The chest lead of each ECG that is to be set to 0, drawn by its name."""
    drawn = [
        int(torch.randint(len(CHEST), (), generator=generator(seed, "lead off", record)))
        for record in records
    ]
    return np.array([CHEST[number] for number in drawn])


def without(
    x: Float[Tensor, "ecg lead time"], leads: Int[np.ndarray, " ecg"]
) -> Float[Tensor, "ecg lead time"]:
    """ECGs with one lead of each at 0 µV."""
    off = x.clone()
    off[torch.arange(len(x)), torch.from_numpy(leads)] = 0.0
    return off


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
    store_steps = (REMOVED,)
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
        linted = linter_notes(networks.by_name, subject)
        each = [_Variants(net, subject, self.copies) for net in networks.nets]
        return Finding(
            self.about(networks, subject),
            measures=MEASURES,
            scores=stacked([one.scores() for one in each]),
            notes=(*linted, *dict.fromkeys(note for one in each for note in one.left_out)),
        )


UNCHANGED, NOISY, SHIFTED, ONE_OFF, AGAIN = (
    "the ECGs", "noise {}", "baseline shifted", "a lead off", "another seed",
)  # fmt: skip


def _changed(net: nn.Module, subject: Subject, copies: int) -> dict[str, tuple[nn.Module, Subject]]:
    """The network and the ECGs of each variant, by its name."""
    x, _, _, record = subject.ecgs
    shift = baseline_shift().to(x)
    noises = {
        NOISY.format(copy + 1): (net, subject.changed(noisy(x, record, subject.seed, copy)))
        for copy in range(copies)
    }
    return {
        UNCHANGED: (net, subject),
        **noises,
        # Ordinary ECGs of another network, not copies.
        SHIFTED: (
            Unshifted(net, shift.to(device_of(net))).eval(),
            replace(subject, ecgs=subject.ecgs._replace(x=x + shift)),
        ),
        ONE_OFF: (net, subject.changed(without(x, leads_off(record, subject.seed)))),
        AGAIN: (net, replace(subject, seed=subject.seed + 1)),
    }


class _Variants:
    """The maps of one network: unchanged, under noise, shifted, with a lead off, drawn again."""

    def __init__(self, net: nn.Module, subject: Subject, copies: int) -> None:
        self.net, self.subject = net, subject
        self.off = leads_off(subject.records, subject.seed)
        changed = _changed(net, subject, copies)
        found = {name: explained(*each, name) for name, each in changed.items()}
        self.own, self.shifted, self.again = found[UNCHANGED], found[SHIFTED], found[AGAIN]
        self.noisy = [found[NOISY.format(copy + 1)] for copy in range(copies)]
        self.lead_off = found[ONE_OFF]
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
        is_slope = slopes(self.net, self.subject, names)
        baselines = Baselines(self.net, self.subject)
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
