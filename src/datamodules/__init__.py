"""From files and generators to batches: readers, preparation, labels, split, Lightning data.

The names load on first use, so that the workers that prepare ECGs start quickly.
"""

from typing import TYPE_CHECKING

from ..extras import lazy

if TYPE_CHECKING:
    from .cohort import Batch
    from .ecg_data import EcgData, load_ecgs
    from .files import FileKinds, Given, check_paths, open_files
    from .formats.conventions import age_and_sex, ordered, years
    from .formats.files import LARGEST_BYTES, damage_named, remembered
    from .formats.tables import (
        Described,
        check_row,
        hash_of_rows,
        labels_of,
        read_columns,
        read_labels,
        rows_hash,
        shared_table,
    )
    from .formats.wfdb_files import read_ecg, record_files, record_names
    from .labels.diagnoses import DIAGNOSES
    from .labels.sources import ECGLENS, Labeller, maker_words, value_words
    from .labels.target import Target, target_of
    from .preparation.blocks import MEASURED, SAMPLES
    from .preparation.flow import QUANTILES, Flow, Group, Label, flow_of, grouped
    from .preparation.prepare import prepare, prepare_shard
    from .preparation.prepared import Prepared, median_spectrum
    from .preparation.workers import cores
    from .readers.exact import exact_parameters
    from .readers.file_reader import FileReader
    from .readers.given import IN_MEMORY, GivenRecords
    from .records import (
        DATA_SET,
        MAY_LEAVE,
        PART,
        Excluded,
        Reader,
        Records,
        all_may_leave,
        data_sets,
        may_leave,
        open_records,
        open_source,
        reader_class,
        settings_of,
    )
    from .split import PARTS, Folds, Split, overlap, split_of

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "files": "FileKinds Given check_paths open_files",
        "formats.conventions": "age_and_sex ordered years",
        "formats.files": "LARGEST_BYTES damage_named remembered",
        "formats.tables": "Described check_row hash_of_rows labels_of read_columns read_labels "
        "rows_hash shared_table",
        "formats.wfdb_files": "read_ecg record_files record_names",
        "labels.diagnoses": "DIAGNOSES",
        "labels.sources": "ECGLENS Labeller maker_words value_words",
        "labels.target": "Target target_of",
        "preparation.blocks": "MEASURED SAMPLES",
        "preparation.flow": "Flow Group Label QUANTILES flow_of grouped",
        "preparation.prepare": "prepare prepare_shard",
        "preparation.prepared": "Prepared median_spectrum",
        "preparation.workers": "cores",
        "readers.exact": "exact_parameters",
        "readers.file_reader": "FileReader",
        "readers.given": "GivenRecords IN_MEMORY",
        "records": "DATA_SET Excluded MAY_LEAVE PART Reader Records all_may_leave data_sets "
        "may_leave open_records open_source reader_class settings_of",
        "split": "Folds PARTS Split overlap split_of",
        "cohort": "Batch",
        "ecg_data": "EcgData load_ecgs",
    },
)
