"""The ten values of a run's summary: what a table of runs is sorted and filtered by."""

from collections.abc import Sequence
from math import nan
from statistics import fmean
from typing import Any

from ...eval import Finding
from ..answer.cards import level_of
from ..answer.deciding import above, deciding
from ..answer.supported import supported
from ..answer.words import LEVELS
from ..style import style
from ..text.class_quality import fit_of_class
from ..text.facts import excluded_ecgs
from ..text.quality import fit_of
from ..views.perturbation import PerturbationView
from ..views.run_views import RunViews

NONE, UNTESTED = "none", "not tested"
# Methods above every rung of a level of the null ladder, by every protocol that decides.
BEAT = ("beat_random", "beat_target_prior", "beat_other_patients")
# The target is not among them: it is a tag and a setting, as are input, data and network.
SUMMARY = ("best", "use", "level", *BEAT, "fit_error", "ecgs", "excluded", "minutes")


def summary(run: RunViews, minutes: float) -> dict[str, Any]:
    """The values by name, NaN for a number that is not known.

    The findings are of networks that differ in their seed alone; `minutes` is the duration. ECGs
    and networks are those of the rankings: other evaluations may have fewer.
    """
    ranked = run.ranked
    first = max(run.findings, key=lambda each: (bool(each.curves), *_size(each)))
    about = first.about
    found = {
        "best": best(run),
        "use": use(run),
        "level": _level(ranked),
        **{name: _beaten(ranked, number) for number, name in enumerate(BEAT, 1)},
        "fit_error": _fit_error(first),
        "ecgs": len(about.records),
        "excluded": len(excluded_ecgs(first)),
        "minutes": minutes,
    }
    return {name: found[name] for name in SUMMARY}


def _size(finding: Finding) -> tuple[int, int]:
    """Networks and ECGs."""
    return len(finding.about.networks), len(finding.about.records)


def best(run: RunViews) -> str:
    """Method with the highest score by the first protocol that decides, by its printed name.

    Controls do not compete, and the method need not be one to use.
    """
    if not run.ranked:
        return UNTESTED
    table = deciding(run.ranked)[0].ranking.table
    methods = table.loc[table["kind"] == "method", "method"]
    return style(methods.iloc[0]).label if len(methods) else NONE


def use(run: RunViews) -> str:
    """The method that the page says to use, by its printed name."""
    if not run.ranked:
        return UNTESTED
    method = supported(run).method
    return style(method).label if method else NONE


def _level(ranked: Sequence[PerturbationView]) -> str:
    """The highest level of the null ladder that a method reached."""
    if not ranked or not any(each.ranking.ladder.tested for each in deciding(ranked)):
        return UNTESTED
    reached = [level_of(ranked, name) for name in ranked[0].ranking.names]
    return max((each for each in reached if each), key=LEVELS.index, default=NONE)


def _beaten(ranked: Sequence[PerturbationView], level: int) -> float:
    """Number of methods above the rungs of this level, whatever they reach below."""
    if not ranked or not all(level in each.ranking.ladder.tested for each in deciding(ranked)):
        return nan
    return len(above(ranked, level))


def _fit_error(finding: Finding) -> float:
    """Mean absolute error in the target's unit, or 1 − AUROC of a class; mean over networks."""
    about = finding.about
    fits = [fit_of_class(fit_of(each), about.target.explained) for each in about.fits]
    errors = [fit["mae"] if "mae" in fit else 1 - fit.get("auroc", nan) for fit in fits]
    return fmean(errors) if errors else nan
