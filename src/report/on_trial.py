"""What the trial says of the score that a table of methods is ordered by."""

from ..eval import Result
from ..eval.trial import UNFIT_ON, tried_as

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
    metric = tried_as(result.scores.protocol)
    # The trial was held on median beats.
    if metric is None or result.input == "rhythm":
        return "not tried on networks whose true map is known"
    unfit = [WHERE[name] for name in UNFIT_ON[metric]]
    return f"unfit {' and '.join(unfit)}" if unfit else "fit on every network tried"
