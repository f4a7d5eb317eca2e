"""One ECG as the page shows it: numbers, beat, intervals and map, and every change of it."""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from math import nan
from typing import Any

import numpy as np
import torch
from ecglens.datamodules import ECGLENS
from ecglens.ecg import FS_HZ, R_INDEX
from ecglens.models import WithEach
from ecglens.report.figures import MM_PER_MS
from ecglens_measure import Marked, amount, in_turn, printed, signed, upper_first
from ecglens_measure.doses import Dose, doses, median_of_strip
from ecglens_sheets import EDGES, EcgSheet, KnownNetwork, brackets_of, side_by_side
from ecglens_study import heat_of, sheet_of
from jaxtyping import Float

# Doses with a slider: PR, QRS, QT, R, J and T, which ECGLens measures, and what else may move a
# reading of them. Of the three ways to a longer QT the one that leaves the shape of T.
SLIDERS = ("pr", "qrs", "jt", "p", "r", "s", "j", "t", "axis", "gain")
STEPS = 20  # of a slider to either side: PR in 2 ms, a sample
LANES_MM = 12.0  # below the traces, for two rows of intervals
BESIDE = "the network reads values beside the ECG, which are not known of a changed one"
MM_PER_SAMPLE = MM_PER_MS * 1e3 / FS_HZ


class Slider:
    """A dose of the page: name, words, unit, largest size to either side, and its step."""

    def __init__(self, dose: Dose) -> None:
        self.name, self.unit, self.words = dose.name, dose.unit, upper_first(printed(dose.name))
        self.most = min(max(map(abs, dose.sizes)), dose.on_recordings)
        self.step = self.most / STEPS


@dataclass(frozen=True, eq=False)
class ShownEcg:
    """One ECG on the page: its sheet, and the same ECG as it can be changed."""

    sheet: EcgSheet
    ecg: Marked
    known: KnownNetwork

    @property
    def unchangeable(self) -> str:
        """Reason why nothing of this ECG can be changed; "" for none."""
        beside = any(isinstance(each, WithEach) for each in self.known.net.modules())
        return self.ecg.reasons[0].get("", "") or BESIDE * beside

    @cached_property
    def sliders(self) -> list[Slider]:
        """Doses that this ECG may be given."""
        return [] if self.unchangeable else [Slider(each) for each in doses(SLIDERS).values()]

    @cached_property
    def numbers(self) -> dict[str, str]:
        """Reading with its limits, measurement and who made it, and whether they agree."""
        return side_by_side(self.sheet)

    @cached_property
    def paper(self) -> dict[str, Any] | None:
        """Median beat on paper with its map, for the page; None where no beat can be drawn."""
        if (beat := beat_of(self.ecg)) is None:
            return None
        drawn = sheet_of(beat, "full", FS_HZ, R_INDEX)
        high = drawn.geometry["height_mm"] + LANES_MM
        geometry = {**drawn.geometry, "height_mm": high}
        own = None if self.ecg.strips else self.sheet.heatmap
        return {
            "geometry": geometry,
            "signal": packed(drawn.signal),
            "map": "" if own is None else packed(heat_of(own, "full", FS_HZ)),
            "intervals": intervals_of(self.ecg),
        }

    def changed(self, sizes: Mapping[str, float]) -> dict[str, Any]:
        """Reading after doses by name, one after the other, and the beat; or why not (`refused`).

        Raises ValueError for an unknown dose, and for a size beyond its slider.
        """
        self._check(sizes)
        found = in_turn(self.ecg, sizes)
        if not len(found.index):
            return {"refused": found.left_out[0]}
        units = {each.name: each.unit for each in self.sliders}
        done = dict(zip(sizes, found.measured[0].tolist(), strict=True))
        after, beat = self._with(found.ecgs), beat_of(found.ecgs)
        away = after.output - self._before
        return {
            "refused": "",
            "numbers": replace(self, sheet=after).numbers,
            "moved": f"{'+' if away > 0 else ''}{amount(away, after.finding.about.target.unit)}",
            "done": {name: signed(by, units[name]) for name, by in done.items()},
            "signal": "" if beat is None else packed(np.rint(beat).astype("<i2").tobytes()),
            "intervals": intervals_of(found.ecgs),
        }

    @cached_property
    def _before(self) -> float:
        """Reading of the ECG as doses leave it: limb leads are derived from I and II."""
        return self._with(self.ecg).output

    def _check(self, sizes: Mapping[str, float]) -> None:
        most = {each.name: each.most for each in self.sliders}
        for name, by in sizes.items():
            if name not in most:
                raise ValueError(f"expected changes of {', '.join(most)}, got {name!r}")
            if not 0 < abs(by) <= most[name]:  # False for NaN
                raise ValueError(f"expected {name} within ±{most[name]:g} and not 0, got {by:g}")

    def _with(self, ecg: Marked) -> EcgSheet:
        """The sheet with the reading of this ECG, and its label as ECGLens measures it."""
        outputs = self.known.outputs(torch.from_numpy(ecg.x))
        target = self.sheet.finding.about.target
        # What a table says of an ECG is not what ECGLens measures under the same name.
        label = nan if target.table else ecg.labels[0].get(target.column, nan)
        by = "measured again by ECGLens"
        return replace(
            self.sheet,
            outputs=outputs,
            measured=label,
            measured_by=by,
            maker=ECGLENS,
            why_unmeasured=ecg.reasons[0].get(target.column, ""),
        )


def beat_of(ecg: Marked) -> Float[np.ndarray, "12 600"] | None:
    """Median beat of one ECG; of a strip None where no beat lies wholly within it."""
    return median_of_strip(ecg.x[0], ecg.peaks[0]) if ecg.strips else ecg.x[0]


def intervals_of(ecg: Marked) -> list[dict[str, Any]]:
    """PR, QRS and QT of one ECG, those that are measured, with their ends in mm of a cell."""
    edges = {edge: getattr(ecg.marks[0], edge) for edge in EDGES}
    known = {name: each for name, each in ecg.labels[0].items() if name not in ecg.reasons[0]}
    return [
        asdict(each) | {"ends": [end * MM_PER_SAMPLE for end in each.ends]}
        for each in brackets_of(edges, known)
    ]


def packed(content: bytes) -> str:
    """Bytes in base64, for the page."""
    return base64.b64encode(content).decode("ascii")
