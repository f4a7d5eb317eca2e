"""Rank methods on a network of one's own, from Python."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int8, Real
from matplotlib.figure import Figure
from torch import Tensor, nn

from ..datamodules import Batch, Target, cores, target_of
from ..ecg import FS_HZ
from ..eval import (
    DEFAULT,
    Answer,
    Finding,
    Networks,
    Perturbation,
    Ranking,
    ReturnTest,
    Subject,
    answers_of,
    finding_of,
    finding_or_reason,
    rank,
)
from ..eval.evaluations.sanity import Weights
from ..eval.ranking import usable
from ..explain import GivenMaps, Method
from ..inputs import (
    cautions,
    ecgs_of,
    gathered,
    methods_and_maps,
    numbers,
    own_network,
    own_of,
)
from ..models import InputSpec
from ..store import write_text
from .answer.words import in_a_line
from .figures.intervals import ranking_figure
from .page import html, write_files
from .privacy import Pseudonyms
from .sections import added_sections
from .text.cautions import cautions_of
from .text.facts import installed_versions
from .text.words import auc_label, heading
from .views.perturbation import perturbation_views
from .views.views import RunViews, views

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
        page = Path(path)
        findings = [self.finding, *_against_truth(self.finding)]
        beside = [self.learned, self.returned]
        run = RunViews(findings, perturbation_views(findings), views(beside))
        added = added_sections([self.finding, *beside], Pseudonyms())
        if files:
            write_files(run, page.parent, added)
        return write_text(page, html(run, added, beside=files))

    def plot(self) -> Figure:
        """Areas under the curves with their intervals, best first, as the page draws them."""
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


def rank_methods(  # noqa: PLR0913 - the front door: what a network wants comes by name
    net: nn.Module | Sequence[nn.Module] | Callable[[Any], Any],
    x: Real[np.ndarray | Tensor, "batch lead time"] | Iterable[Any],
    y: Real[np.ndarray | Tensor, "..."] | None = None,
    target: int | str | Target = 0,
    methods: str | Sequence[str] | Mapping[str, Method] = "all",
    background: Real[np.ndarray | Tensor, "other lead time"] | None = None,
    *,
    spec: InputSpec | None = None,
    fs: float = FS_HZ,
    maps: Mapping[str, Real[np.ndarray | Tensor, "batch lead time"]] | None = None,
    permuted: nn.Module | None = None,
    marks: Int8[np.ndarray | Tensor, "batch time"] | None = None,
    with_each: Any = None,
    workers: int = cores(),
) -> RankedNetwork:
    """Ranking of attribution methods and controls on output `target` of `net`.

    `x` are at least 2 ECGs in µV at `fs` Hz, 12 leads in the order of ecg.LEADS; in strips a step
    disturbs the same point of all beats. It may be a DataLoader or another iterable of batches, x
    or (x, y), of more ECGs than memory holds: a temporary file keeps them. `net` maps them to
    (batch, targets) and is in evaluation mode; with `spec` it maps what that declares, and may be a
    list of networks, whose outputs are averaged. `with_each` has values that it reads beside each
    ECG by name, such as {"age": ages}, in the order of `x`: copies of an ECG keep them
    (models.WithEach). A function (models.as_network) is ranked by the
    methods that need no more. `y` are labels: one per ECG, or one per ECG and output; with them the
    page shows the error against them as a second view.
    A `target` by its name in configs/target, such as "pr", or a datamodules.Target says what the
    one output of the network means and where in the beat it is measured; a number does not, so that
    no map is compared with random numbers there (level 2). `marks` are masks of the waves as of
    ecg.segment_mask; without, they are found in strips and in beats of 600 samples at 500 Hz, and
    cautions name ECGs that have none.
    `methods` is a group ("all", "default", "storas2025"), names, or methods by name; those that
    compare with the ECGs of others need some of the training part as `background`.
    `maps` are heatmaps that were computed elsewhere by the name of their method, in the shape and
    order of `x`; methods=[] ranks them alone. Weights of the network are redrawn to test whether
    maps of networks without them score as well; for a program or a function its input is moved
    instead. `permuted` is the same network trained on permuted labels, for the same test. Neither
    is possible for `maps`. The return test asks of `maps` and of one method whether they are about
    their own ECG (evaluate asks it of all).
    `workers` processes make heatmaps and curves, by default one for each core, on Linux and a CPU;
    the numbers are the same. Nothing is kept on disk. For other seeds and protocols see
    eval.Perturbation. ECGs in mV or without a unit are refused, since a network that wants them
    reads others: a winner on them would be chance.
    The score is the default protocol alone; the commands ask a second one, which has to agree.
    Raises ValueError for anything else, for NaN, for flat ECGs, and for a network that does not
    take the ECGs or cannot be explained.
    """
    named = isinstance(target, str | Target)
    means = target_of(target) if named else None
    index = target_of(target).index if named else target
    ecgs = ecgs_of(*gathered(x, y), index, fs, marks)
    chosen = methods_and_maps(methods, maps, ecgs.x)

    def adapted(own: Any) -> nn.Module:  # the spec refuses what it cannot stand before
        given = own if spec is None else spec.adapt(own, float(fs))
        if means is None:
            return own_network(given, ecgs.x, with_each)
        return own_of(given, ecgs.x, means, with_each)

    networks = Networks([adapted(net)], None if permuted is None else adapted(permuted))
    described = own_subject(ecgs, chosen, index, background, fs)
    subject = replace(described, target=means or described.target, workers=workers)
    finding = Perturbation()(networks, subject)
    # Maps that were given are the same for every network.
    made = {name: each for name, each in chosen.items() if not isinstance(each, GivenMaps)}
    learned = finding_or_reason(LEARNED, networks, replace(subject, methods=made))
    returned = finding_or_reason(ReturnTest(returned_by(chosen)), networks, subject)
    return RankedNetwork(finding, learned, returned, rank(finding))


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


def own_subject(
    ecgs: Batch,
    methods: Mapping[str, Method],
    target: int,
    background: Any = None,
    fs: float = FS_HZ,
) -> Subject:
    """The user's ECGs with their methods; ValueError for a background that is not numbers."""
    return Subject(
        ecgs=ecgs,
        methods=methods,
        target=Target(f"output {target}", "", f"output {target} of the network"),
        output=int(target),
        background=None if background is None else numbers(background, "background"),
        facts={"versions": installed_versions(), "cautions": cautions(ecgs, fs)},
        fs=float(fs),
    )


def _against_truth(finding: Finding) -> list[Finding]:
    """The second view, where at least two labels allow it."""
    curves = tuple(replace(each, protocol=AGAINST_TRUTH) for each in finding.curves)
    about = replace(finding.about, evaluation=AGAINST_TRUTH.name)
    return [finding_of(curves, about)] if usable(curves[0]).sum() >= 2 else []
