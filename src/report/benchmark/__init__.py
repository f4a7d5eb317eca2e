"""The page of a method's card, and of a leaderboard."""

from .card import write_card
from .leaderboard import write_leaderboard

__all__ = ["write_card", "write_leaderboard"]
