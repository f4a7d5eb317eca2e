"""Claims about scores of heatmaps, as in docs/claims_lab.md.

Run as `python -m benchmarks.claims`: a quarter of an hour of CPU time; what is finished is kept in
the store. Writes results/claims and the figures of the page; `python -m benchmarks.findings` then
makes its tables.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ecglens_benchmark.claims import EVERY, claim, write_page

from .page import DOCS

RESULTS = Path(__file__).parents[1] / "results" / "claims"
FIGURES = DOCS / "images" / "claims"
KEPT = ("claims.csv", "values.csv", "SHA256SUMS")


def main(arguments: Sequence[str] | None = None) -> None:
    """Decide all claims, and keep tables, hashes and figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="store", help="what is kept (default: store)")
    decisions = claim(EVERY, parser.parse_args(arguments).store)
    with TemporaryDirectory() as folder:
        write_page(decisions, Path(folder))
        for kept, names in ((RESULTS, KEPT), (FIGURES, [f"{d.claim.name}.svg" for d in decisions])):
            kept.mkdir(parents=True, exist_ok=True)
            for name in names:
                (kept / name).write_bytes((Path(folder) / name).read_bytes())


if __name__ == "__main__":
    main()
