"""From files and generators to batches: readers, preparation, labels, split, Lightning data.

The names load on first use, so that the workers that prepare ECGs start quickly.
"""

from typing import TYPE_CHECKING

from ..extras import lazy
from ..former import handed_on

if TYPE_CHECKING:
    from .cohort import Batch
    from .ecg_data import EcgData, load_ecgs
    from .formats.conventions import age_and_sex, ordered, years
    from .formats.files import LARGEST_BYTES, damage_named, limited_memory, remembered
    from .formats.tables import check_row, hash_of_rows, labels_of, read_columns, read_labels
    from .formats.wfdb_files import read_ecg, record_files, record_names
    from .labels.diagnoses import DIAGNOSES
    from .labels.sources import Labeller, maker_of, maker_words, value_words
    from .labels.target import Target, target_of
    from .preparation.blocks import (
        MARKS,
        MEASURED,
        SAMPLES,
        SEPARATOR,
        TEXT,
        UNCERTAINTIES,
        UNITS,
        known_marks,
        known_r_peaks,
        read_table,
    )
    from .preparation.prepare import prepare, prepare_shard
    from .preparation.prepared import Prepared, why_missing
    from .preparation.workers import cores
    from .readers.exact import exact_parameters
    from .readers.file_reader import FileKinds, FileReader
    from .readers.given import IN_MEMORY, GivenRecords
    from .records import (
        DATA_SET,
        ECGLENS,
        MAY_LEAVE,
        PART,
        Excluded,
        Group,
        Reader,
        Records,
        all_may_leave,
        data_sets,
        grouped,
        may_leave,
        open_records,
        open_source,
        reader_class,
        readers_in,
        settings_of,
    )
    from .split import PARTS, Folds, Split, overlap, split_of

load, __dir__, __all__ = lazy(__name__)

READ = ("Flow", "Label", "QUANTILES", "flow_of", "median_spectrum")
TABLES = ("Described", "rows_hash", "shared_table")
MOVED = {
    **dict.fromkeys(("Given", "check_paths", "open_files"), "ecglens_sheets"),
    **dict.fromkeys(READ, "ecglens_prepare"),
    **dict.fromkeys(TABLES, "ecglens_formats.tables"),
}
__getattr__ = handed_on(__name__, MOVED, load)
