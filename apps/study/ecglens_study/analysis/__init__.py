"""Analysis of votes: counts, agreement, preference, rater behaviour, and votes beside scores."""

from .analysis import Analysis, analyse
from .votes_and_scores import VotesAndScores

__all__ = ["Analysis", "VotesAndScores", "analyse"]
