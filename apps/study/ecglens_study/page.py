"""Page of an analysis, with its tables and figures."""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ecglens.datamodules import Target
from ecglens.eval import save_finding
from ecglens.report import GREY, INK, RULE, TYPE, environment, printed, style, unique_key
from ecglens.report.figures import apart, forest_figure, inline_svg, png, quiet, vector
from ecglens.report.text import auc_label, fixed, target_words
from ecglens.store import atomic_path, csv_text, files_listed, write_json, write_text
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from .agreement import COEFFICIENTS
from .analysis import Analysis, VotesAndScores
from .judgements import Usefulness, row_text
from .preference import MEASURES

PAGE, PANELS = "study.html", "panels"
# The list of tables and figures, so that the next analysis removes them.
FILES, FILES_KEY = "files.json", "files"
# Tables that an analysis without such a list may have left.
UNLISTED = ("agreement", "blinding", "rater_behaviour", "votes", "votes_and_scores")
# The vote table of an earlier version; a file of votes may have come to its place since.
OLD_TABLE, OLD_HEAD = "votes.csv", b"method,"
VOTES, COMPARISON = "votes-", "votes-and-scores-"
VIEWS = {"full": "twelve leads", "averaged": "averaged beat"}
PANEL = (3.5, 3.3)  # inches: two views side by side fill a journal's page


def views_of(analysis: Analysis) -> list[str]:
    """Views with votes, in order of the vote table."""
    return [str(view) for view in dict.fromkeys(view for view, _ in analysis.votes.columns)]


def title_of(analysis: Analysis, target: str) -> str:
    """Name of the target as a title."""
    result = analysis.results.get(target)
    return target_words(result.about.target if result else Target(target, "", target))


def scatter_figure(panels: Sequence[VotesAndScores], title: str, votes: str, score: str) -> Figure:
    """Figure with one panel per view: AUC and votes of each method, with both intervals.

    `votes` and `score` label the axes; shares of votes are printed in percent.
    """
    width = PANEL[0] * max(2, len(panels)) if len(panels) > 1 else 5.0
    figure = Figure(figsize=(width, PANEL[1] + 0.3), dpi=150, layout="constrained")
    grid = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
    for axes, panel in zip(grid, panels, strict=True):
        _scatter(axes, panel)
        heading = f"{VIEWS[panel.view]}: τ = {fixed(panel.tau, 2)}"
        if np.isfinite(panel.low):
            heading += f" ({fixed(panel.low, 2)} to {fixed(panel.high, 2)})"
        quiet(axes, heading, 8.5)
    grid[0].set_ylabel(votes, fontsize=8.5, **TYPE)
    figure.supxlabel(score, fontsize=8.5, **TYPE)
    if all(panel.table["votes"].max() <= 1 for panel in panels):
        grid[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    figure.suptitle(title, fontsize=10, x=0.01, ha="left", **TYPE)
    return figure


def _scatter(axes: Axes, panel: VotesAndScores) -> None:
    table = panel.table
    for row in table.to_dict("records"):
        look = style(row["method"])
        axes.plot([row["auc_low"], row["auc_high"]], [row["votes"]] * 2, color=GREY, linewidth=0.7)
        axes.plot(
            [row["auc"]] * 2, [row["votes_low"], row["votes_high"]], color=GREY, linewidth=0.7
        )
        axes.plot(
            row["auc"], row["votes"], marker=look.marker, markersize=5.5, color=look.colour,
            linestyle="none", zorder=3,
        )  # fmt: skip
    ends = table[["votes", "votes_low", "votes_high"]].to_numpy(float)
    top = float(np.nanmax(ends))
    low = min(0.0, float(np.nanmin(ends)))
    axes.set_ylim(low - 0.04 * (top - low), top + 0.06 * (top - low))
    axes.grid(color=RULE, linewidth=0.5)
    _labels(axes, panel, (top - low) * 0.075)


def _labels(axes: Axes, panel: VotesAndScores, least: float) -> None:
    """Draw the methods' names on the right, in order of votes, with a line to each dot."""
    table = panel.table
    left, right = axes.get_xlim()
    axes.set_xlim(left, right)
    at = right + 0.05 * (right - left)
    ends = dict(zip(table["method"], table["votes"], strict=True))
    heights = apart(ends, least, axes.get_ylim())
    for row in table.to_dict("records"):
        look, height = style(row["method"]), heights[row["method"]]
        axes.plot(
            [row["auc"], at], [row["votes"], height], color=look.colour, linewidth=0.5, alpha=0.6,
            clip_on=False, zorder=1,
        )  # fmt: skip
        axes.text(
            at, height, f" {look.label}", fontsize=7, color=INK, va="center", parse_math=False
        )


def figures_of(analysis: Analysis) -> Iterator[tuple[str, Figure]]:
    """File name (without ending) and figure, one per view and one per compared target."""
    label = MEASURES[analysis.study.task][0]
    for view in views_of(analysis) if analysis.panels else []:
        yield f"{VOTES}{view}", _votes_figure(analysis, view, label)
    for target in dict.fromkeys(each.target for each in analysis.comparisons):
        comparisons = [each for each in analysis.comparisons if each.target == target]
        score = auc_label(analysis.results[target])
        figure = scatter_figure(comparisons, title_of(analysis, target), label.lower(), score)
        yield unique_key(f"{COMPARISON}{target}", ()), figure


def _votes_figure(analysis: Analysis, view: str, label: str) -> Figure:
    """Forest of the votes, with one panel per target."""
    # forest_figure draws one panel per measure: each target stands in as a measure.
    tables, measures = [], []
    for place, ((target, of), panel) in enumerate(analysis.panels.items()):
        if of == view:
            name = f"target_{place}"
            tables.append(panel.table.assign(measure=name))
            measures.append(replace(panel.measures[0], name=name, label=title_of(analysis, target)))
    return forest_figure(pd.concat(tables), tuple(measures), f"{label}, {VIEWS[view]}")


def csv_tables(analysis: Analysis) -> Iterator[tuple[str, pd.DataFrame]]:
    """File name (without ending) and table."""
    flat = analysis.votes.set_axis([" ".join(each) for each in analysis.votes.columns], axis=1)
    yield "vote_table", flat.reset_index()
    for name, table in (
        ("agreement", analysis.agreement),
        ("rater_behaviour", analysis.behaviour),
        ("blinding", analysis.blinding),
    ):
        if len(table):
            yield name, table
    rows = [panel.table.assign(target=t, view=v) for (t, v), panel in analysis.panels.items()]
    if rows:
        yield "ranking", pd.concat(rows)
    for (target, view), panel in analysis.panels.items():
        for name, table in panel.details.items():
            yield unique_key(f"{name} {target} {view}", ()).replace("-", "_", 1), table
    compared = [
        each.table.assign(
            target=each.target, view=each.view, tau=each.tau, low=each.low, high=each.high
        )
        for each in analysis.comparisons
    ]
    if compared:
        yield "votes_and_scores", pd.concat(compared)


def vote_rows(analysis: Analysis, view: str) -> dict[str, Any]:
    """Vote table of a view: titles of the targets, rows, maxima and sums."""
    table = analysis.votes[view]
    return {
        "view": VIEWS[view],
        "targets": [title_of(analysis, str(target)) for target in table.columns],
        "rows": [(str(method), [*map(int, row)]) for method, *row in table.itertuples()],
        "most": [int(table[target].max()) for target in table.columns],
        "sums": [int(table[target].sum()) for target in table.columns],
    }


def agreement_rows(analysis: Analysis, view: str) -> dict[str, Any]:
    """Agreement of a view: one row per target, kind and expert, with all coefficients in `by`."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in analysis.agreement.to_dict("records"):
        if row["view"] == view:
            named = {name: str(row[name]) for name in ("target", "kind", "expert")}
            key = (named["target"], named["kind"], named["expert"])
            words = named | {"target": title_of(analysis, named["target"])}
            numbers = {name: row[name] for name in ("decisions", "ecgs", "categories")}
            by = rows.setdefault(key, words | numbers | {"by": {}})["by"]
            by[row["coefficient"]] = row
    return {"view": VIEWS[view], "rows": [*rows.values()]}


def write_study(analysis: Analysis, folder: Path) -> Path:
    """Path of study.html, written with CSV tables, figures (PNG, PDF, SVG) and panels/.

    panels/ has one folder per target and view with the votes as an eval.Finding,
    with the network where it is known.
    """
    figures = dict(figures_of(analysis))
    _write(folder, figures, csv_tables(analysis))
    _save_panels(analysis, folder / PANELS)
    shown = {name: inline_svg(figure, name) for name, figure in figures.items()}
    page = environment(__name__.rpartition(".")[0]).get_template("study.html")
    return write_text(folder / PAGE, page.render(**_content(analysis, shown)))


def _write(
    folder: Path, figures: Mapping[str, Figure], tables: Iterable[tuple[str, pd.DataFrame]]
) -> None:
    """Write each figure as PNG, PDF and SVG, and each table as CSV.

    Those of an earlier analysis go first: they may have experts who have withdrawn.
    """
    unlisted = [folder / f"{name}.csv" for name in UNLISTED]
    for file in (*files_listed(folder / FILES, FILES_KEY), *unlisted):
        if file.is_file() and (file.name != OLD_TABLE or file.read_bytes().startswith(OLD_HEAD)):
            file.unlink()
    for panel in folder.glob(f"{PANELS}/*/finding.json"):
        if not panel.parent.is_symlink():
            shutil.rmtree(panel.parent)
    made = []
    for name, figure in figures.items():
        pictures = {"png": png(figure)} | {kind: vector(figure, kind) for kind in ("pdf", "svg")}
        for kind, picture in pictures.items():
            made.append(f"{name}.{kind}")
            with atomic_path(folder / made[-1]) as temporary:
                temporary.write_bytes(picture)
    for name, table in tables:
        made.append(f"{name}.csv")
        write_text(folder / made[-1], csv_text(table))
    write_json(folder / FILES, {FILES_KEY: made})


def readers_figure(readers: pd.DataFrame) -> Figure:
    """Share that each reader judged rightly: without the map an open dot, with it a full one."""
    figure = Figure(figsize=(5.0, 0.9 + 0.28 * len(readers)), dpi=150, layout="constrained")
    axes = figure.subplots()
    for row, (without, shown) in enumerate(zip(readers["without"], readers["with"], strict=True)):
        axes.plot([without, shown], [row, row], color=GREY, linewidth=1.2, zorder=1)
        axes.plot(without, row, "o", markersize=6, markerfacecolor="white", markeredgecolor=INK)
        axes.plot(shown, row, "o", markersize=4, color=INK, zorder=3)
    axes.set_yticks(range(len(readers)), [printed_name(name) for name in readers["expert"]])
    axes.set_ylim(len(readers) - 0.5, -0.5)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    quiet(axes, "Readings judged rightly: ○ without the map, ● with it", 8.5)
    return figure


def printed_name(name: str) -> str:
    """Name that matplotlib prints as it is: a dollar sign would begin a formula."""
    return name.replace("$", r"\$")


def write_usefulness(analysis: Usefulness, folder: Path) -> Path:
    """Path of study.html of a study of task judge, written with its tables and its figure."""
    figures = {"readers": readers_figure(analysis.readers)}
    tables = {"outcomes": analysis.outcomes, "readers": analysis.readers}
    _write(folder, figures, tables.items())
    page = environment(__name__.rpartition(".")[0]).get_template("usefulness.html")
    content = {
        "name": analysis.name, "conclusions": analysis.conclusions, "notes": analysis.notes,
        "rows": [row_text(row) for row in analysis.outcomes.to_dict("records")],
        "readers": analysis.readers.to_dict("records"),
        "figure": inline_svg(figures["readers"], "readers"),
    }  # fmt: skip
    return write_text(folder / PAGE, page.render(**content))


def _save_panels(analysis: Analysis, folder: Path) -> None:
    for (target, view), panel in analysis.panels.items():
        place = folder / unique_key(f"{target} {view}", ())
        if ranked := analysis.results.get(target):
            known = ranked.about
            about = replace(
                panel.about, target=known.target, input=known.input, networks=known.networks
            )
            panel = replace(panel, about=about)
        save_finding(panel, place)


def _content(analysis: Analysis, figures: Mapping[str, str]) -> dict[str, Any]:
    """Variables of the template."""
    methods = [str(name) for name in analysis.votes.index]
    conclusions = [
        *((each.target, each.view, each.sentence) for each in analysis.comparisons),
        *((target, view, panel.sentence) for (target, view), panel in analysis.panels.items()),
    ]
    return {
        "name": analysis.study.name,
        "task": analysis.study.task,
        "notes": analysis.notes,
        "conclusions": [
            (f"{title_of(analysis, target)}, {VIEWS[view]}", printed(sentence, methods))
            for target, view, sentence in conclusions
        ],
        "vote_tables": [vote_rows(analysis, view) for view in views_of(analysis)],
        "vote_figures": [each for name, each in figures.items() if not _compares(name)],
        "comparison_figures": [each for name, each in figures.items() if _compares(name)],
        "agreement": [agreement_rows(analysis, view) for view in views_of(analysis)],
        "coefficients": {
            name: label
            for name, label in COEFFICIENTS.items()
            if name != "weighted" or analysis.study.task == "rate"
        },
        "behaviour": analysis.behaviour.to_dict("records"),
        "blinding": analysis.blinding.to_dict("records"),
    }


def _compares(name: str) -> bool:
    return name.startswith(COMPARISON)
