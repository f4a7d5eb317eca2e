"""The pictures of the Concepts pages of docs/: python -m benchmarks.concept_pictures RUN [NAME…].

RUN is the folder of the demo (make demo). Names are those of the pages; without any, all are drawn.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
from ecglens.eval import load_finding
from matplotlib.figure import Figure

from . import concept_maps as maps
from . import concept_order as order
from . import concept_places as places
from . import concept_score as score
from .concept_agreement import agreement
from .concept_page import save
from .page import DOCS

IMAGES = DOCS / "images"


def pictures(run: Path) -> Mapping[str, Callable[[], Figure]]:
    """How each picture is drawn, by the name of its page."""
    finding = load_finding(run / "findings" / "default")
    points = load_finding(run / "findings" / "noise_10")
    rungs = pd.read_csv(run / "pr-median-default-ladder.csv")
    return {
        "perturbation": lambda: score.perturbation(finding),
        "ladder": lambda: score.ladder(finding, rungs),
        "statistics": lambda: order.statistics(finding),
        "stability": lambda: order.stability(points, DOCS / "stability.md"),
        "methods": maps.methods,
        "sanity": maps.sanity,
        "agreement": lambda: agreement(DOCS.parent / "results" / "arends" / "laptop"),
        "axioms": maps.axioms,
        "shortcuts": maps.shortcuts,
        "localisation": lambda: places.localisation(finding),
        "relevance": places.relevance,
        "effects": places.effects,
        "meta_evaluation": places.meta_evaluation,
    }


def main(run: Path, *names: str) -> None:
    """Draws the pictures of these names, or all."""
    for name, draw in pictures(run).items():
        if not names or name in names:
            path = IMAGES / f"concept-{name}.png"
            save(draw(), path)
            print(path, f"{path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
