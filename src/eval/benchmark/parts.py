"""Parts of the suite: what findings on one method come to, by the limits of suite.PARTS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Literal

import numpy as np

from ..evaluations.sanity import gates
from ..finding import Finding
from ..gates import above_its_nulls
from ..ranking.ranking import rank
from .scores import Score, scores_of

Verdict = Literal["passes", "fails", "cannot be said", "not tried", "described"]
LEAST_NETWORKS = 4
WEIGHTS, LABELS = "weights", "labels"


@dataclass(frozen=True)
class Outcome:
    """A part: its verdict, the result in a few words, scores, and what a reader should know."""

    part: str
    verdict: Verdict
    said: str
    scores: tuple[Score, ...] = ()
    notes: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON has it; the scores are elsewhere."""
        return {
            "part": self.part,
            "verdict": self.verdict,
            "said": self.said,
            "notes": [*self.notes],
        }


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
    every = all(wins) and len(wins) >= LEAST_NETWORKS
    said = (
        f"cosine {np.mean(values):.2f}; above every control on {sum(map(bool, wins))} of "
        f"{len(wins)} networks ({len(findings) - len(wins)} refused)"
    )
    verdict = "passes" if every else "fails" if not all(wins) else "cannot be said"
    return Outcome("contributions", verdict, said, tuple(scores), tuple(notes))


def pairs_outcome(finding: Finding) -> Outcome:
    """Counterfactual pairs: predicted change, its sign, relevance on what moved."""
    scores = scores_of(finding, "pairs", "")
    return _beating("pairs", "cosine", scores, "predicted change, cosine {:.2f}", finding.notes)


def axioms_outcome(finding: Finding) -> Outcome:
    """Properties every map should have; infidelity has the limit."""
    scores = scores_of(finding, "axioms", "")
    return _beating("axioms", "infidelity", scores, "infidelity {:.2f}", finding.notes)


def _beating(
    part: str, measure: str, scores: Sequence[Score], words: str, notes: Sequence[str]
) -> Outcome:
    chosen = next((each for each in scores if each.name.endswith(f"/{measure}")), None)
    if chosen is None or chosen.value is None:
        return Outcome(part, "not tried", "no number", tuple(scores), tuple(notes))
    verdict: Verdict = "passes" if chosen.beats else "fails"
    over = "better than every control" if chosen.beats else "not better than every control"
    return Outcome(part, verdict, f"{words.format(chosen.value)}; {over}", tuple(scores))


def ladder_outcome(findings: Mapping[str, Sequence[Finding]], method: str) -> Outcome:
    """Level of the null ladder on each target: the lower one of both protocols.

    A target that the method refuses is "–", and the limit is not met.
    """
    scores, said, verdicts, notes = [], [], [], []
    for target, by_protocol in findings.items():
        levels = []
        for finding in by_protocol:
            ranking = rank(finding.curves)
            scores += scores_of(finding, "ladder", f"{target}, {finding.about.evaluation}")
            levels.append(ranking.ladder.reached.get(method))
            verdicts.append(above_its_nulls(ranking, method))
            notes += [each for each in finding.notes if each.startswith(method)]
        reached = "–" if None in levels else f"{min(levels)}"
        said.append(f"{target} {reached}")
    return Outcome(
        "ladder",
        on_every(verdicts),
        f"level (of 3): {', '.join(said)}",
        tuple(scores),
        tuple(notes),
    )


def real_outcome(findings: Mapping[str, Sequence[Finding]], method: str) -> Outcome:
    """Level of the null ladder on published networks and recorded ECGs: described, no limit."""
    found = ladder_outcome(findings, method)
    scores = [
        replace(each, part="real", name=each.name.replace("ladder/", "real/"))
        for each in found.scores
    ]
    return replace(found, part="real", verdict="described", scores=tuple(scores))


def weights_outcomes(finding: Finding) -> tuple[Outcome, Outcome]:
    """Gates on redrawn weights and on permuted labels (eval.evaluations.sanity)."""
    rows = finding.table[finding.table["kind"] == "method"]
    if not len(rows):
        reason = next(iter(finding.notes), "no number")
        return not_tried(WEIGHTS, reason), not_tried(LABELS, reason)
    row = rows.iloc[0]
    found = []
    for part, gate in ((WEIGHTS, "weights"), (LABELS, "permuted")):
        verdict, why = row[f"{gate}_verdict"], row[f"{gate}_why"]
        kept = row[f"{gate}_kept"]
        said = f"ρ kept {kept:.2f}" if np.isfinite(kept) else str(why or verdict)
        scores = scores_of(finding, part, "") if part == WEIGHTS else []
        known = "not tried" if verdict == "not judged" else verdict
        found.append(Outcome(part, known, said, tuple(scores)))
    return found[0], found[1]


def consistency_outcome(finding: Finding) -> Outcome:
    """Agreement of retrained networks' maps: described, since networks may differ."""
    scores = scores_of(finding, "consistency", "")
    rows = finding.table[finding.table["kind"] == "method"]
    if not len(rows):
        return not_tried("consistency", next(iter(finding.notes), "no number"))
    row = rows.iloc[0]
    said = f"ρ {row['value']:.2f}, maps of different ECGs {row['other_ecg']:.2f}"
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


def on_every(verdicts: Sequence[gates.Verdict]) -> Verdict:
    """What a limit on every target comes to: one that was refused cannot be said to be met."""
    found = reduce(gates.both, verdicts, "not judged")
    if found == "not judged":
        return "not tried"
    return "cannot be said" if found == "passes" and "not judged" in verdicts else found
