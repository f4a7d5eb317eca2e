"""Files and generators → batches: readers, preparation, split, Lightning data.

Lightning is loaded on first use, so that the workers that prepare ECGs start quickly.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .flow import Flow, flow_of
from .preparation import prepare
from .prepared import Prepared
from .records import Excluded, Reader, Records, open_records
from .spectrum import median_spectrum
from .split import Split
from .target import Target

if TYPE_CHECKING:
    from .batch import Batch
    from .ecg_data import EcgData

__all__ = [
    "Batch",
    "EcgData",
    "Excluded",
    "Flow",
    "Prepared",
    "Reader",
    "Records",
    "Split",
    "Target",
    "flow_of",
    "median_spectrum",
    "open_records",
    "prepare",
]
LATER = {"Batch": ".batch", "EcgData": ".ecg_data"}


def __getattr__(name: str) -> Any:
    if name in LATER:
        return getattr(import_module(LATER[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
