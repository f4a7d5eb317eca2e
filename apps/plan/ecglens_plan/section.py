"""The end of a report: how many ECGs would show what this run did not."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pandas as pd
from ecglens.eval import Answer, Finding, MethodAnswer, answers_of
from ecglens.report import Section, environment, unique_key, write_table
from ecglens.report.text import INPUTS, percent, target_words
from markupsafe import Markup
from matplotlib.figure import Figure

from . import ECG, OTHERS, TARGET
from .comparisons import Comparisons, comparisons_of
from .planning import FEWEST, Pilot

POWER = 0.9  # as the command has it
GAINS = (0.2, 0.1)  # of the own map's score: what a run of hundreds, and of a thousand, can show
# What a method was not shown to be, as the page says it.
QUESTIONS: Mapping[str, str] = {
    TARGET: "better than the target region itself",
    OTHERS: "better than maps of other patients",
    ECG: "specific to its ECG",
}
HEADS = [
    "Method",
    "#ECGs now",
    f"#Power now ({percent(GAINS[0])})",
    *(f"#ECGs for {percent(gain)}" for gain in GAINS),
]


@dataclass(frozen=True)
class PlanSection(Section):
    """Plan of each method and question that a run left at "not shown".

    `rows` have the question (`detect` of the command), the method, the ECGs of the run, its power
    for the larger gain, and the ECGs for each gain; NaN above MOST_ECGS.
    """

    heading: ClassVar[str] = "How many ECGs would show it"
    note: ClassVar[str] = (
        "“Not shown” may be for want of ECGs. Here are those that would show a gain of "
        f"{percent(GAINS[0])} or {percent(GAINS[1])} of the own map’s score with a probability of "
        f"{percent(POWER)}, by the variance of this run. They do not say that there is one."
    )
    key: str
    about: str
    rows: pd.DataFrame = field(compare=False)

    @property
    def title(self) -> str:
        """Target and input."""
        return self.about

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The plan."""
        return {"plan": self.rows}

    def drawn(self) -> dict[str, Figure]:
        """No figure."""
        return {}

    def caption(self, figure: str) -> str:
        """Raise KeyError: there is no figure."""
        raise KeyError(figure)

    def write(self, folder: Path) -> None:
        """The plan as CSV."""
        write_table(self.rows, folder / f"{self.key}-plan.csv")

    def html(self, *, beside: bool) -> Markup:
        """A folded table with the command of each question."""
        rows = self.rows.to_dict("records")
        shown = (
            environment(__package__ or "")
            .get_template("plan.html")
            .render(
                key=self.key,
                beside=beside,
                heads=HEADS,
                needed=[f"ecgs_{gain:g}" for gain in GAINS],
                questions=[
                    (detect, question, [row for row in rows if row["detect"] == detect])
                    for detect, question in QUESTIONS.items()
                    if detect in {*self.rows["detect"]}
                ],
            )
        )
        return Markup(shown)


def plan_sections(findings: Sequence[Finding]) -> list[PlanSection]:
    """One plan for each answer that leaves a question at "not shown"."""
    found: list[PlanSection] = []
    for answer in answers_of(findings):
        own = [each for each in findings if _on(answer, each)]
        if rows := [*_rows(answer, own)]:
            name = unique_key(f"plan {answer.target.name} {answer.input}", {e.key for e in found})
            title = f"{target_words(answer.target)} · {INPUTS.get(answer.input, '')}".rstrip(" ·")
            found.append(PlanSection(name, title, pd.DataFrame(rows, dtype=object)))
    return found


def _on(answer: Answer, finding: Finding) -> bool:
    same = finding.about.target == answer.target
    return same and {*finding.about.networks} <= {*answer.networks}


def _rows(answer: Answer, findings: Sequence[Finding]) -> Iterator[dict[str, object]]:
    for detect in QUESTIONS:
        comparisons: Sequence[Comparisons] = ()
        with suppress(ValueError):  # the run lacks the test
            comparisons = comparisons_of(findings, detect)
        for each in comparisons:
            asked = each.method in answer.of and _is_open(answer, answer.of[each.method], detect)
            if asked and each.own.shape[-1] >= FEWEST:
                yield {"detect": detect, "method": each.method} | _plan(each)


def _is_open(answer: Answer, method: MethodAnswer, detect: str) -> bool:
    """True for a question that more ECGs may answer for a method that failed nothing."""
    if method.use == "do not use" or answer.reads.verdict == "does not read":
        return False
    if detect == ECG:
        return method.this_ecg.verdict == "not shown"
    return method.level == {TARGET: 1, OTHERS: 2}[detect]


def _plan(comparisons: Comparisons) -> dict[str, object]:
    larger, smaller = (Pilot(comparisons, gain) for gain in GAINS)
    ecgs = larger.ecgs(POWER)
    return {
        "ecgs_now": larger.patients,
        "power_now": larger.power(larger.patients),
        f"ecgs_{GAINS[0]:g}": ecgs,
        f"ecgs_{GAINS[1]:g}": None if ecgs is None else smaller.ecgs(POWER),
    }
