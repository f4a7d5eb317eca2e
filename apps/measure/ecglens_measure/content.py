"""What a data sheet says: sentences that a cardiologist understands, from tables of numbers."""

from collections.abc import Collection, Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from ecglens.eval.statistics import LEVEL
from ecglens.report.text import counted, fixed, percent, target_words
from jaxtyping import Float

from .doses import doses
from .following import auroc
from .intervals import LEAST, estimates, least_p, patients_for
from .measurement import GRADED, OUTSIDE, Measurement, label_of
from .responses import NO_RESPONSE, STRAIGHT
from .words import PLACES, amount, between, joined, printed, step_of, stepped, upper_first

# Doses named in the first sentence beside the network's own, and disturbances that move most.
NAMED = 3
CURVES = 6  # drawn: they fill a third of a printed page
LEARNED_NOTHING = "Nothing was shown that this network has learned"
WEAK = 0.75  # of the own gain: below it a quarter of each change is lost
FEW = 12  # patients: with fewer, intervals miss more often (results/measure/intervals.csv)
FAINT = 0.1  # of a change: a reading that takes up less, or goes the other way, does not follow


def own_rows(found: Measurement) -> list[dict[str, Any]]:
    """Rows of gains of the doses that change what the network reads."""
    label = label_of(found.target)
    return [row for row in explained_rows(found) if found.doses[row["change"]].label == label]


def explained_rows(found: Measurement) -> list[dict[str, Any]]:
    """Rows of gains of the output that is explained."""
    return [row for row in rows_of(found) if row["output"] == found.explained]


def rows_of(found: Measurement) -> list[dict[str, Any]]:
    """Rows of gains of the doses that were measured, in their order; bent ones have no gain."""
    table = found.gains
    return [
        {str(key): value for key, value in row.items()}
        for row in table.loc[table["form"].notna()].to_dict("records")
    ]


def is_shown(row: Mapping[Any, Any]) -> bool:
    """True where a response was shown."""
    return row["form"] != NO_RESPONSE


def is_bent(row: Mapping[Any, Any]) -> bool:
    """True where the response has no one gain, as it is bent."""
    return is_shown(row) and bool(np.isnan(row["gain"]))


def beyond_random(row: Mapping[str, Any]) -> bool:
    """True where a response was shown that random changes of the same size do not have."""
    return is_shown(row) and row["p_null"] < LEVEL


def answer(found: Measurement) -> str:
    """First sentence of a sheet: what the network follows and what else moves it."""
    own, rows = own_rows(found), explained_rows(found)
    if not rows:
        return "No change of waves was measured: what the network follows is not known."
    many = counted(len(rows), "dose")
    if not any(map(beyond_random, rows)):
        nothing = f"none of {many} moves its reading more than random changes of the same size."
        if why := own_unmeasured(found):
            return f"{why}: {nothing}"
        # No dose is made to change a class: that none moves it does not say what was learned.
        learned = (
            f"{LEARNED_NOTHING}: {nothing}" if label_of(found.target) else upper_first(nothing)
        )
        return too_few_to_show(found) or learned
    names = {each["change"] for each in own}
    others = sorted(
        (row for row in rows if is_shown(row) and row["change"] not in names),
        key=lambda row: (not beyond_random(row), -abs(row["reach"])),
    )
    also = ", ".join(printed(row["change"]) for row in others[:NAMED])
    if not own:
        return f"Of {many}, {also} move{'s' * (len(others) == 1)} the reading most."
    first = own[0]
    said = sentence(found, first)
    if not is_shown(first) and (few := too_few_to_show(found, first["change"])):
        return f"Not shown to follow {printed(first['change'])}: {few}"
    of_own = found.responses[first["change"], first["output"]]
    taken_up = of_own.most_taken_up if is_bent(first) else first["gain"]
    if not is_shown(first) or taken_up < FAINT:
        most = f" It answers most to {also}." if also else ""
        does_not = is_shown(first) or first["high"] < FAINT  # else it may follow
        begins = "Does not" if does_not else "Not shown to"
        return f"{begins} follow {printed(first['change'])}. {said}{most}"
    rest = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    more = f" It also answers to {also}{rest}." if also else ""
    if is_bent(first):
        return f"Answers to {printed(first['change'])}, but with no one gain. {said}{more}"
    follows = "Follows" if first["gain"] >= WEAK else "Follows in part"
    weak = [
        row
        for row in own[1:]
        if is_bent(row) or (is_shown(row) and row["gain"] < WEAK * first["gain"])
    ]
    said += f" But {sentence(found, weak[0])}" if weak else ""
    said += more or " No other dose was shown to move it."
    return f"{follows} {printed(first['change'])}: {said}"


def own_unmeasured(found: Measurement) -> str:
    """Beginning of a sentence where no dose of what the network reads was measured; else ""."""
    label = label_of(found.target)
    names = [name for name, dose in found.doses.items() if dose.label == label]
    if not label or own_rows(found):
        return ""
    if not names:
        known = any(dose.label == label for dose in doses().values())
        return f"No dose of {target_words(found.target)} was asked for" if known else ""
    (first, *_) = found.gains.loc[found.gains["change"].isin(names), "reason"]
    return f"What it reads could not be changed here ({printed(names[0])}: {first})"


def too_few_to_show(found: Measurement, change: str = "") -> str:
    """Sentence where no response, or none to this change, could be shown; "" elsewhere.

    The patients of a change are those whose ECG it was possible in.
    """
    tests = int(found.gains["p"].notna().sum())
    of = {names: len({*each.patients}) for names, each in found.responses.items()}
    most = max(of.values(), default=0)
    patients = max((n for (name, _), n in of.items() if change in ("", name)), default=0)
    if not tests or least_p(patients) * tests < LEVEL:
        return ""
    needed = ceil(patients_for(tests) * most / max(1, patients))
    return (
        f"{counted(patients, 'patient')} can show no response among {counted(tests, 'test')}: give "
        f"{needed} or more, or ask for fewer doses."
    )


def sentence(found: Measurement, row: Mapping[str, Any]) -> str:
    """Sentence on one gain, such as "10 ms more PR raise the reading by 9.2 ms (8.9 to 9.5)."."""
    step, unit = step_of(row["unit"]), found.target.unit
    gain, low, high = (row[name] * step for name in ("gain", "low", "high"))
    what = f"{stepped(row['unit'])} more {printed(row['change'])}"
    read = "the reading" if len(found.outputs) == 1 else f"the output for {row['output']}"
    if not is_shown(row):
        return f"{what}: no response shown {between(low, high, unit)} {unit}".rstrip() + "."
    if is_bent(row):
        return _bent(found, row, read)
    way = "raise" if gain > 0 else "lower"
    ends = (low, high) if gain > 0 else (-high, -low)
    return f"{what} {way} {read} by {amount(abs(gain), unit)} {between(*ends, unit)}."


def _bent(found: Measurement, row: Mapping[str, Any], read: str) -> str:
    """Sentence on a curve that no single gain describes: the smallest sizes down and up."""
    table, unit = found.table, found.target.unit
    of_dose = (table["change"] == row["change"]) & (table["output"] == row["output"])
    there = table.loc[of_dose & table["response"].notna()].sort_values("dose", key=abs)
    said = []
    for sign, word in ((-1, "less"), (1, "more")):
        for each in there.loc[there["dose"] * sign > 0].head(1).to_dict("records"):
            moved = f"{'+' if each['response'] > 0 else ''}{amount(each['response'], unit)}"
            size = amount(abs(each["dose"]), row["unit"], 0)
            ends = between(each["low"], each["high"], unit)
            said.append(f"{size} {word} move {read} by {moved} {ends}")
    return f"{printed(row['change'])}: {', '.join(said)}."


def notes(found: Measurement, row: Mapping[str, Any]) -> str:
    """What to know beside a gain, as sentences: form, dead zone, saturation, scatter, range."""
    if not is_shown(row):
        return ""
    unit, said = row["unit"], []
    if not beyond_random(row):
        said.append("random changes of its size move it as far")
    elif row["form"] != STRAIGHT:
        said.append(row["form"])
    if np.isfinite(row["dead_from"]):
        said.append(f"dead zone {_range(row['dead_from'], row['dead_to'], unit)}")
    for end, word in (("saturated_below", "less"), ("saturated_above", "more")):
        if np.isfinite(row[end]):
            least = amount(abs(row[end]), unit, 0)
            at_once = least == amount(0.0, unit, 0)
            flat = f"hardly answers to {word}" if at_once else f"flattens beyond {least} {word}"
            said.append(flat)
    if row["outside"] > OUTSIDE:
        said.append(f"{percent(row['outside'])} of the edited ECGs are beyond all training ECGs")
    return upper_first("; ".join(said))


def holds(found: Measurement) -> str:
    """Line on the range in which the first of the network's own doses is followed; "" for none.

    None where its response is bent: it follows by no one gain.
    """
    for row in own_rows(found)[:1]:
        if not is_shown(row) or is_bent(row):
            continue
        unit, label = row["unit"], found.doses[row["change"]].label or ""
        said = f"Follows {printed(label)} from {_range(row['linear_from'], row['linear_to'], unit)}"
        known = found.known.ranges.get(label)
        seen = f"; {printed(label)} of the training ECGs: {_range(*known, unit)}" if known else ""
        return f"{said} around that of an ECG{seen}."
    return ""


def _range(low: float, high: float, unit: str) -> str:
    return f"{fixed(low, 0)} to {amount(high, unit, 0)}"


def reads(found: Measurement) -> list[str]:
    """Lines on what the network reads, with its error where labels are known."""
    whose = f"{found.network}: " if found.network else ""
    several = f", mean of {len(found.before)} networks" if len(found.before) > 1 else ""
    lines = [
        f"{whose}{target_words(found.target)}, on {found.known.words}{several}.",
        *gate_words(found),
    ]
    told = [*filter(None, (_fit(found, place) for place in range(len(found.outputs))))]
    return lines + (told or ["The error is not known, because labels are not."])


def _fit(found: Measurement, place: int) -> str:
    """Sentence on the error of one output; "" where its labels are not known."""
    if (known := _labelled(found, place)) is None:
        return ""
    (read, y, _), error = known, known_error(found, place)
    if found.target.kind == "binary":
        return f"{found.outputs[place]}: {error}."
    bias = amount(float((read - y).mean()), found.target.unit)
    vary = np.ptp(read.mean(0)) > 0 < np.ptp(y)
    r = f", r = {fixed(float(np.corrcoef(read.mean(0), y)[0, 1]), 3)}" if vary else ""
    return f"{upper_first(error)}, bias {bias}{r}."


def _labelled(
    found: Measurement, place: int
) -> tuple[Float[np.ndarray, "network ecg"], Float[np.ndarray, " ecg"], list[str]] | None:
    """Readings, labels and patients of the ECGs whose label of this output is known; or None."""
    y = found.known.y
    if y is None or place >= y.shape[1] or not (there := np.isfinite(y[:, place])).any():
        return None
    patients = [found.known.patients[row] for row in np.flatnonzero(there)]
    return found.before[:, there, place], y[there, place], patients


def gate_words(found: Measurement) -> list[str]:
    """Sentence on the run's own test of whether the network reads its target, where it is known."""
    gate, rows = found.gate, rows_of(found)
    if gate is None or gate.verdict == "not tested":
        return []
    does, name = gate.verdict, target_words(found.target)
    metric = "AUROC" if gate.metric == "auroc" else "R²"
    value, low, high = (fixed(each, 2) for each in (gate.value, gate.low, gate.high))
    said = f"The test of its run: the network {does} {name}, {metric} {value} ({low} to {high})"
    said += f" on {gate.ecgs} {'test' if gate.test_part else 'explained'} ECGs"
    if gate.low > gate.limit and does == "does not read":
        return [f"{said}, as disturbed ECGs hardly move its reading."]
    said += f", whose lower end has to lie above {gate.limit:g}"
    moved = any(map(beyond_random, rows))
    if does == "reads" and rows and not moved:
        said += "; what it reads is none of these doses"
    if does == "does not read" and moved:
        said += "; doses show what moves its reading, not that the reading is right"
    return [f"{said}."]


def known_error(found: Measurement, output: int) -> str:
    """Clause on the error on these ECGs, its interval from LEAST patients; "" without labels."""
    if (known := _labelled(found, output)) is None:
        return ""
    read, y, patients = known
    if found.target.kind == "binary":
        one = "unknown: only one class here"
        return f"AUROC {fixed(auroc(read.mean(0), y == 1), 2) if len({*y}) > 1 else one}"
    error, unit = np.abs(read - y), found.target.unit
    if len({*patients}) < LEAST:
        return f"mean absolute error {amount(float(error.mean()), unit)}"
    (mean,) = estimates(error[None], patients)
    ends = between(max(mean.low, 0.0), mean.high, unit)
    return f"mean absolute error {amount(mean.value, unit)} {ends}"


def lines(found: Measurement) -> list[dict[str, str]]:
    """A sentence with notes for each response that is not 0 when printed; then the others.

    A dose counts as silent where no output was shown to answer to it.
    """
    every = rows_of(found)
    places = PLACES.get(found.target.unit, 1)
    told = [row for row in every if is_shown(row) and float(f"{_step(row):.{places}f}")]
    small = [row for row in every if is_shown(row) and row not in told]
    answered = {row["change"] for row in every if is_shown(row)}
    silent = [printed(row["change"]) for row in every if row["change"] not in answered]
    output = " (output for {output})" if len(found.outputs) > 1 else ""
    faint = [printed(row["change"]) + output.format(**row) for row in small]
    said = [{"said": sentence(found, row), "notes": notes(found, row)} for row in told]
    least = amount(0.5 * 10**-places, found.target.unit, places + 1)
    for names, words in (
        (faint, f"A response below {least} a step to"),
        (silent, "No response was shown to"),
    ):
        listed = ", ".join(dict.fromkeys(names))
        said += [{"said": f"{words} {listed}.", "notes": ""}] if names else []
    return said


def _step(row: Mapping[str, Any]) -> float:
    """Response to one step of a dose; the furthest at any size for one that is bent."""
    return row["reach"] if is_bent(row) else row["gain"] * step_of(row["unit"])


def disturbance_lines(found: Measurement, kind: str) -> list[dict[str, str]]:
    """A row for each disturbance, or fault, and output, its sizes beside each other."""
    rows, table = [], found.disturbances
    of_kind = table.loc[table["kind"] == kind]
    for (name, output), each in of_kind.groupby(["change", "output"], sort=False):
        unit = str(each["unit"].iloc[0])
        quantiles = {
            key: " / ".join(fixed(value, PLACES.get(found.target.unit, 1)) for value in each[key])
            for key in ("median", "most")
        }
        sizes = " / ".join(f"{by:g}" for by in each["dose"]).replace("-", "−")
        several = f", {output}" if len(found.outputs) > 1 else ""
        how = upper_first(found.doses[str(name)].how)
        graded = kind == "disturbance"
        said = upper_first(printed(str(name))) if graded else how
        dose = joined(sizes, unit) if graded else ""
        rows.append({"name": f"{said}{several}", "dose": dose, "how": how, **quantiles})
    return rows


def moved_most(found: Measurement) -> str:
    """Line on the disturbances and faults that move half of the readings most; "" for none.

    Each counts by the size that moves most. Mains hum that a network reads in place of the heart
    is among them, most other cues are not (results/measure/shortcuts.csv).
    """
    table = found.disturbances.dropna(subset="median").sort_values("median", ascending=False)
    table = table.loc[table["output"] == found.explained]
    most = table.drop_duplicates("change").head(NAMED).to_dict("records")
    named = [
        f"{printed(each['change'])} ({amount(each['median'], found.target.unit)})" for each in most
    ]
    return f"Half of the readings are moved most by {', '.join(named)}." if named else ""


def limits(measurements: Sequence[Measurement]) -> list[str]:
    """Lines on what a sheet cannot say."""
    first = measurements[0]
    missing = first.gains.loc[first.gains["form"].isna(), ["change", "reason"]].drop_duplicates()
    lines = [
        f"Not measured: {', '.join(map(printed, each['change']))}: {reason}."
        for reason, each in missing.groupby("reason", sort=False)
    ]
    sizes = [
        f"{printed(each.dose.name)} {amount(each.dose.sizes[place], each.dose.unit, 0)}"
        for each in first.answers
        if each.dose.kind in GRADED and not first.too_few(each)
        for place in range(len(each.dose.sizes))
        if place not in each.used
    ]
    if sizes:
        lines.append(f"Fewer than half of the ECGs have room for {', '.join(sizes)}: left out.")
    if not first.known.exact:
        again = "Edits of recordings are measured again by the program that marked the waves"
        exact = "; where exact ECGs answer otherwise, the table says so"
        lines.append(f"{again}{exact if any(one.known.exact for one in measurements) else ''}.")
    if 0 < (patients := len({*first.known.patients})) < FEW:
        lines.append(
            f"{patients} patients: where few of many answer, an interval misses them more often "
            f"than 1 in 20; give {FEW} or more."
        )
    if unshowable := too_few_to_show(first):
        lines.append(unshowable)
    lines += dict.fromkeys(filter(None, (each.known.caution for each in measurements)))
    tested = counted(int(first.gains["p"].notna().sum()), "test")
    lines.append(
        f"A response is shown where its mean is not 0, at {percent(LEVEL)} after Holm's correction "
        f"for {tested}; random changes have the size and spectrum of the dose, at random places."
    )
    return lines


def curves_of(gains: pd.DataFrame, own: Collection[str]) -> list[tuple[str, str]]:
    """Doses and outputs of the curves to draw: the network's own, then those of largest reach."""
    rows = gains.loc[gains["form"].notna()].to_dict("records")
    first = [row for row in rows if row["change"] in own]  # in the order of the doses
    others = sorted(
        (row for row in rows if row["change"] not in own),
        key=lambda row: (not is_shown(row), -abs(row["reach"])),
    )
    return [(str(row["change"]), str(row["output"])) for row in (*first, *others)][:CURVES]
