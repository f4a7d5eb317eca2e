"""`ecglens explain`: ECG files to sheets with the prediction of a network.

Nothing heavy is imported before the arguments are checked, so that --help appears at once.
"""

from .command import main

__all__ = ["main"]
