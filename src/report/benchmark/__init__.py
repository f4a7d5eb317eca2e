"""The page of a method's card, and of a leaderboard."""

from .card import write_card
from .leaderboard import write_leaderboard
from .names import told_apart

__all__ = ["told_apart", "write_card", "write_leaderboard"]
