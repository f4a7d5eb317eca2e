"""`ecglens benchmark`: a method of yours through the fixed suite: its card."""

import argparse
import re
import time
from collections.abc import Callable
from pathlib import Path

from ecglens.jobs import add_store, add_trust, check_alone, parser_of, tell, user_errors

NOTE = """The method is a built-in name (saliency), package:Class, file.py:Class, or a yaml file as
those of configs/method. Stop it at any moment: the same command resumes. card.html, card.pdf and
card.json are written; `ecglens leaderboard` gathers card.json of several methods. With --season the
method runs in processes of its own, on networks that nobody knows before (docs/seasons.md).
With --attack maps are changed without information, and gains.csv and marks.csv say which metrics
rise all the same (docs/attacks.md).

exit status: 0 a card was written, 2 wrong use
"""


def main() -> None:
    """Run; a user's mistake ends the process with one line and status 2."""
    parser = _parser()
    arguments = parser.parse_args()
    with user_errors("stopped; the same command resumes from here"):
        _benchmark(parser, arguments)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "Put an attribution method through the fixed suite and write its card.", NOTE
    )
    parser.add_argument("method", nargs="?", default="", help="the method")
    parser.add_argument("--tier", default="quick", help="quick (minutes) or full (hours)")
    parser.add_argument("--name", default="", help="name on the card (default: that of the method)")
    parser.add_argument("--to", type=Path, help="folder to write (default: cards/NAME-TIER)")
    add_store(parser)
    parser.add_argument("--attack", action="store_true", help="attack every metric by maps of a "
                        "built-in method, or of all of them")  # fmt: skip
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


def _benchmark(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    asked = (arguments.open_season, arguments.publish_season)
    if any(asked):
        check_alone(parser, arguments, "open_season" if arguments.open_season else "publish_season")
        _of_a_season(*asked)
        return
    if arguments.attack:
        check_alone(parser, arguments, "attack", "method", "to", "store")
        _attack(arguments)
        return
    if arguments.season:
        _in_a_season(arguments)
        return
    words = _method(arguments)
    from .method_words import method_of
    from .pages import write_card
    from .run import Recorded, benchmark
    from .standings import reference

    if (arguments.networks is None) != (arguments.data is None):
        raise ValueError("expected --networks and --data together, got one of them")
    recorded = Recorded(arguments.networks, arguments.data) if arguments.data else None
    name, method = method_of(words, arguments.trust)
    name = arguments.name or name
    result = benchmark(method, arguments.tier, name, arguments.store, recorded, timed())
    folder = arguments.to or folder_of(name, arguments.tier)
    for each in result["checks"]:
        if each["said"]:
            tell(each["said"])
    print(write_card(result, reference(arguments.tier), folder).resolve())


def _method(arguments: argparse.Namespace) -> str:
    if not arguments.method:
        raise ValueError("expected a method, got none; ecglens benchmark --help shows the forms")
    return arguments.method


def _attack(arguments: argparse.Namespace) -> None:
    import pandas as pd
    from ecglens.explain import find_all
    from ecglens.store import Store, csv_text, write_text

    from .attacks import attacked, marks

    methods = find_all([arguments.method] if arguments.method else "all")
    gains = attacked(methods, Store.at(arguments.store), timed())
    folder = arguments.to or Path("attacks")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "gains.csv", gains.to_csv(index=False))
    raised = [{"metric": each, "raised by": "; ".join(by)} for each, by in marks(gains).items()]
    write_text(folder / "marks.csv", csv_text(pd.DataFrame(raised)))
    print((folder / "marks.csv").resolve())


def timed() -> Callable[[str], None]:
    """Prints what is being done, after the seconds since now."""
    start = time.monotonic()

    def say(doing: str) -> None:
        print(f"{time.monotonic() - start:5.0f} s  {doing}", flush=True)

    return say


def _of_a_season(opened: str, published: str) -> None:
    from .season.seasons import open_season, publish_season, seed_file

    path = open_season(opened, Path()) if opened else publish_season(published, Path())
    if opened:
        tell(f"seed, which is secret: {seed_file(opened)}")
        tell("Copy it to a second place: if it is lost, the season is closed.")
    print(path.resolve())


def _in_a_season(arguments: argparse.Namespace) -> None:
    from .season.seasons import season_of

    if arguments.data or arguments.networks or arguments.tier != "quick":
        raise ValueError("expected --season without --tier, --networks and --data, got them")
    season, words = season_of(arguments.season), _method(arguments)

    from .season.pages import warnings, write_season_card
    from .season.run import season_card

    card = season_card(
        words, season, arguments.store, timed(), arguments.name, trust=arguments.trust
    )
    folder = arguments.to or folder_of(card["method"]["name"], card["season"]["name"])
    for each in warnings(card):
        tell(each)
    print(write_season_card(card, folder).resolve())


def folder_of(*names: str) -> Path:
    """Folder of a card below cards/; the names may come from a stranger's file."""
    return Path("cards") / re.sub(r"[^\w.+-]+", "-", "-".join(names)).lstrip(".")
