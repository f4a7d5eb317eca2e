"""Parts of the suite: scores of findings on one method, and verdicts by the limits of PARTS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from ecglens.eval import Finding, rank
from ecglens.eval.statistics import interval, resampled
from jaxtyping import Float

# Digits that are kept: more than any table shows, fewer than rounding of float32 reaches.
DIGITS = 4
# What ρ is between, where a part has no other measure.
LABELS = {
    "weights": "ρ with maps of redrawn networks",
    "consistency": "ρ of maps of retrained networks",
}


@dataclass(frozen=True)
class Score:
    """Numbers of a measure: `rows` by method or control, one for each of `over` (ECGs, kinds).

    `better` is "higher", "lower" or "" where no value is better; `value` with `low`–`high` is the
    method's mean over what every row has a number of; `beats` whether it is better than every
    control, None where that is not asked.
    """

    name: str
    part: str
    label: str
    better: str
    over: str
    value: float | None
    low: float | None
    high: float | None
    beats: bool | None
    rows: Mapping[str, Sequence[float | None]]


def scores_of(finding: Finding, part: str, where: str, names: Sequence[str] = ()) -> list[Score]:
    """The scores of a finding on one method, by measure; `names` chooses among the measures."""
    scores = []
    for measure in finding.measures:
        if names and measure.name not in names:
            continue
        by_method = finding.scores[measure.name]
        # NaN where any network or draw has no number.
        rows = {name: [plain(one) for one in each.mean((0, 1))] for name, each in by_method.items()}
        table = finding.table[finding.table["measure"] == measure.name].set_index("method")
        own = table[table["kind"] == "method"]
        if not len(own):
            continue
        row = own.iloc[0]
        better = {True: "higher", False: "lower", None: ""}[measure.higher_is_better]
        beats, label = row.get("beats_controls"), LABELS.get(part, measure.label)
        scores.append(
            Score(
                name=f"{part}/{where}/{measure.name}" if where else f"{part}/{measure.name}",
                part=part,
                label=f"{label}, {where}" if where else label,
                better=better,
                over="ECGs",
                value=plain(row["value"]),
                low=plain(row["low"]),
                high=plain(row["high"]),
                beats=None if not better or pd.isna(beats) else bool(beats),
                rows=rows,
            )
        )
    return scores


def plain(value: Any) -> float | None:
    """A number as JSON has it, to DIGITS digits; None for NaN."""
    number = float(value)
    return float(f"{number:.{DIGITS}g}") if np.isfinite(number) else None


def mean_of(values: Float[np.ndarray, " unit"]) -> float:
    """Mean over the units that have a number; NaN where none has."""
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else float("nan")


def interval_of(values: Float[np.ndarray, " unit"], level: float = 0.95) -> tuple[float, float]:
    """Ends of the interval of the mean over units that have a number; NaN for fewer than two."""
    (there,) = np.nonzero(np.isfinite(values))
    if len(there) < 2:
        return float("nan"), float("nan")
    drawn = resampled([f"{unit}" for unit in there], 0) @ values[there]
    low, high = interval(drawn[None], len(there), level)
    return float(low[0]), float(high[0])


PartVerdict = Literal["passes", "fails", "cannot be said", "not tried", "described"]
WEIGHTS, PERMUTED = "weights", "labels"


@dataclass(frozen=True)
class Outcome:
    """A part: its verdict, the result in a few words, scores, and what a reader should know."""

    part: str
    verdict: PartVerdict
    said: str
    scores: tuple[Score, ...] = ()
    notes: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Plain data for JSON; the scores are elsewhere."""
        about = {"part": self.part, "verdict": self.verdict, "said": self.said}
        return {**about, "notes": [*self.notes]}


def not_tried(part: str, reason: str) -> Outcome:
    """A part without a number, and why."""
    return Outcome(part, "not tried", reason)


def contributions_outcome(findings: Mapping[str, Finding]) -> Outcome:
    """Cosine with the truth by network set by hand."""
    scores, wins, notes = [], [], []
    for network, finding in findings.items():
        found = scores_of(finding, "contributions", network)
        scores += found
        wins += [each.beats for each in found]
        notes += [f"{network}: {each}" for each in finding.notes if not found]
    values = [each.value for each in scores if each.value is not None]
    if not values:
        return Outcome("contributions", "not tried", "right on none of them", (), tuple(notes))
    refused = len(findings) - len(wins)
    said = (
        f"cosine {np.mean(values):.2f}; above every control on {sum(map(bool, wins))} of "
        f"{len(wins)} networks ({refused} refused)"
    )
    verdict = "fails" if not all(wins) else "cannot be said" if refused else "passes"
    return Outcome("contributions", verdict, said, tuple(scores), tuple(notes))


def pairs_outcome(finding: Finding) -> Outcome:
    """Counterfactual pairs: predicted change, its sign, relevance on what moved."""
    return _beating("pairs", "cosine", finding, "predicted change, cosine {:.2f}")


def axioms_outcome(finding: Finding) -> Outcome:
    """Properties every map should have; infidelity has the limit."""
    return _beating("axioms", "infidelity", finding, "infidelity {:.2f}")


def _beating(part: str, measure: str, finding: Finding, words: str) -> Outcome:
    """Outcome by one measure, which has to be better than that of every control."""
    scores = scores_of(finding, part, "")
    chosen = next((each for each in scores if each.name.endswith(f"/{measure}")), None)
    verdict, said = "not tried", "no number"
    if chosen is not None and chosen.value is not None:
        verdict = "passes" if chosen.beats else "fails"
        over = "better than every control" if chosen.beats else "not better than every control"
        said = f"{words.format(chosen.value)}; {over}"
    return Outcome(part, verdict, said, tuple(scores), tuple(finding.notes))


def ladder_outcome(findings: Mapping[str, Sequence[Finding]], method: str) -> Outcome:
    """Level of the null ladder on each target: the lower one of both protocols.

    A target that the method refuses is "–", and the limit is not met.
    """
    scores, said, verdicts, notes = [], [], [], []
    for target, by_protocol in findings.items():
        levels = []
        for finding in by_protocol:
            ladder = rank(finding.curves).ladder
            level = ladder.reached.get(method)
            scores += scores_of(finding, "ladder", f"{target}, {finding.about.evaluation}")
            levels.append(level)
            if level is None:
                verdicts.append("not tried")
            elif level >= ladder.needed:
                verdicts.append("passes")
            else:  # fails where the mean is below that of some rung
                below = len(ladder.not_above(method)) > 0
                verdicts.append("fails" if below else "cannot be said")
            notes += [each for each in finding.notes if each.startswith(method)]
        reached = "–" if None in levels else f"{min(levels)}"
        said.append(f"{target} {reached}")
    words = f"level (of 3): {', '.join(said)}"
    return Outcome("ladder", on_every(verdicts), words, tuple(scores), tuple(notes))


def real_outcome(findings: Mapping[str, Sequence[Finding]], method: str) -> Outcome:
    """Level of the null ladder on published networks and recorded ECGs: described, no limit."""
    found = ladder_outcome(findings, method)
    scores = [
        replace(each, part="real", name=each.name.replace("ladder/", "real/"))
        for each in found.scores
    ]
    return replace(found, part="real", verdict="described", scores=tuple(scores))


def weights_outcomes(finding: Finding) -> tuple[Outcome, Outcome]:
    """Gates on redrawn weights and on permuted labels, as the answer of a run has them."""
    row = _row(finding)
    if row is None:
        reason = next(iter(finding.notes), "no number")
        return not_tried(WEIGHTS, reason), not_tried(PERMUTED, reason)

    def gate(part: str, name: str, scores: Sequence[Score]) -> Outcome:
        verdict, kept = row[f"{name}_verdict"], row[f"{name}_kept"]
        known = "not tried" if verdict == "not judged" else verdict
        said = f"score kept {kept:.0%}" if np.isfinite(kept) else known
        return Outcome(part, known, said, tuple(scores))

    scores = scores_of(finding, WEIGHTS, "")
    return gate(WEIGHTS, "redrawn", scores), gate(PERMUTED, "labels", ())


def _row(finding: Finding) -> Mapping[str, Any] | None:
    """The row of the one method; None where it was refused."""
    rows = finding.table[finding.table["kind"] == "method"]
    return rows.iloc[0].to_dict() if len(rows) else None


def consistency_outcome(finding: Finding) -> Outcome:
    """Agreement of retrained networks' maps: described, since networks may differ."""
    row = _row(finding)
    if row is None:
        return not_tried("consistency", next(iter(finding.notes), "no number"))
    if not np.isfinite(row["value"]):
        return not_tried("consistency", "no number: its maps have no order of points")
    said = f"ρ {row['value']:.2f}, maps of different ECGs {row['other_ecg']:.2f}"
    scores = scores_of(finding, "consistency", "")
    return Outcome("consistency", "described", said, tuple(scores))


def localisation_outcome(findings: Mapping[str, Finding]) -> Outcome:
    """Relevance rank in the region of each target."""
    scores = [
        each
        for target, finding in findings.items()
        for each in scores_of(finding, "localisation", target, ("relevance_rank",))
    ]
    if not scores:
        return not_tried("localisation", "no number")
    said = ", ".join(
        f"{each.label.rpartition(', ')[2]} {each.value:.2f}{'*' if each.beats else ''}"
        for each in scores
        if each.value is not None
    )
    words = f"relevance rank {said}; * better than every control"
    return Outcome("localisation", "described", words, tuple(scores))


def on_every(verdicts: Sequence[PartVerdict]) -> PartVerdict:
    """Combine verdicts over targets; a refusal is undecided."""
    tried = [each for each in verdicts if each != "not tried"]
    for verdict in ("fails", "cannot be said"):
        if verdict in tried:
            return verdict
    if not tried:
        return "not tried"
    return "passes" if len(tried) == len(verdicts) else "cannot be said"
