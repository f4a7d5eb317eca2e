"""Curves of the rungs: the target prior, and each method's maps of other patients."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ....datamodules import Target
from ....engine import generator, points_read, sample_ids
from ....explain import Method
from ....store import Step, fingerprint
from ...chunks import Chunks, Keeper
from ...heatmaps.attributions import WHOLE
from ...heatmaps.beats import Frame, laid
from ...heatmaps.folding import fold, r_peaks
from ...heatmaps.order import rank_points
from ...heatmaps.probe import Probe
from ...protocol import Protocol
from ...rungs import ANOTHER_PATIENT, MEAN_OF_OTHERS, TARGET_PRIOR, prior_key, template_key
from .changes import changed_by, changes
from .kept_curves import ecg_curves
from .others_beats import OthersBeats, places_of
from .prior import prior_map, prior_region
from .units import units_of

RUNGS = Step("rungs", version=3)

Curves = Float[np.ndarray, "draw ecg point"]
Changed = Float[Tensor, "draw lead time"]  # what is added to an ECG in each draw


def grain_of(method: Method) -> str:
    """The resolution of a method's maps: point, moment, wave, or a width such as "50 ms"."""
    return method.facts.grain


@dataclass(frozen=True)
class Rungs:
    """Makes and keeps the curves of one probe under one protocol, up to the protocol's `until`.

    `target` says where the target is defined, None where nobody does. Without draws for the ladder,
    without a region or with ECGs of one patient, rungs are left out; `notes` say so.
    """

    probe: Probe
    protocol: Protocol
    target: Target | None

    def grains(self, methods: Mapping[str, Method]) -> tuple[str, ...]:
        """Resolutions of the methods at which there is a target prior."""
        if not self.protocol.ladder or prior_region(self.target) is None:
            return ()
        return tuple(dict.fromkeys(grain_of(method) for method in methods.values()))

    def of_priors(self, methods: Mapping[str, Method], keeper: Keeper) -> dict[str, Curves]:
        """The target prior at each resolution that the methods have, by its key."""
        return {
            prior_key(grain): curves_of(self.prior(grain, keeper)) for grain in self.grains(methods)
        }

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
        """Why there are no maps of other patients; empty where there are."""
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
        """The chunks of the target prior at one of the `grains`."""
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


def curves_of(kept: Chunks) -> Curves:
    """The curves of all ECGs."""
    return kept.all("curves", axis=1)
