"""Attacks on the metrics, as in docs/attacks.md.

Run as `python -m benchmarks.attacks`: all built-in methods, half an hour of CPU time; what is
finished is kept in the store. Writes results/attacks/shares.csv and prints the table. `--write`
keeps the marks in ecglens.eval's meta_evaluation.json, which the report reads.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
from ecglens.explain import find_all
from ecglens.store import Store, write_text
from ecglens_benchmark.attacks import ATTACKS, TRUTH, attacked, marks, shares

from .meta_evaluation import keep_raised, line

RESULTS = Path(__file__).parents[1] / "results" / "attacks"


def cells(gains: pd.DataFrame, metric: str) -> Iterator[str]:
    """For each attack, the share of maps on which it raises a metric; ↓ if it lowers the truth."""
    true = gains[(gains["metric"] == metric) & (gains["map"] == TRUTH)]
    for attack, share in shares(gains).loc[metric].items():
        lowers = bool((true["high"][true["attack"] == attack] < 0).all())
        yield f"{100 * share:.0f} %{' ↓' if lowers else ''}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Attack each metric on the maps of each method, then print what was raised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="store", help="what is kept (default: store)")
    parser.add_argument("--write", action="store_true", help="keep the marks")
    options = parser.parse_args(arguments)
    gains = attacked(find_all("all"), Store.at(options.store))
    RESULTS.mkdir(parents=True, exist_ok=True)
    write_text(RESULTS / "shares.csv", shares(gains).round(3).to_csv())
    line(["Metric", *ATTACKS, "Marked"])
    line(["---"] * (2 + len(ATTACKS)))
    marked = marks(gains)
    for metric, by in marked.items():
        line([metric, *cells(gains, metric), ", ".join(by) or "–"])
    if options.write:
        keep_raised(marked)


if __name__ == "__main__":
    main()
