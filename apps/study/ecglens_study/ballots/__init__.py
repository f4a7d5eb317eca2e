"""Votes, guesses and published sums: what experts answered, and the files that hold it."""

from .ballot import COLUMNS, EVERYONE, MEAN, NONE, RATINGS, TASKS, VIEWS, Ballot
from .counts_csv import COUNT_COLUMNS, read_counts
from .frames import by_target_and_view, frame_of
from .guesses_csv import GUESS_COLUMNS, UNKNOWN, guesses_text, read_guesses
from .study_votes import StudyVotes
from .votes_csv import read_votes, votes_text, write_votes

__all__ = [
    "COLUMNS",
    "COUNT_COLUMNS",
    "EVERYONE",
    "GUESS_COLUMNS",
    "MEAN",
    "NONE",
    "RATINGS",
    "TASKS",
    "UNKNOWN",
    "VIEWS",
    "Ballot",
    "StudyVotes",
    "by_target_and_view",
    "frame_of",
    "guesses_text",
    "read_counts",
    "read_guesses",
    "read_votes",
    "votes_text",
    "write_votes",
]
