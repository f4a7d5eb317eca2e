"""`ecglens study`: heatmaps before experts: make and serve a voting page, analyse what they chose.

Nothing heavy is imported before a command runs, so that every --help appears at once.
"""

import argparse
import sqlite3

from ecglens.jobs import one_line, parser_of, user_errors
from ecglens.store import keep_private

from . import create, running, votes

STEPS = """steps:
  1. sample-size  how many ECGs the study needs
  2. create       choose ECGs, draw their maps, invite experts
  3. serve        show the study to its experts
                  (meanwhile: invite, revoke, withdraw, erase)
  4. export       write the votes as CSV
  5. analyse      write study.html (import: votes from elsewhere)
"""


def main() -> None:
    """Run a subcommand; a user's mistake ends the process with one line per fault and status 2."""
    parser = _parser()
    arguments = parser.parse_args()
    if not hasattr(arguments, "run"):
        parser.print_help()
        return
    keep_private()  # what experts voted, and the ECGs that they saw
    with user_errors("stopped; the same command resumes", _each_line):
        try:
            arguments.run(arguments)
        except sqlite3.Error as problem:
            raise ValueError(
                f"expected a study whose file can be read and written, got: {problem}"
            ) from problem


def _each_line(problem: BaseException) -> str:
    """A line for each fault of a file of votes."""
    if isinstance(problem, OSError):
        return one_line(problem)
    return "\n".join(one_line(ValueError(line)) for line in str(problem).splitlines() or [""])


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "Create and serve a study in which experts judge heatmaps; analyse its votes.", STEPS
    )
    subcommands = parser.add_subparsers(metavar="COMMAND")
    for module in (create, running, votes):
        module.add_commands(subcommands)
    return parser
