"""Analysis of judgements with and without the map: accuracy, trust, time, carry-over, washout."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from ecglens.report.text import counted, fixed

from .crossover import RIGHT, WITH, WITHOUT, WRONG
from .mixed import crossed

# With fewer readers than this the interval is wide whatever they answer: t with 3 degrees of
# freedom has quantile 3.2, with 4 readers more it is 2.4.
FEW_READERS = 5
DIGITS = 9  # of a mean: an error in the sixteenth would print 37.5 of 100 as 37 in place of 38
Column = Callable[[pd.DataFrame], pd.Series]


class Outcome(NamedTuple):
    """What is compared between the arms; `kind` says how it is printed.

    `of` gives a value for each judgement, NaN where it has none. Kinds: share (points of 100),
    score, ratio (values are logarithms).
    """

    name: str
    title: str
    kind: str
    of: Column


def judged_rightly(table: pd.DataFrame) -> pd.Series:
    """1 where a right reading was accepted or a wrong one refused, else 0."""
    return (table["answer"] == table["reading"]).astype(float)


def stated(table: pd.DataFrame) -> pd.Series:
    """Stated probability that the reading is right."""
    sure = table["confidence"] / 100
    return pd.Series(np.where(table["answer"] == RIGHT, sure, 1 - sure), table.index)


def brier(table: pd.DataFrame) -> pd.Series:
    """Squared distance of the stated probability from what the reading is (Brier 1950)."""
    return (stated(table) - (table["reading"] == RIGHT).astype(float)) ** 2


def seconds(table: pd.DataFrame) -> pd.Series:
    """Logarithm of the time, NaN where it is unknown."""
    known = table["seconds"].to_numpy(float)
    return pd.Series(np.log(np.where(known > 0, known, np.nan)), table.index)


def _of(reading: str, wrong_answer: str) -> Column:
    """1 where a reading of this kind got the wrong answer, NaN for the other kind."""

    def found(table: pd.DataFrame) -> pd.Series:
        given = (table["answer"] == wrong_answer).astype(float)
        return given.where(table["reading"] == reading)

    return found


OUTCOMES = (
    Outcome("accuracy", "Readings judged rightly", "share", judged_rightly),
    Outcome("over_trust", "Over-trust: wrong readings accepted", "share", _of(WRONG, RIGHT)),
    Outcome("under_trust", "Under-trust: right readings refused", "share", _of(RIGHT, WRONG)),
    Outcome("brier", "Brier score of the stated confidence", "score", brier),
    Outcome("seconds", "Seconds per judgement", "ratio", seconds),
)
CARRY = ("carry", "carry_low", "carry_high")
CELLS = ((WITHOUT, 1), (WITHOUT, 2), (WITH, 1), (WITH, 2))  # arm and period


@dataclass(frozen=True, eq=False)
class Usefulness:
    """Tables of a study with and without the map.

    `outcomes` has a row per outcome: the model's means without and with the map, their difference
    with a 95 % interval (for time, the ratio), pairs, readers, ECGs, the difference in period 1
    minus that in period 2 with its interval, and the four means by arm and period. `readers` has a
    row per reader; `conclusions` are sentences, the first on accuracy; `notes` are limits.
    """

    name: str
    outcomes: pd.DataFrame
    readers: pd.DataFrame
    conclusions: tuple[str, ...]
    notes: tuple[str, ...]


def usefulness(judgements: pd.DataFrame, washout: float, locked: bool = True) -> Usefulness:
    """Analysis of a table of judgements (crossover.COLUMNS), `washout` in days as planned.

    Readers and ECGs are crossed random effects: the model is fitted to the difference between the
    two judgements of a reader on an ECG, with the map minus without. In it, period is a fixed
    effect, and what a reader, an ECG, and a reader on an ECG have in common in both arms cancels;
    the random effects are how readers, and ECGs, differ in the effect of the map. Only pairs with
    both judgements count. Raises ValueError if there is none.
    """
    rows = pd.DataFrame([_row(judgements, outcome) for outcome in OUTCOMES])
    if not rows["pairs"].iloc[0]:
        raise ValueError(
            "expected ECGs that a reader judged with the map and without it, got none: the second "
            "period has not begun"
        )
    readers = _readers(judgements, washout)
    notes = (*_notes(len(judgements), rows, readers, washout, locked),)
    said = tuple(_sentence(row) for row in rows.to_dict("records"))
    return Usefulness(str(judgements["study"].iloc[0]), rows, readers, said, notes)


def pairs_of(judgements: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """A row per reader and ECG that has a value in both arms: both values, and the map's period."""
    table = judgements.assign(value=outcome.of(judgements)).dropna(subset="value")
    keys = ["expert", "ecg"]
    arms = {arm: table[table["map"] == arm].set_index(keys) for arm in (WITHOUT, WITH)}
    found = pd.concat([arms[WITHOUT]["value"], arms[WITH][["value", "period"]]], axis=1).dropna()
    found.columns = pd.Index([WITHOUT, WITH, "period"])
    return found.reset_index()


def _row(judgements: pd.DataFrame, outcome: Outcome) -> dict[str, Any]:
    pairs = pairs_of(judgements, outcome)
    shown = math.exp if outcome.kind == "ratio" else float
    row: dict[str, Any] = {"outcome": outcome.name, "title": outcome.title, "kind": outcome.kind}
    columns = (WITHOUT, WITH, "difference", "low", "high", "p")
    row |= dict(zip(columns, effect(pairs, shown), strict=True))
    if outcome.kind == "share":  # few readers: an interval may be wider than what can be
        row["low"], row["high"] = np.clip([row["low"], row["high"]], -1.0, 1.0)
    row |= {"pairs": len(pairs)}
    row |= {f"{name}s": pairs[name].nunique() for name in ("expert", "ecg")}
    row |= dict(zip(CARRY, carry_over(pairs), strict=True))
    means = {f"{arm}_{period}": _mean(pairs, arm, period) for arm, period in CELLS}
    return row | {name: shown(mean) for name, mean in means.items()}


def _mean(pairs: pd.DataFrame, arm: str, period: int) -> float:
    """Mean of an arm in a period."""
    return float(pairs.loc[pairs["period"] == (period if arm == WITH else 3 - period), arm].mean())


def _codes(pairs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return pd.factorize(pairs["expert"])[0], pd.factorize(pairs["ecg"])[0]


class Effect(NamedTuple):
    """Means of both arms, and `value`, the second minus the first, with its 95 % interval and p."""

    without: float
    with_map: float
    value: float
    low: float
    high: float
    p: float


def effect(pairs: pd.DataFrame, shown: Callable[[float], float] = float) -> Effect:
    """Effect of the map in a model with period, which gives both orders the same weight.

    The means of the arms have the weights that the model gives the pairs, so that they differ by
    the effect also where readers stopped and one order has more pairs. NaN without pairs.
    """
    if pairs.empty:
        return Effect(*[np.nan] * len(Effect._fields))
    later = np.where(pairs["period"] == 2, 1.0, -1.0)  # the map in period 2
    x = np.stack([np.ones(len(pairs)), later], axis=1)[:, : 1 + (len({*later}) > 1)]
    fit = crossed((pairs[WITH] - pairs[WITHOUT]).to_numpy(), x, *_codes(pairs))
    weights = fit.weights[:, 0]
    without, with_map = (
        shown(round(float(weights @ pairs[arm].to_numpy()), DIGITS)) for arm in (WITHOUT, WITH)
    )
    value, low, high = (shown(end) for end in fit.interval())
    return Effect(without, with_map, value, low, high, fit.p())


def carry_over(pairs: pd.DataFrame) -> tuple[float, float, float]:
    """Effect of the map in period 1 minus that in period 2 (arm × period), and its interval.

    Without carry-over it is 0. It is the difference between the sums of both judgements where the
    map came first and where it came second. NaN if no pair has one of the two orders.
    """
    first = np.where(pairs["period"] == 1, 0.5, -0.5)
    if len({*first}) < 2:
        return np.nan, np.nan, np.nan
    x = np.stack([first, np.ones(len(pairs))], axis=1)
    return crossed((pairs[WITH] + pairs[WITHOUT]).to_numpy(), x, *_codes(pairs)).interval()


def _readers(judgements: pd.DataFrame, washout: float) -> pd.DataFrame:
    """A row per reader: judgements, share judged rightly in each arm, days between the periods."""
    rows = []
    for expert, own in judgements.groupby("expert", sort=False):
        rightly = judged_rightly(own).groupby(own["map"]).mean()
        times = pd.to_datetime(own["at"], utc=True, format="ISO8601")
        one, two = (times[own["period"] == period] for period in (1, 2))
        days = (two.min() - one.max()).total_seconds() / 86400 if len(two) and len(one) else np.nan
        rows.append({
            "expert": expert, "judgements": len(own), WITHOUT: rightly.get(WITHOUT, np.nan),
            WITH: rightly.get(WITH, np.nan), "days": days, "kept": not days < washout,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _notes(
    number: int, rows: pd.DataFrame, readers: pd.DataFrame, washout: float, locked: bool
) -> Iterator[str]:
    """Notes on an analysis of this number of judgements."""
    if not locked:
        yield "The study is not locked: readers can still answer, and these numbers can change."
    early = [
        f"{row['expert']} ({fixed(row['days'], 1)} days)"
        for row in readers.to_dict("records")
        if not row["kept"]
    ]
    if early:
        yield (
            f"The pause of {washout:g} days was not kept by {', '.join(early)}: they may have "
            "remembered ECGs."
        )
    if left := number - 2 * int(rows["pairs"].iloc[0]):
        yield f"{left} judgements have no counterpart in the other arm and are left out."
    if (count := int(rows["experts"].iloc[0])) < FEW_READERS:
        yield (
            f"{counted(count, 'reader')}: "
            + ("there is no interval for others." if count == 1 else "the intervals are wide.")
        )
    for row in rows.to_dict("records"):
        if row["carry_low"] > 0 or row["carry_high"] < 0:
            yield (
                f"{row['title'].partition(':')[0]}: the effect of the map differs between the two "
                "periods. What readers saw first may have changed what they answered later."
            )


def _text(number: float, kind: str) -> str:
    """Number of an outcome: points of 100, a score, or a ratio as a change in per cent."""
    if kind == "ratio":
        return fixed(100 * (number - 1), 0)
    return fixed(100 * number, 0) if kind == "share" else fixed(number, 3)


def row_text(row: Mapping[str, Any]) -> dict[str, Any]:
    """Outcome as a row of the page's table."""
    kind = str(row["kind"])
    change = [signed(_text(row[name], kind)) for name in ("difference", "low", "high")]
    # Of a ratio, carry-over is the ratio of two ratios.
    carry = [np.exp(row[name]) if kind == "ratio" else row[name] for name in CARRY]
    return {
        "title": row["title"],
        "unit": {"share": "of 100", "ratio": "%"}.get(kind, ""),
        "means": [
            fixed(row[name], 1) if kind == "ratio" else _text(row[name], kind)
            for name in (WITHOUT, WITH, *(f"{arm}_{period}" for arm, period in CELLS))
        ],
        "change": change,
        "carry": [signed(_text(each, kind)) for each in carry],
        "pairs": row["pairs"],
        "p": row["p"],
    }


def _sentence(row: Mapping[str, Any]) -> str:
    """Outcome as a clinician reads it."""
    title, kind = row["title"], row["kind"]
    known = [np.isfinite(row[name]) for name in ("difference", "low")]
    if not known[0]:
        return f"{title}: no data."
    shown = row_text(row)
    without, with_map = shown["means"][:2]
    gap, low, high = shown["change"]
    unit = " of 100" if kind == "share" else ""
    text = f"{with_map}{unit} with the map, {without} without it"
    if kind == "share":
        more = f"{gap.strip('+−')} {'fewer' if gap.startswith('−') else 'more'}"
        text += f": {more}" if gap != "0" else ": no more and no fewer"
    else:
        text += f": {gap} {shown['unit']}".rstrip()
    if not known[1]:
        return f"{title}: {text} (no interval)."
    nothing = 1.0 if kind == "ratio" else 0.0
    apart = row["low"] > nothing or row["high"] < nothing
    end = "" if apart else " The data do not show a difference."
    of = f" {shown['unit']}" if kind == "ratio" else ""
    return f"{title}: {text} (95 % interval {low} to {high}{of}).{end}"


def signed(text: str) -> str:
    """Number with its sign, none for 0."""
    return text if text.startswith("−") or not text.strip("0.") else f"+{text}"
