"""Patients: what was concluded on generated ECGs, asked again of recorded ones.

No article is behind it: the same questions are put to networks of generated, exact and recorded
ECGs, by the rules of studies/patients.yaml.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from math import isnan
from os.path import normpath
from pathlib import Path

import numpy as np
import pandas as pd
from ecglens.eval import DEFAULT, Answer, Finding, MethodAnswer, answers_of
from ecglens.explain import controls
from ecglens.report import perturbation_views, style
from ecglens.report.text import fixed, number
from scipy import stats

from .agreement import order_between, within
from .experiments import Section, Table, drawings_of, explained, metric, rho, with_interval

LEVELS = 3  # above the maps of other patients: the highest of the null ladder
METRICS = ("mae", "r2", "bias", "auroc")
FINAL = "test part"
TWO = 2  # test parts, of which an interval can be had
MADE = ("deepfake", "exact")  # ECGs of nobody


def patients(findings: Sequence[Finding]) -> list[Section]:
    """Parts of the page, the errors alone where nothing was ranked. Raises ValueError for none."""
    findings = [*_without_folders(findings)]
    ranked = [each for each in findings if each.ranked]
    if not findings:
        raise ValueError("expected at least one finding, got none: no job has finished")
    if not ranked:
        return [_errors(findings)]
    return [_maps(answers_of(findings)), _orders(ranked), _errors(findings), _pictures(ranked)]


def source(finding: Finding) -> str:
    """Data set of the ECGs, such as ptbxl."""
    return str(finding.about.facts().get("source", "unnamed"))


def learned_from(finding: Finding, place: int = 0) -> str:
    """Data set that a network learned from, and what its fit began with: ptbxl after generated."""
    start = finding.about.facts(place).get("settings", {}).get("fit", {}).get("start")
    if not start:
        return source(finding)
    path = Path(start)
    return f"{source(finding)} after {path.parent.name if path.name.isdigit() else path.stem}"


def _without_folders(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Findings with the sweep and job, or file, that a fit began with: figures are called so.

    Of several of one name all but the first have a number before it.
    """
    names: dict[str, str] = {}
    for finding in findings:
        fits = []
        for fit in finding.about.fits:
            settings = fit.get("settings", {})
            if start := settings.get("fit", {}).get("start"):
                start = normpath(start)  # SWEEP/../exact/0 is exact/0 of whichever sweep
                if start not in names:
                    names[start] = _named(Path(start), names.values())
                settings = {**settings, "fit": {**settings["fit"], "start": names[start]}}
                fit = {**fit, "settings": settings}
            fits.append(fit)
        yield replace(finding, about=replace(finding.about, fits=tuple(fits)))


def _named(start: Path, taken: Collection[str]) -> str:
    name = "/".join(start.parts[-2 if start.name.isdigit() else -1 :])
    every = (name, *(f"{number}/{name}" for number in range(2, len(taken) + 2)))
    return next(each for each in every if each not in taken)


def _errors(findings: Sequence[Finding]) -> Section:
    """How well each network reads its own test part and the second data set."""
    # Rankings first: they are of all networks of a job, other evaluations of one.
    of: dict[object, tuple[Finding, int]] = {}
    for finding in sorted(findings, key=lambda each: not each.curves):
        for place, network in enumerate(finding.about.networks):
            of.setdefault((network, explained(finding)), (finding, place))
    rows = [row for finding, place in of.values() for row in error_rows(finding, place)]
    table = pd.DataFrame(rows)
    keys = ["learned_from", "train", "target", "unit", "tested_on", "ecgs"]
    shown = [
        {**own[keys].iloc[0].to_dict(), **{name: _several(own[name].to_list()) for name in METRICS}}
        for _, own in table.groupby(keys, sort=False, dropna=False)
    ]
    caption = (
        "Error of each network (mean absolute error in the unit of the target, R², mean error; "
        "AUROC of a diagnosis) on the test part of its own data set and on all ECGs of another. "
        "Labels of intervals and amplitudes are measured by ECGLens, but for LUDB, which has "
        "manual marks."
    )
    made = [Table("errors", caption, table, pd.DataFrame(shown))]
    of_classes = pd.DataFrame(class_rows(findings))
    if len(of_classes):
        ends = zip(of_classes["auroc"], of_classes["low"], of_classes["high"], strict=True)
        texts = [
            rho(mean) if isnan(low) else with_interval(mean, low, high, rho)
            for mean, low, high in ends
        ]
        written = of_classes.drop(columns=["low", "high"]).assign(auroc=texts)
        made.append(Table("classes", OF_CLASSES, of_classes, written))
    return Section("How well do the networks read?", tuple(made))


def error_rows(finding: Finding, place: int) -> Iterator[dict[str, object]]:
    """A row per set of ECGs with METRICS of one of the networks, NaN where it has none."""
    about = finding.about
    facts = about.facts(place)
    second = facts.get("external", {})
    sets = {FINAL: facts} | ({str(second["source"]): second} if second else {})
    for where, each in sets.items():
        yield {
            "learned_from": learned_from(finding, place),
            "train": facts.get("train"),
            "target": explained(finding),
            "unit": about.target.unit,
            "network": place,
            "tested_on": where,
            "ecgs": each.get("test"),
            **{name: metric(each, name, about.target.explained) for name in METRICS},
        }


OF_CLASSES = (
    "AUROC of each class on the test part, the mean over networks. Where several test parts have "
    "the class, each with networks of its own that never saw it, the mean over these parts with "
    "the 95 % interval of t over them: it takes parts for independent, though their networks share "
    "most of their training ECGs."
)


def class_rows(findings: Sequence[Finding]) -> Iterator[dict[str, object]]:
    """A row per class and data set with the mean AUROC over test parts, low and high."""
    every = pd.DataFrame([row for each in findings for row in _of_classes(each)])
    if not len(every):
        return
    # A network that is explained by several classes has a finding for each.
    every = every.drop_duplicates(["network", "class"])
    keys = ["learned_from", "input", "classes", "class"]
    for _, own in every.groupby(keys, sort=False):
        parts = own.groupby("part")["auroc"].mean().dropna().to_numpy(float)
        mean, low, high = _mean_of(parts)
        counts = {"networks": len(own), "test_parts": len(parts)}
        numbers = {"auroc": mean, "low": low, "high": high}
        yield {**own[keys].iloc[0].to_dict(), **counts, **numbers}


def _mean_of(values: np.ndarray) -> tuple[float, float, float]:
    """Mean of AUROCs with the 95 % interval of t, NaN for fewer than two."""
    mean = float(values.mean()) if len(values) else np.nan
    if len(values) < TWO:
        return mean, np.nan, np.nan
    half = stats.t.isf(0.025, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return mean, max(mean - half, 0.0), min(mean + half, 1.0)


def _of_classes(finding: Finding) -> Iterator[dict[str, object]]:
    about = finding.about
    for place, network in enumerate(about.networks):
        facts = about.facts(place)
        split = facts.get("settings", {}).get("data", {}).get("split", {})
        folds = split.get("folds", {}) if split.get("by") == "folds" else {}
        for name in about.target.classes:
            yield {
                "learned_from": learned_from(finding, place),
                "input": about.input,
                "classes": ", ".join(about.target.classes),
                "class": name,
                "network": network,
                "part": str(folds.get("test", "")),
                "auroc": metric(facts, "auroc", name),
            }


def _several(values: Sequence[float]) -> str:
    """Value of each network; "" where it has none."""
    return " / ".join(number(value) for value in values if not isnan(value))


def _maps(answers: Sequence[Answer]) -> Section:
    """Answer for each method: use, level, the map that it is not above, the return test."""
    rows = [
        row | {"learned_from": _behind(answer)} for answer in answers for row in answer_rows(answer)
    ]
    first = ["learned_from", "target", "method"]
    table = pd.DataFrame(rows)
    table = table.reindex(columns=[*first, *(name for name in table if name not in first)])
    shown = [
        {"learned from": _behind(answer), "target": answer.target.explained} | _in_short(answer)
        for answer in answers
    ]
    caption = (
        "Which maps may be used. *Use*: above the maps that know only the ECG, and the target "
        "region itself, by both protocols and in every network, and lost with what the network "
        "learned. *Above other patients*: by both protocols. *Specific to its ECG* and *a template "
        "does as well*: the return test (docs/ladder.md). The CSV has a row per method."
    )
    made = Table("answers", caption, table, pd.DataFrame(shown))
    return Section("Which maps may be used?", (made,))


def _behind(answer: Answer) -> str:
    return learned_from(answer.judged.first) if answer.judged else ""


def answer_rows(answer: Answer) -> Iterator[dict[str, object]]:
    """A row per method that has a score."""
    for each in answer.methods:
        if each.name in controls():
            continue
        null = each.unbeaten
        yield {
            "target": answer.target.explained,
            "method": each.name,
            "ecgs": answer.ecgs,
            "networks": len(answer.networks),
            "reads": answer.reads.verdict,
            "use": each.use,
            "level": each.level,
            "not_above": null.rung if null else "none",
            "difference": null.difference if null else np.nan,
            "difference_low": null.low if null else np.nan,
            "difference_high": null.high if null else np.nan,
            **{name.replace(" ", "_"): verdict for name, verdict in each.gates.items()},
            "this_ecg": each.this_ecg.verdict,
            "strongest_null": each.this_ecg.null or "none",
            "null_share": each.this_ecg.share,
            "null_low": each.this_ecg.low,
            "null_high": each.this_ecg.high,
            "template": each.this_ecg.template or "none",
        }


def _in_short(answer: Answer) -> dict[str, str]:
    def those(chosen: Sequence[MethodAnswer]) -> str:
        return ", ".join(style(each.name).label for each in chosen) or "none"

    own = [each for each in answer.methods if each.name not in controls()]
    return {
        "reads": f"R² {fixed(answer.reads.value, 2)}"
        if answer.reads.metric == "r2"
        else f"AUROC {fixed(answer.reads.value, 2)}",
        "use": those([each for each in own if each.use == "use"]),
        "fails a test": those([each for each in own if each.use == "do not use"]),
        "above other patients": those([each for each in own if LEVELS in each.above]),
        "specific to its ECG": those([each for each in own if each.this_ecg.verdict == "shown"]),
        "a template does as well": those([each for each in own if each.this_ecg.template]),
    }


def _orders(ranked: Sequence[Finding]) -> Section:
    """Whether the order of the methods is the same on ECGs of two kinds."""
    rows = [
        row
        for one, other in combinations(ranked, 2)
        if _question(one) == _question(other) and learned_from(one) != learned_from(other)
        for row in order_rows(one, other)
    ]
    if not rows:
        return Section("Does the order of the methods hold?")
    caption = (
        "Does the order of the methods on one kind of ECGs predict that on another? Kendall's τ "
        "of the areas without controls, 95 % interval over patients and networks drawn again on "
        "both sides; beside it the mean τ of two networks of one kind, which a perfect prediction "
        "would reach."
    )
    table = pd.DataFrame(rows)
    ends = zip(table["tau"], table["low"], table["high"], strict=True)
    shown = table.assign(
        tau=[with_interval(tau, low, high, rho) for tau, low, high in ends],
        **{name: [rho(each) for each in table[name]] for name in ("within_one", "within_other")},
    ).drop(columns=["low", "high"])
    return Section("Does the order of the methods hold?", (Table("orders", caption, table, shown),))


def order_rows(one: Finding, other: Finding) -> Iterator[dict[str, object]]:
    """A row with τ between the orders of two rankings; none for fewer than 3 common methods."""
    found = order_between(one, other)
    if found is None:
        return
    yield {
        "target": explained(one),
        "input": one.about.input,
        "protocol": one.curves[0].protocol.name,
        "one": learned_from(one),
        "other": learned_from(other),
        "methods": found.methods,
        "tau": found.rho,
        "low": found.low,
        "high": found.high,
        "within_one": within(one),
        "within_other": within(other),
    }


def _question(finding: Finding) -> tuple[str, ...]:
    return explained(finding), finding.about.input, finding.curves[0].protocol.name


def _pictures(ranked: Sequence[Finding]) -> Section:
    """Averaged maps of recorded ECGs, and those read best and worst."""
    recorded = [
        each
        for each in ranked
        if source(each) not in MADE and each.curves[0].protocol.name == DEFAULT.name
    ]
    drawn = drawings_of(perturbation_views(recorded), ("averaged",))
    return Section("What do the maps look like?", (), drawn)
