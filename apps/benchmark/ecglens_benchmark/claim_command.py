"""`ecglens claim`: published claims about scores of heatmaps, decided where the truth is known."""

import argparse
import textwrap
from pathlib import Path

from ecglens.jobs import add_store, parser_of, tell, user_errors

from .card_command import timed

NOTE = """A claim is decided by a rule that was written down before the experiment was run
(docs/claims_lab.md); two controls, true and false by construction, are run with it. Stop it at any
moment: the same command resumes. claims.html, claims.csv and values.csv are written, and a figure
of each claim.

exit status: 0 claims were decided, 1 a control had the wrong answer, 2 wrong use
"""


def main() -> None:
    """Run; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped; the same command resumes from here"):
        if arguments.list or not arguments.name:
            _list(asked=arguments.list)
            return
        wrong = _decide(arguments)
    if wrong:
        raise SystemExit(1)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("Decide a published claim about scores of heatmaps.", NOTE)
    parser.add_argument("name", nargs="?", default="", help="the claim, or all")
    parser.add_argument("--list", action="store_true", help="print names and claims")
    parser.add_argument("--to", type=Path, default=Path("claims"), help="folder to write")
    add_store(parser)
    return parser


def _list(asked: bool) -> None:
    from .claims import claims

    if not asked:
        raise ValueError(f"expected a claim (all, {', '.join(claims())}), got none; see --list")
    for name, each in claims().items():
        tell(textwrap.fill(each.said, 100, initial_indent=f"{name:16}", subsequent_indent=" " * 16))


def _decide(arguments: argparse.Namespace) -> list[str]:
    """Decide and write; names of controls that had the wrong answer."""
    from .claims import claim, write_page

    decisions = claim(arguments.name, arguments.store, timed())
    for each in decisions:
        tell(f"{each.claim.name:16}{each.answer}")
    wrong = [each.claim.name for each in decisions if each.wrong]
    for name in wrong:
        tell(f"{name} had the wrong answer: rely on no answer of this run")
    page = write_page(decisions, arguments.to)
    tell(page.resolve())
    return wrong
