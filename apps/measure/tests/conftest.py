"""ECGs for the tests: exact ones, the same without their parameters, and records of LUDB."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from ecglens.datamodules import open_records
from ecglens.ecg import ExactParameters, draw_exact, exact_beat
from ecglens_measure import Marked, marked

DATA = Path(__file__).parents[3] / "tests" / "data"
COUNT = 8


@pytest.fixture(scope="session")
def parameters() -> list[ExactParameters]:
    """Half of them in the plain, half in the varied morphology."""
    names = ("plain", "varied")
    return [draw_exact(7, index, morphology=names[index % 2]) for index in range(COUNT)]


@pytest.fixture(scope="session")
def exact(parameters: list[ExactParameters]) -> Marked:
    x = np.stack([exact_beat(each).signal for each in parameters])
    return marked(x, parameters=parameters)


@pytest.fixture(scope="session")
def recorded(exact: Marked) -> Marked:
    """The same beats as recordings: marks are measured."""
    return marked(exact.x, rr_ms=[*exact.rr], ids=exact.ids)


@pytest.fixture(scope="session")
def strips() -> Marked:
    """Sixteen records of LUDB, as they were recorded."""
    records = [*islice(open_records("ludb", DATA / "ludb"), 16)]
    return marked(np.stack([each.signal for each in records]), ids=[each.id for each in records])


@pytest.fixture(scope="session")
def edits(tmp_path_factory) -> str:
    """One store for the data sheets of all tests: edits of the same ECGs are made once."""
    return str(tmp_path_factory.mktemp("edits"))
