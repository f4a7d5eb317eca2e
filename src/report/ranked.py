"""A network's methods in order: its findings, table and answer, and the page that it writes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..datamodules import Batch, Target
from ..ecg import FS_HZ
from ..eval import DEFAULT, Answer, Finding, Ranking, Subject, answers_of, finding_of
from ..eval.evaluations.sanity import Weights
from ..explain import GivenMaps, Method
from ..inputs import cautions, numbers
from ..store import write_text
from .answer.words import in_a_line
from .privacy import Pseudonyms
from .text.cautions import cautions_of
from .text.facts import installed_versions
from .text.words import auc_label, heading

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The tests of what was learned, as in configs/evaluation/gates.yaml.
LEARNED = Weights(stages=0, copies=10, ecgs=16)
# The same curves read against the labels: the second view.
AGAINST_TRUTH = replace(DEFAULT, name="error against the labels", outcome="relative_error")


@dataclass(frozen=True, repr=False)
class RankedNetwork:
    """The methods of one network in order; shows itself in a notebook.

    `best` is None where `answer` has no method to use. `learned` has the tests with redrawn weights
    and permuted labels (eval.evaluations.sanity), `returned` the return test of some methods
    (eval.evaluations.return_test), each or the `reason` why there is none.
    """

    finding: Finding
    learned: Finding
    returned: Finding
    ranking: Ranking

    @property
    def table(self) -> pd.DataFrame:
        """Methods and controls, best first, with 95 % intervals (see eval.Ranking)."""
        return self.ranking.table

    @cached_property
    def answer(self) -> Answer:
        """Which methods to use, which not, and what is missing (eval.Answer)."""
        (found,) = answers_of([self.finding, self.learned, self.returned])
        return found

    @property
    def left_out(self) -> Mapping[str, str]:
        """Reason for each method that would be wrong on this network, and was not ranked."""
        return self.finding.curves[0].left_out

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on the network, the maps and the comparisons."""
        return self.finding.notes

    @property
    def best(self) -> str | None:
        """The method of largest area among those to use; None when there is none."""
        return self.answer.best

    def save(self, path: str | Path, *, files: bool = False) -> Path:
        """Write the self-contained page to exactly `path`; PNG and CSV beside it if `files`."""
        from .page import html, write_files
        from .sections import added_sections
        from .views.perturbation import perturbation_views
        from .views.views import RunViews, evaluation_views

        page = Path(path)
        findings = [self.finding, *_against_truth(self.finding)]
        beside = [self.learned, self.returned]
        ranked = perturbation_views(findings)
        run = RunViews(findings, ranked, evaluation_views(beside, ranked))
        added = added_sections([self.finding, *beside], Pseudonyms())
        if files:
            write_files(run, page.parent, added)
        return write_text(page, html(run, added, beside=files))

    def plot(self) -> "Figure":
        """Areas under the curves with their intervals, best first, as the page draws them."""
        from .figures.intervals import ranking_figure

        title = " · ".join(heading(self.finding))
        return ranking_figure(self.table, auc_label(self.finding), title)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What to know before relying on it: notes, methods left out with the reason, doubts."""
        return cautions_of(self.finding)

    def __repr__(self) -> str:
        columns = ["method", "kind", "value", "low", "high", "beats_controls"]
        table = self.table[columns].to_string(index=False)
        return "\n".join([in_a_line(self.answer), table, *(f"- {each}" for each in self.cautions)])

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escape(each)}</li>" for each in self.cautions)
        answer, table = escape(in_a_line(self.answer)), self.table.to_html(index=False, border=0)
        return f"<p>{answer}</p>{table}" + (f"<ul>{items}</ul>" if items else "")


def returned_by(methods: Mapping[str, Method]) -> tuple[str, ...]:
    """Methods that the return test asks of: maps that were given, and one of the others.

    It costs as much again for each. Its question is that of a method which contrasts an ECG with
    others; then of one whose maps add up to the change of the output.
    """
    given = [name for name, each in methods.items() if isinstance(each, GivenMaps)]
    others = [name for name in methods if name not in given]
    ranks = {name: (each.facts.baseline != "others", each.facts.sums == "none")
             for name, each in methods.items()}  # fmt: skip
    return (*given, *sorted(others, key=lambda name: ranks[name])[:1])


NO_NUMBERS = (
    "All labels are 0 or 1: if {} is a logit, it is judged rightly only by a target of its own, "
    'Target(…, kind="binary").'
)


def own_subject(
    ecgs: Batch,
    methods: Mapping[str, Method],
    target: int,
    background: Any = None,
    fs: float = FS_HZ,
    means: Target | None = None,
) -> Subject:
    """The user's ECGs with their methods; ValueError for a background that is not numbers.

    `means` says what output `target` is; without it, labels that are a class's are a caution.
    """
    said = f"output {target} of the network"
    known = ecgs.y[:, target][~ecgs.y[:, target].isnan()]
    classes = means is None and known.unique().tolist() == [0, 1]
    return Subject(
        ecgs=ecgs,
        methods=methods,
        target=means or Target(f"output {target}", "", said),
        output=int(target),
        background=None if background is None else numbers(background, "background"),
        facts={
            "versions": installed_versions(),
            "cautions": [*cautions(ecgs, fs), *[NO_NUMBERS.format(said)] * classes],
        },
        fs=float(fs),
    )


def _against_truth(finding: Finding) -> list[Finding]:
    """The second view, where labels of 2 patients allow it."""
    curves = tuple(replace(each, protocol=AGAINST_TRUTH) for each in finding.curves)
    about = replace(finding.about, evaluation=AGAINST_TRUTH.name)
    return [each for each in [finding_of(curves, about)] if each.ranked]
