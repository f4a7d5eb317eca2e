"""`ecglens leaderboard`: results of several methods on one page."""

import argparse
from pathlib import Path

from .errors import user_errors
from .options import parser_of

NOTE = """FILES are card.json of `ecglens benchmark`, from anywhere. Each must be of this version of
the suite and match its hash. leaderboard.html and leaderboard.csv are written.

exit status: 0 the page was written, 2 a file that is none, was changed, or is of another suite
"""


def main() -> None:
    """Run; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped"):
        from ..eval.benchmark import read_result, reference
        from ..report.benchmark import write_leaderboard

        results = [read_result(path) for path in arguments.files]
        if arguments.built_in:
            tier, own = results[0]["tier"], {each["method"]["name"] for each in results}
            built_in = reference(tier)
            if not built_in:
                raise ValueError(
                    f"expected results of a tier with built-in rows, got the {tier} tier, which "
                    "has none; leave --built-in out"
                )
            results += [each for each in built_in if each["method"]["name"] not in own]
        print(write_leaderboard(results, arguments.to).resolve())


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("Set results of `ecglens benchmark` on one page.", NOTE)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILES", help="card.json")
    parser.add_argument("--to", type=Path, default=Path("leaderboard"), help="folder to write")
    parser.add_argument("--built-in", action="store_true", help="with the built-in methods")
    return parser
