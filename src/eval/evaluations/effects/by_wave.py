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
from ...measures import Measure, PerEcg, stacked
from ...precompute import Piece
from ...subject import Networks, Subject, partners
from ..sanity import spearman

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
    """Σ w·|a| of each wave in each lead, then in all together; NaN for a wave that is not there."""
    sums = np.abs(maps).astype(np.float64) @ waves.transpose(0, 2, 1)
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

Effect = Float64[np.ndarray, "ecg donor lead_and_all wave"]


def measured(net: nn.Module, subject: Subject, count: int) -> Effect:
    """Δf = f(swapped) − f(x) with `count` donors, of each lead alone and then of all together.

    In the target's unit; NaN for a wave that an ECG does not have. Raises ValueError when all ECGs
    are of one patient.
    """
    probe = probe_of(net, subject)
    number = len(probe.chunks)
    with progress_bar(number, "waves swapped", subject.progress) as done:
        keeper = Keeper(subject.store, number, done.update)
        return effect_chunks(probe, count, keeper).all("effect")


def effect_piece(probe: Probe, count: int) -> Piece:
    """The work of `measured`."""
    return Piece(len(probe.chunks), lambda: partial(effect_chunks, probe, count))


def effect_chunks(probe: Probe, count: int, keeper: Keeper) -> Chunks:
    """The chunks of `measured`; errors as there."""
    others = [probe.donors(draw) for draw in range(count)]
    marks = probe.ecgs.segments

    def of_block(block: int) -> Mapping[str, Any]:
        ecgs = probe.blocks[block]
        return {
            **probe.settings[block],
            "segments": fingerprint({"segments": marks[ecgs].tolist()}),
            "donors": [probe.of_others(each[ecgs]) for each in others],
        }

    def make(chunk: int) -> Mapping[str, np.ndarray]:
        ecgs = range(len(probe.ecgs.record))[probe.chunks[chunk]]
        each = [[_effect(probe, ecg, other[ecg]) for other in others] for ecg in ecgs]
        return {"effect": np.array(each)}

    return keeper.chunks(EFFECTS, probe.of_blocks(of_block), make)


def _effect(probe: Probe, ecg: int, donor: int) -> Float64[np.ndarray, "lead_and_all wave"]:
    x, segments = probe.ecgs.x.cpu(), probe.ecgs.segments.cpu()
    waves = weights(segments[ecg].numpy())
    change = to_donor(x[ecg], segments[ecg], x[donor], segments[donor])
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
        name="beyond_other",
        label="Beyond another ECG's map",
        unit="",
        higher_is_better=True,
        about="faithfulness",
        source="our own definition",
        explained="The same, less the ρ that the method's map of another patient's ECG gets.",
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
    of each method. Raises NotApplicable for ECGs of one patient, ValueError for no donors.
    """

    donors: int = 5  # other ECGs that each wave is swapped with; 65 predictions each

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
        """The maps of every network and what waves swapped do to its output."""
        _check_patients(subject)
        probes = [probe_of(net, subject) for net in networks.nets]
        for maps in super().work(networks, subject):
            yield [*maps, *(effect_piece(probe, self.donors) for probe in probes)]

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The measures of docs/effects.md for each method and control."""
        _check_patients(subject)
        linted = linter_notes(networks.by_name, subject)
        per_net = [explained(net, subject, name) for name, net in networks.by_name.items()]
        moved = [measured(net, subject, self.donors) for net in networks.nets]
        scores = stacked(
            [agreement(one, effect, subject) for one, effect in zip(per_net, moved, strict=True)]
        )
        return Finding(
            self.about(networks, subject),
            measures=MEASURES,
            scores=scores,
            notes=(*linted, *left_out(*per_net)),
            details={"waves": _by_wave(moved), "relevance": _shares(per_net[0], subject)},
        )


def _check_patients(subject: Subject) -> None:
    if len({*subject.patients}) < 2:
        raise NotApplicable("waves are swapped with other patients', and all ECGs are of one")


def agreement(found: Explained, effect: Effect, subject: Subject) -> PerEcg:
    """The measures of each ECG, by method."""
    size = np.abs(effect).mean(1)
    partner = partners(subject)
    waves = _weights(subject)
    scores = {measure.name: {} for measure in MEASURES}
    for name, maps in found.maps.items():
        sums = relevance(maps, waves)
        leads, own = size[:, :-1].reshape(len(size), -1), sums[:, :-1].reshape(len(size), -1)
        # The other ECG's map on this ECG's own waves.
        others = relevance(maps[partner], waves)[:, :-1].reshape(len(size), -1)
        rho = spearman(leads, own)
        scores["leads"][name] = rho
        scores["beyond_other"][name] = rho - spearman(leads, others)
        scores["waves"][name] = spearman(size[:, -1], sums[:, -1])
    return scores


def _weights(subject: Subject) -> Float[np.ndarray, "ecg wave time"]:
    return np.stack([weights(one.numpy()) for one in subject.ecgs.segments.cpu()])


def _by_wave(moved: Sequence[Effect]) -> pd.DataFrame:
    """Mean |Δf| and Δf of each wave, all leads together, over networks, ECGs and donors."""
    together = np.concatenate([effect[:, :, -1] for effect in moved]).reshape(-1, len(WAVES))
    return pd.DataFrame(
        {
            "wave": WAVES,
            "mean_size": [_mean(np.abs(each)) for each in together.T],
            "mean_change": [_mean(each) for each in together.T],
        }
    )


def _shares(found: Explained, subject: Subject) -> pd.DataFrame:
    """The mean share of Σ |a| over the five waves that each method has in each of them."""
    waves, rows = _weights(subject), []
    for name, maps in found.maps.items():
        sums = relevance(maps, waves)[:, -1]
        total = np.nansum(sums, 1, keepdims=True)
        shares = np.divide(sums, total, out=np.full_like(sums, np.nan), where=total > 0)
        rows.append({"method": name, **dict(zip(WAVES, map(_mean, shares.T), strict=True))})
    return pd.DataFrame(rows)


def _mean(values: Float[np.ndarray, " value"]) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else float("nan")
