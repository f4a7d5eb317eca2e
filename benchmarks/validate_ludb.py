"""Measured intervals against cardiologists' marks: python -m benchmarks.validate_ludb [FOLDER].

FOLDER holds LUDB in its original layout (all 200 records: physionet.org/content/ludb); without it,
the 32 records in tests/data. Four tables:

1. Measured minus manual on the records that are in tests/data, whose marks chose nothing:
   thresholds and offsets of ecg/ were chosen on the other 168 (`--development` shows those, and
   `--offsets` what the offsets in ecg/delineation.py would be on them).
2. All records of FOLDER in five folds, the offsets fitted on four and judged on the fifth
   (benchmarks/ludb_folds.py); clean sinus rhythm, global.
3. All records of FOLDER: how often an interval that does not exist is NaN, and one that exists too,
   with exact 95 % intervals. What exists follows from a record's header: see
   benchmarks/ludb_existence.py.
4. All records of FOLDER in two halves: later rules were chosen on one and judged on the other
   (benchmarks/ludb_halves.py).
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks import ludb_halves
from benchmarks.ludb_existence import refusals
from benchmarks.ludb_folds import refitted, rows
from benchmarks.ludb_marks import EDGES
from benchmarks.ludb_reading import INTERVALS, Reading, nanmedian, readings

HELD_OUT = Path(__file__).parents[1] / "tests" / "data" / "ludb"
GOAL_MS = {"pr": 6.0, "qrs": 9.0, "qt": 14.0}  # MAE, global, clean sinus rhythm
HEAD = f"{'measured − manual, ms':<46} {'':<4} {'n':>4} {'MAE':>6} {'bias':>6} {'SD':>6}"


def compared(title: str, of: Sequence[Reading], over_leads: str) -> Iterator[str]:
    """A line per interval: measured minus manual ("global" or "median" over the leads)."""
    for place, name in enumerate(INTERVALS):
        manual = np.array([getattr(one, f"manual_{over_leads}")[place] for one in of])
        d = np.array([getattr(one.found, name) for one in of]) - manual
        d, nan = d[np.isfinite(d)], sum(bool(one.missing(name)) for one in of)
        dash = f"{'–':>6} {'–':>6} {'–':>6}"
        numbers = f"{np.abs(d).mean():6.1f} {d.mean():+6.1f} {d.std():6.1f}" if len(d) else dash
        yield f"{title:<46} {name.upper():<4} {len(d):4d} {numbers} {nan:4d}"


def records(folder: Path) -> list[Path]:
    """The records of a folder, without suffix, in the order of their numbers."""
    paths = [path.with_suffix("") for path in (folder / "data").glob("*.hea")]
    if not paths:
        raise SystemExit(f"expected LUDB records in {folder / 'data'}, found none")
    return sorted(paths, key=lambda path: int(path.name))


def print_comparison(chosen: Sequence[Reading], what: str) -> None:
    """Table 1, with what is missing and why."""
    refused = [f"record {one.name}: {one.refused}" for one in chosen if one.refused]
    print(
        f"{len(chosen)} {what} of LUDB (500 Hz, 10 s); {len(refused)} refused", *refused, sep="\n"
    )
    print(f"\n{HEAD}  NaN")
    for kind, clean in (("clean sinus", True), ("all others", False)):
        group = [one for one in chosen if one.marked.clean == clean and not one.refused]
        print(*compared(f"{kind}, global", group, "global"), sep="\n")
        print(*compared(f"{kind}, median over leads", group, "median"), sep="\n")
    goals = ", ".join(f"{name.upper()} {ms:g}" for name, ms in GOAL_MS.items())
    print(f"\nGoal (MAE, clean sinus, global): {goals} ms.")
    print("Offsets and thresholds: chosen on the 168 records of LUDB that are not in tests/data.")
    for one in chosen:
        for name, why in one.found.reasons.items():
            print(f"record {one.name}: {name.upper()} NaN, {why}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=HELD_OUT)
    parser.add_argument("--development", action="store_true", help="the records not in tests/data")
    parser.add_argument("--offsets", action="store_true", help="print median edge differences")
    options = parser.parse_args(arguments)
    found = list(readings(records(options.folder)))
    held_out = {path.stem for path in (HELD_OUT / "data").glob("*.hea")}
    chosen = [one for one in found if (one.name not in held_out) == options.development]
    if not chosen:
        raise SystemExit(
            f"expected all 200 records in {options.folder}, found only the held-out ones"
        )
    print_comparison(chosen, "development records" if options.development else "held-out records")
    if options.offsets:
        edges = np.array([one.edges for one in chosen if one.marked.clean])
        print("\nMedian difference of each edge, samples:")
        print(dict(zip(EDGES, nanmedian(edges, axis=0).tolist(), strict=True)))
    clean = [one for one in found if one.marked.clean]
    print(f"\nFive folds of the {len(clean)} clean sinus records of {len(found)}, global\n{HEAD}")
    errors_ms, edges = (
        np.array([getattr(one, n) for one in clean]) for n in ("errors_ms", "edges")
    )
    print(*rows(*refitted(errors_ms, edges), INTERVALS), sep="\n")
    print(f"\nNaN in {len(found)} records, with exact 95 % intervals")
    print(*refusals(found), sep="\n")
    print(f"\nTwo halves of {len(found)} records, global\n{ludb_halves.HEAD}")
    print(*ludb_halves.rows(found, held_out), sep="\n")


if __name__ == "__main__":
    main()
