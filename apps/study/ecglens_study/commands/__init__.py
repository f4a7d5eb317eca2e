"""`ecglens study`: heatmaps before experts: make and serve a voting page, analyse what they chose.

Nothing heavy is imported before a command runs, so that every --help appears at once.
"""

from .commands import main

__all__ = ["main"]
