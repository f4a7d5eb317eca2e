"""Answer to which heatmaps may be used: data made once from findings."""

from .answer import Answer, answers_of
from .claims import GAINS, Claim
from .comparisons import comparisons_of, decides, deciding, kept_of
from .gates import GATES, LADDER_GATE, LINTER_GATE, NEEDED, RUNS
from .method import USES, MethodAnswer
from .reading import READING, Reading
from .this_ecg import ThisEcg
from .witness import Witness

__all__ = [
    "GAINS",
    "GATES",
    "LADDER_GATE",
    "LINTER_GATE",
    "NEEDED",
    "READING",
    "RUNS",
    "USES",
    "Answer",
    "Claim",
    "MethodAnswer",
    "Reading",
    "ThisEcg",
    "Witness",
    "answers_of",
    "comparisons_of",
    "decides",
    "deciding",
    "kept_of",
]
