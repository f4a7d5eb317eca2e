"""A reader whose records change gets a new version: prepared data is kept under it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from itertools import islice
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ecglens.datamodules import Records, open_records
from ecglens.datamodules.records import reader_class
from ecglens.ecg import VERSION, Record

from .broken import SOURCES, own_data_sets

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "golden_readers.json").read_text("utf-8"))
DATA = HERE.parent / "data"
SAMPLED = ("ludb",)
# Where no file can be shared, what other tests write. Generators: test_versions and test_deepfake.
WRITTEN = [kind for kind in SOURCES if not kind.startswith(SAMPLED)]
GENERATED = {"deepfake", "exact"}


def reader_of(kind: str) -> str:
    written = SOURCES[kind].reader if kind in SOURCES else ""
    return written or kind.partition(" ")[0].strip(",")


def source_of(kind: str, folder: Path) -> Records:
    """Real files of this kind, or two that are written into the folder."""
    if kind in SAMPLED:
        return open_records(kind, DATA / kind)
    SOURCES[kind].make(folder, ["1", "2"])
    return open_records(reader_of(kind), folder, **SOURCES[kind].settings)


def numbers(record: Record) -> list[float]:
    """Leads II, V1 and V5 at eight places, labels by name but for zeros, beat, marks."""
    places = np.linspace(0, record.signal.shape[1] - 1, 8).astype(int)
    signals = [record.signal[:, places]] + ([] if record.beat is None else [record.beat[:, ::100]])
    values = [float(value) for signal in signals for value in signal[[1, 6, 10]].ravel()]
    labels = [value for _, value in sorted(record.labels.items())]
    counts = [record.signal.shape[1], len(labels), sum(map(isnan, labels))]
    known = [value for value in labels if value and not isnan(value)]
    marks = [] if record.marks is None else list(asdict(record.marks).values())
    return [record.fs, *counts, *known, *values, *marks]


@pytest.mark.parametrize("kind", [*SAMPLED, *WRITTEN])
def test_the_numbers_of_a_reader_change_only_with_its_version(kind: str, tmp_path: Path) -> None:
    check_golden(kind, reader_of(kind), source_of(kind, tmp_path), GOLDEN)


def check_golden(kind: str, name: str, records: Records, known: Mapping[str, Any]) -> None:
    """The first two ECGs have the numbers that were kept under the versions of now."""
    versions = [reader_class(name).version, VERSION]
    found = [value for record in islice(records, 2) for value in numbers(record)]
    assert found, "no sample was read"
    golden = known.get(kind, {"versions": None})
    if versions == golden["versions"]:
        assert found == pytest.approx(golden["values"], rel=1e-5, abs=1e-3, nan_ok=True), (
            f"other numbers of {kind}: raise the version of {name} and write them into "
            "golden_readers.json"
        )
    else:
        rounded = json.dumps({"versions": versions, "values": [round(value, 4) for value in found]})
        pytest.fail(f"write into golden_readers.json {kind}: {rounded}")


def test_no_reader_is_forgotten() -> None:
    golden, known = {*map(reader_of, GOLDEN)} | GENERATED, own_data_sets()
    assert golden == known, (
        f"configs/data has {sorted(known - golden)} without golden numbers: give each a Source in "
        "broken.py, run this file, and write the numbers it prints into golden_readers.json (a "
        "reader that generates ECGs is named in GENERATED here); "
        f"{sorted(golden - known)} have no yaml file any more"
    )
