"""`ecglens whatif`: what the network of a run makes of changes of one ECG."""

import argparse
from pathlib import Path

from ecglens.jobs import add_trust, parser_of, tell, user_errors
from ecglens_sheets import setting_of

from .catalogue import doses
from .runs import check_run, checked_files

NOTE = """A change is a name and a size, such as pr=+20 qrs=+12 r=-200 (ms, µV); the names are those
of a data sheet (ecglens measure).

exit status: 0 told, 2 wrong use
"""
FEWEST = 6  # ECGs to compare with: patients from which an interval is known (intervals.LEAST)


def main() -> None:
    """Print the lines; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped; the same command resumes from here"):
        for line in _lines(arguments):
            tell(line)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("Change one ECG by known amounts and read it again.", NOTE)
    add = parser.add_argument
    add("record", type=Path, metavar="RECORD", help="file of an ECG")
    add("--run", type=Path, required=True, help="folder of a finished run, for its network")
    add("--change", nargs="+", default=[], metavar="NAME=BY", help="each alone, then all in turn")
    add("--all", action="store_true", help="slopes of every change, not of --change alone")
    add("--ecgs", type=int, default=64, help="ECGs of the run to compare with (default: 64)")
    add("--reader", default="", help="name of a data set, or import path of a reader")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="setting of the reader")
    add_trust(parser)
    return parser


def _lines(arguments: argparse.Namespace) -> list[str]:
    changes = _checked(arguments)
    from ecglens.datamodules import prepare
    from ecglens_sheets import open_files

    from .known import of_data, of_prepared
    from .library import on_ecgs
    from .measurement import GRADED
    from .runs import opened
    from .whatif import what_if

    several = opened(arguments.run, arguments.trust)
    known = several.known
    settings = dict(map(setting_of, arguments.set))
    given = open_files([arguments.record], arguments.reader, settings, known.reading)
    if len(given) != 1 or known.training is None:
        raise ValueError(f"expected one ECG, got {len(given)} kinds of files; give one file")
    about = known.finding.about
    prepared = prepare(given[0].records, known.store, about.input)
    if not len(prepared):
        why = "; ".join(each.reason for each in prepared.excluded[:1])
        raise ValueError(f"expected an ECG that can be prepared, got {arguments.record}: {why}")
    one = of_prepared(prepared, "", range(min(2, len(prepared))), given[0].records.reader.generated)
    chosen = [each for each in doses().values() if each.kind in GRADED or each.name in changes]
    others = on_ecgs(
        several.nets, of_data(known.training, arguments.ecgs), chosen, about.target, known.store
    )
    found = what_if(several.nets, one.ecgs, others, known.store, one.kind)
    return [*found.lines(changes, arguments.all)]


def _checked(arguments: argparse.Namespace) -> dict[str, float]:
    """Changes by name; ValueError for wrong words, before anything heavy is loaded."""
    if arguments.ecgs < FEWEST:
        raise ValueError(f"expected --ecgs of at least {FEWEST}, got {arguments.ecgs}")
    asked = [*map(_change, arguments.change)]
    changes = dict(asked)
    if len(changes) < len(asked):
        raise ValueError(f"expected each change once, got {' '.join(arguments.change)}")
    for dose in doses([*changes]).values() if changes else ():
        dose.check_size(changes[dose.name])
    checked_files([arguments.record])
    check_run(arguments.run)
    for each in arguments.set:
        setting_of(each)
    return changes


def _change(text: str) -> tuple[str, float]:
    """Name and size of a change."""
    name, _, by = text.partition("=")
    try:
        return name, float(by)
    except ValueError:
        raise ValueError(f"expected --change NAME=BY, such as pr=+20, got {text!r}") from None
