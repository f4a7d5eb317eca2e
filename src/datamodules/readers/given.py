"""ECGs that are in memory already."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ...ecg import Record
from ...store import check_types
from ..formats.conventions import MissingLead, kept
from ..records import Excluded
from .file_reader import in_range

IN_MEMORY = "records"  # name of their data set on pages


@dataclass(frozen=True, eq=False)
class GivenRecords:
    """A reader of these ECGs; one without a name is called by its number.

    Leads and range are checked as in files. Raises ValueError for none, for what is no record, and
    for two of one name.
    """

    records: Sequence[Record]
    missing_lead: MissingLead = "exclude"
    version: ClassVar[int] = 3
    generated: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_types(type(self), {"missing_lead": self.missing_lead}, "data")
        if others := [one for one in self.records if not isinstance(one, Record)]:
            raise ValueError(
                f"expected records, got {type(others[0]).__name__}; make each ECG an "
                "ecglens.ecg.Record(signal, fs=…, id=…, patient=…, labels=…)"
            )
        named = tuple(
            one if one.id else replace(one, id=f"ecg {number}")
            for number, one in enumerate(self.records, 1)
        )
        if not named or len({one.id for one in named}) < len(named):
            raise ValueError(f"expected ECGs with an id of their own each, got {len(named)} ECGs")
        object.__setattr__(self, "records", named)

    def __len__(self) -> int:
        return len(self.records)

    def read(self, start: int, stop: int) -> Iterator[Record | Excluded]:
        """ECGs as they were given, or the reasons why one is excluded."""
        for record in self.records[start:stop]:
            try:
                yield kept(in_range(record), self.missing_lead)
            except ValueError as problem:
                yield Excluded(record.id, str(problem))

    def origin(self, start: int, stop: int) -> Mapping[str, Any]:
        """Hashes of everything that a record has."""
        hashes = [_hash(one) for one in self.records[start:stop]]
        return {"reader": "given", "missing_lead": self.missing_lead, "records": hashes}


def _hash(record: Record) -> str:
    beat = None if record.beat is None else record.beat.tobytes()
    peaks = None if record.r_peaks is None else record.r_peaks.tolist()
    rest = (record.id, record.patient, record.fs, sorted(record.labels.items()), peaks)
    digest = hashlib.sha256(record.signal.tobytes())
    digest.update(repr((rest, record.marks)).encode() + (beat or b""))
    return digest.hexdigest()
