"""LUDB in five folds: the offsets of fiducial_points.py fitted on four, tested on the fifth.

The rule is the one by which the offsets were chosen: the median difference of each global edge,
measured minus manual, over the clean sinus records. Only the offsets are fitted anew; thresholds
and smoothing stay as they are (they were chosen on the 168 records that are not in tests/data), so
that in five folds over all 200 the offsets alone are out of sample. Records are dealt to the folds
in turn, in the order of their numbers; each is one patient.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from ecglens.ecg import FS_HZ

from benchmarks.ludb_marks import intervals_ms

FOLDS = 5


def refitted(
    errors_ms: np.ndarray, edges: np.ndarray, folds: int = FOLDS
) -> tuple[np.ndarray, np.ndarray]:
    """Errors of PR, QRS, QT (n, 3) with the offsets of the other folds, and each record's fold.

    `errors_ms` are those with the offsets as they are; `edges` (n, 6) are measured minus manual
    global edges in samples, in the order of EDGES, NaN where one of both is missing. Raises
    ValueError when there are fewer records than folds.
    """
    if len(edges) < folds:
        raise ValueError(f"expected at least {folds} clean sinus records, got {len(edges)}")
    fold = np.arange(len(edges)) % folds
    errors = np.empty_like(errors_ms)
    for number in range(folds):
        moved = np.nanmedian(edges[fold != number], axis=0)
        errors[fold == number] = errors_ms[fold == number] - intervals_ms(moved, FS_HZ)
    return errors, fold


def rows(errors_ms: np.ndarray, fold: np.ndarray, names: Sequence[str]) -> Iterator[str]:
    """A line per interval and fold, and one for all folds together."""
    for column, name in enumerate(names):
        of_interval = errors_ms[:, column]
        for number in range(fold.max() + 1):
            yield _row(f"fold {number + 1}", name, of_interval[fold == number])
        yield _row("all folds", name, of_interval)


def _row(title: str, name: str, errors_ms: np.ndarray) -> str:
    d = errors_ms[np.isfinite(errors_ms)]
    return (
        f"{title:<46} {name.upper():<4} {len(d):4d} "
        f"{np.abs(d).mean():6.1f} {d.mean():+6.1f} {d.std():6.1f}"
    )
