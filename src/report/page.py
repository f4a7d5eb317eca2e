"""One self-contained HTML page over the results of a run or a sweep, with its files beside it."""

import base64
import re
from collections.abc import Sequence
from importlib.resources import files
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure
from PIL import Image

from ..eval import Result
from ..store import write_text
from .embed import BUDGET, embedded
from .facts import details, excluded, fit_sentence, shown_facts
from .figures import curves_figure, save
from .section import Section, gathered
from .style import INK, RULE, style
from .tables import curves_table, write_table
from .words import auc_label, number, outcome_label


def write_report(results: Sequence[Result], folder: Path) -> Path:
    """Write report.html into `folder`, PNG figures and CSV tables beside it; the page's path.

    Results of the same network, records and protocol are merged; each that remains is a section.
    Raises ValueError when there is nothing to report.
    """
    sections = gathered(results)
    folder = Path(folder)
    for section in sections:
        for name, figure in section.figures.items():
            save(figure, folder / f"{section.key}-{name}.png")
        write_table(section.ranking.table, folder / f"{section.key}-ranking.csv")
        write_table(curves_table(section.curves.mean), folder / f"{section.key}-curves.csv")
    if len(sections) > 1:
        save(_overview(sections), folder / "curves.png")
    return write_text(folder / "report.html", html(sections))


def html(sections: Sequence[Section]) -> str:
    """The page as text; it asks for nothing outside itself."""
    environment = Environment(
        loader=PackageLoader("ecglens.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "whole": lambda value: "" if pd.isna(value) else str(int(value)),
        "percent": lambda value: "" if pd.isna(value) else f"{value:.0%}",
        "probability": _probability,
        "label": lambda name: style(name).label,
    }
    budget = BUDGET // len(sections)
    return environment.get_template("report.html").render(
        css=_own("report.css"),
        script=_own("gallery.js"),
        sections=[_shown(section, budget) for section in sections],
        overview=_svg(_overview(sections), "all") if len(sections) > 1 else None,
    )


def _shown(section: Section, budget: int) -> dict[str, Any]:
    """What the template needs of a section."""
    result = section.result
    return {
        "key": section.key,
        "title": section.title,
        "verdict": section.verdict,
        "rows": section.ranking.table.to_dict("records"),
        "protocol": result.scores.protocol,
        "auc_label": auc_label(result),
        "outcome_label": outcome_label(result),
        "curves": _svg(section.figures["curves"], f"{section.key}-c"),
        "ranking_figure": _svg(section.figures["ranking"], f"{section.key}-r"),
        "twelve_leads": _png(section.figures["twelve-leads"]),
        "averaged": _png(section.figures["averaged"]),
        "shown_method": section.shown_method,
        "record": result.scores.gallery.records[0],
        "gallery": embedded(result, budget),
        "fit": fit_sentence(result),
        "facts": shown_facts(result),
        "details": details(result),
        "excluded": excluded(result),
    }


def _overview(sections: Sequence[Section]) -> Figure:
    return curves_figure([section.curves for section in sections])


def _own(name: str) -> Markup:
    """A file of the templates folder as it is."""
    return Markup((files("ecglens.report") / "templates" / name).read_text(encoding="utf-8"))


def _probability(value: float) -> str:
    if pd.isna(value):
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _svg(figure: Figure, key: str) -> Markup:
    """The figure as inline SVG whose ink and rules follow the page's light or dark colours."""
    text = StringIO()
    # Text stays text: it can be searched, read aloud, and takes the page's type.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "ecglens"}):
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "var(--ink)").replace(RULE, "var(--rule)")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # Several figures share one page: their ids are made different.
    return Markup(re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{key}-", svg))


def _png(figure: Figure) -> str:
    """The figure as base64 PNG of 64 colours, for print and for a page without its script."""
    drawn, packed = BytesIO(), BytesIO()
    figure.savefig(drawn, format="png", dpi=110)
    Image.open(drawn).convert("RGB").quantize(64).save(packed, format="png", optimize=True)
    return base64.b64encode(packed.getvalue()).decode("ascii")
