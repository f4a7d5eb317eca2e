"""From files and generators to batches: readers, preparation, labels, split, Lightning data.

Names that need torch are loaded on first use, so that the workers that prepare ECGs start quickly.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .files import FileKinds, Given, open_files
from .formats.conventions import age_and_sex, ordered
from .formats.files import damage_named
from .formats.tables import check_row, hash_of_rows, labels_of, read_labels
from .labels.diagnoses import DIAGNOSES
from .labels.sources import ECGLENS, Labeller, maker_words, value_words
from .labels.target import Target, target_of
from .preparation.blocks import SAMPLES
from .preparation.flow import QUANTILES, Flow, Group, Label, flow_of, grouped
from .preparation.prepare import prepare, prepare_shard
from .preparation.prepared import Prepared, median_spectrum
from .preparation.workers import cores
from .readers.exact import exact_parameters
from .readers.file_reader import FileReader
from .readers.given import IN_MEMORY, GivenRecords
from .records import (
    MAY_LEAVE,
    Excluded,
    Reader,
    Records,
    all_may_leave,
    data_sets,
    may_leave,
    open_records,
    open_source,
    reader_class,
)
from .split import Split, overlap

if TYPE_CHECKING:
    from .cohort import Batch
    from .ecg_data import EcgData, load_ecgs

__all__ = [
    "DIAGNOSES",
    "ECGLENS",
    "IN_MEMORY",
    "MAY_LEAVE",
    "QUANTILES",
    "SAMPLES",
    "Batch",
    "EcgData",
    "Excluded",
    "FileKinds",
    "FileReader",
    "Flow",
    "Given",
    "GivenRecords",
    "Group",
    "Label",
    "Labeller",
    "Prepared",
    "Reader",
    "Records",
    "Split",
    "Target",
    "age_and_sex",
    "all_may_leave",
    "check_row",
    "cores",
    "damage_named",
    "data_sets",
    "exact_parameters",
    "flow_of",
    "grouped",
    "hash_of_rows",
    "labels_of",
    "load_ecgs",
    "maker_words",
    "may_leave",
    "median_spectrum",
    "open_files",
    "open_records",
    "open_source",
    "ordered",
    "overlap",
    "prepare",
    "prepare_shard",
    "read_labels",
    "reader_class",
    "target_of",
    "value_words",
]
LATER = {
    "Batch": ".cohort",
    "EcgData": ".ecg_data",
    "load_ecgs": ".ecg_data",
}


def __getattr__(name: str) -> Any:
    if name in LATER:
        return getattr(import_module(LATER[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
