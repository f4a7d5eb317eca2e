"""Change of the output when a wave is swapped with a donor's, against relevance by wave."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Float64, Int8
from scipy.ndimage import distance_transform_edt
from torch import Tensor, nn

from ....ecg import BIT, FS_HZ, WAVES
from ....engine import unperturbed
from ....store import Step, fingerprint
from ...chunks import Chunks, Keeper, progress_bar
from ...evaluation import Evaluation, NotApplicable
from ...finding import Finding
from ...heatmaps.explained import Explained, explained, left_out, linter_notes, predictions
from ...heatmaps.folding import aligned
from ...heatmaps.probe import Probe, probe_of
from ...measures import Measure, stacked
from ...precompute import Piece
from ...subject import Networks, Subject
from ..sanity.copies import Copy, plan_of
from .yardstick import Against, MapCells, compared, finite_mean

# As far as a sample belongs to a fiducial point (ecg.edge_mask).
FADE_MS = 20.0


def weights(
    segments: Int8[np.ndarray, " time"], fs_hz: float = FS_HZ
) -> Float64[np.ndarray, "wave time"]:
    """Weights of P, PQ, QRS, ST and T: 1 within, along a raised cosine to 0 at 20 ms from the ends.

    All 0 for a wave that the ECG does not have.
    """
    fade = FADE_MS * fs_hz / 1e3
    found = np.zeros((len(BIT), len(segments)))
    for row, bit in zip(found, BIT.values(), strict=True):
        outside = (segments & bit) == 0
        if not outside.all():
            away: Any = distance_transform_edt(outside)
            row[:] = (1 + np.cos(np.pi * np.minimum(away, fade) / fade)) / 2
    return found


def relevance(
    maps: Float[np.ndarray, "ecg lead time"], waves: Float64[np.ndarray, "ecg wave time"]
) -> Float64[np.ndarray, "ecg lead_and_all wave"]:
    """Σ w·a of each wave in each lead, then in all together; NaN for a wave that is not there."""
    sums = maps.astype(np.float64) @ waves.transpose(0, 2, 1)
    sums = np.concatenate([sums, sums.sum(1, keepdims=True)], 1)
    return np.where(np.any(waves, axis=2)[:, None, :], sums, np.nan)


# Before QRS onset: amplitudes are read against its mean (ecg.measurement).
LEVEL_MS = 16.0


def swapped(
    x: Float[Tensor, "lead time"],
    waves: Float64[Tensor, "wave time"],
    change: Float[Tensor, "lead time"],
) -> Float[Tensor, "copy lead time"]:
    """The ECG, then for each wave its copies with that wave changed in one lead and in all."""
    leads = len(x)
    # One row per lead, then one with all of them.
    where = torch.cat([torch.eye(leads), torch.ones(1, leads)]).to(x)
    moved = torch.einsum("wt,kl,lt->wklt", waves.to(x), where, change)
    return torch.cat([x[None], (x + moved).flatten(0, 1)])


def to_donor(
    x: Float[Tensor, "lead time"],
    segments: Int8[Tensor, " time"],
    donor: Float[Tensor, "lead time"],
    donor_segments: Int8[Tensor, " time"],
) -> Float[Tensor, "lead time"]:
    """Difference to the donor, aligned on the R peak and at this ECG's level."""
    there, here = level(donor, donor_segments), level(x, segments)
    raised = donor if there is None or here is None else donor + (here - there)[:, None]
    return raised[:, aligned(segments, donor_segments)] - x


def level(
    x: Float[Tensor, "lead time"], segments: Int8[Tensor, " time"]
) -> Float[Tensor, " lead"] | None:
    """The mean of each lead in the 16 ms before its QRS onsets; None where none is marked."""
    qrs = (segments & BIT["QRS"]) != 0
    begins = torch.nonzero(qrs[1:] & ~qrs[:-1]).squeeze(1) + 1
    before = torch.arange(-round(LEVEL_MS * FS_HZ / 1e3), 0)
    places = begins[:, None] + before
    inside = places[(places >= 0).all(1)]
    return x[:, inside.flatten()].mean(1) if len(inside) else None


EFFECTS = Step("wave_effects", version=1)
# Donors whose mean is the typical wave: one is another patient, of 32 3 % of the variance are left.
TYPICAL = 32

Effect = Float64[np.ndarray, "ecg donor lead_and_all wave"]


def measured(net: nn.Module, subject: Subject, count: int, typical: bool = False) -> Effect:
    """Δf = f(swapped) − f(x) with `count` donors, of each lead alone and then of all together.

    `typical` takes the mean of the donors as the only one. In the target's unit; NaN for a wave
    that an ECG does not have. Raises ValueError when all ECGs are of one patient.
    """
    probe = probe_of(net, subject)
    number = len(probe.chunks)
    with progress_bar(number, "waves swapped", subject.progress) as done:
        keeper = Keeper(subject.store, number, done.update)
        return effect_chunks(probe, count, typical, keeper).all("effect")


def effect_piece(probe: Probe, count: int, typical: bool = False) -> Piece:
    """The work of `measured`."""
    return Piece(len(probe.chunks), lambda: partial(effect_chunks, probe, count, typical))


def effect_chunks(probe: Probe, count: int, typical: bool, keeper: Keeper) -> Chunks:
    """The chunks of `measured`; errors as there."""
    others = [probe.donors(draw) for draw in range(count)]
    marks = probe.ecgs.segments

    def of_block(block: int) -> Mapping[str, Any]:
        ecgs = probe.blocks[block]
        return {
            **probe.settings[block],
            "segments": fingerprint({"segments": marks[ecgs].tolist()}),
            "donors": [probe.of_others(each[ecgs]) for each in others],
            **({"typical": True} if typical else {}),
        }

    def make(chunk: int) -> Mapping[str, np.ndarray]:
        ecgs = range(len(probe.ecgs.record))[probe.chunks[chunk]]
        each = []
        for ecg in ecgs:
            x, marks = probe.ecgs.x.cpu(), probe.ecgs.segments.cpu()
            donors = [other[ecg] for other in others]
            changes = [to_donor(x[ecg], marks[ecg], x[one], marks[one]) for one in donors]
            if typical:
                changes = [torch.stack(changes).mean(0)]
            each.append([_effect(probe, ecg, change) for change in changes])
        return {"effect": np.array(each)}

    return keeper.chunks(EFFECTS, probe.of_blocks(of_block), make)


def _effect(
    probe: Probe, ecg: int, change: Float[Tensor, "lead time"]
) -> Float64[np.ndarray, "lead_and_all wave"]:
    x, segments = probe.ecgs.x.cpu(), probe.ecgs.segments.cpu()
    waves = weights(segments[ecg].numpy())
    copies = swapped(x[ecg], torch.from_numpy(waves), change)
    with unperturbed(probe.net, x[ecg].to(probe.device)):
        found = predictions(probe.net, copies, probe.output)
    effect = (found[1:] - found[0]).reshape(len(BIT), -1)
    return np.where(np.any(waves, axis=1, keepdims=True), effect, np.nan).T


QUESTION = "Does relevance by wave say how far the output moves when that wave is swapped?"
SOURCE = "our own definition; swaps of aligned waves as the donor fill of the perturbation score"
MEASURES = (
    Measure(
        name="leads",
        label="Effect by wave and lead",
        unit="",
        higher_is_better=True,
        about="faithfulness",
        source="our own definition",
        explained="Spearman's ρ, over each wave of each lead, between relevance and how far the "
        "output moves when it is swapped with another patient's.",
    ),
    Measure(
        name="adds",
        label="What a wave adds",
        unit="",
        higher_is_better=True,
        about="faithfulness",
        source="our own definition",
        explained="Cosine, over each wave of each lead, of signed relevance with how far the "
        "output lies above that with the typical wave.",
        chance=0.0,
    ),
    Measure(
        name="waves",
        label="Effect by wave",
        unit="",
        higher_is_better=True,
        about="faithfulness",
        source="our own definition",
        explained="Spearman's ρ over the five waves, each swapped in all leads together.",
    ),
)


@dataclass(frozen=True)
class Effects(Evaluation):
    """Relevance by wave against the effect of swapping the wave; of the first network.

    details: `waves` the mean Δf by wave, all leads together, `relevance` the share of |a| by wave
    of each method, `yardstick` its agreement beside that of other maps (yardstick.compared).
    Raises NotApplicable for ECGs of one patient, ValueError for no donors.
    """

    donors: int = 5  # other ECGs that each wave is swapped with; 65 predictions each
    redrawn: int = 32  # ECGs explained with redrawn weights; 0 for none

    name = "effects"
    question = QUESTION
    source = SOURCE
    every_network = False

    def __post_init__(self) -> None:
        if self.donors < 1:
            raise ValueError(f"expected at least 1 donor, got {self.donors}")

    def check(self, subject: Callable[[], Subject]) -> None:
        """NotApplicable for ECGs of one patient."""
        _check_patients(subject())

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """The maps of every network and its copy, and what waves swapped do to its output."""
        _check_patients(subject)
        probes = [probe_of(net, subject) for net in networks.nets]
        copies = [one for net in networks.nets for one in self._copies(net, subject)[0]]
        for maps in super().work(networks, subject):
            yield [
                *maps,
                *(effect_piece(probe, self.donors) for probe in probes),
                *(effect_piece(probe, TYPICAL, typical=True) for probe in probes),
                *(copy.piece for copy in copies),
            ]

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The measures of docs/effects.md for each method and control."""
        _check_patients(subject)
        linted = linter_notes(networks.by_name, subject)
        per_net = [explained(net, subject, name) for name, net in networks.by_name.items()]
        moved = [measured(net, subject, self.donors) for net in networks.nets]
        copied = [self._copies(net, subject) for net in networks.nets]
        against = [
            Against(
                np.abs(effect).mean(1),
                -measured(net, subject, TYPICAL, typical=True)[:, 0],
                cells_of(one, subject),
                cells_of(copies[0].explained(), subject) if copies else {},
            )
            for net, one, effect, (copies, _) in zip(
                networks.nets, per_net, moved, copied, strict=True
            )
        ]
        return Finding(
            self.about(networks, subject),
            measures=MEASURES,
            scores=stacked([each.scores for each in against]),
            notes=(
                *linted,
                *left_out(*per_net),
                *dict.fromkeys(f"no redrawn network: {why}" for _, why in copied if why),
            ),
            details={
                "waves": _by_wave(moved),
                "relevance": _shares(against[0]),
                "yardstick": compared(against, subject),
            },
        )

    def _copies(self, net: nn.Module, subject: Subject) -> tuple[Sequence[Copy], str]:
        """The network with redrawn weights, or none and the reason."""
        if not self.redrawn:
            return (), ""
        try:
            return plan_of(net, subject.first(self.redrawn), stages=0, copies=1).of_all, ""
        except NotApplicable as reason:
            return (), str(reason)


def _check_patients(subject: Subject) -> None:
    if len({*subject.patients}) < 2:
        raise NotApplicable("waves are swapped with other patients', and all ECGs are of one")


def cells_of(found: Explained, subject: Subject) -> Mapping[str, MapCells]:
    """Relevance by wave and lead of every method's maps, by size and with sign."""
    marks = subject.ecgs.segments.cpu()
    waves = np.stack([weights(one.numpy()) for one in marks[: len(found.outputs)]])
    return {
        name: MapCells(relevance(np.abs(maps), waves), relevance(maps, waves))
        for name, maps in found.maps.items()
    }


def _by_wave(moved: Sequence[Effect]) -> pd.DataFrame:
    """Mean |Δf| and Δf of each wave, all leads together, over networks, ECGs and donors."""
    together = np.concatenate([effect[:, :, -1] for effect in moved]).reshape(-1, len(WAVES))
    return pd.DataFrame(
        {
            "wave": WAVES,
            "mean_size": [finite_mean(np.abs(each)) for each in together.T],
            "mean_change": [finite_mean(each) for each in together.T],
        }
    )


def _shares(found: Against) -> pd.DataFrame:
    """The mean share of Σ |a| over the five waves that each method has in each of them."""
    rows = []
    for name, cells in found.maps.items():
        sums = cells.size[:, -1]
        total = np.nansum(sums, 1, keepdims=True)
        shares = np.divide(sums, total, out=np.full_like(sums, np.nan), where=total > 0)
        rows.append({"method": name, **dict(zip(WAVES, map(finite_mean, shares.T), strict=True))})
    return pd.DataFrame(rows)
