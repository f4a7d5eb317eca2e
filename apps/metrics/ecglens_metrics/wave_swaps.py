"""Change of the output when a wave is swapped with a donor's or the typical one."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from ecglens.ecg import BIT, FS_HZ
from ecglens.engine import unperturbed
from ecglens.eval import Chunks, Keeper, Piece, Subject, progress_bar
from ecglens.eval.evaluations.return_test import level
from ecglens.eval.heatmaps import Probe, aligned, predictions, probe_of
from ecglens.store import Step, fingerprint
from jaxtyping import Float, Float64, Int8
from scipy.ndimage import distance_transform_edt
from torch import Tensor, nn

Signal = Float[Tensor, "lead time"]
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


def swapped(
    x: Signal, waves: Float64[Tensor, "wave time"], change: Signal
) -> Float[Tensor, "copy lead time"]:
    """The ECG, then for each wave its copies with that wave changed in one lead and in all."""
    leads = len(x)
    # One row per lead, then one with all of them.
    where = torch.cat([torch.eye(leads), torch.ones(1, leads)]).to(x)
    moved = torch.einsum("wt,kl,lt->wklt", waves.to(x), where, change)
    return torch.cat([x[None], (x + moved).flatten(0, 1)])


def to_donor(
    x: Signal, segments: Int8[Tensor, " time"], donor: Signal, donor_segments: Int8[Tensor, " time"]
) -> Signal:
    """Difference to the donor, aligned on the R peak and at this ECG's level."""
    there, here = level(donor, donor_segments), level(x, segments)
    raised = donor if there is None or here is None else donor + (here - there)[:, None]
    return raised[:, aligned(segments, donor_segments)] - x


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


def _effect(probe: Probe, ecg: int, change: Signal) -> Float64[np.ndarray, "lead_and_all wave"]:
    x, segments = probe.ecgs.x.cpu(), probe.ecgs.segments.cpu()
    waves = weights(segments[ecg].numpy())
    copies = swapped(x[ecg], torch.from_numpy(waves), change)
    with unperturbed(probe.net, x[ecg].to(probe.device)):
        found = predictions(probe.net, copies, probe.output, probe.subject.named(ecg))
    effect = (found[1:] - found[0]).reshape(len(BIT), -1)
    return np.where(np.any(waves, axis=1, keepdims=True), effect, np.nan).T
