"""The first page, and the model card: what the network is, its data, error, doses and limits."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from ecglens.eval import Finding
from ecglens.eval.statistics import Patients
from ecglens.report import banner, limitations
from ecglens.report.text import (
    INPUTS,
    METRICS,
    counted,
    fit_of,
    fit_of_class,
    fit_sentence,
    generated,
    number,
    target_words,
)
from ecglens_paper.tripod import NOBODY

from .sources import UNTESTED, YOURS, Cell, Row, Run

TESTED = re.compile(r" ?(?:Network \d+: )*On the test part ")  # its error has a row of its own
DOSES = "measure"  # evaluation=measure
READS = {"r2": "R²", "auroc": "AUROC"}
# What no run can know, and what belongs there.
WRITTEN_BY_YOU = {
    "Intended use": "decision that the reading serves, and those it must not serve",
    "Users": "who reads it, with what training",
    "Patients": "for whom it is meant, and who was not studied",
    "If it is wrong": "harm of a wrong reading, and how it is noticed",
    "Errors by group": "by age, sex, device and centre",
    "Responsible": "who made it, version in use, date, contact",
}


def interval(value: float, low: float, high: float, unit: str = "") -> str:
    """An estimate with its 95 % interval; "" where there is no estimate."""
    if not np.isfinite(value):
        return ""
    ends = f" ({number(low)} to {number(high)})" if np.isfinite(low) else ""
    return f"{number(value)}{ends} {unit}".rstrip()


def what_it_is(run: Run) -> list[Row]:
    """Target, input, networks, how they were made, and the versions of the packages."""
    about, facts = run.main.about, run.main.facts
    unit = f" in {about.target.unit}" if about.target.unit else ""
    versions = ", ".join(f"{name} {each}" for name, each in facts.get("versions", {}).items())
    made = TESTED.split(run.texts.get("Network", ""))[0]
    return [
        _fact(run, "Reads", f"{target_words(about.target)}{unit}", "about.target"),
        _fact(run, "From", INPUTS.get(about.input, about.input), "about.input"),
        _fact(run, "Key", ", ".join(run.networks), "about.networks"),
        _fact(run, "Made", made, "about.fits.settings"),
        _fact(run, "Versions", versions, "about.fits.versions"),
    ]


def data(run: Run) -> list[Row]:
    """Source, parts, labels, exclusions and people, as the methods text has them."""
    rows = [
        _fact(run, heading, run.texts.get(heading, ""), "about.data")
        for heading in ("Data", "Outcome", "Exclusions")
    ]
    return [*rows, _fact(run, "People", NOBODY * generated(run.main.facts), "about.data.generated")]


def error(run: Run) -> list[Row]:
    """How well the network reads: made again from the curves, and as the test part had it."""
    rows: list[Row] = [("Reads its target", UNTESTED, "")]
    if run.answer is not None and run.answer.reads.verdict != "not tested":
        reads, source = run.answer.reads, (*run.ladder[0][:2], "y and predictions")
        tested, which = source, "explained ECG"
        if reads.test_part:
            tested, which = (source[0], "test_part-*.npz", "y and read"), "test ECG"
        said = (
            f"{reads.verdict}: {READS[reads.metric]} "
            f"{interval(reads.value, reads.low, reads.high)} on {counted(reads.ecgs, which)}; the "
            f"lower end has to lie above {number(reads.limit)}"
        )
        rows = [("Reads its target", run.cell(said, tested), "")]
        rows += [(name, run.cell(each, source), "") for name, each in _here(run).items()]
    return [*rows, ("Test part", run.fact(_tested(run), "about.fits.fit, about.data.y_sd"), "")]


def doses(run: Run, most: int | None = None) -> list[Row]:
    """Gain of the reading for each known change of an ECG; the largest per SD of each first.

    Of several outputs the one that is explained. Gains whose label has no SD follow, responses that
    are bent have no gain and are last.
    """
    tables = [_explained(each) for each in run.of(DOSES) if "gains" in each.details]
    gains: list[Mapping[Any, Any]] = [
        row for each in tables for row in each.dropna(subset=["gain", "n"]).to_dict("records")
    ]
    unit = run.main.about.target.unit
    rows: list[Row] = []
    for row in sorted(gains, key=_size, reverse=True)[:most]:
        ecgs = counted(int(row["n"]), "ECG")  # not every ECG can be changed so
        said = f"{interval(row['gain'], row['low'], row['high'])} {unit} per {row['unit']}, {ecgs}"
        cell = run.cell(said, (DOSES, "details/gains.csv", "gain, low, high, n"))
        rows.append((str(row["change"]).replace("_", " "), cell, ""))
    for row in (row for each in tables for row in each.to_dict("records")):
        if str(row.get("reason", "")).startswith("bent"):
            cell = run.cell(f"no one gain, {row['reason']}", (DOSES, "details/gains.csv", "reason"))
            rows.append((str(row["change"]).replace("_", " "), cell, ""))
    return rows[:most] or [("Response to known changes", UNTESTED, "")]


def _size(row: Mapping[Any, Any]) -> float:
    """Gain per SD without its sign; the least of all where it is not known."""
    return float(np.nan_to_num(abs(row["per_sd"]), nan=-np.inf))


def _explained(finding: Finding) -> pd.DataFrame:
    """Gains of the output that is explained."""
    gains = finding.details["gains"]
    outputs = [*gains["output"].unique()]
    place = finding.about.target.index if len(outputs) > 1 else 0
    return gains.loc[gains["output"].isin(outputs[place : place + 1])]


def limits(run: Run) -> list[Cell]:
    """Sentences on the limits of the network and its data, each with its source."""
    said = limitations(*run.singles)
    found = [run.fact(each, "about.data, about.fits") for each in said]
    if len(run.networks) == 1:
        alone = "One network was tested: a retrained one may be explained in another way."
        found.append(run.fact(alone, "about.networks"))
    refused = banner(run.answer) if run.answer else ""
    return [run.cell(refused, *run.ladder), *found] if refused else found


def _fact(run: Run, name: str, text: str, key: str) -> Row:
    return name, run.fact(text, key), "" if text else YOURS


def _tested(run: Run) -> str:
    """Error on the test part; of several networks each by itself, in the unit of the target."""
    if len(run.singles) == 1:
        return fit_sentence(run.main)
    fits = [fit_of_class(fit_of(e.facts), e.about.target.explained) for e in run.singles]
    said = [
        f"{words} {', '.join(number(fit.get(name, np.nan)) for fit in fits)}"
        for name, words in METRICS.items()
        if any(name in fit for fit in fits)
    ]
    return f"By network, in the order of the keys: {'; '.join(said)}." if said else ""


def _here(run: Run) -> dict[str, str]:
    """Error on the explained ECGs, mean over networks, with its interval over patients."""
    first, unit = run.rankings[0], run.main.about.target.unit
    if first.about.target.kind == "binary":
        return {}
    # The first point of a curve: before anything was perturbed.
    clean = np.stack([next(iter(each.predictions.values()))[0, :, 0] for each in first.curves])
    wrong = clean.astype(float) - np.stack([each.y for each in first.curves])
    ecgs = counted(int(np.isfinite(wrong).all(0).sum()), "explained ECG")  # with a label
    patients = Patients(first.about.patients, first.about.seed)
    found = {
        name: patients.estimate(values.mean(0))
        for name, values in (("Mean absolute error", np.abs(wrong)), ("Bias", wrong))
    }
    return {
        name: f"{interval(each.value, each.low, each.high, unit)} on {ecgs}"
        for name, each in found.items()
    }
