"""Curves of the null ladder: the target prior, and maps of other patients laid on an ECG."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int8, Int64
from torch import Tensor

from ....datamodules import Target
from ....ecg import FS_HZ
from ....engine import generator, points_read, sample_ids
from ....explain import wave_segments
from ....store import Step, fingerprint
from ...chunks import Chunks, Keeper
from ...curves import ANOTHER_PATIENT, MEAN_OF_OTHERS, TARGET_PRIOR, prior_key, template_key
from ...heatmaps.attributions import ATTRIBUTIONS, BEAT, WHOLE, Frame, beat_of_map, laid
from ...heatmaps.folding import fold, from_r_peak, r_peaks
from ...heatmaps.order import rank_points
from ...heatmaps.probe import CHUNK, Probe
from ...protocol import Protocol
from ..localisation.region import TargetRegion
from .curves import changed_by, changes, units_of
from .orders import ecg_curves

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
    sizes = torch.randn(rows, count, generator=generator).abs()
    share = inside.new_zeros(len(inside), count).index_add_(1, cells, inside) / cells.bincount()
    filler = FILLER * torch.rand(inside.shape, generator=generator)
    return (sizes * share)[:, cells] + filler


def _cells(segments: Int8[Tensor, " time"], grain: str, fs_hz: float) -> Int64[Tensor, " time"]:
    """The number (0, 1, …) of the cell of a lead that each sample belongs to."""
    if grain in (POINT, MOMENT):
        return torch.arange(len(segments))
    if grain == WAVE:
        return wave_segments(segments)
    width = max(1, round(float(grain.removesuffix(" ms")) * fs_hz / 1e3))
    return torch.arange(len(segments)) // width


# Chunks that stay in memory: the ECGs' own, and some of those whose ECGs are read now and then. All
# of them are 29 kB for each median beat.
HELD = 4


@dataclass(frozen=True, eq=False)
class OthersBeats:
    """The beats of a method's maps of all ECGs.

    The other patient's ECG of each is its donor in `draw`.
    """

    probe: Probe
    frame: Frame
    draw: int
    attributed: Chunks
    _held: dict[int, Tensor] = field(default_factory=dict, init=False, repr=False)

    def of(self, rung: str, ecg: int) -> Float[Tensor, "lead moment"]:
        """The beat that a rung lays on an ECG."""
        return self._mean(ecg) if rung == MEAN_OF_OTHERS else self.beat(self.partner(ecg))

    def partner(self, ecg: int) -> int:
        """The place of the other patient's ECG; ValueError where all are of one patient."""
        return self.probe.donors(self.draw)[ecg]

    @cached_property
    def key(self) -> str:
        """Fingerprint of the maps."""
        settings = self.attributed.settings.all()
        return fingerprint({"settings": settings, "version": ATTRIBUTIONS.version})

    def beat(self, ecg: int) -> Float[Tensor, "lead moment"]:
        """The beat of an ECG's own map."""
        number, place = divmod(ecg, CHUNK)
        if number not in self._held:
            while len(self._held) >= HELD:
                del self._held[next(iter(self._held))]
            name = BEAT if self.probe.strips else "maps"
            self._held[number] = torch.from_numpy(self.attributed.read(number, name))
        kept = self._held[number][place]
        if self.probe.strips:
            return kept
        return beat_of_map(kept, places_of(self.probe, self.frame, ecg), self.frame.length)

    def _mean(self, ecg: int) -> Float[Tensor, "lead moment"]:
        """Mean over the other patients, each patient the mean of their ECGs."""
        others = len(self._ecgs) - 1
        return ((self._total - self._patient(self.probe.patients[ecg])) / others).float()

    @cached_property
    def _ecgs(self) -> dict[str, list[int]]:
        """The ECGs of each patient."""
        found: dict[str, list[int]] = {}
        for ecg, patient in enumerate(self.probe.patients):
            found.setdefault(patient, []).append(ecg)
        return found

    @cached_property
    def _total(self) -> Float[Tensor, "lead moment"]:
        """The sum of the patients' means; in float64, as little is left of it without one."""
        total = torch.zeros(self.probe.ecgs.x.shape[1], self.frame.length, dtype=torch.float64)
        for patient in self._ecgs:
            total += self._patient(patient)
        return total

    def _patient(self, patient: str) -> Float[Tensor, "lead moment"]:
        """The mean over a patient's ECGs."""
        return torch.stack([self.beat(ecg).double() for ecg in self._ecgs[patient]]).mean(0)


def places_of(probe: Probe, frame: Frame, ecg: int) -> Int64[Tensor, " time"]:
    """The place in the frame of every sample of an ECG."""
    return frame.places(from_r_peak(probe.ecgs.segments[ecg].cpu()))


RUNGS = Step("rungs", version=3)

CurveArray = Float[np.ndarray, "draw ecg point"]
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
        return {prior_key(grain): curves_of(self.prior(grain, keeper)) for grain in each}

    def of_others(self, name: str, beats: OthersBeats, keeper: Keeper) -> dict[str, Chunks]:
        """The mean of other patients and another patient's map, by their keys."""
        if not self.protocol.ladder or self.without_others:
            return {}
        return {
            template_key(rung, name): self._template(rung, beats, keeper)
            for rung in (MEAN_OF_OTHERS, ANOTHER_PATIENT)
        }

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

        def curves(ecg: int, changed: Changed) -> Float[Tensor, "draw point"]:
            points = region.points(segments[[ecg]].numpy(), self.probe.fs)[0]
            found = []
            for draw, one in enumerate(changed):
                own = generator(seed, TARGET_PRIOR, grain, draw, records[ecg])
                heatmap = prior_map(points, segments[ecg], grain, own, self.probe.fs)
                seen = heatmap if read is None else heatmap * read
                found.append(self._curves_by(ecg, seen, one[None]))
            return torch.cat(found)

        def of_block(block: int) -> Mapping[str, Any]:
            marks = sample_ids(segments[self.probe.blocks[block]].float()[:, None])
            return {
                "prior": {"grain": grain, "region": asdict(region)},
                "segments": fingerprint({"segments": marks}),
            }

        return self._chunks(self.protocol, of_block, curves, keeper)

    def _template(self, rung: str, beats: OthersBeats, keeper: Keeper) -> Chunks:
        def curves(ecg: int, changed: Changed) -> Float[Tensor, "draw point"]:
            heatmap = laid(beats.of(rung, ecg), places_of(self.probe, self.frame, ecg))
            return self._curves_by(ecg, heatmap, changed)

        settings = {"rung": rung, "attributions": beats.key, **self.others}
        draws = min(self.protocol.ladder, self.protocol.draws)
        protocol = replace(self.protocol, draws=draws)
        return self._chunks(protocol, lambda _: settings, curves, keeper)

    def beats(self, attributed: Chunks) -> OthersBeats:
        """The beats of a method's maps of all ECGs."""
        return OthersBeats(self.probe, self.frame, self._draw, attributed)

    @property
    def _draw(self) -> int:
        """The draw of the other patient's ECG for each ECG: beyond those of the protocol.

        A donor of a draw is never the patient whose map is followed: it would bring its own wave to
        the place where its map is high.
        """
        return self.protocol.draws

    @cached_property
    def others(self) -> Mapping[str, Any]:
        """Settings that maps of other patients depend on, the same for every method."""
        marks = self.probe.ecgs.segments
        return {
            "patients": fingerprint({"patients": list(self.probe.patients)}),
            "partners": fingerprint({"partners": self.probe.donors(self._draw)}),
            "frame": asdict(self.frame),
            "r_peaks": fingerprint({"r_peaks": [r_peaks(one).tolist() for one in marks]}),
        }

    @cached_property
    def frame(self) -> Frame:
        """The samples from the R peak that beats are kept for."""
        return Frame.of(self.probe)

    def _curves_by(
        self, ecg: int, heatmap: Float[Tensor, "lead time"], changed: Changed
    ) -> Float[Tensor, "draw point"]:
        """The curves of one ECG along the order of a map."""
        probe, protocol, units = self.probe, self.protocol, self.units[ecg]
        record, folded = probe.ecgs.record[ecg], fold(heatmap, units)[None]
        order = rank_points(folded, protocol.until, probe.seed, [record], protocol.order)[0]
        return ecg_curves(probe, protocol.until, ecg, order, units, changed)

    @cached_property
    def units(self) -> list[Int64[Tensor, " time"]]:
        """The point or segment that each sample of each ECG belongs to."""
        return units_of(self.probe, self.protocol)

    def _chunks(
        self,
        protocol: Protocol,
        settings: Callable[[int], Mapping[str, Any]],
        curves: Callable[[int, Changed], Float[Tensor, "draw point"]],
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
            return {"curves": torch.stack(found, dim=1).numpy()}

        def of_block(block: int) -> Mapping[str, Any]:
            return {
                **probe.settings[block],
                **settings(block),
                "order": protocol.order,
                "until": protocol.until,
                **changed_by(probe, protocol, probe.blocks[block]),
            }

        return keeper.chunks(RUNGS, probe.of_blocks(of_block), make)


def curves_of(kept: Chunks) -> CurveArray:
    """The curves of all ECGs."""
    return kept.all("curves", axis=1)
