"""The flag "the network does not follow this ECG": its slope is far from that of other ECGs.

It needs no label. The rules below were written down before the experiment that tests them
(benchmarks/label_free_error.py), and it decides where the flag is told:

1. The slope is that of one ECG over the usual sizes of the dose of the target's own label (`OWN`)
   that this ECG can be given, two at least.
2. The typical slope is the median over other ECGs of the network's data that it was not trained on.
   The network does not follow an ECG whose slope is further from it than the slopes of four fifths
   of these ECGs (`SHARE`). An error counts as large in the upper fifth, and a flag that is raised
   as often can meet each large error; a rarer one would have to miss some.
3. AUROC is that of the distance from the typical slope for "the error is large", on ECGs that chose
   neither network nor limit. The flag holds for a target and a kind of data if AUROC is above .5 at
   5 % after Holm's correction for all cases that were tried (Mann–Whitney, one ECG a patient), and
   at least `USEFUL`: of two ECGs, one of them with a large error, it names that one three times in
   five. For an interval of recordings AUROC has to be as high against the manual marks of another
   hospital.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from ecglens.eval.statistics import won
from jaxtyping import Float

from .answers import Answers, arrived

# The dose of each label: the one that names it; of QT the one that nearly all beats can be given.
OWN = {"pr": "pr", "qrs": "qrs", "qt": "jt", "r": "r", "j": "j", "t": "t"}
SHARE = 0.8
USEFUL = 0.6
# Sizes of which the slope of one ECG is made: with one it would be that answer itself.
FEWEST = 2
# Other ECGs with a slope, half of the 64 that the flag was tried with: the limit is a quantile.
FEWEST_OTHERS = 32


@dataclass(frozen=True)
class Held:
    """What the flag was worth as a predictor of error, on `n` ECGs that chose nothing.

    `flagged` and `others` are mean absolute errors, in the unit of the target.
    """

    n: int
    auroc: float
    low: float
    high: float
    flagged: float
    others: float


# Where the flag held, by target, kind of the network's ECGs and kind of the ECG at hand: the rows
# of results/measure/label_free_error.csv that say so (python -m benchmarks.label_free_error).
HELD: Mapping[tuple[str, str, str], Held] = {
    ("pr", "generated", "generated"): Held(398, 0.62, 0.55, 0.69, 7.8, 4.8),
    ("pr", "generated", "recordings"): Held(185, 0.66, 0.55, 0.77, 11.3, 6.6),
    ("qrs", "generated", "generated"): Held(399, 0.61, 0.53, 0.69, 3.8, 2.0),
    ("qt", "generated", "recordings"): Held(188, 0.78, 0.68, 0.86, 18.4, 7.9),
    ("r", "generated", "generated"): Held(388, 0.65, 0.58, 0.72, 32.3, 19.5),
    ("r", "generated", "recordings"): Held(209, 0.79, 0.70, 0.86, 157.5, 39.6),
    ("t", "generated", "recordings"): Held(155, 0.83, 0.71, 0.93, 92.7, 13.8),
    ("j", "exact", "exact"): Held(400, 0.68, 0.61, 0.75, 8.3, 4.5),
    ("pr", "recordings", "recordings"): Held(185, 0.66, 0.56, 0.76, 12.4, 6.7),
    ("r", "recordings", "recordings"): Held(209, 0.74, 0.66, 0.81, 152.5, 56.9),
    ("t", "recordings", "recordings"): Held(155, 0.78, 0.69, 0.87, 88.9, 25.2),
}


def slopes_of(answers: Answers, output: int) -> Float[np.ndarray, " ecg"]:
    """Slope of each ECG per measured unit over the sizes that it has, mean over networks.

    NaN for an ECG of fewer than two sizes, and for one at which they hardly arrived.
    """
    there = np.isfinite(answers.measured)
    sizes = np.where(there, answers.measured, 0.0)
    moved = np.where(there, answers.change[..., output].mean(0), 0.0)
    enough = there.sum(1) >= FEWEST
    enough &= arrived(answers.measured, np.array(answers.dose.sizes))
    squared = np.where(enough, (sizes**2).sum(1), np.nan)
    return (moved * sizes).sum(1) / squared


@dataclass(frozen=True, eq=False)
class Usual:
    """Slopes of other ECGs, from which the typical one and the limit are taken."""

    slopes: Float[np.ndarray, " ecg"]

    @property
    def typical(self) -> float:
        """Median slope."""
        return float(np.nanmedian(self.slopes))

    @cached_property
    def limit(self) -> float:
        """Distance from the typical slope that the share SHARE of these ECGs keep."""
        return float(np.nanquantile(self.distance(self.slopes), SHARE))

    def distance(self, slopes: Float[np.ndarray, " ecg"]) -> Float[np.ndarray, " ecg"]:
        """Distance of each slope from the typical one."""
        return np.abs(slopes - self.typical)


def large(errors: Float[np.ndarray, " ecg"]) -> np.ndarray:
    """True for the upper fifth of the errors."""
    return errors > np.quantile(errors, SHARE)


def auroc(values: Sequence[float] | np.ndarray, positive: np.ndarray) -> float:
    """Probability that a value of the positive ones is the larger; ties count half."""
    ahead = won(np.asarray(values, float), positive)[positive]
    return float(ahead.mean() / (~positive).sum())
