"""What came out of the trial, for every table that shows a metric's numbers."""

from collections.abc import Mapping, Sequence

# The networks on which each metric is unfit: python -m benchmarks.trial, docs/trial.md.
UNFIT_ON: Mapping[str, Sequence[str]] = {
    "perturbation AUC, house rules": ("three votes",),
    "perturbation AUC, Storås 2025": ("signed", "three votes"),
    "completeness": (
        "window",
        "signed",
        "edge",
        "two leads, mean",
        "two leads, max",
        "three votes",
        "product",
    ),
}


def standing(metric: str) -> str:
    """A few words to stand beside the numbers of a metric (a name in METRICS, or any other)."""
    if metric not in UNFIT_ON:
        return "not tried"
    if not UNFIT_ON[metric]:
        return "fit on every network tried"
    return f"unfit on {'; '.join(UNFIT_ON[metric])}"
