"""Validation, in words, of the score or measure that a table of methods is ordered by."""

from collections.abc import Sequence

from ...eval import (
    UNREACHED,
    Finding,
    Measure,
    Validation,
    measure_name,
    score_name,
    validations,
    why_not_validated,
)
from ...eval.evaluations.localisation import OF_SIZES

# The networks of the meta-evaluation in words (docs/meta_evaluation.md).
WHERE = {
    "window": "where one wave of one lead decides",
    "signed": "where the true value may be near 0 or negative",
    "edge": "where steep slopes decide",
    "two leads, mean": "where two leads are averaged",
    "two leads, max": "where the larger of two leads decides",
    "three votes": "where three leads vote",
    "product": "where two waves are multiplied",
}


OUTDATED = "not validated since its code changed"


def score_validation(finding: Finding) -> str:
    """Networks on which the score of a finding is unfit, or that it was not tested."""
    metric, found = _of_score(finding)
    if not found.tried:
        return "not tested on networks whose true map is known"
    if not found.is_current(metric):
        return OUTDATED
    if found.unfit and found.fit:
        claim = f"unfit {_where(found.unfit)}"
    else:
        claim = f"{'unfit' if found.unfit else 'fit'} on every network tested"
    count = found.tried
    return claim if count == len(WHERE) else f"{claim} ({count} of {len(WHERE)})"


def score_validation_in_short(finding: Finding) -> str:
    """The same for a cell of a table."""
    metric, found = _of_score(finding)
    if not found.tried:
        return "not tested"
    if not found.is_current(metric):
        return OUTDATED
    if found.unfit:
        return f"unfit on {len(found.unfit)} of {found.tried}"
    return "fit" if found.tried == len(WHERE) else f"fit on {found.tried} of {found.tried}"


def validation_of(finding: Finding, measure: Measure) -> str:
    """Networks on which a measure is fit and unfit, or why it was not tested."""
    about = finding.about
    why = why_not_validated(about.evaluation, measure, about.target.kind, about.input)
    metric = measure_name(about.evaluation, measure.name, OF_SIZES in finding.notes)
    found = validations().get(metric, Validation())
    if why or not found.tried:
        return f"not tested: {why or UNREACHED}"
    if not found.is_current(metric):
        return OUTDATED
    text = f"fit on {len(found.fit)} of {found.tried} networks tested"
    return f"{text}, unfit {_where(found.unfit)}" if found.unfit else text


def _of_score(finding: Finding) -> tuple[str, Validation]:
    metric = score_name(finding.curves[0].protocol)
    # The meta-evaluation was held on median beats.
    if metric is None or finding.about.input == "rhythm":
        return "", Validation()
    return metric, validations().get(metric, Validation())


def _where(networks: Sequence[str]) -> str:
    *others, last = [WHERE[name] for name in networks]
    return f"{', '.join(others)} and {last}" if others else last
