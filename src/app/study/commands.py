"""Entry point of `ecglens study`, with one subcommand per step of a study."""

import argparse
import os
import sqlite3
import sys

from . import create, running, votes

STEPS = """steps:
  1. sample-size  how many ECGs the study needs
  2. create       choose ECGs, draw their maps, invite experts
  3. serve        show the study to its experts
                  (meanwhile: invite, revoke, withdraw)
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
    os.umask(0o077)  # what experts voted, and the ECGs that they saw
    try:
        arguments.run(arguments)
    except (ValueError, OSError, ImportError) as problem:
        _stop(str(problem))
    except sqlite3.Error as problem:
        _stop(f"expected a study whose file can be read and written, got: {problem}")
    except KeyboardInterrupt:
        print("\nstopped; the same command resumes", file=sys.stderr)
        sys.exit(128 + 2)  # the shell's convention for SIGINT


def _stop(message: str) -> None:
    for line in message.splitlines() or [""]:
        print(f"ecglens: {line.strip()}", file=sys.stderr)
    sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=sys.argv[0],
        description="Create and serve a study in which experts judge heatmaps; analyse its votes.",
        epilog=STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subcommands = parser.add_subparsers(metavar="COMMAND")
    for module in (create, running, votes):
        module.add_commands(subcommands)
    return parser
