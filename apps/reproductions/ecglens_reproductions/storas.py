"""Storås 2025: its tables and figures from findings, printed numbers beside."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import pandas as pd
from ecglens.eval import Finding
from ecglens.report import PerturbationView, perturbation_views
from ecglens.report.figures import curves_figure
from ecglens.report.text import INPUTS, OUTCOMES, counted, target_words
from ecglens_paper.figures import Choice

from .experiments import Drawing, Section, Table
from .multiverse import multiverse_parts
from .printed import STORAS, printed_auc
from .sources import LAST
from .storas_figures import LETTERS, heatmap_parts
from .storas_tables import (
    auc_table,
    error_table,
    methods_table,
    network_order_table,
    order_table,
    paper_table,
    template_parts,
    votes_table,
)

DATA_CONTROLS = ("abs_x", "abs_dx")  # not in the article; in the CSV


def storas(findings: Sequence[Finding], choice: Choice) -> list[Section]:
    """Parts of the page. Raises ValueError for no ranking."""
    views = perturbation_views([each for each in findings if each.ranked])
    if not views:
        raise ValueError("expected at least one ranking, got none: no job has finished")
    # Long curves cost much: a sweep of their own may have them on fewer ECGs and networks.
    most, longest = _most(views, _scores), _most(views, _steps)
    ranked = [view.finding for view in most]
    areas = auc_table(ranked)
    parts = [_orders(ranked)]
    for given, rows in areas.groupby("input", sort=False):
        of_input = [each for each in ranked if each.about.input == given]
        longest_of_input = [view for view in longest if view.finding.about.input == given]
        parts.append(_areas(str(given), rows, of_input, longest_of_input))
        parts += heatmap_parts(str(given), of_input, choice)
    parts += [*template_parts(most), *_survival(ranked)]
    return [*parts, _methods(ranked[0]), _votes(areas), _errors(ranked)]


def _most(
    views: Sequence[PerturbationView], count: Callable[[Finding], int]
) -> list[PerturbationView]:
    """View with the largest count of each target and input; of several, the first."""
    most: dict[tuple[str, str], PerturbationView] = {}
    for view in views:
        about = view.finding.about
        before = most.setdefault((about.target.name, about.input), view)
        if count(view.finding) > count(before.finding):
            most[about.target.name, about.input] = view
    return [*most.values()]


def _scores(finding: Finding) -> int:
    """ECGs times networks."""
    return len(finding.about.records) * len(finding.about.networks)


def _steps(finding: Finding) -> int:
    return finding.curves[0].protocol.steps


def _orders(ranked: Sequence[Finding]) -> Section:
    table = order_table(ranked)
    caption = (
        "Spearman ρ of the areas with those of Table 4, without random and deconvolution, which "
        "anchor any order; 95 % intervals over patients and networks drawn again. Of few networks "
        "they are too narrow: K networks drawn again show (K − 1)/K of the variance between "
        "networks. Stable: whether the methods have one order at every cut-off from 10 to 25, as "
        "the article says; Kendall: the lowest τ of a cut-off with cut-off 15."
    )
    said = "The same ρ for each network, with the printed areas and with each other network."
    each = Table("order-networks", said, network_order_table(ranked))
    tables = (Table("order", caption, table), *([each] if len(each.numbers) else []))
    return Section("Do the methods have the printed order?", tables)


def _survival(ranked: Sequence[Finding]) -> list[Section]:
    """Conclusions under the choices that can be read off these curves: a part of the multiverse."""
    known = [
        each
        for each in ranked
        if each.about.input == "median"
        and each.about.target.name in printed_auc()
        and each.curves[0].protocol.name == STORAS
        and each.curves[0].protocol.steps >= LAST
    ]
    return multiverse_parts(known) if known else []


def _areas(
    given: str, rows: pd.DataFrame, ranked: Sequence[Finding], views: Sequence[PerturbationView]
) -> Section:
    until = _common(str(each.curves[0].protocol.until) for each in ranked)
    outcome = _common(OUTCOMES[each.curves[0].protocol.outcome] for each in ranked)
    clean = all(each.curves[0].protocol.outcome == "relative_error" for each in ranked)
    caption = (
        f"Area under the curve of the {outcome}, steps 0 to {until}: mean (class 1 best to 3 poor) "
        "[95 % interval], and the printed area, where there is one. "
        + "The error of the clean ECG is part of every area. " * clean
        + f"The CSV has the controls |x| and |dx/dt| too. {_numbers(ranked)}."
    )
    table = Table(f"table-4-{given}", caption, rows, paper_table(rows, DATA_CONTROLS))
    panels = []
    for letter, view in zip(LETTERS, views, strict=False):
        mean = {name: c for name, c in view.curves.mean.items() if name not in DATA_CONTROLS}
        title = f"{letter}  {target_words(view.finding.about.target)}"
        panels.append(replace(view.curves, title=title, mean=mean, controls=("random",)))
    figure = Drawing(
        f"figure-7-{given}",
        f"Figure 7: mean {outcome} after each perturbed point, all methods and random. Grey: the "
        f"steps of the area. {_numbers([view.finding for view in views])}.",
        curves_figure(panels),
    )
    return Section(f"Table 4 and figure 7, {INPUTS.get(given, given)}", (table,), (figure,))


def _common(words: Iterable[str]) -> str:
    """Different words, each once."""
    return " or ".join(dict.fromkeys(words))


def _numbers(findings: Sequence[Finding]) -> str:
    """ECGs and networks of each target, said once where they are the same for all."""
    numbers: dict[str, list[str]] = {}
    for each in findings:
        ecgs, networks = len(each.about.records), len(each.about.networks)
        words = f"{ecgs} ECGs, {counted(networks, 'network')}"
        numbers.setdefault(words, []).append(each.about.target.name.upper())
    if len(numbers) == 1:
        return next(iter(numbers))
    return "; ".join(f"{', '.join(names)}: {words}" for words, names in numbers.items())


def _methods(finding: Finding) -> Section:
    names = [name for name in finding.methods if name not in finding.curves[0].controls]
    return Section("Methods", (methods_table(finding, names),))


def _votes(areas: pd.DataFrame) -> Section:
    caption = (
        "Tables 2 and 3: first choice of the article's experts (306 votes) and of the areas, "
        "Spearman ρ of votes with areas over the nine methods, and the printed κ between the "
        "experts. Rows `averaged` have votes on averaged maps beside areas of full ones, because "
        "averaged maps have no areas. The votes are the article's: a vote of your own experts is "
        "`ecglens study`."
    )
    table = votes_table(areas.loc[areas["input"] == "median"])
    return Section("Votes of the experts beside the areas", (Table("votes", caption, table),))


def _errors(ranked: Sequence[Finding]) -> Section:
    caption = (
        "Appendix A.2: mean absolute error and RMSE on the test part, and their ratio to the "
        "errors of the published code."
    )
    return Section("How well the networks read", (Table("errors", caption, error_table(ranked)),))
