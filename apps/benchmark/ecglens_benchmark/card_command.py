"""`ecglens benchmark`: a method of yours through the fixed suite: its card."""

import argparse
import time
from pathlib import Path

from ecglens.jobs import add_trust, parser_of, tell, user_errors

NOTE = """The method is a built-in name (saliency), package:Class, file.py:Class, or a yaml file as
those of configs/method. Stop it at any moment: the same command resumes. card.html, card.pdf and
card.json are written; `ecglens leaderboard` gathers card.json of several methods. With --season the
method runs in processes of its own, on networks that nobody knows before (docs/seasons.md).

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
    parser.add_argument("method", nargs="?", default="", help="the method")
    parser.add_argument("--tier", default="quick", help="quick (minutes) or full (hours)")
    parser.add_argument("--name", default="", help="name on the card (default: that of the method)")
    parser.add_argument("--to", type=Path, help="folder to write (default: cards/NAME-TIER)")
    parser.add_argument("--store", default="store", help="what is kept (default: store)")
    season = parser.add_argument_group("seasons")
    season.add_argument("--season", default="", help="name or file of a season to run in")
    season.add_argument("--open-season", metavar="NAME", default="", help="open one of your own")
    season.add_argument("--publish-season", metavar="NAME", default="", help="publish its seed")
    recorded = parser.add_argument_group(
        "published networks, in the full tier",
        "NETWORKS/heart_failure/*.pt with DATA/ludb, NETWORKS/chagas/*.pt with DATA/code15",
    )
    recorded.add_argument("--networks", type=Path, help="folder of weights")
    recorded.add_argument("--data", type=Path, help="folder of recorded ECGs")
    add_trust(parser)
    return parser


def _benchmark(arguments: argparse.Namespace) -> None:
    asked = (arguments.open_season, arguments.publish_season)
    if any(asked):
        _of_a_season(*asked, other=arguments.method or arguments.season)
        return
    if not arguments.method:
        raise ValueError("expected a method, got none; ecglens benchmark --help shows the forms")
    if arguments.season:
        _in_a_season(arguments)
        return
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


def _of_a_season(opened: str, published: str, other: str) -> None:
    from .season.seasons import open_season, publish_season

    if other or (opened and published):
        raise ValueError("expected --open-season or --publish-season alone, got more beside it")
    path = open_season(opened, Path()) if opened else publish_season(published, Path())
    print(path.resolve())


def _in_a_season(arguments: argparse.Namespace) -> None:
    from .season.pages import warnings, write_season_card
    from .season.run import season_card

    if arguments.data or arguments.networks or arguments.tier != "quick":
        raise ValueError("expected --season without --tier, --networks and --data, got them")
    start = time.monotonic()

    def say(doing: str) -> None:
        print(f"{time.monotonic() - start:5.0f} s  {doing}", flush=True)

    card = season_card(
        arguments.method,
        arguments.season,
        arguments.store,
        say,
        arguments.name,
        trust=arguments.trust,
    )
    named = f"{card['method']['name']}-{card['season']['name']}"
    for each in warnings(card):
        tell(each)
    print(write_season_card(card, arguments.to or Path("cards") / named).resolve())
