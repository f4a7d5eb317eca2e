"""`ecglens dataset`: networks, ECGs, heatmaps and true maps as files, and scores of maps."""

import argparse
from pathlib import Path

from ecglens.jobs import add_store, parser_of, user_errors

NOTE = """ecglens dataset maps --to maps                   networks of the published season 2026c
ecglens dataset maps --to maps --hidden 2027a    and of one of yours, without the truth
ecglens dataset score my_maps --in maps          cosine with the truth of my_maps/NETWORK.npy

Stop it at any moment: the same command goes on. README.md in the folder says what is in it.

exit status: 0 written or scored, 2 wrong use
"""
SEASON = "2026c"  # the one that ECGLens brings whose seed is published
ALL = "all"


def main() -> None:
    """Run; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped; the same command resumes from here"):
        arguments.run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "Heatmaps with their truth, for others to score methods and metrics on.", NOTE
    )
    commands = parser.add_subparsers(required=True, metavar="maps|score")
    maps = commands.add_parser("maps", help="write networks, ECGs, maps and true maps")
    maps.add_argument("--to", type=Path, required=True, help="folder to write")
    maps.add_argument("--season", default=SEASON, help=f"name or file (default: {SEASON})")
    maps.add_argument("--hidden", default="", help="another season, whose truth is not written")
    maps.add_argument("--methods", default=ALL, help="names with commas, or a group (all)")
    maps.add_argument("--ecgs", type=int, help="of each network (default: 64)")
    maps.add_argument("--strips", type=int, help="of a network of strips (default: 16)")
    add_store(maps)
    maps.set_defaults(run=_write)
    score = commands.add_parser("score", help="score maps of your own")
    score.add_argument("maps", type=Path, help="folder of NETWORK.npy")
    score.add_argument("--in", dest="folder", type=Path, required=True, help="folder of the data")
    score.add_argument("--season", default="", help="that of the hidden part, with its seed here")
    add_store(score)
    score.set_defaults(run=_score)
    return parser


def _write(arguments: argparse.Namespace) -> None:
    from .map_data import ECGS, STRIPS, write_map_data

    names = arguments.methods.split(",")
    written = write_map_data(
        arguments.to,
        arguments.season,
        arguments.hidden,
        names[0] if len(names) == 1 else names,
        ecgs=ECGS if arguments.ecgs is None else arguments.ecgs,
        strips=STRIPS if arguments.strips is None else arguments.strips,
        store=arguments.store,
        say=lambda doing: print(doing, flush=True),
    )
    print(f"{written.networks} networks, {written.size / 1e6:.0f} MB")
    print(written.folder.resolve())


def _score(arguments: argparse.Namespace) -> None:
    from .map_data import score_maps

    found = score_maps(arguments.folder, arguments.maps, arguments.season, arguments.store)
    print(found.to_string(index=False, float_format=lambda value: f"{value:.3f}"))
