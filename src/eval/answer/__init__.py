"""Answer to which heatmaps may be used: data made once from findings."""

from .answer import USES, Answer, MethodAnswer, answers_of, decides
from .gates import GATES, LADDER_GATE, LINTER_GATE, NEEDED, RUNS
from .reading import READING, Reading
from .this_ecg import ThisEcg
from .witness import Witness

__all__ = [
    "GATES",
    "LADDER_GATE",
    "LINTER_GATE",
    "NEEDED",
    "READING",
    "RUNS",
    "USES",
    "Answer",
    "MethodAnswer",
    "Reading",
    "ThisEcg",
    "Witness",
    "answers_of",
    "decides",
]
