"""The ten values of a run's summary: what a table of runs is sorted and filtered by."""

from math import nan
from statistics import fmean
from typing import Any

from ...eval import Answer, Finding
from ..answer.words import level_name
from ..style import style
from ..text.class_quality import fit_of_class
from ..text.facts import excluded_ecgs
from ..text.quality import fit_of
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
    answer = next(iter(run.answers), None)
    first = max(run.findings, key=lambda each: (bool(each.curves), *_size(each)))
    about = first.about
    found = {
        "best": best(run),
        "use": use(run),
        "level": _level(answer),
        **{name: _beaten(answer, number) for number, name in enumerate(BEAT, 1)},
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
    """The strongest method to use, by its printed name."""
    return use(run).partition(", ")[0]


def use(run: RunViews) -> str:
    """The methods to use, strongest first, by their printed names."""
    if not run.answers:
        return UNTESTED
    return ", ".join(style(name).label for name in run.answers[0].use) or NONE


def _level(answer: Answer | None) -> str:
    """The highest level of the null ladder that a method reached."""
    if answer is None or not answer.tested:
        return UNTESTED
    return level_name(max((each.level for each in answer.methods), default=0)) or NONE


def _beaten(answer: Answer | None, level: int) -> float:
    """Number of methods above the rungs of this level, whatever they reach below."""
    if answer is None or level not in answer.tested:
        return nan
    return len(answer.above(level))


def _fit_error(finding: Finding) -> float:
    """Mean absolute error in the target's unit, or 1 − AUROC of a class; mean over networks."""
    about = finding.about
    fits = [fit_of_class(fit_of(each), about.target.explained) for each in about.fits]
    errors = [fit["mae"] if "mae" in fit else 1 - fit.get("auroc", nan) for fit in fits]
    return fmean(errors) if errors else nan
