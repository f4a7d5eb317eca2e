"""One ECG: what a network makes of changes of it, beside all others."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from ecglens.datamodules import Target
from ecglens.report.text import fixed
from ecglens.store import Store
from torch import nn

from .answers import Answers, alone, consistent, edits, outputs
from .content import is_bent, is_shown, known_error, rows_of
from .doses import Dose, Marked, in_turn
from .following import FEWEST_OTHERS, HELD, OWN, Usual, slopes_of
from .known import RECORDINGS
from .measurement import GRADED, Measurement, label_of
from .responses import crossing
from .words import amount, between, printed, step_of, stepped

UNLIKE = "The network was trained on generated ECGs: how well it reads a recording is not known."
FOR_ENGINEERS = (
    "Changed ECGs are for engineers first: medical readers preferred heatmaps (Beck & John 2025)."
)


@dataclass(frozen=True, eq=False)
class WhatIf:
    """One ECG and the measurement of the same network on others.

    `answers` are those of the graded doses to this ECG alone; `target` and `output` say what is
    read, `kind` what this ECG is: a recording, generated or exact.
    """

    nets: Sequence[nn.Module]
    ecg: Marked
    others: Measurement
    answers: Sequence[Answers]
    store: Store
    kind: str = RECORDINGS

    @property
    def target(self) -> Target:
        """What the network reads."""
        return self.others.target

    @property
    def output(self) -> int:
        """Position of the output that is told."""
        return self.target.index if len(self.others.outputs) > 1 else 0

    @property
    def reading(self) -> float:
        """Reading of this ECG, mean over networks."""
        before = outputs(self.nets, consistent(self.ecg.x), self.ecg.ids)
        return float(before[:, 0, self.output].mean())

    def lines(self, changes: Mapping[str, float], whole: bool = False) -> Iterator[str]:
        """Lines for a reader: each change that was asked for, the reading, slopes, the way back.

        Slopes are those of the changes that were asked for; of all that are shown if `whole`.
        """
        unit, typical = self.target.unit, self.typical
        towards = "flips the class" if self.target.kind == "binary" else "is the typical reading"
        for name, by in changes.items():
            yield self._changed(self.others.doses[name], by)
        if len(changes) > 1:
            yield self._together(changes)
        known = (f"{amount(typical, unit)} {towards}", known_error(self.others, self.output))
        names = self.others.outputs
        of = f", {names[self.output]}" if len(names) > 1 else ""
        mean = f", mean of {len(self.nets)} networks" if len(self.nets) > 1 else ""
        yield (
            f"ECG {self.ecg.ids[0]}{of}: reading {amount(self.reading, unit)}{mean}; "
            f"of {self.others.known.words}: {', '.join(filter(None, known))}"
        )
        if self.kind == RECORDINGS != self.others.known.kind:
            yield UNLIKE
        rows = [row for row in rows_of(self.others) if row["output"] == names[self.output]]
        for row in rows:
            if row["change"] in changes or (whole and is_shown(row)):
                yield from self._slope_line(row)
        common = {row["change"] for row in rows}
        graded = [name for name in changes if self.others.doses[name].kind in GRADED]
        for name in dict.fromkeys((*filter(None, [self.own]), *graded)):
            if not np.isfinite(self.slope(name)):
                yield self._no_slope(name)
            elif name not in common:
                yield f"No slope for {printed(name)}: too few of the other ECGs have one."
        if self.flag:
            yield self.flag
        yield self._way_back()
        yield FOR_ENGINEERS

    def _slope_line(self, row: Mapping[str, Any]) -> Iterator[str]:
        slope, step, unit = self.slope(row["change"]), step_of(row["unit"]), self.target.unit
        if np.isfinite(slope):
            ends = between(row["low"] * step, row["high"] * step, unit)
            common = f"{amount(row['gain'] * step, unit)} {ends}"
            yield (
                f"{stepped(row['unit'])} more {printed(row['change'])}: "
                f"{amount(slope * step, unit)} in this ECG; in all "
                f"{'bent, so no one gain' if is_bent(row) else common}, "
                f"SD between ECGs {amount(row['scatter'] * step, unit)}"
            )

    @property
    def typical(self) -> float:
        """Median reading of the other ECGs; 0, where the class flips, for a logit."""
        if self.target.kind == "binary":
            return 0.0
        return float(np.median(self.others.before[..., self.output]))

    def slope(self, change: str) -> float:
        """Slope of this ECG per measured unit, of the sizes that it has; NaN for fewer than 2."""
        return float(slopes_of(self._answers(change), self.output)[0])

    def _answers(self, change: str) -> Answers:
        (found,) = (each for each in self.answers if each.dose.name == change)
        return found

    @property
    def own(self) -> str:
        """Dose of the label that is read; empty for a class, and for a label without one."""
        name = OWN.get(label_of(self.target), "")
        return name if name in self.others.doses else ""

    @cached_property
    def usual(self) -> Usual:
        """Slopes of the other ECGs for the dose `own`."""
        (found,) = (each for each in self.others.answers if each.dose.name == self.own)
        return Usual(slopes_of(found, self.output))

    @property
    def flag(self) -> str:
        """Sentence if the network does not follow this ECG, where that was found to tell of error.

        Empty otherwise: see `following`.
        """
        held = HELD.get((label_of(self.target), self.others.known.kind, self.kind))
        if held is None or not self.own:
            return ""
        slope, usual, unit = self.slope(self.own), self.usual, self.target.unit
        if np.isfinite(usual.slopes).sum() < FEWEST_OTHERS:
            return ""
        if not usual.distance(np.array(slope)) > usual.limit:
            return ""
        return (
            f"The network does not follow this ECG: slope {fixed(slope, 2)}, typical "
            f"{fixed(usual.typical, 2)}, four in five within ± {fixed(usual.limit, 2)}. On "
            f"{held.n} ECGs that chose nothing, those flagged so had a mean error of "
            f"{amount(held.flagged, unit)}, the others of {amount(held.others, unit)} (AUROC "
            f"{fixed(held.auroc, 2)} for a large error, {fixed(held.low, 2)} to "
            f"{fixed(held.high, 2)})."
        )

    def short(self) -> list[str]:
        """Lines for a sheet: slope of this ECG beside that of all, the flag, the way back."""
        said = [self._beside(), self.flag, self._way_back()]
        return [*filter(None, said), FOR_ENGINEERS]

    def _beside(self) -> str:
        """Own slope and the median of the others, or why there is none."""
        if not self.own:
            return ""
        dose, unit = self.others.doses[self.own], self.target.unit
        step, slope = step_of(dose.unit), self.slope(self.own)
        if not np.isfinite(slope):
            return self._no_slope(self.own)
        return (
            f"{stepped(dose.unit)} more {printed(self.own)} {'raise' if slope > 0 else 'lower'} "
            f"the reading by {amount(abs(slope) * step, unit)}; the median of "
            f"{self.others.known.words} is {amount(self.usual.typical * step, unit)}."
        )

    def _no_slope(self, change: str) -> str:
        """Why this ECG has no slope for a dose."""
        reasons = Counter[str]()
        for each in self._answers(change).reasons:
            reasons.update(each)
        why = reasons.most_common(1)[0][0] if reasons else "one size alone"
        return f"No slope for {printed(change)} in this ECG: {why}."

    def ways(self) -> list[tuple[float, float, Dose, float]]:
        """Single changes that bring the reading to the typical one, the smallest first.

        Each is the dose as a share of its largest usual size, by which doses are compared, the
        dose itself, its name, and the error of the nearest edit. Only doses within the sizes that
        this ECG can be given, and whose label stays in the range of the training part, count.
        """
        found = []
        for each in self.answers:
            there = np.isfinite(each.measured[0])
            if not there.any():
                continue
            sizes = np.append(each.measured[0, there], 0.0)
            moved = np.append(each.change[:, 0, there, self.output].mean(0), 0.0)
            needed = crossing(sizes, moved - (self.typical - self.reading))
            if not np.isfinite(needed) or not self._plausible(each.dose, needed):
                continue
            asked = np.array(each.dose.sizes)[there]
            nearest = int(np.abs(each.measured[0, there] - needed).argmin())
            error = float(each.measured[0, there][nearest] - asked[nearest])
            found.append((abs(needed) / max(map(abs, each.dose.sizes)), needed, each.dose, error))
        return sorted(found, key=lambda way: way[0])

    def _plausible(self, dose: Dose, by: float) -> bool:
        limits = self.others.known.ranges.get(dose.label or "")
        value = self.ecg.labels[0].get(dose.label or "", np.nan)
        return limits is None or not np.isfinite(value) or limits[0] <= value + by <= limits[1]

    def _way_back(self) -> str:
        typical = amount(self.typical, self.target.unit)
        aim = f"brings the reading to the typical {typical}"
        aim = "flips the class" if self.target.kind == "binary" else aim
        if amount(self.reading, self.target.unit) == typical and self.target.kind != "binary":
            return f"The reading is the typical one, {typical}: no change is needed."
        ways = self.ways()
        if not ways:
            return f"No single plausible change {aim}."
        _, needed, dose, error = ways[0]
        return (
            f"The smallest plausible change that {aim}: {printed(dose.name)} "
            f"{signed(needed, dose.unit)} (error of the edit {amount(abs(error), dose.unit)})."
        )

    def _changed(self, dose: Dose, by: float) -> str:
        made = edits(self.ecg, dose, by, self.store)
        what = f"{printed(dose.name)} {signed(by, dose.unit)}"
        if not len(made.index):
            return f"{what}: not possible, {made.left_out[0]}"
        size = float(made.measured[0])
        error = amount(abs(size - by), dose.unit, 0)
        told = f"measured {signed(size, dose.unit)}, error of the edit {error}"
        return f"{what} ({told}): {self._read_after(made.x)}"

    def _together(self, changes: Mapping[str, float]) -> str:
        made, doses = in_turn(self.ecg, changes), self.others.doses
        what = ", then ".join(
            f"{printed(name)} {signed(by, doses[name].unit)}" for name, by in changes.items()
        )
        if not len(made.index):
            return f"{what}: not possible, {made.left_out[0]}"
        return f"{what}: {self._read_after(made.x)}"

    def _read_after(self, x: np.ndarray) -> str:
        after = float(outputs(self.nets, x, self.ecg.ids)[:, 0, self.output].mean())
        unit = self.target.unit
        return f"reading {amount(self.reading, unit)} → {amount(after, unit)}"


def what_if(
    nets: Sequence[nn.Module],
    ecg: Marked,
    others: Measurement,
    store: Store,
    kind: str = RECORDINGS,
) -> WhatIf:
    """Answers of these networks to every graded dose of one ECG of this kind, beside others.

    Raises ValueError for another number of ECGs, and for one that cannot be changed at all.
    """
    if len(ecg) != 1:
        raise ValueError(f"expected one ECG, got {len(ecg)}; give one file")
    if reason := ecg.reasons[0].get("", ""):
        raise ValueError(f"expected an ECG that can be changed, got {ecg.ids[0]}: {reason}")
    graded = [each.dose for each in others.answers if each.dose.kind in GRADED]
    return WhatIf(nets, ecg, others, alone(nets, ecg, graded), store, kind)


def signed(value: float, unit: str) -> str:
    """Amount with its sign."""
    return f"{'+' if value > 0 else ''}{amount(value, unit, 0)}"
