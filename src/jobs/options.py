"""The parser of a command that takes options as --name value."""

import argparse
import sys


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Add --trust, for files whose maker the user trusts."""
    parser.add_argument(
        "--trust",
        action="store_true",
        default=False,  # also where other options have none
        help="call what files of others name, also from the current folder: any code can run",
    )


def parser_of(description: str, note: str) -> argparse.ArgumentParser:
    """A parser named as the command was called; the lines of the `note` end its help."""
    return argparse.ArgumentParser(
        prog=sys.argv[0],
        description=description,
        epilog=note,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
