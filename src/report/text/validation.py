"""Validation of the score or measure that orders a table of methods, in words."""

from collections.abc import Sequence

from ...eval import Finding, Measure
from ...eval.evaluations.localisation import OF_SIZES
from ...eval.meta_evaluation import (
    NETWORKS,
    UNFIT_ON,
    UNREACHED,
    stood,
    tried_as,
    tried_on,
    why_not,
)

# The networks of the meta-evaluation in words (docs/trial.md).
WHERE = {
    "window": "where one wave of one lead decides",
    "signed": "where the true value may be near 0 or negative",
    "edge": "where steep slopes decide",
    "two leads, mean": "where two leads are averaged",
    "two leads, max": "where the larger of two leads decides",
    "three votes": "where three leads vote",
    "product": "where two waves are multiplied",
}


def score_validation(finding: Finding) -> str:
    """Networks on which the score of a finding is unfit, or that it was not tried."""
    unfit = _unfit_on(finding)
    if unfit is None:
        return "not tried on networks whose true map is known"
    count = len(_tried_on(finding))
    if len(unfit) in (0, count):
        told = f"{'unfit' if unfit else 'fit'} on every network tried"
    else:
        told = f"unfit {_where(unfit)}"
    return told if count == len(NETWORKS) else f"{told} ({count} of {len(NETWORKS)})"


def score_validation_in_short(finding: Finding) -> str:
    """The same for a cell of a table."""
    unfit = _unfit_on(finding)
    if unfit is None:
        return "not tried"
    count = len(_tried_on(finding))
    if unfit:
        return f"unfit on {len(unfit)} of {count}"
    return "fit" if count == len(NETWORKS) else f"fit on {count} of {count}"


def _unfit_on(finding: Finding) -> Sequence[str] | None:
    metric = tried_as(finding.curves[0].protocol)
    # Scores were validated on median beats.
    return None if metric is None or finding.about.input == "rhythm" else UNFIT_ON[metric]


def _tried_on(finding: Finding) -> Sequence[str]:
    return tried_on(tried_as(finding.curves[0].protocol) or "")


def validation_of(finding: Finding, measure: Measure) -> str:
    """The networks on which a measure is fit and where not, or why it was not tried."""
    about = finding.about
    why = why_not(about.evaluation, measure, about.target.kind, about.input)
    stood_ = stood(about.evaluation, measure.name, OF_SIZES in finding.notes)
    if why or not stood_.tried:
        return f"not tried: {why or UNREACHED}"
    text = f"fit on {len(stood_.fit)} of {stood_.tried} networks tried"
    return f"{text}, unfit {_where(stood_.unfit)}" if stood_.unfit else text


def _where(networks: Sequence[str]) -> str:
    *others, last = [WHERE[name] for name in networks]
    return f"{', '.join(others)} and {last}" if others else last
