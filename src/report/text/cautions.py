"""Cautions about a ranking, and the validation of the score or measure that it orders by."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import pandas as pd

from ...eval import (
    OF_SIZES,
    UNREACHED,
    Curves,
    Finding,
    Measure,
    Ranking,
    Validation,
    each_network,
    measure_name,
    overridden,
    rank,
    score_name,
    validations,
    why_not_validated,
)
from ..style import joined, listed, printed
from .facts import warnings_of_facts
from .numerals import counted, number, percent

# A map with this share of exact zeros is more gap than map (seen with Grad-CAM on regressors).
MANY_ZEROS = 0.2
# At 30 ECGs a 95 % interval of a mean is ± 0.37 SD of an ECG wide.
FEW_ECGS = 30
Number = TypeVar("Number", int, float)


def cautions_of(finding: Finding) -> tuple[str, ...]:
    """Cautions about the ranking of a finding with curves, over all its networks."""
    return cautions(each_network(finding), rank(finding))


def cautions(findings: Sequence[Finding], ranking: Ranking) -> tuple[str, ...]:
    """Cautions about the protocol, the ranking, the maps, then the networks and their data."""
    of_ranking, of_maps = _of_ranking(ranking), _of_maps([each.curves[0] for each in findings])
    other = overridden(findings[0].curves[0].protocol).items()
    said = ", ".join(f"{key}={value}" for key, value in other)
    of_rules = [f"Run with {said}: not the protocol that decides."] if other else []
    return (*of_rules, *of_ranking, *of_maps, *warnings_of_facts(*findings))


def _of_ranking(ranking: Ranking) -> list[str]:
    warnings = []
    if ranking.ecgs < FEW_ECGS:
        warnings.append(
            f"Only {counted(ranking.ecgs, 'ECG')}: a method that is better may not be shown to be."
        )
    if ranking.tied:
        warnings.append(
            f"Not told apart from the strongest: {listed(ranking.tied)}. Their order may be chance."
        )
    if not ranking.stable:
        warnings.append(
            "The order of the methods changes with the cut-off of the area "
            f"(lowest Kendall τ {number(ranking.agreement)}): see “Holds its place” in the "
            "report's ranking."
        )
    if ranking.dropped:
        warnings.append(
            f"{counted(ranking.dropped, 'ECG')} left out of the ranking: the relative error "
            "divides by a label that is 0 or unknown there."
        )
    table = ranking.table
    if (below := table["against_random"] == "below").any():
        names = listed(list(table.loc[below, "method"]))
        warnings.append(f"Significantly below random: {names}.")
    half = table["beats_random"].fillna(False) & ~table["beats_data_controls"].fillna(False)
    if half.any():
        warnings.append(
            f"Above random, but not shown to be above maps that know only the ECG (|x|, |dx/dt|): "
            f"{listed(list(table.loc[half, 'method']))}."
        )
    return warnings


def cut_offs_table(ranking: Ranking) -> pd.DataFrame:
    """A row: how many ECGs were ranked on and left out, and how the order holds over cut-offs."""
    cells = {"ecgs": ranking.ecgs, "dropped": ranking.dropped, "stable": ranking.stable}
    return pd.DataFrame([cells | {"lowest_kendall": ranking.agreement}])


def maps_table(networks: Sequence[Curves]) -> pd.DataFrame:
    """Share of points that are exactly 0, and ECGs with fewer other points than steps, by method.

    Over several networks the largest number of each.
    """
    largest = {
        "zero_share": _largest([each.zero_share for each in networks]),
        "short": _largest([each.short for each in networks]),
    }
    return pd.DataFrame(largest).rename_axis("method").reset_index()


def many_zeros(scores: Curves) -> dict[str, float]:
    """The share of points that are exactly 0, of the methods for which it is large."""
    return {
        name: share
        for name, share in scores.zero_share.items()
        if share >= MANY_ZEROS and name not in scores.controls
    }


def _of_maps(networks: Sequence[Curves]) -> list[str]:
    """Each caution once, with its methods; where networks differ, the largest number."""
    notes = [printed(note, each.predictions) for each in networks for note in each.notes]
    warnings = [f"{note[:1].upper()}{note[1:]}." for note in notes]
    left_out = [pair for each in networks for pair in each.left_out.items()]
    for reason, names in _alike(left_out):
        were = "were" if len(names) > 1 else "was"
        warnings.append(f"{listed(names)} {were} left out: {reason}.")
    up_to = "up to " if len(networks) > 1 else ""
    zeros = _largest([many_zeros(each) for each in networks])
    if zeros:
        shares = {name: f"{up_to}{percent(share)}" for name, share in zeros.items()}
        warnings.append(
            "Maps in which many points are exactly 0, whose order is drawn at random: "
            f"{in_brackets(shares)}."
        )
    short = _largest([each.short for each in networks])
    if any(short.values()):
        counts = {name: f"{up_to}{counted(n, 'ECG')}" for name, n in short.items() if n}
        warnings.append(
            "Maps with fewer non-zero points than the curve has steps, of which the rest are "
            f"random: {in_brackets(counts)}."
        )
    return list(dict.fromkeys(warnings))


def _alike(said: Sequence[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Every text once, with the methods it is said of."""
    by_text: dict[str, dict[str, None]] = {}
    for name, text in said:
        by_text.setdefault(text, {})[name] = None
    return [(text, [*names]) for text, names in by_text.items()]


def in_brackets(said: Mapping[str, str]) -> str:
    """Methods with their text in brackets, such as "A and B (52 %), C (up to 3 ECGs)"."""
    return ", ".join(f"{listed(names)} ({text})" for text, names in _alike([*said.items()]))


def _largest(networks: Sequence[Mapping[str, Number]]) -> dict[str, Number]:
    """Largest number of each method over the networks."""
    names = dict.fromkeys(name for each in networks for name in each)
    return {name: max(each[name] for each in networks if name in each) for name in names}


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
    # The criteria leave templates out: donors prefer one on three networks of nine.
    claim = "fit on every network tested, templates apart"
    if found.unfit:
        claim = f"unfit {_where(found.unfit) if found.fit else 'on every network tested'}"
    if found.tried != len(WHERE):
        claim += f" ({found.tried} of {len(WHERE)})"
    return claim + _raised(found)


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
    return (f"{text}, unfit {_where(found.unfit)}" if found.unfit else text) + _raised(found)


def _of_score(finding: Finding) -> tuple[str, Validation]:
    metric = score_name(finding.curves[0].protocol)
    # The meta-evaluation was held on median beats.
    if metric is None or finding.about.input == "rhythm":
        return "", Validation()
    return metric, validations().get(metric, Validation())


def _raised(found: Validation) -> str:
    """Attacks that raise a metric, for the end of its validation; "" where none does."""
    return f"; raised without information by {joined(found.raised)}" if found.raised else ""


def _where(networks: Sequence[str]) -> str:
    return joined([WHERE[name] for name in networks])
