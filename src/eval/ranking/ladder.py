"""Level of each method on the null ladder, over one network or several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress

import numpy as np
import pandas as pd
from jaxtyping import Float

from ..curves import (
    BY_WAVES,
    FROM_R,
    LADDER_LEVELS,
    TARGET_PRIOR,
    TARGET_REGION,
    Curves,
    prior_key,
    template_key,
)
from ..statistics.comparison import LEVEL, Sampling, p_above, sampling
from ..statistics.resampling import holm
from .order import limits
from .outcome import areas, outcome, usable, usable_patients

# One area per network and usable ECG.
Areas = Float[np.ndarray, "network ecg"]


@dataclass(frozen=True, eq=False)
class Ladder:
    """Level that each method reaches, and where it is above the rungs (docs/ladder.md).

    `rungs` has a row per method and rung: method, rung, its level (1, 2, 3), `auc` of the rung with
    low–high, `own`, the method's area in the same draws, and the paired `difference` (own − rung)
    with difference_low–difference_high. `levels` has a row per method and level that was tested:
    method, level, `p` (the largest of its rungs, Holm-corrected over the methods), `above` (p is
    below 0.05) and `reached` (above here and at every level before); a method without all rungs of
    a level is not tested there. `reached` gives each method's highest level, 0 for none.
    """

    rungs: pd.DataFrame
    levels: pd.DataFrame

    @cached_property
    def tested(self) -> tuple[int, ...]:
        """The levels that have rungs here."""
        return tuple(sorted({*self.levels["level"].tolist()}))

    @cached_property
    def reached(self) -> Mapping[str, int]:
        """The highest level of each method, 0 for none."""
        found = self.levels.assign(number=self.levels["level"] * self.levels["reached"])
        return {str(name): int(n) for name, n in found.groupby("method")["number"].max().items()}

    def above(self, level: int) -> list[str]:
        """Methods that are significantly above all rungs of a level, reached or not."""
        there = self.levels["above"].astype(bool) & (self.levels["level"] == level)
        return [str(name) for name in self.levels.loc[there, "method"]]

    @property
    def needed(self) -> int:
        """The level that a method has to reach to be relied on: 2, or 1 where it is not tested."""
        return 2 if 2 in self.tested else 1

    def not_above(self, method: str) -> pd.DataFrame:
        """Rows of `rungs` up to the level needed that the mean of this method is not above."""
        below = (self.rungs["level"] <= self.needed) & (self.rungs["difference"] <= 0)
        return self.rungs.loc[below & (self.rungs["method"] == method)]


def climb(each: Sequence[Curves]) -> Ladder:
    """The ladder of the methods that all of these networks have; the scores are side by side.

    Raises ValueError for usable ECGs of fewer than 2 patients.
    """
    first = each[0]
    methods = first.methods
    drawn = sampling(len(each), len(methods), usable_patients(first), first.seed)
    compared = [one for name in methods for one in _compared(each, name, drawn)]
    rungs = pd.DataFrame([row for *_, row in compared], columns=pd.Index(RUNG_COLUMNS))
    differences = {(name, rung): difference for name, rung, difference, _ in compared}
    rows, held = [], {*methods}
    for number, level in enumerate(LADDER_LEVELS, 1):
        of_all = [rung for rung in level.rungs if any((n, rung) in differences for n in methods)]
        tested = [n for n in methods if all((n, rung) in differences for rung in of_all)]
        if not of_all or not tested:
            continue
        # The largest p of each method over these rungs.
        values = np.stack([[differences[name, rung] for rung in of_all] for name in tested])
        p = holm(p_above(values, drawn).max(1))
        held &= {*compress(tested, p < LEVEL)}
        rows += [
            (name, number, each, each < LEVEL, name in held)
            for name, each in zip(tested, p, strict=True)
        ]
    return Ladder(rungs, pd.DataFrame(rows, columns=pd.Index(LEVEL_COLUMNS)))


LEVEL_COLUMNS = ("method", "level", "p", "above", "reached")
RUNG_COLUMNS = (
    *("method", "rung", "level", "auc", "low", "high", "own"),
    *("difference", "difference_low", "difference_high"),
)


def _compared(
    each: Sequence[Curves], method: str, drawn: Sampling
) -> list[tuple[str, str, Areas, tuple[object, ...]]]:
    """Method, rung, own − rung and row of `rungs`, for each rung."""
    rows = []
    for number, level in enumerate(LADDER_LEVELS, 1):
        for rung in level.rungs:
            # A method's maps may have another resolution on each network, and another prior.
            keys = [_key(one, rung, method) for one in each]
            if not all(key in _curves(one) for key, one in zip(keys, each, strict=True)):
                continue
            null = _areas(each, keys)
            own = _areas(each, [method] * len(each), len(_curves(each[0])[keys[0]]))
            (low, less), (high, more) = drawn.interval(np.stack([null, own - null]))
            low, high = np.clip([low, high], *limits(each[0].protocol))
            numbers = (null.mean(), low, high, own.mean(), (own - null).mean(), less, more)
            row = (method, rung, number, *(float(one) for one in numbers))
            rows.append((method, rung, own - null, row))
    return rows


def harder_to_beat(rungs: pd.DataFrame) -> pd.DataFrame:
    """Rows of Ladder.rungs with one way of laying other patients' maps: that of less difference."""
    named = rungs.assign(rung=rungs["rung"].replace(dict(zip(BY_WAVES, FROM_R, strict=True))))
    least = named.sort_values("difference", kind="stable").drop_duplicates(["method", "rung"])
    return least.sort_index()


def _key(scores: Curves, rung: str, method: str) -> str:
    """The name of the rung's curves among the curves and references of these scores."""
    if rung == TARGET_PRIOR:
        return prior_key(scores.grains.get(method, "point"))
    return template_key(rung, method) if rung in (*FROM_R, *BY_WAVES) else rung


def _curves(scores: Curves) -> Mapping[str, np.ndarray]:
    """The curves of methods, controls and references by name."""
    return {**scores.predictions, **scores.references}


def _areas(each: Sequence[Curves], keys: Sequence[str], draws: int | None = None) -> Areas:
    """The area of every usable ECG, mean over the first draws, by one key for each network."""
    found = []
    for scores, key in zip(each, keys, strict=True):
        curves = _curves(scores)[key][:draws]
        found.append(areas(outcome(scores, curves).mean(0), scores.protocol.until)[usable(scores)])
    return np.stack(found)


def paired_areas(
    scores: Curves, method: str, rung: str
) -> tuple[Float[np.ndarray, "draw ecg"], Float[np.ndarray, "draw ecg"]] | None:
    """Areas of a method and of a rung (a name in LADDER_LEVELS) per shared draw and usable ECG.

    None where these curves lack the rung.
    """
    key, curves = _key(scores, rung, method), _curves(scores)
    if key not in curves:
        return None
    draws, keep, until = len(curves[key]), usable(scores), scores.protocol.until
    pair = (outcome(scores, curves[name][:draws]) for name in (method, key))
    own, null = (areas(outcomes[:, keep], until) for outcomes in pair)
    return own, null


# What is compared at each level, as it stands in a sentence.
COMPARED = (
    "random numbers, |x| and |dx/dt|",
    f"random numbers within {TARGET_REGION}",
    "its own maps of other patients",
)
NO_LEVEL = "no level"


def level_name(level: int) -> str:
    """The name of a level; 0 is none."""
    return LADDER_LEVELS[level - 1].name if level else NO_LEVEL


def reached(ladder: Ladder) -> str:
    """Methods at each level, highest first, and the level that none was shown to reach."""
    highest = ladder.reached
    parts = []
    for level in sorted({*highest.values()}, reverse=True):
        names = ", ".join(name for name, at in highest.items() if at == level)
        parts.append(f"{level_name(level)}: {names}")
    text = f"Level reached – {'; '.join(parts)}."
    top = max(ladder.tested, default=0)
    if top and max(highest.values(), default=0) < top:
        text += f" {not_reached(ladder, top)}"
    return text


def not_reached(ladder: Ladder, level: int, sure: str = "") -> str:
    """Sentence that no method was shown to reach a level, with the rungs compared."""
    where = f" {sure}" if sure else ""
    text = f"No method was shown to beat {LADDER_LEVELS[level - 1].beaten}{where}: "
    if above := ladder.above(level):
        be = "is" if len(above) == 1 else "are"
        return (
            f"{text}{', '.join(above)} {be} above {COMPARED[level - 1]}, but missed a level before."
        )
    return f"{text}none is significantly above {COMPARED[level - 1]}."
