"""The beats of other patients' maps, read from the store one after another."""

from dataclasses import dataclass, field
from functools import cached_property

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ....store import fingerprint
from ...chunks import Chunks
from ...heatmaps.attributions import ATTRIBUTIONS, BEAT
from ...heatmaps.beats import Frame, beat_of_map
from ...heatmaps.folding import from_r_peak
from ...heatmaps.probe import CHUNK, Probe
from ...rungs import MEAN_OF_OTHERS

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
