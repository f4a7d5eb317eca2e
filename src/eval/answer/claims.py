"""What was shown of a method's maps, in numbers: share, interval, power, and ECGs that it takes.

Nothing is decided here but whether a null does as well: verdicts are those of the answer, shares
and intervals those of the tests that they come from (docs/plan.md, "The number beside").
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf, isnan, nan
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..finding import Finding
from ..protocol import MOST_KEPT
from ..ranking.ladder import Ladder
from ..statistics.power import FEWEST, Comparisons, Pilot, SharePilot
from .comparisons import ECG, NETWORK, OTHERS, TARGET, Share, comparisons_of, kept_of
from .gates import Judged, unblocked
from .method import MethodAnswer
from .this_ecg import About

# Shares of the own score that a claim is planned for, and the probability that it is shown.
GAINS, POWER = (0.1, 0.2), 0.9
ClaimName = Literal["network", "target", "other patients", "this ECG"]
LEVELS = {TARGET: (1, 2), OTHERS: (3,)}  # of the null ladder, whose rungs each claim is about


@dataclass(frozen=True)
class Claim:
    """A claim about the maps of a method (docs/ladder.md, "The numbers of a claim").

    `null` is the strongest map that has to be beaten: "redrawn", "moved" or "labels" (the gates), a
    rung of the null ladder or a null of the return test, judged `by` this protocol. `share` is what
    it does as a share of the own map, with its 95 % interval, and has to be shown to be below
    `limit`; NaN where the own map does nothing, the share of a null is missing or there is no test.
    `as_well` is a null that was shown to do as well, within AS_WELL, on every network and by every
    protocol; "" for none. `contradicted` are rungs that the map is surely above by one protocol and
    below by another. For each of GAINS `powers` are those of this run, and `ecgs` would show the
    gain with probability POWER: infinite above MOST_ECGS, NaN without a plan or for what was shown.
    """

    about: ClaimName
    verdict: About
    limit: float
    null: str = ""
    by: str = ""
    share: float = nan
    low: float = nan
    high: float = nan
    as_well: str = ""
    contradicted: tuple[str, ...] = ()
    powers: tuple[float, ...] = (nan,) * len(GAINS)
    ecgs: tuple[float, ...] = (nan,) * len(GAINS)

    @property
    def most(self) -> float:
        """Largest gain that the interval of the strongest null leaves open."""
        return self.limit - self.low

    @property
    def plan(self) -> tuple[float, float] | None:
        """Largest of GAINS that is open, with its ECGs; None without a plan or an open gain."""
        each = [*zip(GAINS, self.ecgs, strict=True)]
        found = [pair for pair in each if not isnan(pair[1]) and not pair[0] > self.most]
        return max(found, default=None)


def claims_of(judged: Judged, methods: Sequence[MethodAnswer]) -> dict[str, tuple[Claim, ...]]:
    """Claims about each method: this network, the target, other patients, this ECG."""
    compared: dict[tuple[str, str], list[Comparisons]] = {}
    for asked in (*LEVELS, ECG):
        with suppress(ValueError):  # the run lacks the test
            for each in comparisons_of([*judged.rankings, *judged.others], asked):
                if each.own.shape[1] >= FEWEST:
                    compared.setdefault((asked, each.method), []).append(each)
    return {
        each.name: (
            _of_network(judged, each),
            *(
                _of_ladder(judged, each, asked, compared.get((asked, each.name), []))
                for asked in LEVELS
            ),
            _of_ecg(each, compared.get((ECG, each.name), [])),
        )
        for each in methods
    }


def _of_network(judged: Judged, method: MethodAnswer) -> Claim:
    kept = [
        each
        for each in kept_of(judged.others)
        if each.method == method.name and each.gate in judged.twins
    ]
    if judged.lacks_a_share(method.name):
        kept = []  # the strongest is not known
    gates = judged.twins.values()
    verdict: About = "not tested"
    if all(unblocked(gate, method.gates[gate]) for gate in gates):
        verdict = "shown"
    elif {"fails", "cannot be said"} & {method.gates[gate] for gate in gates}:
        verdict = "not shown"
    return Claim(
        NETWORK, verdict, MOST_KEPT, **_strongest(kept),
        **_planned(verdict, lambda gain: [each.pilot(gain) for each in kept]),
    )  # fmt: skip


def _of_ladder(
    judged: Judged, method: MethodAnswer, asked: Any, compared: Sequence[Comparisons]
) -> Claim:
    levels = LEVELS[asked]
    rows = [
        (ranking, ladder, row)
        for ranking, ladders in zip(judged.rankings, judged.by_protocol, strict=True)
        for ladder in ladders
        for row in _rows(ladder, method.name, levels).to_dict("records")
    ]
    tested = rows and all(levels[-1] in ladder.tested for ladder in judged.ladders)
    # Without a region of the target level 3 follows level 1, and level 2 was not tested.
    verdict: About = "not tested"
    if tested:
        verdict = "shown" if method.level >= levels[-1] else "not shown"
    # An own area of 0 or below has no share.
    there = all(row["own"] > 0 for *_, row in rows)
    shares = [_of_rung(*each) for each in rows] if there else []
    return Claim(
        asked, verdict, 1.0, **_strongest(shares),
        contradicted=contradicted(judged.by_protocol, method.name, levels),
        **_planned(verdict, lambda gain: [Pilot(each, gain) for each in compared]),
    )  # fmt: skip


def _of_rung(ranking: Finding, ladder: Ladder, row: Mapping[Hashable, Any]) -> Share:
    """Area of a rung as a share of the own, which is taken as known."""
    ends = ("difference", "difference_high", "difference_low")
    share, low, high = (1 - row[end] / row["own"] for end in ends)
    sizes = ranking.patients, len({*ladder.levels["method"]})
    return Share(row["rung"], ranking.about.evaluation, share, low, high, *sizes)


def _of_ecg(method: MethodAnswer, compared: Sequence[Comparisons]) -> Claim:
    found = method.this_ecg
    return Claim(
        ECG, found.verdict, MOST_KEPT, found.null, "return_test" if found.null else "",
        found.share, found.low, found.high, found.template,
        **_planned(found.verdict, lambda gain: [Pilot(each, gain) for each in compared]),
    )  # fmt: skip


def _strongest(shares: Sequence[Share]) -> dict[str, Any]:
    """The null of the largest share, and the one that does as well everywhere."""
    if not shares:
        return {}
    largest = max(shares, key=lambda each: each.share)
    alike = [null for null in dict.fromkeys(each.null for each in shares)
             if all(each.alike for each in shares if each.null == null)]  # fmt: skip
    numbers = {key: getattr(largest, key) for key in ("null", "by", "share", "low", "high")}
    return numbers | {"as_well": next(iter(alike), "")}


def _planned(
    verdict: About, pilots_of: Callable[[float], Sequence[Pilot | SharePilot]]
) -> dict[str, Any]:
    """Powers and ECGs: tests that are planned apart have to be passed all, so the least counts."""
    each = [pilots_of(gain) for gain in GAINS]
    if not each[0]:
        return {}
    powers = tuple(min(one.power(one.patients) for one in pilots) for pilots in each)
    if verdict != "not shown":
        return {"powers": powers}
    counts = ([one.ecgs(POWER) or inf for one in pilots] for pilots in each)
    return {"powers": powers, "ecgs": tuple(float(max(one)) for one in counts)}


def contradicted(
    by_protocol: Sequence[Sequence[Ladder]], method: str, levels: Sequence[int]
) -> tuple[str, ...]:
    """Rungs of these levels with intervals on opposite sides of 0 on one network."""
    found = []
    for ladders in zip(*by_protocol, strict=True):  # of one network
        rows = pd.concat([_rows(each, method, levels) for each in ladders])
        for rung, each in rows.groupby("rung", sort=False):
            if (each["difference_low"] > 0).any() and (each["difference_high"] < 0).any():
                found.append(str(rung))
    return tuple(dict.fromkeys(found))


def _rows(ladder: Ladder, method: str, levels: Sequence[int]) -> pd.DataFrame:
    rungs = ladder.rungs
    return rungs.loc[(rungs["method"] == method) & np.isin(rungs["level"], levels)]
