"""Attacks on the metrics, as in docs/attacks.md.

Run as `python -m benchmarks.attacks`: all built-in methods, an hour and a half of CPU time; what is
finished is kept in the store. Writes results/attacks/shares.csv and prints the table. `--write`
keeps the marks in ecglens.eval's meta_evaluation.json, which the report reads.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
from ecglens.explain import find_all
from ecglens.store import Store, write_text
from ecglens_benchmark.attacks import ATTACKS, TRUTH, attacked, marks

from .meta_evaluation import keep_raised, line

RESULTS = Path(__file__).parents[1] / "results" / "attacks"


def cells(gains: pd.DataFrame, metric: str) -> Iterator[str]:
    """For each attack, the share of maps on which it raises a metric; ↓ if it lowers the truth."""
    for attack in ATTACKS:
        here = gains[(gains["metric"] == metric) & (gains["attack"] == attack)]
        true = here["map"] == TRUTH
        lowers = bool((here["high"][true] < 0).all())
        yield f"{100 * here['raised'][~true].mean():.0f} %{' ↓' if lowers else ''}"


def shares(gains: pd.DataFrame) -> pd.DataFrame:
    """Share of maps on which each attack (column) raises each metric (row), the truth left out."""
    maps = gains[gains["map"] != TRUTH]
    found = maps.pivot_table("raised", "metric", "attack", aggfunc="mean")
    return found.reindex(columns=[*ATTACKS]).round(3)


def main(arguments: Sequence[str] | None = None) -> None:
    """Attack each metric on the maps of each method, then print what was raised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="store", help="what is kept (default: store)")
    parser.add_argument("--write", action="store_true", help="keep the marks")
    options = parser.parse_args(arguments)
    gains = attacked(find_all("all"), Store.at(options.store))
    RESULTS.mkdir(parents=True, exist_ok=True)
    write_text(RESULTS / "shares.csv", shares(gains).to_csv())
    line(["Metric", *ATTACKS, "Marked"])
    line(["---"] * (2 + len(ATTACKS)))
    marked = marks(gains)
    for metric, by in marked.items():
        line([metric, *cells(gains, metric), ", ".join(by) or "–"])
    if options.write:
        keep_raised(marked)


if __name__ == "__main__":
    main()
