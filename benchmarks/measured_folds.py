"""Data sheet of the folds of one network: `python -m benchmarks.measured_folds NAME YAML …`.

Each YAML is a fold as for `ecglens measure --network` (examples/heart_failure/explain.yaml). All
are measured on the first ECGs of one folder, side by side on one page. Doses are CHOSEN: one for
each interval and each wave that most ECGs have, settled before the first fold was measured.
results/measure gets NAME.html and NAME_gains.csv after each fold. A
fold is to cost at most 10 CPU-minutes; the seconds are printed.

Doses in µV are sizes of the recording's own scale. That of CODE-15 is doubtful: only the gains
per SD of a label are read from there (benchmarks/measured_tables.py).
"""

import argparse
import time
from collections.abc import Sequence
from functools import reduce
from pathlib import Path

from ecglens.datamodules import open_records, prepare
from ecglens.report import write_table
from ecglens_measure.answers import edits
from ecglens_measure.doses import doses
from ecglens_measure.known import of_prepared
from ecglens_measure.library import sheet_of
from ecglens_measure.sheet import DataSheet
from ecglens_sheets import opened_network

from .measured_networks import KEPT, rounded

CHOSEN = ("pr", "qrs", "jt", "rate", "p", "r", "t")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every fold on the same ECGs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("folds", type=Path, nargs="+")
    parser.add_argument("--data", default="ludb")
    parser.add_argument("--path", default="tests/data/ludb")
    parser.add_argument("--words", default="strips of LUDB")
    parser.add_argument("--ecgs", type=int, default=32)
    parser.add_argument("--to", type=Path, default=KEPT)
    asked = parser.parse_args(arguments)
    every, sheets, start = [*doses(CHOSEN).values()], [], time.process_time()
    opened = [opened_network(file) for file in asked.folds]
    store = opened[0].store
    prepared = prepare(open_records(asked.data, path=asked.path), store, "rhythm")
    rows = range(min(asked.ecgs, len(prepared)))
    ecgs = of_prepared(prepared, f"{len(rows)} {asked.words}", rows)
    for dose in every:
        for by in dose.sizes:
            edits(ecgs.ecgs, dose, by, store)
    print(f"ECGs and edits: {time.process_time() - start:.0f} CPU-s", flush=True)
    for place, known in enumerate(opened, 1):
        start = time.process_time()
        sheet = sheet_of([known.net], [ecgs], every, known.finding.about.target, store, 0)
        print(f"fold {place}: {time.process_time() - start:.0f} CPU-s; {sheet.answer}", flush=True)
        sheets.append(sheet.named(f"Fold {place}"))
        found = reduce(DataSheet.beside, sheets)
        found.save(asked.to / f"{asked.name}.html")
        gains = found.gains.drop(columns="output").rename(columns={"ecgs": "fold"})
        of_fold = [int(words.split(",")[0].removeprefix("Fold ")) for words in gains["fold"]]
        write_table(rounded(gains.assign(fold=of_fold)), asked.to / f"{asked.name}_gains.csv")


if __name__ == "__main__":
    main()
