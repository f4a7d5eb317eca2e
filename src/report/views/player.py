"""An ECG while the steps of two methods and of the random control change it, for the page."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int16
from matplotlib.ticker import MaxNLocator

from ...datamodules import value_words
from ...ecg import LEADS
from ...engine import NEVER
from ...eval import Curves, Finding, Gallery, ShownSteps
from ..figures.paper import LONGEST_IN_COLUMNS_MS, MM_PER_MS, MM_PER_MV, Sheet, lay_out
from ..style import style
from ..text.numerals import fixed
from ..text.words import RANDOM, Readings, makers, units
from .gallery import PAIRS, packed

BUDGET = 150_000  # characters of all players of a page
COUNTS = (12, 6, 3, 1)  # numbers of leads, tried in this order until they fit
# Lengths of dashes and gaps in SVG.
DASHES = {"-": "", "--": "6 3", "-.": "6 3 1 3", ":": "1.5 2.5"}


@dataclass(frozen=True)
class Player:
    """The first draw of the curves on the first ECGs of a finding's gallery.

    `names` are methods and controls in the order in which they are offered, `first` and `second`
    the two that are shown at first, beside the random control. `budget` is in characters.
    """

    finding: Finding
    names: Sequence[str]
    first: str
    second: str
    budget: int = BUDGET

    @property
    def shown(self) -> dict[str, Any] | None:
        """Values for the template; None where there is no data."""
        if self.data is None:
            return None
        readings = self._readings(0)
        return {
            "data": self.data,
            "sentence": readings.sentence(self.first, self.second),
            "note": readings.note(len(self.data["leads"])),
        }

    @cached_property
    def data(self) -> dict[str, Any] | None:
        """Data for the page; None where no steps were kept or no lead fits the budget."""
        steps, (ecgs, count) = self._gallery.steps, self._fitting()
        if steps is None or not ecgs:
            return None
        hit = self._changed(steps, ecgs)
        leads = _leads(hit, count)
        return {
            "fs": self._gallery.fs,
            "mmPerMs": MM_PER_MS,
            "mmPerMv": MM_PER_MV,
            "unit": self._readings(0).unit,
            "of": units(self._curves.protocol),
            "steps": self._curves.protocol.steps,
            "leads": leads,
            "most": leads.index(int(hit.sum(axis=(0, 2)).argmax())),
            "methods": [self._method(name) for name in self.names],
            "shown": [self.names.index(name) for name in (self.first, self.second, RANDOM)],
            "ecgs": [self._ecg(place, steps, hit[place, leads], leads) for place in range(ecgs)],
        }

    @property
    def _curves(self) -> Curves:
        return self.finding.curves[0]

    @property
    def _gallery(self) -> Gallery:
        return self._curves.gallery

    def _readings(self, place: int) -> Readings:
        return Readings(self.finding, place, self.names)

    def _method(self, name: str) -> dict[str, str]:
        look = style(name)
        return {"name": name, "label": look.label, "colour": look.colour, "dash": DASHES[look.dash]}

    def _ecg(
        self, place: int, steps: ShownSteps, hit: Bool[np.ndarray, "lead time"], leads: list[int]
    ) -> dict[str, Any]:
        """An ECG before and after all changes, its paper, the unit of each step, and the scale."""
        record, x = self._gallery.records[place], self._gallery.x[place, leads]
        after = x + steps.changes[place, leads]
        names = [LEADS[lead] for lead in leads]
        sheet = _sheet(names, np.stack([x, np.where(hit, after, x)]), self._gallery.fs)
        return {
            "name": record,
            "sheet": asdict(sheet),
            "x": packed(_whole(x)),
            "after": packed(_whole(after)),
            "units": packed(steps.units[place].astype("<u2")),
            "orders": [packed(steps.orders[name][place].astype("<u4")) for name in self.names],
            **self._scale(place),
        }

    def _scale(self, place: int) -> dict[str, Any]:
        """The predictions of an ECG and its label, with the ticks of a scale that holds them."""
        readings = self._readings(place)
        label = float(self._curves.y[readings.ecg])
        read, known = readings.values, math.isfinite(label)
        ends = [0.0, 1.0] if readings.binary else [*read.ravel().tolist(), *([label] * known)]
        ticks = MaxNLocator(5, min_n_ticks=3).tick_values(min(ends), max(ends))
        digits = max(0, -math.floor(math.log10(ticks[1] - ticks[0])))
        value = fixed(label, 0 if readings.binary else readings.places)
        return {
            "read": packed(read.astype("<f8")),
            "places": readings.places,
            "label": label if known else None,
            "labelled": value_words(f"{value} {readings.unit}".rstrip(), makers(self.finding)),
            "ticks": [[float(tick), fixed(tick, digits)] for tick in ticks],
        }

    def _fitting(self) -> tuple[int, int]:
        """Number of ECGs and of leads that fit the budget; 0 and 0 where none does."""
        ecgs, leads, length = self._gallery.x.shape
        of_method = 4 * self._curves.protocol.steps + 8 * (self._curves.protocol.steps + 1)
        of_ecg = 4 / 3 * (2 * length + of_method * len(self.names))
        of_lead, words = 4 / 3 * 2 * 2 * length, 300 * (len(self.names) + leads)
        for shown, count in product(COUNTS, range(ecgs, 0, -1)):
            if words + count * (of_ecg + shown * of_lead) <= self.budget:
                return count, shown
        return 0, 0

    def _changed(self, steps: ShownSteps, ecgs: int) -> Bool[np.ndarray, "ecg lead time"]:
        """The samples that a step of any method changes."""
        hits = ([steps.hit(name, ecg) != NEVER for name in self.names] for ecg in range(ecgs))
        return np.stack([np.any(each, axis=0) for each in hits])


def _leads(changed: Bool[np.ndarray, "ecg lead time"], count: int) -> list[int]:
    """The leads in which most samples are changed, in the order of the rows."""
    most = np.argsort(-changed.sum(axis=(0, 2)), kind="stable")[:count].tolist()
    return [lead for lead in PAIRS if lead in most]


def _sheet(names: list[str], x: Float[np.ndarray, "copy lead time"], fs: float) -> Sheet:
    """Paper with room for copies of an ECG (µV): all leads in two columns, fewer in one."""
    wide = x.shape[-1] / fs * 1e3 > LONGEST_IN_COLUMNS_MS
    return lay_out(names, x / 1e3, fs, 1 if wide or len(names) < len(PAIRS) else 2)


def _whole(x: Float[np.ndarray, "lead time"]) -> Int16[np.ndarray, "lead time"]:
    """Whole µV."""
    return np.clip(np.rint(x), -32768, 32767).astype("<i2")
