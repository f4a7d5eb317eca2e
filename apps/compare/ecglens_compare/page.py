"""The page of two runs side by side: answers, numbers of every method, and settings."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ecglens.eval import Finding, MethodAnswer
from ecglens.report import (
    INK,
    SIGNS,
    PerturbationView,
    Pseudonyms,
    RunViews,
    View,
    across,
    environment,
    run_views,
    shareable,
    style,
    write_file,
    write_table,
)
from ecglens.report.figures import Mark, draw_interval, inline_svg, method_rows, png, vector
from ecglens.report.text import auc_label, counted
from ecglens.store import write_text
from matplotlib.figure import Figure

from .differences import DOSES, Pair, differing, pairs_of

PAGE = "compare.html"
ROW = 0.34  # inches for a method: two marks of 6 points stay apart
BESIDE = 0.16  # of a row: the two runs above and below its middle
MARKS = (("first", "o", -BESIDE), ("second", "D", BESIDE))


def comparison_figure(
    rows: pd.DataFrame, labels: Sequence[str], names: tuple[str, str], *, apart: bool = False
) -> Figure:
    """A filled dot for the first run and an open diamond for the second, each with its interval.

    Runs that are `apart`, of other ECGs or targets, have a panel and a scale each: one beside
    the other, their numbers would be compared. `labels` are those of the two scales.
    """
    ordered = rows.sort_values("first", ascending=False, kind="stable").to_dict("records")
    figure = Figure(figsize=(7.0, 1.4 + ROW * len(ordered)), dpi=150, layout="constrained")
    panels = figure.subplots(1, 1 + apart, sharey=True, squeeze=False)[0]
    for place, row in enumerate(ordered):
        for axes, (run, marker, off) in zip(panels[[0, -1]], MARKS, strict=True):
            estimate = (row[run], row[f"{run}_low"], row[f"{run}_high"])
            mark = Mark(hollow=run == "second", shape=marker, size=6)
            draw_interval(axes, place + off * (not apart), estimate, mark)
    for axes, label in zip(panels, labels, strict=False):  # one panel has the first's
        axes.set_xlabel(label)
        method_rows(axes, [row["method"] for row in ordered], "")
    for (_, marker, _), name, face in zip(MARKS, names, (INK, "white"), strict=True):
        panels[0].plot([], [], marker, color=INK, markerfacecolor=face, label=name)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8, labelcolor=INK)
    return figure


UNTRIED = {"not tested", "not measured"}
UNANSWERED = "This run has no perturbation evaluation, and so no answer."


@dataclass(frozen=True, eq=False)
class Run:
    """The findings of a run or sweep under the name that the page calls it by.

    `unfinished` is the number of its jobs that failed or were stopped.
    """

    name: str
    findings: Sequence[Finding]
    names: Pseudonyms
    unfinished: int = 0

    @cached_property
    def _made(self) -> RunViews:
        return run_views([each for each in self.findings if not each.reason], self.names)

    @property
    def ranked(self) -> Sequence[PerturbationView]:
        """A view for each ranking."""
        return self._made.ranked

    @property
    def others(self) -> Sequence[View]:
        """A view for each finding without curves that was made."""
        return self._made.others

    @property
    def views(self) -> list[View]:
        """Every view."""
        return [*self.ranked, *self.others]

    @property
    def answer(self) -> str:
        """The answer of the run in a sentence or two."""
        return across(self._made.answers) if self.ranked else UNANSWERED

    @cached_property
    def answers(self) -> Mapping[str, MethodAnswer]:
        """The answer for each method; empty for several networks or targets, which differ."""
        made = self._made.answers
        return made[0].of if len(made) == 1 else {}


def write_comparison(first: Run, second: Run, folder: Path) -> Path:
    """Write compare.html, compared.csv and the figures into `folder`; the path of the page.

    Raises ValueError where no evaluation was made in both runs.
    """
    pairs = pairs_of(first.views, second.views)
    if not pairs:
        made = [{each.finding.about.evaluation for each in run.views} for run in (first, second)]
        if both := made[0] & made[1]:
            raise ValueError(
                f"expected one target, or the same ones, in both runs, got several of "
                f"{min(both)}; give the folder of a job in place of a sweep"
            )
        one, other = (", ".join(sorted(each)) or "none" for each in made)
        raise ValueError(
            f"expected two runs with an evaluation in common, got {one} and {other}; run both with "
            "the same evaluation="
        )
    folder.mkdir(parents=True, exist_ok=True)
    for earlier in (PAGE, "compared.csv", "compared-[0-9]*.png", "compared-[0-9]*.pdf"):
        for file in folder.glob(earlier):
            file.unlink()
    names = (first.name, second.name)
    shown = [_shown(pair, place, names, folder) for place, pair in enumerate(pairs, 1)]
    tables = [pair.in_full for pair in pairs]
    write_table(pd.concat(tables, ignore_index=True), folder / "compared.csv")
    page = environment(__package__ or "").get_template("compare.html")
    changed = _changed(first, second)
    return write_text(
        folder / PAGE,
        page.render(
            runs=(first, second),
            alike=first.answer == second.answer,
            said=_said(first, second, changed),
            changed=changed,
            settings=differing(  # with the same pseudonym in both for the same text
                *(
                    [shareable(each, first.names) for each in run.findings]
                    for run in (first, second)
                )
            ),
            pairs=shown,
            alone=_alone(first, second, pairs),
            pseudonyms=first.names.save(folder) is not None,
        ),
    )


def _alone(first: Run, second: Run, pairs: Sequence[Pair]) -> list[list[str]]:
    """Titles of the findings of each run that the other one has none of.

    Without target and input where they are the same everywhere.
    """
    compared = {id(each) for pair in pairs for each in (pair.first, pair.second)}
    same = len({view.of for run in (first, second) for view in run.views}) == 1
    return [
        [
            view.title.removeprefix(f"{view.of} · ") if same else view.title
            for view in run.views
            if id(view.finding) not in compared
        ]
        for run in (first, second)
    ]


def _changed(first: Run, second: Run) -> list[dict[str, Any]]:
    """The answer of both runs for each method that both have; those that differ come first.

    A return test or measured effects of only one run are more of an answer, and no other one.
    Nothing for other targets: these are answers to other questions.
    """
    views = (*first.ranked, *second.ranked)
    if len({view.finding.about.target.explained for view in views}) > 1:
        return []
    rows = []
    for name, mine in first.answers.items():
        if (other := second.answers.get(name)) is not None:
            both = (_verdicts(mine), _verdicts(other))
            unlike = [{*each} for each in zip(*both, strict=True) if len({*each}) == 2]
            rows.append(
                {
                    "method": style(name).label,
                    "first": both[0],
                    "second": both[1],
                    "same": all(each & UNTRIED for each in unlike),
                    "more": bool(unlike),
                }
            )
    return sorted(rows, key=lambda row: (row["same"], not row["more"]))


def _verdicts(one: MethodAnswer) -> tuple[str, str, str, str]:
    """Sign and use, whether it is specific to its ECG, and agreement with measured effects."""
    return SIGNS[one.use], one.use, one.this_ecg.verdict, one.witness.verdict


def _said(first: Run, second: Run, changed: Sequence[dict[str, Any]]) -> str:
    """Change of the answer, in a sentence."""
    if not (first.ranked and second.ranked):
        return "Not both runs have an answer: it takes a perturbation evaluation."
    if not changed:
        return "The answers are of different networks, targets or methods: read them one by one."
    others, every = [row["method"] for row in changed if not row["same"]], len(changed)
    if not others:
        more = sum(row["more"] for row in changed)
        tested = f"; for {counted(more, 'method')} one run tested what the other did not"
        rest = tested if more else ""
        return f"Both runs give the same answer for {counted(every, 'method')}{rest}."
    return (
        f"The answer differs for {len(others)} of {counted(every, 'method')}: {', '.join(others)}."
    )


def _shown(pair: Pair, place: int, names: tuple[str, str], folder: Path) -> dict[str, Any]:
    """A pair of findings for the template; its figure is written beside the page."""
    labels, others = _labels(pair.first), _labels(pair.second)
    first = next(iter(labels))
    rows, units = pair.of(first), pair.units
    drawn = rows.loc[np.isfinite((rows["first"] + rows["second"]).astype(float))]
    figure = None
    if len(drawn) and not units:  # numbers of different units have no axis in common
        figure = comparison_figure(
            drawn, (labels[first], others[first]), names, apart=bool(pair.apart)
        )
        write_file(folder / f"compared-{place}.png", png(figure))
        write_file(folder / f"compared-{place}.pdf", vector(figure, "pdf"))
    return {
        "title": pair.title,
        "apart": pair.apart,
        "figure": None if figure is None else inline_svg(figure, f"compared-{place}"),
        "file": f"compared-{place}.pdf",
        "units": units,
        "measures": [
            {
                "label": " / ".join(dict.fromkeys((label, others[name]))),
                "order": pair.same_order(name),
                "rows": [
                    {**row, "said": _direction(row)} for row in pair.of(name).to_dict("records")
                ],
            }
            for name, label in labels.items()
            if len(pair.of(name))
        ],
    }


def _labels(finding: Finding) -> dict[str, str]:
    """Label of each measure, with the unit of the finding's target."""
    doses = finding.about.evaluation == DOSES
    unit = f", {finding.about.target.unit}" if doses and finding.about.target.unit else ""
    found = {each.name: f"{each.label}{unit}" for each in finding.measures}
    return found | ({"auc": auc_label(finding)} if finding.curves else {})


def _direction(row: Mapping[Hashable, Any]) -> str:
    """Which run has the larger number, where the interval of the difference says so."""
    if row["low"] > 0:
        return "larger in the second"
    return "larger in the first" if row["high"] < 0 else ""
