"""The parser of a command that takes options as --name value."""

import argparse
import sys


def parser_of(description: str, note: str) -> argparse.ArgumentParser:
    """A parser named as the command was called; the lines of the `note` end its help."""
    return argparse.ArgumentParser(
        prog=sys.argv[0],
        description=description,
        epilog=note,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
