"""How well the network reads its target and tells each of its classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ...datamodules import DIAGNOSES, Target
from ...eval import Finding
from .numerals import counted, number, whole

COUNTS = {"positive": "With it", "negative": "Without", "unknown": "Unknown"}
MEASURES = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "brier": "Brier score",
    "calibration_error": "Calibration error",
    "calibration_slope": "Slope",
    "calibration_intercept": "Intercept",
}


@dataclass(frozen=True)
class Quality:
    """A table: names of the metrics, and for each set of ECGs its name and its metrics."""

    metrics: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def class_name(name: str) -> str:
    """A class in words, such as "atrial fibrillation (af)"; its own name where there are none."""
    words = DIAGNOSES.get(name, name)
    return name if words == name else f"{words} ({name})"


def fit_of_class(fit: Mapping[str, float], name: str) -> dict[str, float]:
    """The metrics of one class; those that belong to none, where the network has one output."""
    own = {key.removesuffix(f"/{name}"): fit[key] for key in fit if key.endswith(f"/{name}")}
    return own or {key: value for key, value in fit.items() if "/" not in key}


def class_table(target: Target, fits: Mapping[str, Mapping[str, float]]) -> Quality:
    """Counts and measures of each class on each of these sets of ECGs.

    There is no row where no label is known.
    """
    rows = []
    for name in target.outputs:
        for where, fit in fits.items():
            own = fit_of_class(fit, name)
            if not own.get("positive", 0) + own.get("negative", 0):
                continue
            counts = [whole(own.get(count)) for count in COUNTS]
            measures = [number(own.get(measure)) for measure in MEASURES]
            rows.append((f"{class_name(name)}, {where}", (*counts, *measures)))
    return Quality((*COUNTS.values(), *MEASURES.values()), tuple(rows))


# In the order of the table, as they stand within a sentence.
METRICS = {
    "mae": "mean absolute error",
    "rmse": "RMSE",
    "bias": "bias",
    "r2": "R²",
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "accuracy": "accuracy",
    "brier": "Brier score",
    "cross_entropy": "cross-entropy",
}
IN_UNIT = ("mae", "rmse", "bias")
POOR_R2 = 0.5  # of the variance of the labels; the other half the network does not know
POOR_AUROC = 0.75  # halfway from chance to certainty, as half of the variance is
POOR = {"r2": POOR_R2, "auroc": POOR_AUROC}
TEST_PART = "test part"
UNLEARNED = "heatmaps then explain a network that has not learned the target."
ELSEWHERE = "no map of these ECGs was evaluated, and no finding was shown to hold for them."


def fit_of(facts: Mapping[str, Any]) -> dict[str, float]:
    """The metrics of a set of ECGs by their short names, such as mae or auroc/af."""
    fit = facts.get("fit", {})
    return {str(key).removeprefix("test/"): value for key, value in fit.items()}


def external_of(finding: Finding) -> Mapping[str, Any]:
    """The facts of the second data set; empty when there is none."""
    return finding.facts.get("external", {})


def external_name(finding: Finding) -> str:
    """Name of the second data set on a page, such as "external (ludb)"."""
    return f"external ({external_of(finding).get('source', 'unnamed')})"


def fit_sentence(finding: Finding) -> str:
    """How well the network reads its target, beside the spread there is to read; "" if unknown."""
    facts, unit = finding.facts, finding.about.target.unit
    fit = fit_of_class(fit_of(facts), finding.about.target.explained)
    main = next((name for name in ("mae", "auroc") if name in fit), None)
    if main is None:
        return ""
    of = f" of {class_name(finding.about.target.explained)}" if finding.about.target.classes else ""
    text = f"On the {TEST_PART} its {METRICS[main]}{of} is {_valued(main, fit, unit)}"
    others = ("r2", "rmse", "bias", "auprc", "accuracy", "brier", "cross_entropy")
    more = [f"{METRICS[name]} {_valued(name, fit, unit)}" for name in others if name in fit]
    text += f" ({', '.join(more)})" if more else ""
    if main == "mae" and "y_sd" in facts:
        sd = f"{number(facts['y_sd'])} {unit}".rstrip()
        text += f"; the SD of the labels of the training part is {sd}"
    return f"{text}."


def quality(finding: Finding) -> Quality | None:
    """The metrics of both sets of ECGs side by side, or of each class on them.

    None when there is one set alone and nothing is known of classes.
    """
    external = external_of(finding)
    sets: dict[str, Mapping[str, Any]] = {TEST_PART: finding.facts}
    if external:
        sets[external_name(finding)] = external
    fits = {where: fit_of(facts) for where, facts in sets.items()}
    if finding.about.target.classes:
        return class_table(finding.about.target, fits)
    if not external:
        return None
    shown = [name for name in METRICS if any(name in fit for fit in fits.values())]
    rows = []
    for where, facts in sets.items():
        fit = fits[where]
        cells = [number(fit[name]) if name in fit else "" for name in shown]
        rows.append((where, (str(facts.get("test", "")), *cells)))
    return Quality(("ECGs", *headings(shown, finding.about.target.unit)), tuple(rows))


def quality_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """A row per network, set of ECGs and metric (auroc/af is that of the class af).

    `sd` is the standard deviation of the labels of the training part.
    """
    rows = [
        (finding.about.networks[0], where, metric, value)
        for finding in findings
        for where, facts in (
            (TEST_PART, finding.facts),
            (external_name(finding), external_of(finding)),
        )
        for metric, value in fit_of(facts).items()
    ]
    known = [finding for finding in findings if "y_sd" in finding.facts]
    rows += [(each.about.networks[0], "training part", "sd", each.facts["y_sd"]) for each in known]
    return pd.DataFrame(rows, columns=pd.Index(["network", "ecgs", "metric", "value"]))


def headings(metrics: Sequence[str], unit: str) -> tuple[str, ...]:
    """The metrics as they stand in the head of a table, with their unit."""
    within = f" ({unit})" if unit else ""
    words = {name: METRICS[name] + within * (name in IN_UNIT) for name in metrics}
    return tuple(each[0].upper() + each[1:] for each in words.values())


def sets_of(finding: Finding) -> dict[str, dict[str, float]]:
    """The metrics of what is explained on each set of ECGs, by the set's name."""
    sets = {TEST_PART: finding.facts, f"{external_name(finding)} ECGs": external_of(finding)}
    explained = finding.about.target.explained
    return {where: fit_of_class(fit_of(facts), explained) for where, facts in sets.items() if facts}


def warnings_of_quality(*findings: Finding) -> list[str]:
    """Cautions on networks that read their target poorly."""
    read = [sets_of(finding) for finding in findings]
    warnings = []
    for where in dict.fromkeys(where for sets in read for where in sets):
        for name, least in POOR.items():
            values = [sets.get(where, {}).get(name, least) for sets in read]
            poor = [number(value) for value in values if value < least]
            if not poor:
                continue
            who = "The network reads its"
            if len(findings) > 1:
                who = f"{len(poor)} of {len(findings)} networks read their"
            warnings.append(
                f"{who} target poorly ({METRICS[name]} {', '.join(poor)} on the {where}): "
                f"{UNLEARNED if where == TEST_PART else ELSEWHERE}"
            )
    return warnings


def external_sentence(finding: Finding) -> str:
    """Size and labels of the second data set."""
    facts = external_of(finding)
    left = f"{facts['test']} of {counted(facts['ecgs'], 'ECG')} of {facts['source']}"
    return f"{left} with a label ({facts['label_source']}); tested alone, not explained"


def _valued(name: str, fit: Mapping[str, float], unit: str) -> str:
    return f"{number(fit[name])} {unit if name in IN_UNIT else ''}".rstrip()
