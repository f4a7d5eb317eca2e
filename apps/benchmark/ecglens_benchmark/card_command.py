"""`ecglens benchmark`: a method of yours through the fixed suite: its card."""

import argparse
import time
from pathlib import Path

from ecglens.jobs import add_trust, parser_of, tell, user_errors

NOTE = """The method is a built-in name (saliency), package:Class, file.py:Class, or a yaml file as
those of configs/method. Stop it at any moment: the same command resumes. card.html, card.pdf and
card.json are written; `ecglens leaderboard` gathers card.json of several methods.

exit status: 0 a card was written, 2 wrong use
"""


def main() -> None:
    """Run; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped; the same command resumes from here"):
        _benchmark(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "Put an attribution method through the fixed suite and write its card.", NOTE
    )
    parser.add_argument("method", help="the method")
    parser.add_argument("--tier", default="quick", help="quick (minutes) or full (hours)")
    parser.add_argument("--name", default="", help="name on the card (default: that of the method)")
    parser.add_argument("--to", type=Path, help="folder to write (default: cards/NAME-TIER)")
    parser.add_argument("--store", default="store", help="what is kept (default: store)")
    recorded = parser.add_argument_group(
        "published networks, in the full tier",
        "NETWORKS/heart_failure/*.pt with DATA/ludb, NETWORKS/chagas/*.pt with DATA/code15",
    )
    recorded.add_argument("--networks", type=Path, help="folder of weights")
    recorded.add_argument("--data", type=Path, help="folder of recorded ECGs")
    add_trust(parser)
    return parser


def _benchmark(arguments: argparse.Namespace) -> None:
    from .method_words import method_of
    from .pages import write_card
    from .run import Recorded, benchmark
    from .standings import reference

    start = time.monotonic()
    if (arguments.networks is None) != (arguments.data is None):
        raise ValueError("expected --networks and --data together, got one of them")
    recorded = Recorded(arguments.networks, arguments.data) if arguments.data else None
    name, method = method_of(arguments.method, arguments.trust)
    name = arguments.name or name

    def say(doing: str) -> None:
        print(f"{time.monotonic() - start:5.0f} s  {doing}", flush=True)

    result = benchmark(method, arguments.tier, name, arguments.store, recorded, say)
    folder = arguments.to or Path("cards") / f"{name}-{arguments.tier}"
    for each in result["checks"]:
        if each["said"]:
            tell(each["said"])
    print(write_card(result, reference(arguments.tier), folder).resolve())
