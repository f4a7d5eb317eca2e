"""ECGLens: which heatmap of an ECG network can you trust, and how do you know?

The rooms load on first use, so that importing the package stays light.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .report import rank_methods

__version__ = version("ecglens")
__all__ = ["__version__", "rank_methods"]


def __getattr__(name: str) -> Any:
    if name == "rank_methods":
        return import_module(".report", __name__).rank_methods
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
