"""`ecglens study`: heatmaps before experts, and what they chose."""

import argparse
import sqlite3
import sys

from . import study_create, study_served, study_votes
from .errors import one_line

TASKS = "create | serve | invite | revoke | withdraw | export | import | analyse | simulate | plan"


def main() -> None:
    """The front door of `ecglens study`; a mistake of the user's ends it with status 2."""
    arguments = _parser().parse_args()
    try:
        arguments.task(arguments)
    except (ValueError, OSError, ImportError) as problem:
        for line in str(problem).splitlines() or [""]:
            print(one_line(ValueError(line)), file=sys.stderr)
        sys.exit(2)
    except sqlite3.Error as problem:
        wanted = "expected a study whose file can be read and written"
        print(one_line(ValueError(f"{wanted}, got: {problem}")), file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from here", file=sys.stderr)
        sys.exit(128 + 2)  # the shell's convention for SIGINT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=sys.argv[0], description=__doc__)
    tasks = parser.add_subparsers(required=True, metavar=TASKS)
    for room in (study_create, study_served, study_votes):
        room.add_tasks(tasks)
    return parser
