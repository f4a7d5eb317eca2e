"""What a data sheet says: sentences that a cardiologist understands, from tables of numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ecglens.eval.statistics import LEVEL, sampling
from ecglens.report.text import counted, fixed, percent, target_words
from scipy import stats

from .measurement import GRADED, OUTSIDE, Measurement
from .responses import NO_RESPONSE, STRAIGHT

# Steps in which gains are told: sizes that a reader of ECGs thinks in.
STEPS = {"ms": 10.0, "µV": 100.0, "%": 10.0, "°": 10.0, "1/min": 10.0}
WAVES = {"p", "pr", "pq", "q", "qrs", "r", "s", "st", "j", "jt", "qt", "t", "rr"}
# Doses named in the first sentence beside the network's own.
NAMED = 3
LEARNED_NOTHING = "This network has learned nothing that these changes of an ECG show"
WEAK = 0.75  # of the own gain: below it a quarter of each change is lost


def printed(name: str) -> str:
    """Name of a dose with its waves in capitals, such as "PR" and "T moved"."""
    words = name.replace("_", " ").split(" ")
    return " ".join(word.upper() if word.lower() in WAVES else word for word in words)


def step_of(unit: str) -> float:
    """Step in which a gain per this unit is told."""
    return STEPS.get(unit, 1.0)


def amount(value: float, unit: str, places: int | None = None) -> str:
    """Number with its unit, at the precision of a measurement (0.1 ms, 1 µV) unless told."""
    digits = places if places is not None else {"µV": 0, "logit": 2, "": 3}.get(unit, 1)
    return f"{fixed(value, digits)} {unit}".strip()


def between(low: float, high: float, unit: str) -> str:
    """Interval in brackets, without its unit."""
    ends = (amount(each, unit).removesuffix(unit).strip() for each in (low, high))
    return f"({' to '.join(ends)})"


def own_rows(found: Measurement) -> list[dict[str, Any]]:
    """Rows of gains of the doses that change what the network reads."""
    label = found.target.column or found.target.name
    return [
        row
        for row in rows_of(found)
        if found.target.kind == "regression" and found.doses[row["change"]].label == label
    ]


def rows_of(found: Measurement) -> list[dict[str, Any]]:
    """Rows of gains that have a number, in the order of the doses."""
    table = found.gains
    return [
        {str(key): value for key, value in row.items()}
        for row in table.loc[table["gain"].notna()].to_dict("records")
    ]


def is_shown(row: Mapping[str, Any]) -> bool:
    """True where a response was shown."""
    return row["form"] != NO_RESPONSE


def answer(found: Measurement) -> str:
    """First sentence of a sheet: what the network follows and what else moves it."""
    own, rows = own_rows(found), rows_of(found)
    shown = [row for row in rows if is_shown(row)]
    if not shown:
        return f"{LEARNED_NOTHING}: no response to any of {counted(len(rows), 'dose')} was shown."
    others = sorted(
        (row for row in shown if row["change"] not in {each["change"] for each in own}),
        key=lambda row: -abs(row["reach"]),
    )
    also = ", ".join(f"{printed(row['change'])}" for row in others[:NAMED])
    if not own:
        return f"Of {counted(len(rows), 'dose')}, the reading answers most to {also}."
    first = own[0]
    said = sentence(found, first)
    if not is_shown(first):
        most = f" It answers most to {also}." if also else ""
        return f"Does not follow {printed(first['change'])}. {said}{most}"
    follows = "Follows" if first["gain"] >= WEAK else "Follows in part"
    more = f" It also answers to {also}." if also else " No other dose was shown to move it."
    return f"{follows} {printed(first['change'])}: {said}{more}"


def sentence(found: Measurement, row: Mapping[str, Any]) -> str:
    """Sentence on one gain, such as "10 ms more PR raise the reading by 9.2 ms (8.9 to 9.5)."."""
    step, unit = step_of(row["unit"]), found.target.unit
    gain, low, high = (row[name] * step for name in ("gain", "low", "high"))
    what = f"{step:g} {row['unit']} more {printed(row['change'])}"
    read = "the reading" if len(found.outputs) == 1 else f"the output for {row['output']}"
    if not is_shown(row):
        return f"{what}: no response shown {between(low, high, unit)} {unit}".rstrip() + "."
    way = "raise" if gain > 0 else "lower"
    ends = (low, high) if gain > 0 else (-high, -low)
    return f"{what} {way} {read} by {amount(abs(gain), unit)} {between(*ends, unit)}."


def notes(found: Measurement, row: Mapping[str, Any]) -> str:
    """What to know beside a gain: form, dead zone, saturation, scatter, range."""
    if not is_shown(row):
        return ""
    unit, said = row["unit"], []
    if row["form"] != STRAIGHT:
        said.append(row["form"])
    if np.isfinite(row["dead_from"]):
        said.append(f"dead zone {_range(row['dead_from'], row['dead_to'], unit)}")
    for end, word in (("saturated_below", "below"), ("saturated_above", "above")):
        if np.isfinite(row[end]):
            said.append(f"saturates {word} {amount(row[end], unit, 0)}")
    if row["outside"] > OUTSIDE:
        said.append(f"{percent(row['outside'])} of the edited ECGs lie outside the training ECGs")
    return "; ".join(said)


def _range(low: float, high: float, unit: str) -> str:
    return f"{fixed(low, 0)} to {amount(high, unit, 0)}"


def reads(found: Measurement) -> list[str]:
    """Lines on what the network reads, with its error where labels are known."""
    ecgs = found.known.words
    lines = [f"{target_words(found.target)}, on {ecgs}."]
    if found.known.y is None or not np.isfinite(found.known.y).any():
        return [*lines, "The error is not known, because labels are not."]
    for place, output in enumerate(found.outputs[: found.known.y.shape[1]]):
        y = found.known.y[:, place]
        there = np.isfinite(y)
        if not there.any():
            continue
        read = found.before[:, there, place]
        if found.target.kind == "binary":
            lines.append(f"{output}: AUROC {_auroc(read.mean(0), y[there])}.")
            continue
        patients = [found.known.patients[row] for row in np.flatnonzero(there)]
        error = np.abs(read - y[there])
        low, high = sampling(len(error), 1, patients, found.seed).interval(error[None])
        unit = found.target.unit
        lines.append(
            f"Mean absolute error {amount(float(error.mean()), unit)} "
            f"{between(float(low[0]), float(high[0]), unit)}, "
            f"bias {amount(float((read - y[there]).mean()), unit)}, "
            f"r = {fixed(float(np.corrcoef(read.mean(0), y[there])[0, 1]), 3)}."
        )
    return lines


def _auroc(score: np.ndarray, y: np.ndarray) -> str:
    with_it, without = score[y == 1], score[y == 0]
    if not len(with_it) or not len(without):
        return "unknown: only one class here"
    more: Any = stats.mannwhitneyu(with_it, without)
    return fixed(float(more.statistic) / (len(with_it) * len(without)), 2)


def disturbance_lines(found: Measurement) -> list[dict[str, str]]:
    """A row for each disturbance or fault and size: how far it moves the reading."""
    unit = found.target.unit
    return [
        {
            "name": printed(str(row["change"])),
            "dose": amount(float(row["dose"]), str(row["unit"]), 0) if row["unit"] else "",
            "output": str(row["output"]),
            "median": amount(float(row["median"]), unit),
            "most": amount(float(row["most"]), unit),
            "n": str(row["n"]),
        }
        for row in found.disturbances.to_dict("records")
    ]


def limits(measurements: Sequence[Measurement]) -> list[str]:
    """Lines on what a sheet cannot say."""
    first = measurements[0]
    missing = first.gains.loc[first.gains["gain"].isna(), ["change", "reason"]].drop_duplicates()
    lines = [
        f"{printed(name)} could not be measured: {reason}."
        for name, reason in missing.itertuples(index=False)
    ]
    for each in first.answers:
        left = [by for place, by in enumerate(each.dose.sizes) if place not in each.used]
        if left and not first.too_few(each):
            sizes = " and ".join(amount(by, each.dose.unit, 0) for by in left)
            lines.append(
                f"{printed(each.dose.name)} {sizes}: fewer than half of the ECGs can be changed "
                "so far; left out."
            )
    if not first.known.exact:
        lines.append(
            "Edits of recordings are measured again by the program that marked the waves; where "
            "exact ECGs answer otherwise, the table says so."
        )
    tested = counted(int(first.gains["p"].notna().sum()), "dose")
    lines.append(
        "A response is shown where it is not 0 and larger than to random changes of the same size, "
        f"both at {percent(LEVEL)} after Holm's correction for {tested}."
    )
    return lines


def graded(found: Measurement) -> list[str]:
    """Names of the graded doses, in order."""
    return [each.dose.name for each in found.answers if each.dose.kind in GRADED]
