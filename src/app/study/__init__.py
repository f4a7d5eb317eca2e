"""`ecglens study`: create and serve a study of heatmaps, and analyse its votes.

Nothing heavy is imported before a command runs, so that every --help appears at once.
"""

from .commands import main

__all__ = ["main"]
