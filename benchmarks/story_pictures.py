"""The six pictures of docs/story.md: python -m benchmarks.story_pictures RUN.

RUN is the folder of the demo (make demo). Each picture has more of the report's figure than the one
before, on the same beat; the last one is the whole. Numbers are in the pictures alone.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from ecglens.jobs import finished_in
from ecglens.report import AnswerFigure, Pseudonyms, answer_figures, run_views
from ecglens_paper.figures.answer import LANE, NEEDLE, SCORE, WHOLE, Look, Part, maps_figure
from matplotlib.figure import Figure

from .concept_page import DPI, WIDTH, save
from .page import DOCS

LOOK = Look(WIDTH, 7.0, 7.0, 38.0, 10.0, dpi=DPI)


def main(run: Path) -> None:
    """Draw every picture."""
    for name, figure in pictures(figure_of(run)).items():
        path = DOCS / "images" / f"story-{name}.png"
        save(figure, path)
        print(path, f"{path.stat().st_size / 1000:.0f} kB")


def figure_of(run: Path) -> AnswerFigure:
    """The figure of the run's report."""
    (own,) = answer_figures(run_views(finished_in(run), Pseudonyms()).groups)
    return own


def pictures(own: AnswerFigure) -> Mapping[str, Figure]:
    """The pictures by the part of the road that they show."""
    return {name: maps_figure(own, LOOK, part) for name, part in parts(own).items()}


def parts(own: AnswerFigure) -> Mapping[str, Part]:
    """Two maps, the reading, controls, the region itself, other patients' maps, the answer."""
    methods = sorted((row for row in own.rows if row.use), key=lambda row: row.score.value)
    two = (methods[0].name, own.answer.best or methods[-1].name)
    blind = (*two, *own.finding.curves[0].controls)
    region = (*blind, *(row.name for row in own.rows if row.name.startswith("target_prior")))
    moved = (LANE, NEEDLE)
    return {
        "maps": Part(rows=two, columns=(LANE,), stamps=False),
        "change": Part(rows=two, columns=moved, stamps=False),
        "random": Part(rows=blind, columns=moved, stamps=False),
        "region": Part(rows=region, columns=(*moved, SCORE), nulls=False, stamps=False),
        "patients": Part(rows=region, stamps=False),
        "answer": WHOLE,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
