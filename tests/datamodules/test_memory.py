"""Ten times the ECGs need no more memory, in the command as in its workers."""

from pathlib import Path

import pytest

from benchmarks.preparation import linked, measured

# Two runs of one number of ECGs differ by up to 10 MB; 2304 median beats alone have 66 MB.
ALLOWED_BYTES = 20e6


@pytest.mark.long
def test_memory_does_not_grow_with_the_number_of_ecgs(tmp_path: Path) -> None:
    few, many = (
        measured(linked(tmp_path / f"{n}", n), tmp_path / f"store-{n}", "median")
        for n in (512, 2816)
    )
    assert many.parent - few.parent < ALLOWED_BYTES
    assert many.worker - few.worker < ALLOWED_BYTES
