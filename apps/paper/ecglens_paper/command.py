"""`ecglens figure`: figures and tables of a run for a paper: PDF, SVG, LaTeX."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ecglens.jobs import parser_of, tell, user_errors

if TYPE_CHECKING:
    from .figures import Choice, Form, Offered

ALL = "all"
NO_ROOM = 1
WIDTHS = {"single": 85.0, "double": 180.0}  # mm; the reason is in figures.column
NARROWEST, WIDEST = 30.0, 400.0  # mm: a thumbnail, and a poster's column
NOTE = f"""Without NAME it lists what the run has. NAME is a name of that list, or its end (ranking:
those of all rankings), or {ALL} figures and tables. Figures are written as PDF and SVG with a
caption, tables as CSV and LaTeX (booktabs), a card as PNG of 1200 x 675 pixels, a film as GIF.

--method, --ecg and --lead choose what heatmaps show, and make NAME heatmaps where there is none:
  ecglens figure RUN --method saliency gradcam --ecg ID ID --lead V1 --to FOLDER

exit status: 0 everything was written, 1 some figures cannot be read at this width (named),
2 wrong use
"""


def main() -> None:
    """Write or list; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_intermixed_args()
    with user_errors("stopped"):
        complete = _figure(arguments)
    sys.exit(0 if complete else NO_ROOM)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("Write figures and tables of a finished run or sweep for a paper.", NOTE)
    add = parser.add_argument
    add("run", type=Path, metavar="RUN", help="folder of a run or sweep")
    add("names", nargs="*", metavar="NAME", help="figures and tables (default: list them)")
    add("--method", nargs="+", action="extend", default=[], metavar="M", help="methods to show")
    add("--ecg", nargs="+", action="extend", default=[], metavar="RECORD", help="ECGs to show")
    add("--lead", default="", help="lead to show, all (twelve), or mean (over the leads, on V5)")
    add("--width", help="single (85 mm), double (180 mm) or mm (default: single where it can be "
        "read there, else double)")  # fmt: skip
    add("--format", action="append", help="pdf, svg or png (600 dpi); default: pdf and svg")
    add("--to", type=Path, default=Path("figures"), help="folder to write (default: figures)")
    return parser


def _figure(arguments: argparse.Namespace) -> bool:
    """List, or write; whether every figure could be read at its width."""
    width = _width(arguments.width)
    from ecglens.jobs import folders_in

    folders_in(arguments.run)  # a wrong folder is refused before anything heavy is loaded
    from ecglens.jobs import finished_in, names_of

    from .figures import HEATMAPS, Choice, Form, offered

    names = names_of(arguments.run)
    run = offered(finished_in(arguments.run), names)
    choice = Choice(tuple(arguments.method), tuple(arguments.ecg), arguments.lead)
    form = Form(tuple(arguments.format or Form.formats), width)
    wanted = arguments.names or [HEATMAPS] * bool(choice)
    if not wanted:
        tell(*run.listing)
        return True
    found = (run.figures, run.tables) if wanted == [ALL] else run.found(wanted)
    if choice and not any(run.is_heatmaps(name) for name in found[0]):
        raise ValueError(
            f"expected {HEATMAPS} with --method, --ecg and --lead, got {', '.join(wanted)}"
        )
    complete = _write(run, found, arguments.to, form, choice)
    names.save(arguments.to)
    return complete


def _write(
    run: "Offered",
    found: tuple[Iterable[str], Iterable[str]],
    to: Path,
    form: "Form",
    choice: "Choice",
) -> bool:
    """Write figures and tables and print their paths; whether every figure could be read."""
    from .figures import TooNarrow, write_figure, write_table_of

    complete, (figures, tables) = True, found
    for name in figures:
        try:
            written = write_figure(run, name, to, form, choice)
        except TooNarrow as problem:
            tell(f"{name} was left out: {problem}", file=sys.stderr)
            complete = False
            continue
        tell(*(path.resolve() for path in written))
    for name in tables:
        tell(*(path.resolve() for path in write_table_of(run, name, to)))
    return complete


def _width(text: str | None) -> float | None:
    """Millimetres; None where the figure decides."""
    if text is None or text in WIDTHS:
        return None if text is None else WIDTHS[text]
    try:
        width = float(text)
    except ValueError:
        width = 0.0
    if not NARROWEST <= width <= WIDEST:
        raise ValueError(
            f"expected --width as single, double or {NARROWEST:g} to {WIDEST:g} mm, got {text}"
        )
    return width
