"""Maps of other patients laid on an ECG: from its R peaks, or wave by wave."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ...chunks import Chunks
from ...curves import (
    ANOTHER_BY_WAVES,
    ANOTHER_PATIENT,
    BY_WAVES,
    FROM_R,
    MEAN_BY_WAVES,
    MEAN_OF_OTHERS,
)
from ...heatmaps.attributions import BEAT, Frame, beat_of_map, laid, maps_key
from ...heatmaps.folding import (
    Marks,
    from_r_peak,
    moments_by_waves,
    stretched,
    typical_marks,
    wave_marks,
)
from ...heatmaps.probe import CHUNK, Probe


@dataclass(frozen=True, eq=False)
class Laying:
    """Places of other patients' beats on each ECG of a probe, by R peaks and by waves."""

    probe: Probe

    @cached_property
    def frame(self) -> Frame:
        """The samples from the R peak that beats are kept for."""
        return Frame.of(self.probe)

    @cached_property
    def waves(self) -> list[Float[np.ndarray, "beat 7"]]:
        """Marks of the beats of each ECG."""
        return [wave_marks(each) for each in self.probe.ecgs.segments]

    @cached_property
    def marks(self) -> list[Marks]:
        """Marks of each ECG's beat; of a strip the medians over its beats."""
        return [typical_marks(each) for each in self.waves]

    @cached_property
    def usual(self) -> Marks:
        """Mean of each mark over the ECGs that have it."""
        marks = np.ma.masked_invalid(np.stack(self.marks))
        return marks.mean(0).filled(np.nan)

    @cached_property
    def rungs(self) -> tuple[str, ...]:
        """Rungs of other patients' maps; those by waves where any ECG has a mark of one."""
        return (*FROM_R, *(BY_WAVES if np.isfinite(self.usual[1:]).any() else ()))

    def from_r(self, ecg: int) -> Int64[Tensor, " time"]:
        """Place in the frame of every sample of an ECG."""
        return self.frame.places(from_r_peak(self.probe.ecgs.segments[ecg].cpu()))

    def by_waves(self, ecg: int, there: Marks) -> Int64[Tensor, " time"]:
        """Place in the frame of a beat with these marks for every sample of an ECG."""
        segments = self.probe.ecgs.segments[ecg].cpu()
        moments = moments_by_waves(segments, self.waves[ecg], there, *self._ends)
        return self.frame.places(moments)

    def of_usual(self, ecg: int) -> Int64[Tensor, " moment"]:
        """Place in the frame of an ECG's beat for every moment of a beat with the usual marks."""
        first, end = self._ends
        found = stretched(np.arange(first, end), self.usual, self.marks[ecg], first, end)
        return self.frame.places(torch.from_numpy(found))

    @property
    def _ends(self) -> tuple[int, int]:
        return self.frame.first, self.frame.first + self.frame.length


# Chunks that stay in memory: the ECGs' own, and some of those whose ECGs are read now and then. All
# of them are 29 kB for each median beat.
HELD = 4


@dataclass(frozen=True, eq=False)
class OthersBeats:
    """The beats of a method's maps of all ECGs, laid on each of them."""

    laying: Laying
    attributed: Chunks
    _held: dict[int, Tensor] = field(default_factory=dict, init=False, repr=False)

    def laid_on(self, ecg: int, draws: Sequence[int]) -> dict[str, Float[Tensor, "draw lead time"]]:
        """Map of each rung and draw."""
        from_r, of_others = self.laying.from_r(ecg), self._mean(ecg)
        partners = [self.partner(ecg, draw) for draw in draws]
        beats = [self.beat(other) for other in partners]
        found = {
            MEAN_OF_OTHERS: [laid(of_others[0], from_r)] * len(draws),
            ANOTHER_PATIENT: [laid(beat, from_r) for beat in beats],
        }
        if MEAN_BY_WAVES in self.laying.rungs:
            usual = self.laying.by_waves(ecg, self.laying.usual)
            places = [self.laying.by_waves(ecg, self.laying.marks[other]) for other in partners]
            others = zip(beats, places, strict=True)
            found[MEAN_BY_WAVES] = [laid(of_others[1], usual)] * len(draws)
            found[ANOTHER_BY_WAVES] = [laid(beat, place) for beat, place in others]
        return {rung: torch.stack(each) for rung, each in found.items()}

    def partner(self, ecg: int, draw: int) -> int:
        """The place of the other patient's ECG in a draw: the next but one on the round of donors.

        A donor would bring its own wave to the place where its map is high; with two patients there
        is no other. ValueError where all are of one patient.
        """
        donors, patients = self.laying.probe.donors(draw), self.laying.probe.patients
        found = donor = donors[ecg]
        if len(self._ecgs) > 2:
            while patients[found] in (patients[ecg], patients[donor]):
                found = donors[found]
        return found

    @cached_property
    def key(self) -> str:
        """Fingerprint of the maps."""
        return maps_key(self.attributed)

    def beat(self, ecg: int) -> Float[Tensor, "lead moment"]:
        """The beat of an ECG's own map."""
        number, place = divmod(ecg, CHUNK)
        if number not in self._held:
            while len(self._held) >= HELD:
                del self._held[next(iter(self._held))]
            name = BEAT if self.laying.probe.strips else "maps"
            self._held[number] = torch.from_numpy(self.attributed.read(number, name))
        kept = self._held[number][place]
        if self.laying.probe.strips:
            return kept
        return beat_of_map(kept, self.laying.from_r(ecg), self.laying.frame.length)

    def _mean(self, ecg: int) -> Float[Tensor, "2 lead moment"]:
        """Mean over the other patients, each patient the mean of their ECGs: from R, by waves."""
        others = len(self._ecgs) - 1
        own = self._patient(self.laying.probe.patients[ecg])
        return ((self._total - own) / others).float()

    @cached_property
    def _ecgs(self) -> dict[str, list[int]]:
        """The ECGs of each patient."""
        found: dict[str, list[int]] = {}
        for ecg, patient in enumerate(self.laying.probe.patients):
            found.setdefault(patient, []).append(ecg)
        return found

    @cached_property
    def _total(self) -> Float[Tensor, "2 lead moment"]:
        """The sum of the patients' means; in float64, as little is left of it without one."""
        return sum(
            (self._patient(each) for each in self._ecgs), torch.zeros((), dtype=torch.float64)
        )

    def _patient(self, patient: str) -> Float[Tensor, "2 lead moment"]:
        """The mean over a patient's ECGs: as they are, and with the usual marks."""
        beats = [
            (self.beat(ecg).double(), self.laying.of_usual(ecg)) for ecg in self._ecgs[patient]
        ]
        return torch.stack([torch.stack([one, laid(one, places)]) for one, places in beats]).mean(0)
