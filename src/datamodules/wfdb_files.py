"""Files in the format of WFDB, read by the package of that name."""

from pathlib import Path

import wfdb

from .file_reader import damage_named


def read_signals(path: Path) -> wfdb.Record:
    """The signals of a record in physical units; `path` is without its ending.

    Raises OSError for a file that is missing, ValueError for one that is damaged.
    """
    with damage_named(f"{path.name}.hea"):
        found = wfdb.rdrecord(str(path))
    if not isinstance(found, wfdb.Record) or found.p_signal is None or not found.sig_name:
        raise ValueError(f"expected one record with signals in {path.name}.hea, got none")
    return found


def read_annotation(path: Path, ending: str) -> wfdb.Annotation:
    """The annotation with this ending of a record; errors as in `read_signals`."""
    with damage_named(f"{path.name}.{ending}"):
        return wfdb.rdann(str(path), ending)
