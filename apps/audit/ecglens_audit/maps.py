"""The second page: what each map was shown to be, by which test, and what was not tested."""

from dataclasses import dataclass

import numpy as np
from ecglens.eval import (
    DECIDING,
    FINDING,
    GATES,
    LADDER_GATE,
    LINTER_GATE,
    Claim,
    MethodAnswer,
    decides,
    rank,
)
from ecglens.eval.evaluations.sanity import DEAR_REDRAWS, SCORED
from ecglens.report import SIGNS, command_of, listed, style
from ecglens.report.text import auc_label, counted, fixed, rules_words, seen

from .network import interval
from .sources import NOT_TESTED, UNTESTED, Cell, Run

MOST = 21  # methods on the page: all built-in ones; more would not fit an A4
NAMED = 8  # of these on a line
WEIGHTS, RETURN = "weights", "return_test"
NOT_JUDGED = "not judged"
CLAIMS = {
    "network": "About this network",
    "target": "Beats the target region",
    "other patients": "Beats other patients’ maps",
    "this ECG": "Specific to its ECG",
}
GATE_HEADS = {
    LINTER_GATE: "Valid here",
    LADDER_GATE: "Controls and region",
    **dict(zip(GATES.values(), ("Redrawn weights", "Moved input", "Permuted labels"), strict=True)),
}
# Questions that a run may ask beside those of the answer, by the evaluation that asks them.
QUESTIONS = {
    "effects": "whether maps agree with measured effects of waves and leads",
    "localisation_wave": "whether maps lie on the waves of the target",
    "axioms": "whether maps stay under noise and shifts, and add up",
    "consistency": "whether maps of retrained networks agree",
    "shortcuts": "relevance outside the heart’s signal",
    "measure": "how the reading responds to known changes of an ECG",
}


@dataclass(frozen=True)
class Method:
    """A method of the page: its answer, its area by each deciding protocol, gates and claims."""

    label: str
    answer: Cell
    areas: tuple[Cell, ...]
    gates: tuple[Cell, ...]
    claims: tuple[Cell, ...]


@dataclass(frozen=True)
class Maps:
    """The tables of the page; without a ranking `methods` is empty."""

    heads: tuple[str, ...]
    caption: Cell
    methods: tuple[Method, ...]
    more: int
    untested: list[str]
    command: str


def maps(run: Run) -> Maps:
    """What was shown of the maps of each method."""
    answer = run.answer
    if answer is None:
        return Maps((), UNTESTED, (), 0, untested(run), "")
    areas = [_areas(run, each.name) for each in DECIDING]
    gates = tuple(dict.fromkeys(gate for each in answer.methods for gate in each.gates))
    gated = [(WEIGHTS, FINDING, "table, about")] if run.of(WEIGHTS) else []
    shown = [
        Method(
            style(each.name).label,
            run.cell(f"{SIGNS[each.use]} {each.use}", *run.ladder, *gated),
            tuple(of.get(each.name, UNTESTED) for of in areas),
            tuple(_gate(run, each, gate) for gate in gates),
            tuple(_claim(run, one) for one in answer.claims.get(each.name, ())),
        )
        for each in answer.methods[:MOST]
    ]
    first = run.rankings[0]
    ecgs = seen(answer.ecgs, first.patients, first.facts, "test")
    twins = [f", of weights and labels on {len(each.about.records)}" for each in run.of(WEIGHTS)]
    scores = "; ".join(
        f"{rules_words(each.about.evaluation)}, {auc_label(each)}" for each in run.rankings
    )
    return Maps(
        heads=(
            *(rules_words(each.name) for each in DECIDING),
            *(GATE_HEADS[each] for each in gates),
        ),
        caption=run.cell(f"On {ecgs}{''.join(twins[:1])}. Scores: {scores}.", *run.ladder, *gated),
        methods=tuple(shown),
        more=max(0, len(answer.methods) - MOST),
        untested=untested(run),
        command=command_of(answer, answer.next),
    )


def judged_over(run: Run) -> str:
    """Networks, or inputs, over which claims about the network have intervals; "" for none."""
    for each in run.of(WEIGHTS):
        asked = each.facts.get("settings", {}).get("evaluation", {}).get(WEIGHTS) or {}
        most = asked.get("copies")
        if "moved_verdict" in each.table:
            known = f"{SCORED} moved inputs"
        elif isinstance(most, int):
            known = f"{counted(min(SCORED, most), 'network')} with redrawn weights"
        else:
            known = f"up to {SCORED} networks with redrawn weights"
        return f"{known} (methods dearer than a gradient: at most {DEAR_REDRAWS})"
    return ""


def behind_use(run: Run) -> list[str]:
    """What a method's use rests on and this run did not test, a line each."""
    ranked = {each.about.evaluation for each in run.rankings if decides(each)}
    missing = [rules_words(each.name) for each in DECIDING if each.name not in ranked]
    found = [f"Score by {listed(missing)}"] if missing else []
    if run.answer and run.answer.reads.verdict == NOT_TESTED:
        found.append("Whether the network reads its target")
    return found


def untested(run: Run) -> list[str]:
    """What this run did not test, a line each."""
    answer, found = run.answer, behind_use(run)
    there = {each.about.evaluation for each in run.made}
    asked = run.main.facts.get("settings", {}).get("evaluation", {})
    lost = [name for name in asked if name not in there]
    if lost:
        why = {each.about.evaluation: each.reason for each in run.findings}
        said = [f"{name} ({why[name]})" if why.get(name) else name for name in lost]
        found.append(f"In the settings of the run, without a result: {', '.join(said)}")
    for name, words in CLAIMS.items():
        lacking = [
            style(method).label
            for method, claims in (answer.claims if answer else {}).items()
            if any(one.about == name and one.verdict == "not tested" for one in claims)
        ]
        if answer is None or len(lacking) == len(answer.methods):
            found.append(f"“{words}”: no method")
        elif lacking:
            more = f" and {len(lacking) - NAMED} more" if len(lacking) > NAMED else ""
            found.append(f"“{words}”: {', '.join(lacking[:NAMED])}{more}")
    found += [f"{words[:1].upper()}{words[1:]} (evaluation={name.split('_')[0]})"
              for name, words in QUESTIONS.items() if name not in there]  # fmt: skip
    return [*found, "Whether a map helps anybody who reads ECGs"]


def _areas(run: Run, protocol: str) -> dict[str, Cell]:
    """Area of each method by a protocol, ranked again from its curves."""
    source = (protocol, "curves-*.npz", "predictions")
    return {
        row["method"]: run.cell(interval(row["value"], row["low"], row["high"]), source)
        for each in run.rankings
        if decides(each) and each.about.evaluation == protocol
        for row in rank(each).table.to_dict("records")
    }


def _gate(run: Run, method: MethodAnswer, gate: str) -> Cell:
    verdict = method.gates.get(gate, NOT_JUDGED)
    columns = [name for name, each in GATES.items() if each == gate]
    if verdict == NOT_JUDGED:
        return UNTESTED
    if columns:
        found = [(WEIGHTS, FINDING, f"table.{columns[0]}")] if run.of(WEIGHTS) else []
        return run.cell(verdict, *found)  # what cannot be had is in no file
    linted = [(each.about.evaluation, FINDING, "curves.left_out") for each in run.rankings]
    return run.cell(verdict, *(linted if gate == LINTER_GATE else run.ladder))


def _claim(run: Run, claim: Claim) -> Cell:
    """Verdict, and what the strongest null does as a share of the own map."""
    if claim.verdict == NOT_TESTED:
        return UNTESTED
    share = _shares(claim.share, claim.low, claim.high) if np.isfinite(claim.share) else ""
    said = ": ".join(filter(None, [claim.verdict, share]))
    own = {
        "network": (
            WEIGHTS,
            FINDING,
            f"table.{claim.null}_kept" if claim.null else "table.verdict",
        ),
        "this ECG": (RETURN, "details/shown.csv", claim.null or "shown"),
    }
    return run.cell(said, *([own[claim.about]] if claim.about in own else run.ladder))


def _shares(value: float, low: float, high: float) -> str:
    """A share with its interval, in percent."""
    ends = f" ({fixed(100 * low, 0)} to {fixed(100 * high, 0)})" if np.isfinite(low) else ""
    return f"{fixed(100 * value, 0)} %{ends}"
