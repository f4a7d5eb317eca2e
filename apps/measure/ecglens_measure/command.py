"""`ecglens measure`: the data sheet of a network, from finished runs or a yaml file."""

import argparse
import sys
from collections import Counter
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from ecglens.jobs import add_trust, parser_of, tell, user_errors
from ecglens_sheets import setting_of

from .catalogue import Dose, doses
from .runs import check_run, checked_files

if TYPE_CHECKING:
    from ecglens_sheets import Opened

    from .known import Known
    from .sheet import DataSheet

NOTE = """The sheet is written as data_sheet.html and data_sheet.pdf, every number as JSON and CSV.
Edits of the ECGs are kept in the store and shared by networks; stopped, the same command resumes.

exit status: 0 written, 2 wrong use
"""
PAGE, PRINT, NUMBERS = "data_sheet.html", "data_sheet.pdf", "data_sheet.json"


def main() -> None:
    """Write the sheet; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped; the same command resumes from here"):
        sheet = _sheet(arguments)
        page = write(sheet, arguments.to)
        tell(sheet.answer, page.resolve())


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "Measure what a network answers to known changes of ECGs: gain, selectivity, disturbances.",
        NOTE,
    )
    add = parser.add_argument
    add("runs", type=Path, nargs="*", metavar="RUN", help="finished run; several: side by side")
    add("--together", action="store_true", help="runs, or a sweep, that differ in their seed "
        "alone: measured as one, with intervals over networks")  # fmt: skip
    add("--network", type=Path, metavar="YAML", help="network, target and input of your own")
    add("--data", default="", help="data set; with a run: beside the run's own test ECGs")
    add("--records", type=Path, nargs="+", default=[], help="files or folders of ECGs")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="setting of --data or "
        "--records, such as path=/my/ptbxl")  # fmt: skip
    add("--ecgs", type=int, default=64, help="ECGs of each data set (default: 64)")
    add("--changes", default="all", help="names separated by commas (default: all)")
    add("--seed", type=int, default=0, help="of random directions (default: 0)")
    add("--to", type=Path, default=Path("measure"), help="folder to write (default: measure)")
    add_trust(parser)
    return parser


def write(sheet: "DataSheet", folder: Path) -> Path:
    """Write page, JSON and tables into `folder`; the path of the page."""
    from ecglens.report import write_table

    from .sheet import TABLES

    for name in TABLES:
        table = getattr(sheet, name)
        file = folder / f"{name}.csv"
        if len(table):
            write_table(table, file)
        else:  # of a measurement before
            file.unlink(missing_ok=True)
    sheet.save(folder / NUMBERS)
    sheet.save(folder / PRINT)
    return sheet.save(folder / PAGE)


def _sheet(arguments: argparse.Namespace) -> "DataSheet":
    chosen = _checked(arguments)
    from ecglens_sheets import opened_network

    from .library import sheet_of
    from .runs import Several, opened, together
    from .sheet import DataSheet, check_alike

    if arguments.together:
        found = [together(arguments.runs, arguments.trust)]
    elif arguments.runs:
        found = [opened(run, arguments.trust) for run in arguments.runs]
    else:
        own = opened_network(arguments.network, arguments.trust)
        found = [Several(own, [own.net])]
    folders = [run.name for run in arguments.runs]
    distinct = len({*folders}) == len(folders)
    named = (folders if distinct else [*map(str, arguments.runs)]) if len(found) > 1 else [""]
    for each in found:  # before minutes of measuring
        check_alike(found[0].known.finding.about.target, each.known.finding.about.target)
    sheets = []
    for name, each in zip(named, found, strict=True):
        known = each.known
        about, ecgs = known.finding.about.target, _ecgs(known, arguments)
        sheet = sheet_of(each.nets, ecgs, chosen, about, known.store, arguments.seed)
        sheets.append(sheet.named(name).judged(each.gate))
    return reduce(DataSheet.beside, sheets)


def _checked(arguments: argparse.Namespace) -> list[Dose]:
    """The doses; ValueError for wrong words, before anything heavy is loaded."""
    if bool(arguments.runs) == bool(arguments.network):
        raise ValueError("expected finished runs, or --network with --data or --records")
    if arguments.ecgs < 1:
        raise ValueError(f"expected --ecgs of at least 1, got {arguments.ecgs}")
    if arguments.network and not (arguments.data or arguments.records):
        raise ValueError("expected --data or --records beside --network, got neither")
    if arguments.set and not (arguments.data or arguments.records):
        raise ValueError("expected --data or --records beside --set, which is theirs, got neither")
    if arguments.together and not arguments.runs:
        raise ValueError("expected finished runs beside --together, got none")
    for run in arguments.runs:
        check_run(run)
    checked_files([*arguments.records, *filter(None, [arguments.network])])
    for each in arguments.set:
        setting_of(each)
    if arguments.data:
        from ecglens.registry import settings as known_settings

        known_settings("data", arguments.data)
    return [*doses(arguments.changes).values()]


def _ecgs(known: "Opened", arguments: argparse.Namespace) -> "list[Known]":
    """ECGs to measure a network on: its own test part, then what the words name.

    Raises ValueError where these have ECGs of the network's own data set.
    """
    from dataclasses import replace

    from ecglens.datamodules import Records, load_ecgs, prepare
    from ecglens.report.text import counted
    from ecglens_sheets import open_files

    from .known import caution, check_apart, of_data, of_prepared, ranges_of

    own, about = known.training, known.finding.about
    found = [of_data(own, arguments.ecgs)] if own is not None else []
    ranges = ranges_of(own) if own is not None else {}
    settings = dict(map(setting_of, arguments.set))

    def add(other: "Known", records: Records) -> None:
        found.append(replace(other, ranges=ranges, caution=caution(records, own)))

    if arguments.data:
        # Another data set with the network's target, all in the test part.
        shares = {"split": {"train": 0.0, "val": 0.0, "test": 1.0}}
        data = load_ecgs(
            arguments.data,
            about.target,
            about.input,
            store=known.store.root,
            **{**shares, **settings},
        )
        check_apart(data.records, own, "--data")
        add(of_data(data, arguments.ecgs), data.records)
    if arguments.records:
        for given in open_files(arguments.records, "", settings, known.reading):
            check_apart(given.records, own, "--records")
            prepared = prepare(given.records, known.store, about.input)
            if why := Counter(each.reason for each in prepared.excluded).most_common(1):
                left_out = counted(len(prepared.excluded), "ECG")
                said = f"{left_out} of {given.records.name} left out, most often: {why[0][0]}"
                if not len(prepared):
                    raise ValueError(f"expected ECGs that can be prepared, got {said}")
                tell(said, file=sys.stderr)
            rows = range(min(arguments.ecgs, len(prepared)))
            words = f"{counted(len(rows), 'ECG')} ({given.records.name})"
            add(of_prepared(prepared, words, rows), given.records)
    return found
