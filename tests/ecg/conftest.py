"""Records for this room's tests: LUDB with its manual marks, and exact ECGs."""

from pathlib import Path

import pytest
from ecglens.ecg import Beat, Measurement, measure, median_beat

from benchmarks.ludb_marks import Marked, read_marked

LUDB = Path(__file__).parents[1] / "data" / "ludb"


@pytest.fixture(scope="session")
def ludb() -> dict[str, Marked]:
    names = [line.split("/")[1] for line in (LUDB / "RECORDS").read_text().split()]
    return {name: read_marked(LUDB / "data" / name) for name in names}


@pytest.fixture(scope="session")
def beats(ludb: dict[str, Marked]) -> dict[str, Beat]:
    return {name: median_beat(marked.record) for name, marked in ludb.items()}


@pytest.fixture(scope="session")
def measured(beats: dict[str, Beat]) -> dict[str, Measurement]:
    return {name: measure(beat) for name, beat in beats.items()}
