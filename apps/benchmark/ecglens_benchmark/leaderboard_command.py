"""`ecglens leaderboard`: cards of several methods, from anywhere, on one page."""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecglens.jobs import parser_of, user_errors
from ecglens.store import read_json

NOTE = """FILES are card.json of `ecglens benchmark`, from anywhere. Each must be of this version of
the suite, or of one season, and match its hash. In the suite, a method whose name another one has,
or that reads as a built-in one, is followed by the start of its hash; in a season, two cards of one
name are refused. leaderboard.html and leaderboard.csv are written.

exit status: 0 the page was written, 2 a file that is none, was changed, or is of another suite
"""


def main() -> None:
    """Run; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped"), _as_written():
        found = [_plain(path) for path in arguments.files]  # a missing one is told at once
        from .pages import write_leaderboard
        from .season.cards import checked, is_card
        from .season.pages import write_season_board

        if not any(map(is_card, found)):
            print(write_leaderboard(_results(arguments), arguments.to).resolve())
            return
        if arguments.built_in or not all(map(is_card, found)):
            raise ValueError(
                "expected cards of one season alone, got others beside them; the suite has other "
                "networks and ECGs, so that their numbers are not compared"
            )
        cards = [checked(*each) for each in zip(found, arguments.files, strict=True)]
        print(write_season_board(cards, arguments.to).resolve())


@contextmanager
def _as_written() -> Iterator[None]:
    """ValueError for a card that fits its hash and lacks what a card has: anyone can make one."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, IndexError, StopIteration) as problem:
        raise ValueError(
            "expected cards as `ecglens benchmark` writes them, got one with other content "
            f"({type(problem).__name__}: {problem}); ask its author for the original file"
        ) from problem


def _plain(path: Path) -> Any:
    """Content of a file, None where it is no JSON, which is told later."""
    try:
        return read_json(path)
    except ValueError:
        return None


def _results(arguments: argparse.Namespace) -> list[Mapping[str, Any]]:
    from .content import told_apart
    from .standings import reference
    from .suite import read_result

    # Controls are those of the first card: the same one for any order of files.
    read = sorted(map(read_result, arguments.files), key=lambda each: each["hash"])
    results = told_apart(read)
    if arguments.built_in:
        tiers = {each["tier"] for each in results} or {"quick"}  # the tier that comes with rows
        own = {each["method"]["name"] for each in results}
        rows = reference(min(tiers))
        if not rows and len(tiers) == 1:  # a mixture of tiers is refused with its own reason
            raise ValueError(
                f"expected results of a tier with built-in rows, got the {min(tiers)} tier, which "
                "has none; leave --built-in out"
            )
        results += [each for each in rows if each["method"]["name"] not in own]
    if not results:
        raise ValueError("expected card.json of `ecglens benchmark`, or --built-in, got neither")
    return results


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("Set results of `ecglens benchmark` on one page.", NOTE)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILES", help="card.json")
    parser.add_argument("--to", type=Path, default=Path("leaderboard"), help="folder to write")
    parser.add_argument(
        "--built-in", action="store_true", help="with the built-in methods; enough by itself"
    )
    return parser
