"""Typical ECGs of an ECG, and how far its reading returns as segments become those of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int, Int8, Int64
from torch import Tensor, nn

from ....ecg import BIT, FS_HZ
from ....engine import Copies, sample_ids
from ....store import Step, fingerprint
from ...chunks import Chunks, Keeper
from ...evaluation import NotApplicable
from ...heatmaps.attributions import WHOLE
from ...heatmaps.explained import Maps, outputs
from ...heatmaps.folding import Marks, beat_marks, laid_by_waves
from ...heatmaps.order import rank_points, step_of_samples
from ...heatmaps.probe import Probe, probe_of
from ...protocol import DEFAULT
from ...subject import Subject
from ..perturbation.curves import predictions, units_of

STEPS = 15  # segments, as far as the area of the default protocol goes
PATIENTS = 3  # typical patients; one may be odd in something that no reading shows
FILLS = ("mean beat", "three patients")
# Before QRS onset: amplitudes are read against its mean (ecg.measurement).
LEVEL_MS = 16.0

Map = Float[Tensor, "lead time"]


@dataclass(frozen=True)
class Null:
    """Maps of other patients: the nearest reading's, or the mean of those on the same side.

    Laid wave by wave on the marks of this ECG, or from its R peak alone.
    """

    name: str
    nearest: bool
    by_marks: bool


# The nulls that a map has to beat: the strictest set that judges networks with a known answer
# rightly (docs/ladder.md, results/return_test/power.csv).
NULLS = (
    Null("nearest", nearest=True, by_marks=True),
    Null("nearest_from_r", nearest=True, by_marks=False),
    Null("same_side", nearest=False, by_marks=True),
    Null("same_side_from_r", nearest=False, by_marks=False),
)


@dataclass(frozen=True, eq=False)
class Typical:
    """Typical ECGs of each ECG of a probe, and the direction of its reading from theirs.

    `usual` says which ECGs may be typical: for a class those without it.
    """

    probe: Probe
    readings: Float[np.ndarray, " ecg"]
    usual: Bool[np.ndarray, " ecg"]

    def changes(self, ecg: int) -> tuple[Float[Tensor, "draw lead time"], ...]:
        """What turns an ECG into its typical ones, for each of FILLS."""
        own, here = self.probe.ecgs.x[ecg].cpu(), self._levels[ecg]
        others = self.others(ecg)
        mean = self.mean_of_patients(others, self._levelled[others])
        near = self._levelled[self.nearest_typical(ecg)]
        return (mean + here - own)[None], near + here - own

    def mean_of_patients(
        self, ecgs: Sequence[int] | Int[np.ndarray, " ecg"], values: Float[Tensor, "ecg lead time"]
    ) -> Float[Tensor, "lead time"]:
        """The mean over the patients of these ECGs, each the mean of their values."""
        patients = self._patients[ecgs]
        names = dict.fromkeys(patients.tolist())
        if len(names) == len(patients):
            return values.mean(0)
        each = [values[np.flatnonzero(patients == name)].mean(0) for name in names]
        return torch.stack(each).mean(0)

    def others(self, ecg: int) -> Int[np.ndarray, " other"]:
        """ECGs of other patients that may be typical."""
        return np.flatnonzero(self.usual & self._other(ecg))

    def nearest_typical(self, ecg: int) -> Int[np.ndarray, " near"]:
        """The other patients' ECGs nearest the median reading, one a patient."""
        others = self.others(ecg)
        away = np.abs(self.readings[others] - np.median(self.readings[others]))
        found: dict[str, int] = {}
        for place in others[np.argsort(away, kind="stable")]:
            found.setdefault(self.probe.patients[place], int(place))
        return np.array([*found.values()][:PATIENTS])

    def nearest(self, ecg: int) -> int:
        """The other patient's ECG whose reading is nearest this one's."""
        others = np.flatnonzero(self._other(ecg))
        return int(others[np.abs(self.readings[others] - self.readings[ecg]).argmin()])

    @cached_property
    def away(self) -> Float[np.ndarray, "fill ecg"]:
        """Reading of each ECG less that of its typical ECGs."""
        found = np.empty((len(FILLS), len(self.readings)))
        for ecg in range(len(self.readings)):
            x = self.probe.ecgs.x[ecg].cpu()
            for fill, change in enumerate(self.changes(ecg)):
                # One step that hits everything.
                copies = Copies(x, torch.ones(x.shape, dtype=torch.int64), change, 1)
                found[fill, ecg] = float(self._moved(copies)[0, -1])
        return found

    def returned(
        self, ecg: int, fill: int, change: Float[Tensor, "draw lead time"], heatmap: Map
    ) -> Float32[np.ndarray, " step"]:
        """Return after 0 … STEPS segments, in the order of this map's sums, largest first."""
        x, units = self.probe.ecgs.x[ecg].cpu(), self.units[ecg]
        sums = heatmap.new_zeros(len(x), int(units.max()) + 1).index_add_(1, units, heatmap)
        records = [self.probe.ecgs.record[ecg]]
        order = rank_points((sums - sums.min())[None], STEPS, self.probe.seed, records)[0]
        copies = Copies(x, step_of_samples(order, units, len(x)), change, STEPS)
        return (self.side(ecg, fill) * self._moved(copies)[0]).numpy().astype(np.float32)

    def side(self, ecg: int, fill: int) -> float:
        """1 where a reading is above the typical one, −1 where it is below."""
        return -1.0 if self.away[fill, ecg] < 0 else 1.0

    def of_null(self, ecg: int, fill: int, null: Null) -> list[int]:
        """ECGs of other patients whose maps are a null of this one."""
        if null.nearest:
            return [self.nearest(ecg)]
        same = (self.away[fill] < 0) == (self.away[fill, ecg] < 0)
        return np.flatnonzero(same & self._other(ecg)).tolist()

    @cached_property
    def marks(self) -> list[Marks]:
        """Marks of the waves of each ECG."""
        return [beat_marks(each) for each in self.probe.ecgs.segments]

    @cached_property
    def units(self) -> list[Int64[Tensor, " time"]]:
        """The segment of each sample of each ECG."""
        return units_of(self.probe, DEFAULT)

    @cached_property
    def key(self) -> str:
        """Fingerprint of what the typical ECGs depend on."""
        ecgs, patients = self.probe.ecgs, self.probe.patients
        # Means were of ECGs before; where each is of another patient they are the same.
        repeated = {"means": "of patients"} if len({*patients}) < len(patients) else {}
        return fingerprint(
            {
                "x": sample_ids(ecgs.x),
                "marks": sample_ids(ecgs.segments[:, None].float()),
                "patients": list(patients),
                "usual": self.usual.tolist(),
                **repeated,
            }
        )

    def _moved(self, copies: Copies) -> Float[Tensor, "1 point"]:
        """f(x) − f(changed), mean over the draws."""
        found = predictions(self.probe.walker, copies, self.probe.output)
        return (found[:, :1] - found).mean(0, keepdim=True)

    def _other(self, ecg: int) -> Bool[np.ndarray, " ecg"]:
        return self._patients != self._patients[ecg]

    @cached_property
    def _patients(self) -> np.ndarray:
        return np.array(self.probe.patients)

    @cached_property
    def _levels(self) -> Float[Tensor, "ecg lead 1"]:
        """Level of each lead before QRS; 0 where none is marked."""
        each = zip(self.probe.ecgs.x.cpu(), self.probe.ecgs.segments.cpu(), strict=True)
        found = [level(x, marks) for x, marks in each]
        none = torch.zeros(self.probe.ecgs.x.shape[1])
        return torch.stack([none if one is None else one for one in found])[..., None]

    @cached_property
    def _levelled(self) -> Float[Tensor, "ecg lead time"]:
        return self.probe.ecgs.x.cpu() - self._levels


RETURNS = Step("returns", version=2)


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


def return_chunks(
    typical: Typical, maps: Maps, made_of: Any, keeper: Keeper, nulls: Sequence[Null] = NULLS
) -> Chunks:
    """Returns of each ECG by a method's own map, then by each null; `made_of` tells maps apart.

    A chunk has (ecg, series, fill, step), NaN for a null without other patients.
    """
    probe, marks = typical.probe, typical.marks
    signed = bool((maps < 0).any())
    sizes = np.abs(maps).sum((1, 2), keepdims=True)
    shares = torch.from_numpy(maps / np.where(sizes > 0, sizes, 1.0)).float()

    def directed(ecg: int, fill: int) -> Map:
        """Map of an ECG, larger where it says that the reading was pushed away."""
        return typical.side(ecg, fill) * shares[ecg] if signed else shares[ecg]

    def of_null(ecg: int, fill: int, null: Null) -> Map | None:
        others = typical.of_null(ecg, fill, null)
        laid = [directed(one, fill) for one in others]
        if null.by_marks:
            places = [laid_by_waves(marks[ecg], marks[one], maps.shape[2]) for one in others]
            laid = [each[:, place] for each, place in zip(laid, places, strict=True)]
        return typical.mean_of_patients(others, torch.stack(laid)) if laid else None

    def each(ecg: int) -> Float32[np.ndarray, "series fill step"]:
        found = np.full((1 + len(nulls), len(FILLS), STEPS + 1), np.nan, np.float32)
        for fill, change in enumerate(typical.changes(ecg)):
            series = [directed(ecg, fill), *(of_null(ecg, fill, null) for null in nulls)]
            for place, heatmap in enumerate(series):
                if heatmap is not None:
                    found[place, fill] = typical.returned(ecg, fill, change, heatmap)
        return found

    def make(number: int) -> Mapping[str, np.ndarray]:
        chunk = probe.chunks[number]
        return {"returns": np.stack([each(ecg) for ecg in range(chunk.start, chunk.stop)])}

    def of_block(block: int) -> Mapping[str, Any]:
        return {
            **probe.settings[block],
            "maps": made_of,
            "typical": typical.key,
            "nulls": [asdict(null) for null in nulls],
        }

    return keeper.chunks(RETURNS, probe.of_blocks(of_block), make)


def typical_of(net: nn.Module, subject: Subject) -> Typical:
    """Typical ECGs of the subject's; NotApplicable for strips, and where no others are left."""
    if subject.shape[1] > WHOLE:
        raise NotApplicable("the return test takes median beats: of strips no mean can be taken")
    readings = outputs(net, subject)
    of_a_class = subject.target is not None and subject.target.kind == "binary"
    usual = readings < 0 if of_a_class else np.ones(len(readings), bool)
    if (count := len({*np.array(subject.patients)[usual]})) < PATIENTS + 1:
        without = "without the class, by the network, " if of_a_class else ""
        raise NotApplicable(
            f"expected ECGs of at least {PATIENTS + 1} patients {without}as typical ones, got "
            f"{count}"
        )
    return Typical(probe_of(net, subject), readings, usual)


def deviations(typical: Typical) -> Maps:
    """|x − mean beat| of each ECG."""
    count = len(typical.readings)
    return np.stack([typical.changes(ecg)[0][0].abs().numpy() for ecg in range(count)])
