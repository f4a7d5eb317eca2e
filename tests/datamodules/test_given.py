"""ECGs in memory pass the checks of files."""

from dataclasses import replace
from pathlib import Path

import pytest
from ecglens.datamodules import Excluded, GivenRecords, load_ecgs
from ecglens.ecg import LEADS, Record, draw_exact, exact_record

RECORD = replace(exact_record(draw_exact(0, 0)), beat=None)
V3 = LEADS.index("V3")


def without_v3(id: str) -> Record:
    signal = RECORD.signal.copy()
    signal[V3] = 0.0
    return replace(RECORD, signal=signal, id=id)


def test_a_missing_lead_and_a_wrong_unit_exclude_a_record_as_they_do_a_file() -> None:
    huge = replace(RECORD, signal=RECORD.signal * 1e3, id="huge")
    kept, off, large = GivenRecords([RECORD, without_v3("off"), huge]).read(0, 3)
    assert kept is RECORD
    assert isinstance(off, Excluded)
    assert isinstance(large, Excluded)
    assert (off.name, large.name) == ("off", "huge")
    assert "missing: V3" in off.reason
    assert "within ±500 mV" in large.reason


def test_a_missing_lead_can_be_kept_at_zero(tmp_path: Path) -> None:
    records = [without_v3("off")]
    (kept,) = GivenRecords(records, "zero").read(0, 1)
    assert isinstance(kept, Record)
    ecgs = load_ecgs(records, "pr", store=tmp_path, missing_lead="zero")
    assert ecgs.reading == {"missing_lead": "zero"}
    assert len(ecgs.prepared) == 1
    origins = [GivenRecords(records, way).origin(0, 1) for way in ("exclude", "zero")]
    assert origins[0] != origins[1]


def test_a_number_that_is_too_large_for_the_network_is_no_number(tmp_path: Path) -> None:
    drawn = (exact_record(draw_exact(0, index)) for index in range(12))
    records = [replace(one, labels={**one.labels, "age": 1e300}) for one in drawn]
    split = {"train": 0.5, "val": 0.0, "test": 0.5}
    ecgs = load_ecgs(records, "pr", store=tmp_path, split=split)
    with pytest.raises(ValueError, match="expected a number in age"):
        ecgs.columns(["age"])


def test_another_way_with_a_missing_lead_is_refused() -> None:
    with pytest.raises(ValueError, match=r"data\.missing_lead to be .*zero.*, got 'exlude'"):
        GivenRecords([RECORD], "exlude")  # pyright: ignore[reportArgumentType]
