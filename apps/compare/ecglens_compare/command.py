"""`ecglens compare`: two runs beside each other: answers, settings and numbers that differ."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ecglens.jobs import parser_of, tell, user_errors

if TYPE_CHECKING:
    from .page import Run

NOTE = """files: compare.html with both answers, the settings that differ and every measure that
both runs have; compared.csv with the numbers; a figure for each evaluation.

exit status: 0 the page was written, 2 a folder without findings, or nothing in common
"""


def main() -> None:
    """Compare; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped"):
        from ecglens.jobs import folders_in

        for each in (arguments.first, arguments.second):
            folders_in(each)  # a wrong folder is refused before anything heavy is loaded
        from .page import write_comparison

        first, second = (_run(each) for each in (arguments.first, arguments.second))
        tell(write_comparison(first, second, arguments.to).resolve())


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "Set two runs or sweeps beside each other: answers, settings, numbers.", NOTE
    )
    parser.add_argument("first", type=Path, metavar="FIRST", help="folder of a run or sweep")
    parser.add_argument("second", type=Path, metavar="SECOND", help="another one")
    parser.add_argument("--to", type=Path, default=Path("compared"), help="folder to write")
    return parser


def _run(folder: Path) -> "Run":
    from ecglens.jobs import failures, finished_in, jobs_in, names_of

    from .page import Run

    findings, unfinished = finished_in(folder), [*failures(jobs_in(folder))]
    for line in unfinished:
        tell(line, file=sys.stderr)
    return Run(str(folder), findings, names_of(folder), len(unfinished))
