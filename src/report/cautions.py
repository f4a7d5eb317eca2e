"""What should make a reader careful before relying on a ranking."""

from ..eval import Ranking, Result
from .facts import warnings_of_facts
from .numerals import counted, number, percent
from .style import listed, style

# A map with this share of exact zeros is more gap than map (seen with Grad-CAM on regressors).
MANY_ZEROS = 0.2
# At 30 ECGs a 95 % interval of a mean is ± 0.37 SD of an ECG wide.
FEW_ECGS = 30


def cautions(result: Result, ranking: Ranking) -> tuple[str, ...]:
    """Of the ranking, of the maps, then of the network and its data."""
    of_ranking, of_maps = _of_ranking(ranking), _of_maps(result)
    return (*of_ranking, *of_maps, *warnings_of_facts(result))


def _of_ranking(ranking: Ranking) -> list[str]:
    warnings = []
    if ranking.ecgs < FEW_ECGS:
        warnings.append(
            f"Only {counted(ranking.ecgs, 'ECG')}: a method that is better may not have shown it."
        )
    if ranking.tied:
        warnings.append(
            f"Tied with the strongest: {listed(ranking.tied)}. Their order may be chance."
        )
    if not ranking.stable:
        warnings.append(
            "The order of the methods changes with the cut-off of the area "
            f"(lowest Kendall τ {number(ranking.agreement)}); see the column “holds its place”."
        )
    if ranking.dropped:
        warnings.append(
            f"{counted(ranking.dropped, 'ECG')} left out of the ranking: the relative error "
            "divides by a true value that is 0 or unknown there."
        )
    table = ranking.table
    half = table["beats_random"].fillna(False) & ~table["beats_controls"].fillna(False)
    if half.any():
        warnings.append(
            f"Above random, but not above maps that know only the ECG (|x|, |dx/dt|): "
            f"{listed(list(table.loc[half, 'method']))}."
        )
    return warnings


def _of_maps(result: Result) -> list[str]:
    scores = result.scores
    warnings = [f"{note[:1].upper()}{note[1:]}." for note in scores.notes]
    warnings += [
        f"{style(name).label} was left out: {reason}." for name, reason in scores.left_out.items()
    ]
    warnings += [
        f"{percent(share)} of the points of {style(name).label}'s maps are exactly 0; "
        "their order is drawn at random."
        for name, share in scores.zero_share.items()
        if share >= MANY_ZEROS and name not in scores.controls
    ]
    warnings += [
        f"{style(name).label}: {counted(count, 'ECG')} with fewer non-zero points "
        "than the curve has steps; the rest of the steps are random."
        for name, count in scores.short.items()
        if count
    ]
    return warnings
