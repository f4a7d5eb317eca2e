"""Figures and tables that a run has for an article, by name."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import pandas as pd
from ecglens.eval import Finding
from ecglens.report import (
    AnswerFigure,
    PerturbationView,
    Pseudonyms,
    Section,
    View,
    added_sections,
    answer_figures,
    cells,
    first_with_maps,
    run_views,
    style,
    tabular,
    unique_key,
    write_file,
    write_table,
)
from ecglens.report.figures import curves_figure, printable, vector
from ecglens.store import write_text
from matplotlib.figure import Figure

from . import answer
from .column import DOUBLE_MM, SINGLE_MM, TooNarrow, fitted, taken_title
from .heatmaps import LEAD_WORDS, Choice, Heatmaps

HEATMAPS, OVERVIEW, ANSWER = "heatmaps", "curves", "answer"
# Pictures of an answer for a post or a slide, of their own size and format.
CARD, FILM = "card", "film"


@dataclass(frozen=True)
class Offered:
    """Parts of a run's page; their figures and tables have the names of its files.

    Each network with kept maps has HEATMAPS too, several rankings the OVERVIEW of their curves, and
    each answer its figure with a CARD and, where the steps were kept, a FILM.
    """

    ranked: tuple[PerturbationView, ...]
    others: tuple[View, ...]
    added: tuple[Section, ...]
    answers: tuple[AnswerFigure, ...] = ()

    @cached_property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures."""
        names = [OVERVIEW] if len(self.ranked) > 1 else []
        return (*self._answers, *names, *self._drawn_by, *self._heatmaps)

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Tables by name."""
        return {
            f"{part.key}-{name}": table
            for part in self._parts
            for name, table in part.tables.items()
        }

    @property
    def listing(self) -> list[str]:
        """Lines with all names, and with the methods and ECGs that heatmaps can show."""
        lines = ["figures", *(f"  {name}" for name in self.figures)]
        for name, view in self._heatmaps.items():
            gallery = view.first.curves[0].gallery
            lines += [f"{name} shows", f"  --method {' '.join(gallery.heatmaps)}"]
            lines += [f"  --ecg {' '.join(gallery.records)}", f"  --lead {' '.join(LEAD_WORDS)}"]
        lines += ["for a slide or a post", *(f"  {name}" for name in self.pictures)]
        return [*lines, "tables", *(f"  {name}" for name in self.tables)]

    def found(self, names: Sequence[str]) -> tuple[list[str], list[str]]:
        """Figures with pictures, and tables, of these names or with names that end with them.

        Raises ValueError for a name of none.
        """
        figures: list[str] = []
        tables: list[str] = []
        every = (*self.figures, *self.pictures)
        for name in names:
            drawn, listed = _ending(name, every), _ending(name, self.tables)
            if not drawn and not listed:
                known = ", ".join(dict.fromkeys((*every, *self.tables)))
                raise ValueError(f"expected figures or tables of this run ({known}), got {name}")
            figures += drawn
            tables += listed
        return [*dict.fromkeys(figures)], [*dict.fromkeys(tables)]

    @cached_property
    def pictures(self) -> Mapping[str, AnswerFigure]:
        """The answer of each card and film, by name."""
        kinds = {each: (CARD, FILM) if each.order else (CARD,) for each in self.answers}
        return {
            f"{name.removesuffix(ANSWER)}{kind}": own
            for name, own in self._answers.items()
            for kind in kinds[own]
        }

    def is_heatmaps(self, name: str) -> bool:
        """True if methods, ECGs and a lead can be chosen for this figure."""
        return name in self._heatmaps

    def figure(self, name: str, width_mm: float, choice: Choice) -> tuple[Figure, str]:
        """A figure at this width, drawn now, and its caption.

        Raises TooNarrow where it cannot be read at this width, and ValueError for a wrong choice.
        """
        if name in self._answers:
            own = self._answers[name]
            return answer.journal(own, width_mm), answer.caption(own)
        if name in self._heatmaps:
            maps = Heatmaps(self._heatmaps[name], choice)
            return maps.figure(width_mm), maps.caption
        if name == OVERVIEW:
            figure = curves_figure([view.curves for view in self.ranked])
            return fitted(figure, width_mm), self.ranked[0].caption(OVERVIEW)
        part, own = self._drawn_by[name]
        figure = self._fresh(part, own)
        title = taken_title(figure) or part.title
        seen = "" if isinstance(part, Section) else f" {part.seen}."
        end = "" if title.endswith("?") else "."
        return fitted(figure, width_mm), f"{title}{end} {part.caption(own)}{seen}"

    @property
    def _parts(self) -> tuple[View | Section, ...]:
        return (*self.ranked, *self.others, *self.added)

    @cached_property
    def _drawn_by(self) -> Mapping[str, tuple[View | Section, str]]:
        """The part that draws each figure, and its name there."""
        return {f"{part.key}-{own}": (part, own) for part in self._parts for own in part.figures}

    @cached_property
    def _unused(self) -> dict[str, dict[str, Figure]]:
        """Figures of each part that nobody has laid out again."""
        return {part.key: {**part.figures} for part in self._parts}

    def _fresh(self, part: View | Section, own: str) -> Figure:
        """A figure as its part draws it; those that were drawn with it are kept for their turn."""
        kept = self._unused[part.key]
        if own not in kept:
            self._unused[part.key] = kept = {**part.drawn(), **kept}
        return kept.pop(own)

    @cached_property
    def _heatmaps(self) -> Mapping[str, PerturbationView]:
        """The first ranking of each set of maps, which protocols share."""
        found: dict[str, PerturbationView] = {}
        for view in dict.fromkeys(first_with_maps(self.ranked)):
            if view.first.curves[0].gallery.records:
                found[unique_key(_name(view, HEATMAPS), found)] = view
        return found

    @cached_property
    def _answers(self) -> Mapping[str, AnswerFigure]:
        found: dict[str, AnswerFigure] = {}
        for own in self.answers:
            found[unique_key(_name(own.view, ANSWER), found)] = own
        return found


def offered(findings: Sequence[Finding], names: Pseudonyms) -> Offered:
    """Figures and tables of findings, under `names` where their ECGs may not leave the machine."""
    run = run_views(findings, names)
    added = chain.from_iterable(added_sections(findings, names).values())
    answers = answer_figures(run.groups)
    return Offered((*run.ranked,), (*run.others,), (*added,), (*answers,))


def _name(view: PerturbationView, kind: str) -> str:
    """Target, explained class and input of a view, and what is shown of it."""
    target = view.first.about.target
    explained = target.explained if target.classes else ""
    return " ".join(filter(None, (target.name, explained, view.first.about.input, kind)))


def _ending(name: str, every: Sequence[str] | Mapping[str, pd.DataFrame]) -> list[str]:
    return [name] if name in every else [each for each in every if each.endswith(f"-{name}")]


PDF_AND_SVG = ("pdf", "svg")
FORMATS = (*PDF_AND_SVG, "png")
LONGEST = 60  # rows of a printed page; a longer table is data, and stays CSV


@dataclass(frozen=True)
class Form:
    """Formats and width of figures.

    Without a width, a figure is as wide as a single column, or as a whole page where it cannot be
    read in one. Raises ValueError for an unknown format.
    """

    formats: tuple[str, ...] = PDF_AND_SVG
    width_mm: float | None = None

    def __post_init__(self) -> None:
        if unknown := [each for each in self.formats if each not in FORMATS]:
            raise ValueError(f"expected formats of {', '.join(FORMATS)}, got {', '.join(unknown)}")


def write_figure(
    run: Offered, name: str, folder: Path, form: Form, choice: Choice | None = None
) -> list[Path]:
    """Paths of a figure in every format, and of its caption; errors as in `Offered.figure`.

    `choice` is what heatmaps show. A card is a PNG and a film a GIF, of their own size.
    """
    if name in run.pictures:
        return _picture(name, run.pictures[name], folder)
    figure, caption = _drawn(run, name, form.width_mm, choice or Choice())
    written = [folder / f"{name}.{kind}" for kind in form.formats]
    for path in written:
        kind = path.suffix[1:]
        write_file(path, printable(figure) if kind == "png" else vector(figure, kind))
    return [*written, write_text(folder / f"{name}.caption.txt", f"{caption}\n")]


def _picture(name: str, own: AnswerFigure, folder: Path) -> list[Path]:
    """Paths of a card or a film and of its caption."""
    draw, kind = (answer.film, "gif") if name.endswith(FILM) else (answer.card, "png")
    path = folder / f"{name}.{kind}"
    write_file(path, draw(own))
    return [path, write_text(folder / f"{name}.caption.txt", f"{answer.caption(own)}\n")]


def write_table_of(run: Offered, name: str, folder: Path) -> list[Path]:
    """Paths of a table as CSV with every digit, and as LaTeX unless it is LONGEST and more."""
    table = run.tables[name]
    written = [write_table(table, folder / f"{name}.csv")]
    if len(table) <= LONGEST:
        heads = [str(column).replace("_", " ") for column in table.columns]
        text = tabular(heads, cells(_labelled(table)))
        written.append(write_text(folder / f"{name}.tex", text))
    return written


def _drawn(run: Offered, name: str, width_mm: float | None, choice: Choice) -> tuple[Figure, str]:
    if width_mm is not None:
        return run.figure(name, width_mm, choice)
    with suppress(TooNarrow):
        return run.figure(name, SINGLE_MM, choice)
    return run.figure(name, DOUBLE_MM, choice)


def _labelled(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the printed names of its methods."""
    if "method" not in table.columns:
        return table
    return table.assign(method=[style(str(name)).label for name in table["method"]])
