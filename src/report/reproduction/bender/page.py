"""The page of Bender 2023: the set-up, mean relevance, the judged findings, leads and figures."""

from collections.abc import Sequence

from ....eval import Finding
from ..experiments import drawings, of_evaluation
from ..part import Part
from .judged import judged_parts
from .leads import leads_part
from .means import means_part
from .setup import setup_part

FIGURES = ("average-beat", "waves", "leads", "output")


def bender(findings: Sequence[Finding]) -> list[Part]:
    """The parts of the page. Raises ValueError for no relevance."""
    found = of_evaluation(findings, "relevance")
    if not found:
        raise ValueError("expected relevance as in Bender 2023, got none: no job has finished")
    return [
        setup_part(found),
        means_part(found),
        *judged_parts(found),
        leads_part(found),
        Part("Figures", (), drawings(found, FIGURES)),
    ]
