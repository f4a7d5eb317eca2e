"""Two sources that share ECGs are told by their settings."""

from pathlib import Path

import pytest
from ecglens.datamodules import open_records
from ecglens.datamodules.split import overlap

DATA = Path(__file__).parents[1] / "data"
PTBXL = {"name": "ptbxl", "path": DATA / "ptbxl"}
EXACT = {"name": "exact", "n": 8}


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (EXACT, EXACT | {"n": 20, "noise_uv": 5.0}, True),  # one heart in 8 of 20
        (EXACT, EXACT | {"seed": 1}, False),
        (EXACT, {"name": "deepfake", "n": 8}, False),  # seed 0 too, of another row
        (PTBXL, PTBXL | {"fs_hz": 100}, True),  # the same ids
        (PTBXL, {"name": "wfdb", "path": DATA / "ptbxl" / "records500"}, True),  # the same files
        (PTBXL, {"name": "ludb", "path": DATA / "ludb"}, False),
        (EXACT, PTBXL, False),
    ],
)
def test_shared_ecgs_are_told(one: dict, other: dict, shared: bool) -> None:
    first, second = (open_records(**each).reader for each in (one, other))
    assert overlap(first, second) is shared
    assert overlap(second, first) is shared
