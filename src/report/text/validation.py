"""What the trial says of the score or measure that a table of methods is ordered by."""

from collections.abc import Sequence

from ...eval import Answer, Measure, Panel, Result
from ...eval.evaluations.localisation.experiment import OF_SIZES
from ...eval.meta_evaluation import (
    NETWORKS,
    UNFIT_ON,
    UNREACHED,
    stood,
    tried_as,
    tried_on,
    why_not,
)

# The networks of the trial in words (docs/trial.md).
WHERE = {
    "window": "where one wave of one lead decides",
    "signed": "where the true value may be near 0 or negative",
    "edge": "where steep slopes decide",
    "two leads, mean": "where two leads are averaged",
    "two leads, max": "where the larger of two leads decides",
    "three votes": "where three leads vote",
    "product": "where two waves are multiplied",
}


def on_trial(result: Result) -> str:
    """Where the score of these results is unfit, or that nobody knows; to follow "score:"."""
    unfit = _unfit_on(result)
    if unfit is None:
        return "not tried on networks whose true map is known"
    count = len(_tried_on(result))
    if len(unfit) in (0, count):
        told = f"{'unfit' if unfit else 'fit'} on every network tried"
    else:
        told = f"unfit {_where(unfit)}"
    return told if count == len(NETWORKS) else f"{told} ({count} of {len(NETWORKS)})"


def on_trial_in_short(result: Result) -> str:
    """The same for a cell of a table."""
    unfit = _unfit_on(result)
    if unfit is None:
        return "not tried"
    count = len(_tried_on(result))
    if unfit:
        return f"unfit on {len(unfit)} of {count}"
    return "fit" if count == len(NETWORKS) else f"fit on {count} of {count}"


def _unfit_on(result: Result) -> Sequence[str] | None:
    metric = tried_as(result.scores.protocol)
    # The trial was held on median beats.
    return None if metric is None or result.input == "rhythm" else UNFIT_ON[metric]


def _tried_on(result: Result) -> Sequence[str]:
    return tried_on(tried_as(result.scores.protocol) or "")


def measure_on_trial(answer: Answer, measure: Measure) -> str:
    """On how many networks a panel's measure is fit and where not, or why it was not tried."""
    panel = answer.finding
    why = why_not(panel.experiment, measure, answer.target.kind, answer.input)
    absolute = isinstance(panel, Panel) and OF_SIZES in panel.notes
    found = stood(panel.experiment, measure.name, absolute)
    if why or not found.tried:
        return f"not tried: {why or UNREACHED}"
    told = f"fit on {len(found.fit)} of {found.tried} networks tried"
    return f"{told}, unfit {_where(found.unfit)}" if found.unfit else told


def _where(networks: Sequence[str]) -> str:
    *others, last = [WHERE[name] for name in networks]
    return f"{', '.join(others)} and {last}" if others else last
