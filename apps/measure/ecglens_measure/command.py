"""`ecglens measure`: the data sheet of a network, from finished runs or a yaml file."""

import argparse
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecglens.jobs import add_trust, parser_of, user_errors

if TYPE_CHECKING:
    from ecglens.datamodules import EcgData
    from ecglens.report import KnownNetwork

    from .known import Known
    from .sheet import DataSheet

NOTE = """The sheet is written as data_sheet.html, and as data_sheet.json and CSV with every number.
Edits of the ECGs are kept in the store and shared by networks; stopped, the same command resumes.

exit status: 0 written, 2 wrong use
"""
PAGE, NUMBERS = "data_sheet.html", "data_sheet.json"


def main() -> None:
    """Write the sheet; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped; the same command resumes from here"):
        sheet = _sheet(arguments)
        page = write(sheet, arguments.to)
        print(sheet.answer)
        print(page.resolve())


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(
        "Measure what a network answers to known changes of ECGs: gain, selectivity, disturbances.",
        NOTE,
    )
    add = parser.add_argument
    add("runs", type=Path, nargs="*", metavar="RUN", help="finished run; several: side by side")
    add("--network", type=Path, metavar="YAML", help="network, target and input of your own")
    add("--data", default="", help="data set; with a run: beside the run's own test ECGs")
    add("--records", type=Path, nargs="+", default=[], help="files or folders of ECGs")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="setting of --data or "
        "--records, such as path=/my/ptbxl")  # fmt: skip
    add("--ecgs", type=int, default=64, help="ECGs of each data set (default: 64)")
    add("--changes", default="all", help="names separated by commas (default: all)")
    add("--seed", type=int, default=0, help="of intervals and random directions (default: 0)")
    add("--to", type=Path, default=Path("measure"), help="folder to write (default: measure)")
    add_trust(parser)
    return parser


def write(sheet: "DataSheet", folder: Path) -> Path:
    """Write page, JSON and tables into `folder`; the path of the page."""
    from ecglens.report import write_table

    for name in ("table", "gains", "disturbances", "flips", "measurable"):
        table = getattr(sheet, name)
        if len(table):
            write_table(table, folder / f"{name}.csv")
    sheet.save(folder / NUMBERS)
    return sheet.save(folder / PAGE)


def _sheet(arguments: argparse.Namespace) -> "DataSheet":
    if bool(arguments.runs) == bool(arguments.network):
        raise ValueError("expected finished runs, or --network with --data or --records")
    if arguments.ecgs < 1:
        raise ValueError(f"expected --ecgs of at least 1, got {arguments.ecgs}")
    if arguments.network and not (arguments.data or arguments.records):
        raise ValueError("expected --data or --records beside --network, got neither")
    from ecglens.cli.explain import opened_network, opened_run

    from .doses import doses
    from .library import sheet_of
    from .sheet import DataSheet

    wanted = arguments.changes
    chosen = list(doses(wanted if wanted == "all" else wanted.split(",")).values())
    opened = [opened_run(run, arguments.trust) for run in arguments.runs] or [
        opened_network(arguments.network, trust=arguments.trust)
    ]
    folders = [run.name for run in arguments.runs]
    distinct = len({*folders}) == len(folders)
    names = (folders if distinct else [*map(str, arguments.runs)]) if len(opened) > 1 else [""]
    sheets = []
    for name, known in zip(names, opened, strict=True):
        about, ecgs = known.finding.about.target, _ecgs(known, arguments)
        each = sheet_of([known.net], ecgs, chosen, about, known.store, arguments.seed)
        sheets.append(each.named(name))
    return reduce(DataSheet.beside, sheets)


def _ecgs(known: "KnownNetwork", arguments: argparse.Namespace) -> "list[Known]":
    """ECGs to measure a network on: its own test part, then what the words name."""
    from dataclasses import replace

    from ecglens.datamodules import open_files, prepare

    from .known import of_data, of_prepared, ranges_of

    own = known.training
    found = [of_data(own, arguments.ecgs)] if own is not None else []
    ranges = ranges_of(own) if own is not None else {}
    settings = dict(map(setting, arguments.set))
    if arguments.data:
        other = of_data(_data(known, arguments.data, settings), arguments.ecgs)
        found.append(replace(other, ranges=ranges))
    if arguments.records:
        about = known.finding.about
        for given in open_files(arguments.records, "", settings, known.reading):
            prepared = prepare(given.records, known.store, about.input)
            rows = range(min(arguments.ecgs, len(prepared)))
            other = of_prepared(prepared, given.records.name, rows)
            found.append(replace(other, ranges=ranges))
    return found


def _data(known: "KnownNetwork", name: str, settings: dict[str, Any]) -> "EcgData":
    """Another data set with the network's target, all in the test part."""
    from ecglens.datamodules import load_ecgs

    about = known.finding.about
    shares = {"train": 0.0, "val": 0.0, "test": 1.0}
    return load_ecgs(
        name, about.target, about.input, store=known.store.root, **{"split": shares, **settings}
    )


def setting(text: str) -> tuple[str, Any]:
    """Name and value of a setting, as in a yaml file."""
    import yaml

    key, equals, value = text.partition("=")
    if not (key and equals):
        raise ValueError(f"expected --set KEY=VALUE, such as --set path=/my/ptbxl, got {text!r}")
    return key, yaml.safe_load(value)
