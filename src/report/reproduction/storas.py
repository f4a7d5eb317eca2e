"""Storås 2025: its tables and figures from findings, printed numbers beside."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from ...eval import Finding
from ..figures.curves import curves_figure
from ..figures.ecg import twelve_lead_figure
from ..keys import unique_key
from ..style import style
from ..text.words import INPUTS, heading, reading
from ..views.choice import Choice, map_of
from ..views.gallery import origin
from ..views.perturbation import PerturbationView, perturbation_views
from .figure_1 import measured_figure
from .heatmaps import averaged_by_target, by_target, chosen
from .methods_table import methods_table
from .paper import paper_table
from .part import Drawing, Part, Table
from .printed import printed_auc
from .tables import auc_table, error_table, order_table
from .universes import RANDOM
from .votes import votes_table

DATA_CONTROLS = ("abs_x", "abs_dx")  # not in the article; in the CSV
INTERVALS, AMPLITUDES = ("pr", "qrs", "qt"), ("r", "j", "t")
# Figures 5 and 6: the target, and the methods of panels A and B.
PANELS = {"5": ("t", ("deeplift", "guided_gradcam")), "6": ("pr", ("smoothgrad", "guided_gradcam"))}
LETTERS = "ABCDEFGHIJKL"


def storas(findings: Sequence[Finding], choice: Choice) -> list[Part]:
    """The parts of the page. Raises ValueError for no ranking."""
    views = perturbation_views([each for each in findings if each.curves])
    if not views:
        raise ValueError("expected at least one ranking, got none: no job has finished")
    # Long curves cost much: a sweep of their own may have them on fewer ECGs and networks.
    ranked = [view.finding for view in _most(views, _scores)]
    longest = _most(views, _steps)
    areas = auc_table(ranked)
    parts = [_orders(ranked)]
    for given, rows in areas.groupby("input", sort=False):
        parts.append(
            _areas(str(given), rows, [v for v in longest if v.finding.about.input == given])
        )
        parts += _heatmaps(str(given), [f for f in ranked if f.about.input == given], choice)
    return [*parts, _methods(ranked[0]), _votes(areas), _errors(ranked)]


def _most(
    views: Sequence[PerturbationView], count: Callable[[Finding], int]
) -> list[PerturbationView]:
    """The view with the largest count of each target and input; of several, the first."""
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


def _orders(ranked: Sequence[Finding]) -> Part:
    table = order_table(ranked)
    caption = (
        "Spearman ρ of the areas with those of Table 4, without random and deconvolution, which "
        "anchor any order; 95 % intervals over patients and networks drawn again. Stable: whether "
        "the methods have one order at every cut-off from 10 to 25, as the article says; "
        "Kendall: the lowest τ of a cut-off with cut-off 15."
    )
    return Part("Do the methods have the printed order?", (Table("order", caption, table),))


def _areas(given: str, rows: pd.DataFrame, views: Sequence[PerturbationView]) -> Part:
    caption = (
        "Area under the curve of the relative error, steps 0 to 15: mean (class 1 best to 3 poor) "
        "[95 % interval], and the printed area, where there is one. The CSV has the controls |x| "
        "and |dx/dt| too."
    )
    table = Table(f"table-4-{given}", caption, rows, paper_table(rows, DATA_CONTROLS))
    panels = []
    for letter, view in zip(LETTERS, views, strict=False):
        mean = {name: c for name, c in view.curves.mean.items() if name not in DATA_CONTROLS}
        title = f"{letter}  {heading(view.first)[0]}"
        panels.append(replace(view.curves, title=title, mean=mean, controls=("random",)))
    figure = Drawing(
        f"figure-7-{given}",
        "Figure 7: mean relative error after each perturbed point, all methods and random. Grey: "
        f"the steps of the area. {_number(views[0].finding)}.",
        curves_figure(panels),
    )
    return Part(f"Table 4 and figure 7, {INPUTS.get(given, given)}", (table,), (figure,))


def _number(finding: Finding) -> str:
    networks = len(finding.about.networks)
    return f"{len(finding.about.records)} ECGs, {networks} network{'s' * (networks > 1)}"


def _heatmaps(given: str, ranked: Sequence[Finding], choice: Choice) -> list[Part]:
    """Figures 1 and 3 to 6, where the maps of an ECG were kept."""
    if not all(each.curves[0].gallery.records for each in ranked):
        return []
    drawings = tuple(_drawings(given, ranked, choice))
    words = (
        "ECGs: the first of the kept ones, and of the others the one that the networks read "
        "worst, unless --records names others. Networks: the first seed. Blue raises and orange "
        "lowers the prediction (the article has red).",
    )
    return [Part(f"Figures 1 and 3 to 6, {INPUTS.get(given, given)}", (), drawings, words)]


def _drawings(given: str, ranked: Sequence[Finding], choice: Choice) -> Iterator[Drawing]:
    targets, records = by_target(ranked), chosen(ranked, choice)
    if given == "median":
        yield from _measured(ranked, records[:1])
        for number, names in (("3", INTERVALS), ("4", AMPLITUDES)):
            of_kind = [targets[name] for name in names if name in targets]
            yield from _averaged(number, of_kind, choice, records)
    for number, (target, pair) in PANELS.items():
        for record in records if target in targets else ():
            yield from _panels(f"{number}-{given}", targets[target], record, choice, pair)


def _measured(ranked: Sequence[Finding], records: Sequence[str]) -> Iterator[Drawing]:
    """Figure 1, of the first of these ECGs."""
    galleries = [each.curves[0].gallery for each in ranked]
    for record in records:
        gallery = next(each for each in galleries if record in each.records)
        caption = "Figure 1: the intervals and amplitudes, on the first ECG drawn below."
        yield Drawing("figure-1", caption, measured_figure(gallery, record), on_paper=True)


def _averaged(
    number: str, of_kind: Sequence[Finding], choice: Choice, records: Sequence[str]
) -> Iterator[Drawing]:
    """Figure 3 or 4: a figure per ECG."""
    nine = sorted(name for name in printed_auc()["pr"] if name != RANDOM)
    for record in records:
        figure = averaged_by_target(of_kind, record, choice, nine)
        if figure is not None:
            caption = (
                f"Figure {number}: V5 of ECG {record}, under each method's mean over the leads."
            )
            yield Drawing(f"figure-{number}-{_file(record)}", caption, figure, on_paper=True)


def _panels(
    name: str, finding: Finding, record: str, choice: Choice, pair: Sequence[str]
) -> Iterator[Drawing]:
    gallery = finding.curves[0].gallery
    for letter, method in zip(LETTERS, choice.methods or pair, strict=False):
        heatmap = map_of(finding.curves[0], method, record)
        if heatmap is None:
            continue
        place = gallery.records.index(record)
        title = f"{letter}  {style(method).label} · {heading(finding)[0]} · ECG {record}"
        title += f" ({reading(finding, record)})"
        start = origin(gallery.segments[place : place + 1])
        figure: Figure = twelve_lead_figure(gallery.x[place], heatmap, title, gallery.fs, start)
        caption = f"Figure {name[0]}{letter}: twelve leads under the map of {style(method).label}."
        if not (heatmap < 0).any():
            caption += " This map has no sign: it shows size alone."
        yield Drawing(f"figure-{name}-{_file(record)}-{letter}", caption, figure, on_paper=True)


def _file(record: str) -> str:
    """The name of an ECG as a part of a file's name."""
    return unique_key(record, ())


def _methods(finding: Finding) -> Part:
    names = [name for name in finding.methods if name not in finding.curves[0].controls]
    return Part("Methods", (methods_table(finding, names),))


def _votes(areas: pd.DataFrame) -> Part:
    caption = (
        "Tables 2 and 3: first choice of the article's experts (306 votes) and of the areas, "
        "Spearman ρ of votes with areas over the nine methods, and the printed κ between the "
        "experts. The votes are the article's: a vote of your own experts is `ecglens study`."
    )
    table = votes_table(areas.loc[areas["input"] == "median"])
    return Part("Votes of the experts beside the areas", (Table("votes", caption, table),))


def _errors(ranked: Sequence[Finding]) -> Part:
    caption = (
        "Appendix A.2: mean absolute error and RMSE on the test part, and their ratio to the "
        "errors of the published code."
    )
    return Part("How well the networks read", (Table("errors", caption, error_table(ranked)),))
