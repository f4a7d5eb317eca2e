"""A command that makes one Markdown table of folders in several formats (FORMAT=FOLDER …)."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

Line = Sequence[str]
LinesOf = Callable[[str, Path], Iterable[Line]]


def named(doc: str | None) -> list[str]:
    """The places that the command line names."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("places", nargs="+", metavar="FORMAT=FOLDER")
    return list(parser.parse_args().places)


def show(
    head: Line, places: Sequence[str], lines_of: Callable[[str, Path], Iterable[Line]]
) -> None:
    """Print the table of these places."""
    pairs = [place.partition("=") for place in places]
    lines = [line for name, _, folder in pairs for line in lines_of(name, Path(folder))]
    for line in (head, ("---",) * len(head), *lines):
        print(f"| {' | '.join(line)} |")
