"""Each wave of an ECG swapped with what stands there in an aligned ECG of another patient."""

import torch
from jaxtyping import Float, Float64, Int8
from torch import Tensor

from ....ecg import BIT, FS_HZ
from ...heatmaps.folding import aligned

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
