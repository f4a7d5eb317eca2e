"""`ecglens explain`: ECG files to sheets with the prediction of a network.

Nothing heavy is imported before the arguments are checked, so that --help appears at once. What
opens a network, of a run or a yaml file, is used by the commands of installed packages too.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .command import main

if TYPE_CHECKING:
    from .network import opened_network
    from .run import opened_run

__all__ = ["main", "opened_network", "opened_run"]
LATER = {"opened_network": ".network", "opened_run": ".run"}


def __getattr__(name: str) -> Any:
    if name in LATER:
        return getattr(import_module(LATER[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
