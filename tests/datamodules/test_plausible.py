"""Labels that no heart can have are missing, with the reason."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ecglens.datamodules import GivenRecords, Records, open_records, prepare
from ecglens.store import Store

pytestmark = pytest.mark.heavy

DATA = Path(__file__).parents[1] / "data"
IMPOSSIBLE = {
    "pr": (1e30, 0.16, -1.0, 29999.0),  # the second is in seconds
    "qrs": (-90.0, 0.0),
    "qt": (4e9,),
    "qt_tangent": (0.4,),
    "age": (300.0, -1.0),  # the first is PTB-XL's for an age above 89
    "rate": (60_000.0, 0.0),
    "r": (3e5,),
}


def test_an_implausible_label_is_missing_and_its_value_is_in_the_reason(tmp_path: Path) -> None:
    (record,) = open_records("exact", n=1)
    record = replace(record, labels={**record.labels, "qt_tangent": 390.0, "age": 90.0})
    sound = replace(record, id="sound")
    odd = [
        replace(record, id=f"{name} {value:g}", labels={**record.labels, name: value})
        for name, values in IMPOSSIBLE.items()
        for value in values
    ]
    prepared = prepare(Records("given", GivenRecords([sound, *odd])), Store(tmp_path), workers=1)
    assert len(prepared) == 1 + len(odd)
    for name, values in IMPOSSIBLE.items():
        lacking = dict(prepared.without(name))
        assert {*lacking} == {f"{name} {value:g}" for value in values}
        for value in values:
            reason = lacking[f"{name} {value:g}"]
            assert reason.startswith(f"expected a label {name} of ")
            assert reason.endswith(f", got {value:g}")
        kept = prepared.label(name)[~np.isnan(prepared.label(name))]
        assert (kept == record.labels[name]).all()


def test_no_label_of_ludb_is_implausible(tmp_path: Path) -> None:
    check_labels("ludb", DATA / "ludb", tmp_path)


def check_labels(name: str, place: Path, folder: Path) -> None:
    """Real ECGs have labels, and none of them is missing for its value."""
    records = list(open_records(name, place))
    prepared = prepare(Records(name, GivenRecords(records)), Store(folder), workers=1)
    given = {label for record in records for label in record.labels}
    assert given & {*IMPOSSIBLE}
    reasons = [why for label in given for _, why in prepared.without(label)]
    assert not [why for why in reasons if why.startswith("expected a label")]
