"""The page of Arends 2026: the set-up and its four experiments."""

from collections.abc import Sequence

from ....eval import Finding
from ..part import Part
from .consistency import consistency
from .perturbation import perturbation
from .setup import setup_part
from .similarity import similarity
from .weights import weights


def arends(findings: Sequence[Finding]) -> list[Part]:
    """The parts of the page. Raises ValueError for none of the four experiments."""
    made = [experiment(findings) for experiment in (similarity, consistency, weights, perturbation)]
    parts = [part for part in made if part is not None]
    if not parts:
        raise ValueError("expected an experiment of Arends 2026, got none: no job has finished")
    return [setup_part(findings), *parts]
