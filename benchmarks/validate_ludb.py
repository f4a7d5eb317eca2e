"""Measured intervals against cardiologists' marks: python -m benchmarks.validate_ludb [FOLDER].

FOLDER holds LUDB in its original layout; without it, the 32 records in tests/data. Their marks
chose nothing: thresholds and offsets of ecg/ were chosen on the other 168 records of the database
(`--development`, which needs all 200: physionet.org/content/ludb), and `--offsets` prints what the
offsets in ecg/delineation.py would be on them.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from ecglens.ecg import R_INDEX, Measurement, UnusableRecord, measure, median_beat

from benchmarks.ludb_marks import EDGES, Marked, intervals_ms, read_marked

HELD_OUT = Path(__file__).parents[1] / "tests" / "data" / "ludb"
INTERVALS = ("pr", "qrs", "qt")
GOAL_MS = {"pr": 6.0, "qrs": 9.0, "qt": 14.0}  # MAE, global, clean sinus rhythm
SAME_BEAT = 60  # samples between a mark's QRS complex and the R peak


@dataclass
class Comparison:
    """Measured minus manual, in ms, of one group of records."""

    title: str
    differences: dict[str, list[float]] = field(
        default_factory=lambda: {name: [] for name in INTERVALS}
    )
    missing: dict[str, Counter[str]] = field(
        default_factory=lambda: {name: Counter() for name in INTERVALS}
    )

    def add(self, found: Measurement, manual_ms: np.ndarray) -> None:
        """Take one record in; an interval that the cardiologists did not mark is not compared."""
        for name, manual in zip(INTERVALS, manual_ms, strict=True):
            if name in found.reasons:
                self.missing[name][found.reasons[name]] += 1
            elif np.isfinite(manual):
                self.differences[name].append(getattr(found, name) - float(manual))

    def rows(self) -> Iterable[str]:
        """One line of the table per interval."""
        for name in INTERVALS:
            d = np.array(self.differences[name])
            nan = sum(self.missing[name].values())
            numbers = (
                f"{np.abs(d).mean():6.1f} {d.mean():+6.1f} {d.std():6.1f}"
                if len(d)
                else f"{'–':>6} {'–':>6} {'–':>6}"
            )
            yield f"{self.title:<46} {name.upper():<4} {len(d):4d} {numbers} {nan:4d}"


def manual_intervals(marked: Marked) -> tuple[np.ndarray, np.ndarray]:
    """PR, QRS, QT in ms, median over the beats: global, and of the median edge over the leads."""
    fs = marked.record.fs
    per_lead = intervals_ms(nanmedian(marked.marks, axis=1), fs)
    return (
        nanmedian(intervals_ms(marked.global_edges, fs), axis=0),
        nanmedian(per_lead, axis=0),
    )


def nanmedian(values: np.ndarray, axis: int) -> np.ndarray:
    """Median without NaN; NaN, and no warning, where there is nothing else."""
    ordered = np.ma.masked_invalid(values)
    return np.ma.median(ordered, axis=axis).filled(np.nan)


def edge_differences(marked: Marked) -> np.ndarray:
    """Measured minus manual global edges in samples, in the order of EDGES."""
    beat = median_beat(marked.record)
    edges = marked.global_edges
    middles = nanmedian(marked.marks[:, :, 2:4].reshape(len(edges), -1), axis=1)
    nearest = np.nanargmin(np.abs(middles[:, None] - beat.used), axis=0)
    same = np.abs(middles[nearest] - beat.used) < SAME_BEAT
    manual = nanmedian((edges[nearest] - beat.used[:, None] + R_INDEX)[same], axis=0)
    found = measure(beat).segments
    return np.array([getattr(found, edge) for edge in EDGES]) - manual


def records(folder: Path, development: bool) -> list[Path]:
    """The held-out records of a folder, or all others, in the order of their numbers."""
    held_out = {path.stem for path in (HELD_OUT / "data").glob("*.hea")}
    paths = [path.with_suffix("") for path in (folder / "data").glob("*.hea")]
    chosen = [path for path in paths if (path.name not in held_out) == development]
    if not chosen:
        raise SystemExit(f"expected LUDB records in {folder / 'data'}, found none of those asked")
    return sorted(chosen, key=lambda path: int(path.name))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=HELD_OUT)
    parser.add_argument("--development", action="store_true", help="the records not in tests/data")
    parser.add_argument("--offsets", action="store_true", help="print median edge differences")
    options = parser.parse_args(arguments)
    paths = records(options.folder, options.development)
    groups = ("clean sinus, global", "clean sinus, median over leads")
    groups += ("all others, global", "all others, median over leads")
    table = {group: Comparison(group) for group in groups}
    refused: list[str] = []
    edges: list[np.ndarray] = []
    notes: list[str] = []
    for path in paths:
        marked = read_marked(path)
        try:
            found = measure(median_beat(marked.record))
        except UnusableRecord as problem:
            refused.append(f"record {path.name}: {problem}")
            continue
        kind = "clean sinus" if marked.clean else "all others"
        manual_global, manual_median = manual_intervals(marked)
        table[f"{kind}, global"].add(found, manual_global)
        table[f"{kind}, median over leads"].add(found, manual_median)
        if marked.clean and options.offsets:
            edges.append(edge_differences(marked))
        notes += [f"record {path.name}: {n.upper()} NaN, {why}" for n, why in found.reasons.items()]
    what = "development records" if options.development else "held-out records"
    print(f"{len(paths)} {what} of LUDB (500 Hz, 10 s); {len(refused)} refused", *refused, sep="\n")
    print(f"\n{'measured − manual, ms':<46} {'':<4} {'n':>4} {'MAE':>6} {'bias':>6} {'SD':>6}  NaN")
    for group in table.values():
        print(*group.rows(), sep="\n")
    goals = ", ".join(f"{name.upper()} {ms:g}" for name, ms in GOAL_MS.items())
    print(f"\nGoal (MAE, clean sinus, global): {goals} ms.")
    print("Offsets and thresholds: chosen on the 168 records of LUDB that are not in tests/data.")
    print(*notes, sep="\n")
    if edges:
        print("\nMedian difference of each edge, samples:")
        print(dict(zip(EDGES, nanmedian(np.array(edges), axis=0).tolist(), strict=True)))


if __name__ == "__main__":
    main()
