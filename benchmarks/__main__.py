"""The whole table, kept, written into the docs and drawn: python -m benchmarks [--plan long]."""

import argparse
import time

from . import chain, curves, memory, methods, oracle, page, passes, picture, scaling
from .machine import facts
from .plan import PLANS, with_plan
from .row import Results, shown

PARTS = (curves, oracle, passes, methods, chain, memory, scaling)


def main(plan: str) -> None:
    """Measure every part; the quick plan's times mean nothing and are not kept."""
    start = time.perf_counter()
    rows = []
    for number, part in enumerate(PARTS, 1):
        print(
            f"{part.__name__}: part {number} of {len(PARTS)}, {_minutes(start)} so far", flush=True
        )
        rows += shown(part.rows(PLANS[plan]))
    if plan != "quick":
        keep(Results(facts(), tuple(rows)))
    print(f"done in {_minutes(start)}")


def keep(results: Results) -> None:
    """The file, the page and the figure."""
    path = page.DOCS / f"{page.NAME}.json"
    results.save(path)
    results = Results.load(path)  # rounded as they are kept, so that page and file agree
    page.write(results, page.DOCS / f"{page.NAME}.md")
    picture.draw(results, page.DOCS / "images" / f"{page.NAME}.png")


def _minutes(start: float) -> str:
    return f"{(time.perf_counter() - start) / 60:.1f} min"


if __name__ == "__main__":
    main(with_plan(argparse.ArgumentParser(description=__doc__)).parse_args().plan)
