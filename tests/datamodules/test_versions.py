"""A step whose numbers change gets a new version: what is stored is kept under it."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ecglens.datamodules import Prepared, Records, open_records, prepare
from ecglens.datamodules.ecg_data import NEIGHBOURS
from ecglens.datamodules.preparation.prepare import BEATS, STRIPS
from ecglens.datamodules.readers.exact import Exact
from ecglens.datamodules.split import neighbours
from ecglens.ecg import KINDS, VERSION, Record
from ecglens.store import Store
from ecglens_formats.ludb import Ludb

from .sources import measured_records

pytestmark = pytest.mark.heavy

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "golden.json").read_text("utf-8"))
LUDB = HERE.parent / "data" / "ludb"
# Leads II, V1 and V5 at rest, in P, QRS, ST and T of a median beat.
POINTS = [(lead, time) for lead in (1, 6, 10) for time in (20, 190, 245, 250, 280, 380)]


def points(signal: np.ndarray) -> list[float]:
    return [float(signal[point]) for point in POINTS]


def of_record(record: Record) -> list[float]:
    peaks = [] if record.r_peaks is None else record.r_peaks.astype(float).tolist()
    return [*points(record.signal), *record.labels.values(), *peaks]


def of_block(prepared: Prepared) -> list[float]:
    rows = np.arange(len(prepared))
    signals = [value for signal in prepared.x(rows) for value in points(signal)]
    masks = prepared.segments(rows).astype(float).sum(axis=1).tolist()
    return [*signals, *masks, *prepared.table.select_dtypes("number").to_numpy().ravel().tolist()]


def exact(store: Store) -> list[float]:
    first, *_, last = open_records("exact", n=3, seed=1, noise_uv=10.0, rr_scatter=0.05)
    return [*of_record(first), *of_record(last)]


def exact_kinds(store: Store) -> list[float]:
    settings = {"wander_uv": 100.0, "mains_uv": 50.0, "dropped": 0.3, "shortcut": "spike"}
    kinds = dict.fromkeys(KINDS, 1 / len(KINDS))
    source = open_records("exact", n=8, kinds=kinds, morphology="varied", seed=2, **settings)
    return [value for record in source for value in of_record(record)]


def ludb(store: Store) -> list[float]:
    first, second, *_ = open_records("ludb", LUDB)
    return [*of_record(first), *of_record(second)]


def beats(store: Store) -> list[float]:
    return of_block(prepare(measured_records(3), store, workers=1))


def strips(store: Store) -> list[float]:
    return of_block(prepare(measured_records(3), store, "rhythm", workers=1))


def nearest(store: Store) -> list[float]:
    ecgs = prepare(Records("exact", Exact(n=30)), store, workers=1)
    found = neighbours(ecgs, np.arange(5), np.arange(5, 30))
    return [found.nearest_uv, found.closest_uv, found.typical_uv]


# What each is kept under, in the order of raising: its own version first.
STEPS: dict[str, tuple[list[int], Callable[[Store], list[float]]]] = {
    "exact": ([Exact.version, VERSION], exact),
    "exact_kinds": ([Exact.version, VERSION], exact_kinds),
    "ludb": ([Ludb.version, VERSION], ludb),
    "beats": ([BEATS.version, VERSION], beats),
    "strips": ([STRIPS.version, BEATS.version, VERSION], strips),
    "neighbours": ([NEIGHBOURS.version, BEATS.version, VERSION], nearest),
}


@pytest.mark.parametrize("name", STEPS)
def test_the_numbers_change_only_with_a_version(name: str, tmp_path: Path) -> None:
    versions, values = STEPS[name]
    found, golden = values(Store(tmp_path)), GOLDEN[name]
    if versions == golden["versions"]:
        assert found == pytest.approx(golden["values"], rel=1e-5, abs=1e-3, nan_ok=True), (
            f"other numbers of {name}: raise the first version that decides them and write "
            "them into golden.json"
        )
    else:
        rounded = [round(value, 4) for value in found]
        pytest.fail(f"write into golden.json {name}: {json.dumps(rounded)} and {versions}")
