"""`ecglens table`: a network's readings of very many ECGs as one table of parquet files.

Nothing heavy is imported before the arguments are checked, so that --help appears at once.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ecglens.jobs import add_trust, check_alone, parser_of, tell, user_errors

NOTE = """examples:
  ecglens table ward --run demo --to readings
  ecglens table --list ecgs.parquet --network model.ecglens --shard 3/64
  ecglens table beats.npy --run demo --maps saliency --segment-ms 30
  ecglens table beats.npy --run demo --scores saliency,deeplift
  ecglens table readings --rank

The same command resumes: parts that are complete are passed over. A list has the columns path and,
if wanted, id. An array (ECG, 12, time) holds what the network reads, in µV at 500 Hz.

exit status: 0 every ECG has a reading, 1 some are not usable (named in the table), 2 wrong use
"""
UNUSABLE = 1
ECGS = 4096  # of a part: a minute of recorded ECGs, the most that a kill loses
TORN_S = 3600.0  # no part is worked on for an hour without a word to its file


def main() -> None:
    """Write the table; a user's mistake ends the process with one line and status 2."""
    parser = _parser()
    arguments = parser.parse_args()
    with user_errors("stopped; finished parts are kept"):
        if arguments.rank:
            check_alone(parser, arguments, "rank", "records")
            _rank(arguments)
            return
        unusable = _write(arguments)
    if unusable:
        sys.exit(UNUSABLE)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "Write predictions, flags, measured values and, if wanted, heatmaps of very many ECGs as "
        "one table of parquet files. Nothing is drawn.",
        NOTE,
    )
    add = parser.add_argument
    add("records", nargs="+", metavar="RECORD", help="file, folder, array or s3:// address")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--run", type=Path, help="folder of a finished run, for its network")
    which.add_argument(
        "--network", type=Path, metavar="FILE",
        help="network of `ecglens export` or a yaml file; its training ECGs are not known",
    )  # fmt: skip
    which.add_argument(
        "--rank", action="store_true", help="RECORD is a table with scores: print their means"
    )
    add("--to", type=Path, default=Path("table"), metavar="FOLDER", help="default: %(default)s")
    add("--list", action="store_true", help="the one file is a list of paths")
    add("--parts", type=int, metavar="N", help=f"files (default: one per {ECGS} ECGs)")
    add("--shard", default="1/1", metavar="K/M", help="make every M-th part, from the K-th on")
    add(
        "--maps",
        default="",
        metavar="METHOD",
        help="keep heatmaps by this method, such as saliency",
    )
    add(
        "--scores",
        default="",
        metavar="METHOD,…",
        help="keep scores of the heatmaps by these methods, and of the controls",
    )
    add("--segment-ms", type=float, default=0.0, metavar="MS", help="sum maps over this length")
    add("--reader", default="", help="name of a data set, or import path of a reader of your own")
    add("--set", action="append", default=[], metavar="KEY=VALUE",
        help="setting of the reader, such as fs_hz=500; may be repeated")  # fmt: skip
    add("--batch", type=int, default=64, metavar="ECGS", help="default: %(default)s")
    add_trust(parser)
    return parser


def _remove_torn(folder: Path) -> None:
    """Remove what killed processes left; what is younger may be the same part in another one."""
    for torn in folder.glob(".part-*"):
        with suppress(FileNotFoundError):  # its process may end just now
            if time.time() - torn.stat().st_mtime > TORN_S:
                torn.unlink()


def _rank(arguments: argparse.Namespace) -> None:
    """Print the mean scores of a table."""
    from .ranking import rank_parts

    if len(arguments.records) > 1:
        raise ValueError(f"expected one table to rank, got {len(arguments.records)}")
    found = rank_parts(arguments.records[0])
    ends = "95 % intervals over patients"
    if found.few:
        ends = f"ranges of resamples of {found.few} patients, too few for 95 % intervals"
    tell(
        *found.table.to_string(index=False, float_format="{:.4g}".format).splitlines(),
        f"mean areas of {found.ecgs} ECGs, {ends}; {found.without} ECGs "
        f"without a score, {found.missing} parts missing",
        "levels, gates and a recommendation: `ecglens evaluate` on some of these ECGs",
    )


def _write(arguments: argparse.Namespace) -> int:
    """Number of ECGs of this shard that are not usable."""
    from ecglens.store import Shard

    shard = Shard.parse(arguments.shard)
    if min(1 if arguments.parts is None else arguments.parts, arguments.batch) < 1:
        raise ValueError("expected --parts and --batch of at least 1, got a smaller number")
    from ecglens.progress import progress_bar
    from ecglens.report.text import counted
    from ecglens.trust import find_own_modules
    from ecglens_sheets import setting_of

    from .networks import opened
    from .parts import caution_of, totals, write_part
    from .rows import TableSettings
    from .sources import Read, Reading, share, source_of

    scores = tuple(filter(None, arguments.scores.split(",")))
    settings = TableSettings(arguments.maps, arguments.segment_ms, scores)
    if "." in arguments.reader:  # the user's own class
        find_own_modules()
    known = opened(arguments.run or arguments.network, arguments.trust)
    reading = Reading(arguments.reader, dict(map(setting_of, arguments.set)), known.reading)
    source = source_of(arguments.records, reading, listed=arguments.list)
    if caution := caution_of(known, settings):
        tell(caution, file=sys.stderr)
    count = len(source)
    parts = arguments.parts or max(1, -(-count // ECGS))
    own = [Shard(part + 1, parts) for part in range(parts) if part in shard]
    if not own:
        tell(f"{shard}: nothing to do, there are {counted(parts, 'part')}")
        return 0
    spans = {part: share(part, count) for part in own}
    made = unusable = 0
    with progress_bar(sum(stop - start for start, stop in spans.values()), "ECGs") as bar:

        def passing(start: int, stop: int) -> Iterator[Any]:
            for ecg in source.read(start, stop):
                yield ecg
                bar.update()

        for part, span in spans.items():
            found = write_part(
                Read(passing(*span)), known, arguments.to, f"{part.number}/{parts}",
                settings=settings, source=source.key(*span), batch=arguments.batch, among=source,
            )  # fmt: skip
            made, unusable = made + found.made, unusable + found.unusable
            bar.update(0 if found.made else found.ecgs)
    lines = [f"{made} of {counted(len(spans), 'part')} made now, {unusable} ECGs not usable"]
    if made < len(spans):
        lines += ["parts that were there: their first and last ECG and all names are the same"]
    found = totals(arguments.to)
    if not found.missing:
        size = f"{counted(found.ecgs, 'ECG')} in {counted(found.files, 'file')}"
        lines += [f"complete: {size}, {found.unusable} not usable"]
        lines += [f"  {count} × {reason}" for reason, count in found.reasons.items()]
        _remove_torn(arguments.to)
    tell(*lines, arguments.to.resolve())
    return unusable
