"""Properties every map should have: completeness, stability, and a true account of removal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from ecglens.ecg import INDEPENDENT, LEADS, from_eight
from ecglens.engine import called, generator, uniform
from ecglens.eval import (
    Evaluation,
    Finding,
    Measure,
    Networks,
    PerEcg,
    Piece,
    Subject,
    by_measure,
    explained,
    left_out,
    linter_notes,
    map_pieces,
    stacked,
)
from ecglens.eval.heatmaps import probe_of
from ecglens.models import WithEach, device_of
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

Ecgs = Float[Tensor, "ecg lead time"]
OWN = "our own definition"

COMPLETENESS = Measure(
    "completeness", "Completeness gap", "", False, "faithfulness",
    "Sundararajan 2017, proposition 1; its scale is our own",
    "How far the sum of a contribution map is from the change of the output since the baseline, "
    "as a share of both; slopes promise no sum.",
)  # fmt: skip
INFIDELITY = Measure(
    "infidelity", "Infidelity", "", False, "faithfulness",
    "Yeh 2019, definition 2.1 with its optimal scale; the share is our own",
    "Mean squared error of what the map says of removing 100 ms of a lead, as a share of that of "
    "a map of nothing.", 1.0,
)  # fmt: skip


def _steady(
    name: str, label: str, source: str, explained: str, chance: float | None = None
) -> Measure:
    return Measure(name, label, "", None, "robustness", source, explained, chance)


SENSITIVITY = _steady(
    "sensitivity", "Sensitivity-max", "Yeh 2019, definition 2.2, divided by the map's length",
    "The most that the map changes under noise of 10 µV, as a share of its length.",
)  # fmt: skip
NOISE = _steady(
    "noise", "Agreement under noise", OWN,
    "Spearman's ρ of the map's sizes with those under noise of 10 µV.",
)  # fmt: skip
SHIFT = _steady(
    "shift", "Agreement under a baseline shift", "Kindermans 2019, section 3",
    "Spearman's ρ of the map's sizes with those when the baseline is 100 µV higher and the "
    "network takes that off again.",
)  # fmt: skip
LEAD_OFF = _steady(
    "lead_off", "Relevance on a lead that is off", OWN,
    "Share of relevance on a chest lead that is set to 0 µV.", 1 / 12,
)  # fmt: skip
RUNS = _steady(
    "runs", "Agreement of two runs", OWN,
    "Spearman's ρ of the map's sizes with those of another seed of the method.",
)  # fmt: skip
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

    def forward(
        self, x: Float[Tensor, "batch lead time"], **values: Tensor
    ) -> Float[Tensor, "batch target"]:
        return called(self.net, x - self.shift, values)


def baseline_shift() -> Float[Tensor, "12 1"]:
    """100 µV in the independent leads, and what follows from it in the others."""
    return torch.from_numpy(from_eight(np.full((len(INDEPENDENT), 1), SHIFT_UV))).float()


def noisy(x: Ecgs, records: Sequence[str], seed: int, copy: int) -> Ecgs:
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


def without(x: Ecgs, leads: Int[np.ndarray, " ecg"]) -> Ecgs:
    """ECGs with one lead of each at 0 µV."""
    off = x.clone()
    off[torch.arange(len(x)), torch.from_numpy(leads)] = 0.0
    return off


QUESTION = "Does each map keep what its definition promises, and does it stand still where it must?"


@dataclass(frozen=True)
class Axioms(Evaluation):
    """Properties every map should have, whatever the network is; of the first network.

    Raises ValueError for less than 1 ECG or copy.
    """

    ecgs: int | None = 32  # each is explained 4 + copies times
    copies: int = 2  # with noise of 10 µV; over thousands of samples copies hardly differ

    name = "axioms"
    question = QUESTION
    source = "Sundararajan 2017; Yeh 2019; Kindermans 2019; lead off, noise and runs are our own"
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
        each = [_scores(net, subject, self.copies) for net in networks.nets]
        return Finding(
            self.about(networks, subject),
            measures=MEASURES,
            scores=stacked([scores for scores, _ in each]),
            notes=(*linted, *dict.fromkeys(note for _, notes in each for note in notes)),
        )


UNCHANGED, NOISY, SHIFTED, ONE_OFF, AGAIN = (
    "the ECGs", "noise {}", "baseline shifted", "a lead off", "another seed",
)  # fmt: skip


def _changed(net: nn.Module, subject: Subject, copies: int) -> dict[str, tuple[nn.Module, Subject]]:
    """The network and the ECGs of each variant, by its name."""
    x, _, _, record = subject.ecgs
    shift = baseline_shift().to(x)
    behind, others = Unshifted(net, shift.to(device_of(net))).eval(), subject.background
    if isinstance(net, WithEach):  # it knows ECGs without the shift alone
        behind = WithEach(Unshifted(net.body, behind.shift), x + shift, net.of(x)).eval()
    noises = {
        NOISY.format(copy + 1): (net, subject.changed(noisy(x, record, subject.seed, copy)))
        for copy in range(copies)
    }
    return {
        UNCHANGED: (net, subject),
        **noises,
        # Ordinary ECGs of another network, not copies; those that it compares with are shifted too.
        SHIFTED: (
            behind,
            replace(
                subject,
                ecgs=subject.ecgs._replace(x=x + shift),
                background=None if others is None else others + shift.to(others),
            ),
        ),
        ONE_OFF: (net, subject.changed(without(x, leads_off(record, subject.seed)))),
        AGAIN: (net, replace(subject, seed=subject.seed + 1)),
    }


def _scores(net: nn.Module, subject: Subject, copies: int) -> tuple[PerEcg, tuple[str, ...]]:
    """Measures of each ECG, by method that is right on every variant, and what was left out."""
    found = {name: explained(*each, name) for name, each in _changed(net, subject, copies).items()}
    # A method that cannot explain the network behind another layer lacks the shift alone.
    own, shifted = found.pop(UNCHANGED), found.pop(SHIFTED)
    noises = [found[NOISY.format(copy + 1)] for copy in range(copies)]
    names = [name for name in own.maps if all(name in one.maps for one in found.values())]
    is_slope, baselines = slopes(net, subject, names), Baselines(net, subject)
    off = leads_off(subject.records, subject.seed)
    x, moved = subject.ecgs.x.cpu(), torch.from_numpy(removed(net, subject))
    scores = {}
    for name in names:
        maps, noisy_maps = own.maps[name], [one.maps[name] for one in noises]
        nothing = np.full(len(maps), np.nan)
        difference = own.outputs - baselines.of(subject.every_method[name])
        slope, here = is_slope[name], torch.from_numpy(maps)
        scores[name] = {
            "completeness": nothing if slope else completeness_gap(maps, difference),
            "infidelity": scaled_infidelity(here, x, moved, slope).numpy(),
            "sensitivity": sensitivity_max(maps, np.stack(noisy_maps)),
            "noise": np.mean([alike(maps, copy) for copy in noisy_maps], 0),
            "shift": alike(maps, shifted.maps[name]) if name in shifted.maps else nothing,
            "lead_off": share_of(found[ONE_OFF].maps[name], off),
            "runs": alike(maps, found[AGAIN].maps[name]),
        }
    unshifted = (
        f"no shift is tested on {name}: {why}"
        for name, why in shifted.left_out.items()
        if name in own.maps
    )
    notes = (*left_out(own, *found.values()), *unshifted)
    return by_measure(scores) or {measure.name: {} for measure in MEASURES}, notes
