"""ECGLens: which heatmap of an ECG network can you trust, and how do you know?

The rooms load on first use, so that importing the package stays light. Installed packages add
functions by entry points of the group `ecglens.api`.
"""

import sys

# `python -m ecglens`: Python puts the current folder first, where a file could take the place of
# any module that is imported from here on.
if sys.argv[:1] == ["-m"] and not sys.flags.safe_path and "ecglens" in sys.orig_argv:
    del sys.path[0]

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from . import former as former  # finds what has moved
from .extras import lazy
from .registry import missing, offered

if TYPE_CHECKING:
    from .datamodules import load_ecgs
    from .library import evaluate, fit
    from .models import InputSpec
    from .report import rank_methods, write_report

_load, _, __all__ = lazy(__name__)
__version__ = version("ecglens")
__all__.append("__version__")


def __dir__() -> list[str]:
    return sorted({*__all__, *offered("api")})


def __getattr__(name: str) -> Any:
    if name in __all__:
        return _load(name)
    if name in (others := offered("api")):
        return others[name].load()
    if said := missing("api", name):
        raise ImportError(f"ecglens.{said}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
