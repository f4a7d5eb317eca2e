"""The network of a run as one file, and back.

Names load on first use, so that the help of commands stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .exported import export, load_network

YOURS = "yours to write"  # what no run knows

__getattr__, __dir__, __all__ = lazy(__name__)
