"""Curves of the rungs: the target prior, and each method's maps of other patients."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from ...heatmaps.attributions import ATTRIBUTIONS, BEAT, WHOLE
from ...heatmaps.beats import Frame, beat_of_map, laid, mean_of_others
from ...heatmaps.folding import fold, from_r_peak, r_peaks
from ...heatmaps.order import rank_points
from ...heatmaps.probe import Probe
from ...protocol import Protocol
from ...rungs import ANOTHER_PATIENT, MEAN_OF_OTHERS, TARGET_PRIOR, prior_key, template_key
from .changes import changed_by, changes
from .kept_curves import ecg_curves
from .prior import prior_map, prior_region
from .units import units_of

RUNGS = Step("rungs", version=2)

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

    def of_others(self, name: str, beats: "Beats", keeper: Keeper) -> dict[str, Chunks]:
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

    @cached_property
    def partners(self) -> list[int]:
        """The other patient's ECG for each ECG: that of a draw beyond those of the protocol.

        A donor of a draw is never the patient whose map is followed: it would bring its own wave to
        the place where its map is high.
        """
        return self.probe.donors(self.protocol.draws)

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
        points = region.points(segments.numpy(), self.probe.fs)
        records, seed = self.probe.ecgs.record, self.probe.seed
        read = points_read(self.probe.net, segments.shape[-1])

        def drawn(ecg: int, draw: int) -> Float[Tensor, "lead time"]:
            own = generator(seed, TARGET_PRIOR, grain, draw, records[ecg])
            found = prior_map(points[ecg], segments[ecg], grain, own, self.probe.fs)
            return found if read is None else found * read

        def curves(ecg: int, changed: Changed) -> Float[Tensor, "draw point"]:
            draws = enumerate(changed)
            return torch.cat([self._curves_by(ecg, drawn(ecg, k), one[None]) for k, one in draws])

        marks = sample_ids(segments.float()[:, None])
        settings = [
            {
                "prior": {"grain": grain, "region": asdict(region)},
                "segments": fingerprint({"segments": marks[ecgs]}),
            }
            for ecgs in self.probe.blocks
        ]
        return self._chunks(self.protocol, settings, curves, keeper)

    def _template(self, rung: str, beats: "Beats", keeper: Keeper) -> Chunks:
        def curves(ecg: int, changed: Changed) -> Float[Tensor, "draw point"]:
            beat = torch.from_numpy(beats.of(rung, ecg))
            return self._curves_by(ecg, laid(beat, self.places[ecg]), changed)

        settings = {"rung": rung, "attributions": beats.key, **self.others}
        draws = min(self.protocol.ladder, self.protocol.draws)
        protocol = replace(self.protocol, draws=draws)
        return self._chunks(protocol, [settings] * len(self.probe.blocks), curves, keeper)

    @cached_property
    def others(self) -> Mapping[str, str]:
        """Settings that maps of other patients depend on, the same for every method."""
        return {
            "patients": fingerprint({"patients": list(self.probe.patients)}),
            "partners": fingerprint({"partners": self.partners}),
            "places": fingerprint({"places": [one.tolist() for one in self.places]}),
        }

    @cached_property
    def frame(self) -> Frame:
        """The samples from the R peak that beats are kept for."""
        return Frame.of(self.probe)

    @cached_property
    def places(self) -> list[Int64[Tensor, " time"]]:
        """The place in the frame of every sample of each ECG."""
        return [self.frame.places(from_r_peak(one)) for one in self.probe.ecgs.segments]

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
        settings: Sequence[Mapping[str, Any]],
        curves: Callable[[int, Changed], Float[Tensor, "draw point"]],
        keeper: Keeper,
    ) -> Chunks:
        """The curves of every ECG, made from what each draw adds to it where they are missing.

        `settings` are those of each block, beside the settings of the probe and the protocol.
        """
        probe = self.probe
        changed = changes(probe, protocol)

        def make(number: int) -> Mapping[str, np.ndarray]:
            chunk = probe.chunks[number]
            found = [curves(ecg, changed(ecg)) for ecg in range(chunk.start, chunk.stop)]
            return {"curves": torch.stack(found, dim=1).numpy()}

        whole = [
            {
                **of_probe,
                **own,
                "order": protocol.order,
                "until": protocol.until,
                **changed_by(probe, protocol, ecgs),
            }
            for of_probe, own, ecgs in zip(probe.settings, settings, probe.blocks, strict=True)
        ]
        return keeper.chunks(RUNGS, whole, make)


def curves_of(kept: Chunks) -> Curves:
    """The curves of all ECGs."""
    return kept.all("curves", axis=1)


@dataclass(frozen=True)
class Beats:
    """The beats of a method's maps of all ECGs, read once they are needed."""

    rungs: Rungs
    attributed: Chunks

    def of(self, rung: str, ecg: int) -> Float[np.ndarray, "lead moment"]:
        """The beat that a rung lays on an ECG."""
        return self.means[ecg] if rung == MEAN_OF_OTHERS else self.each[self.rungs.partners[ecg]]

    @cached_property
    def key(self) -> str:
        """Fingerprint of the maps."""
        settings = list(self.attributed.settings)
        return fingerprint({"settings": settings, "version": ATTRIBUTIONS.version})

    @cached_property
    def each(self) -> Float[np.ndarray, "ecg lead moment"]:
        """The beat of each ECG's own map."""
        return np.stack([*self._read()])

    @cached_property
    def means(self) -> Float[np.ndarray, "ecg lead moment"]:
        """The mean beat over other patients for each ECG."""
        return mean_of_others(self.each, self.rungs.probe.patients)

    def _read(self) -> Iterator[Float[np.ndarray, "lead moment"]]:
        probe, length = self.rungs.probe, self.rungs.frame.length
        for number, chunk in enumerate(probe.chunks):
            if probe.strips:
                yield from self.attributed.read(number, BEAT)
                continue
            maps = torch.from_numpy(self.attributed.read(number, "maps"))
            for heatmap, places in zip(maps, self.rungs.places[chunk], strict=True):
                yield beat_of_map(heatmap, places, length).numpy()
