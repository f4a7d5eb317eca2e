"""Curves of the null ladder: the target prior, and maps of other patients laid on an ECG."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int8, Int64
from torch import Tensor

from ....datamodules import Target
from ....ecg import FS_HZ
from ....engine import generator, normal, points_read, sample_ids, uniform
from ....explain import wave_segments
from ....store import Step, fingerprint
from ...chunks import Chunks, Keeper
from ...curves import TARGET_PRIOR, CurveArray, prior_key
from ...heatmaps.attributions import WHOLE
from ...heatmaps.folding import fold, r_peaks
from ...heatmaps.order import rank_points
from ...heatmaps.probe import CHUNK, Probe
from ...protocol import Protocol
from ...region import TargetRegion
from .curves import changed_by, changes, units_of
from .orders import ecg_curves
from .others_maps import Laying, OthersBeats

# Resolutions of a map beside "… ms": one number per point, per moment in all leads, per wave.
POINT, MOMENT, WAVE = "point", "moment", "wave"
# Sizes outside the region: their order is new in each draw and comes after the region.
FILLER = 1e-3


def prior_region(target: Target | None, grain: str = POINT) -> TargetRegion | None:
    """Region where the target is defined; None for a target without edges and waves.

    An interval is decided at its edges, an amplitude at its peak and its baseline in its lead, and
    a target of waves alone in these. Maps of whole waves are compared with edges and waves.
    """
    if target is None or not (target.edges or target.waves):
        return None
    of_edges = bool(target.edges) and (target.lead is None or not target.waves)
    mask = "edge" if of_edges and (grain != WAVE or not target.waves) else "both"
    # A map that is the same in all leads cannot tell that one lead decides.
    lead = None if grain == MOMENT else target.lead
    return TargetRegion(mask, target.edges, target.waves, lead)


def prior_map(
    region: Bool[np.ndarray, "lead time"],
    segments: Int8[Tensor, " time"],
    grain: str,
    generator: torch.Generator,
    fs_hz: float = FS_HZ,
) -> Float[Tensor, "lead time"]:
    """Random sizes |N(0, 1)| at the resolution `grain`, times the share of each cell in the region.

    `region` are the points that define the target in this ECG, `segments` its wave marks, from
    which the cells of the resolution "wave" are made. Outside the region the sizes are random and
    at most FILLER, so that an ECG without it has a map of random numbers.
    """
    inside = torch.from_numpy(region).float()
    cells = _cells(segments, grain, fs_hz)
    count = int(cells.max()) + 1
    rows = 1 if grain == MOMENT else len(inside)
    sizes = normal(generator, rows, count).abs()
    share = inside.new_zeros(len(inside), count).index_add_(1, cells, inside) / cells.bincount()
    filler = FILLER * uniform(generator, *inside.shape)
    return (sizes * share)[:, cells] + filler


def _cells(segments: Int8[Tensor, " time"], grain: str, fs_hz: float) -> Int64[Tensor, " time"]:
    """The number (0, 1, …) of the cell of a lead that each sample belongs to."""
    if grain in (POINT, MOMENT):
        return torch.arange(len(segments))
    if grain == WAVE:
        return wave_segments(segments)
    width = max(1, round(float(grain.removesuffix(" ms")) * fs_hz / 1e3))
    return torch.arange(len(segments)) // width


RUNGS = Step("rungs", version=4)

Changed = Float[Tensor, "draw lead time"]  # what is added to an ECG in each draw


def grain_of(maps: Chunks, segments: Int8[Tensor, "ecg time"], fs_hz: float = FS_HZ) -> str:
    """The resolution of a method's maps: point, moment, wave, or a width such as "50 ms".

    Read off equal values, which tie in the order of a map (docs/ladder.md). Of strips the maps of
    the first chunk count, which are kept whole.
    """
    wave = moment = True
    width = 0
    for number in range(maps.count):
        found = maps.read(number, "maps")
        moment = moment and bool((found == found[:, :1]).all())
        changes_at = (found[..., 1:] != found[..., :-1]).any((0, 1)).nonzero()[0] + 1
        width = int(np.gcd.reduce([width, *changes_at]))
        for one, marks in zip(found, segments[number * CHUNK :], strict=False):
            cells = wave_segments(marks).numpy()
            each = (one[:, cells == cell] for cell in range(cells.max() + 1))
            wave = wave and all((part == part[:, :1]).all() for part in each)
    if wave:
        return WAVE
    if moment:
        return MOMENT
    return POINT if width == 1 else f"{width * 1e3 / fs_hz:g} ms"


@dataclass(frozen=True)
class Rungs:
    """Makes and keeps the curves of one probe under one protocol, up to the protocol's `until`.

    `target` says where the target is defined, None where nobody does. Without draws for the ladder,
    without a region or with ECGs of one patient, rungs are left out; `notes` say so.
    """

    probe: Probe
    protocol: Protocol
    target: Target | None

    @property
    def has_prior(self) -> bool:
        """True where the protocol has a ladder and the target a region."""
        return bool(self.protocol.ladder) and prior_region(self.target) is not None

    def of_priors(self, grains: Iterable[str], keeper: Keeper) -> dict[str, CurveArray]:
        """The target prior at each of these resolutions, by its key."""
        if not self.has_prior:
            return {}
        each = dict.fromkeys(grains)
        return {prior_key(grain): self.prior(grain, keeper).all("curves", 1) for grain in each}

    @property
    def has_others(self) -> bool:
        """True where the protocol has a ladder, and these ECGs maps of other patients."""
        return bool(self.protocol.ladder) and not self.without_others

    def of_others(self, beats: OthersBeats, keeper: Keeper) -> Chunks:
        """The curves along a method's maps of other patients, an array for each rung."""
        draws = range(min(self.protocol.ladder, self.protocol.draws))

        def curves(ecg: int, changed: Changed) -> Mapping[str, Float[Tensor, "draw point"]]:
            maps = beats.laid_on(ecg, draws)
            every = changed.repeat(len(maps), 1, 1)
            along = self._curves_by(ecg, torch.cat([*maps.values()]), every)
            return dict(zip(maps, along.split(len(draws)), strict=True))

        settings = {"attributions": beats.key, **self.others}
        protocol = replace(self.protocol, draws=len(draws))
        return self._chunks(protocol, lambda _: settings, curves, keeper)

    @cached_property
    def without_others(self) -> str:
        """Reason why there are no maps of other patients; empty where there are."""
        if len({*self.probe.patients}) < 2:
            return "all ECGs are of one patient, so that there are no maps of others"
        long = self.probe.ecgs.x.shape[2] > WHOLE
        if long and any(len(r_peaks(one)) < 2 for one in self.probe.ecgs.segments):
            return (
                "strips without marks of their R peaks: maps of other patients cannot be laid on "
                "them, so that nothing is said of this level"
            )
        return ""

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on rungs that are missing."""
        if not self.protocol.ladder:
            return ()
        region, segments = prior_region(self.target), self.probe.ecgs.segments.cpu().numpy()
        without = 0 if region is None else int((~region.times(segments).any(1)).sum())
        missing = (
            f"target prior: {without} of {len(segments)} ECGs lack a part of the region that "
            "defines the target; there it is random",
        )
        others = (f"null ladder: {self.without_others}",) if self.without_others else ()
        return (missing if without else ()) + others

    def prior(self, grain: str, keeper: Keeper) -> Chunks:
        """The chunks of the target prior at a resolution."""
        region = prior_region(self.target, grain)
        if region is None:
            raise ValueError("expected a target with edges or waves, got none")
        segments = self.probe.ecgs.segments.cpu()
        records, seed = self.probe.ecgs.record, self.probe.seed
        read = points_read(self.probe.net, segments.shape[-1])

        def curves(ecg: int, changed: Changed) -> Mapping[str, Float[Tensor, "draw point"]]:
            points = region.points(segments[[ecg]].numpy(), self.probe.fs)[0]
            each = (
                generator(seed, TARGET_PRIOR, grain, draw, records[ecg])
                for draw in range(len(changed))
            )
            maps = torch.stack(
                [prior_map(points, segments[ecg], grain, own, self.probe.fs) for own in each]
            )
            seen = maps if read is None else maps * read
            return {"curves": self._curves_by(ecg, seen, changed)}

        def of_block(block: int) -> Mapping[str, Any]:
            marks = sample_ids(segments[self.probe.blocks[block]].float()[:, None])
            return {
                "prior": {"grain": grain, "region": asdict(region)},
                "segments": fingerprint({"segments": marks}),
            }

        return self._chunks(self.protocol, of_block, curves, keeper)

    def beats(self, attributed: Chunks) -> OthersBeats:
        return OthersBeats(self.laying, attributed)

    @cached_property
    def laying(self) -> Laying:
        return Laying(self.probe)

    @cached_property
    def others(self) -> Mapping[str, Any]:
        """Settings that maps of other patients depend on, the same for every method."""
        draws = range(min(self.protocol.ladder, self.protocol.draws))
        segments = self.probe.ecgs.segments
        waves = [one.tolist() for one in self.laying.waves]
        return {
            "patients": fingerprint({"patients": list(self.probe.patients)}),
            "rounds": fingerprint({"rounds": [self.probe.donors(draw) for draw in draws]}),
            "frame": asdict(self.laying.frame),
            "r_peaks": fingerprint({"r_peaks": [r_peaks(one).tolist() for one in segments]}),
            "waves": fingerprint({"waves": waves}),
        }

    def _curves_by(
        self, ecg: int, maps: Float[Tensor, "draw lead time"], changed: Changed
    ) -> Float[Tensor, "draw point"]:
        """The curves of one ECG along the order of a map for each draw."""
        probe, protocol, units = self.probe, self.protocol, self.units[ecg]
        folded = torch.stack([fold(heatmap, units) for heatmap in maps])
        records = [probe.ecgs.record[ecg]] * len(folded)
        order = rank_points(folded, protocol.until, probe.seed, records, protocol.order)
        return ecg_curves(probe, protocol.until, ecg, order, units, changed)

    @cached_property
    def units(self) -> list[Int64[Tensor, " time"]]:
        """The point or segment that each sample of each ECG belongs to."""
        return units_of(self.probe, self.protocol)

    def _chunks(
        self,
        protocol: Protocol,
        settings: Callable[[int], Mapping[str, Any]],
        curves: Callable[[int, Changed], Mapping[str, Float[Tensor, "draw point"]]],
        keeper: Keeper,
    ) -> Chunks:
        """The curves of every ECG, made from what each draw adds to it where they are missing.

        `settings` gives those of a block, beside the settings of the probe and the protocol.
        """
        probe = self.probe
        changed = changes(probe, protocol)

        def make(number: int) -> Mapping[str, np.ndarray]:
            chunk = probe.chunks[number]
            found = [curves(ecg, changed(ecg)) for ecg in range(chunk.start, chunk.stop)]
            return {name: torch.stack([one[name] for one in found], 1).numpy() for name in found[0]}

        def of_block(block: int) -> Mapping[str, Any]:
            return {
                **probe.settings[block],
                **settings(block),
                "order": protocol.order,
                "until": protocol.until,
                **changed_by(probe, protocol, probe.blocks[block]),
            }

        return keeper.chunks(RUNGS, probe.of_blocks(of_block), make)
