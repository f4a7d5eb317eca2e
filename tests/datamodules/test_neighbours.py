"""How near test ECGs are to training ECGs."""

from pathlib import Path

import numpy as np
import pytest
from ecglens.datamodules import open_records, prepare
from ecglens.datamodules.split import nearest, neighbours
from ecglens.store import Store


def test_the_nearest_neighbour_is_that_of_a_slow_loop() -> None:
    random = np.random.default_rng(0)
    test = random.normal(0, 300, (7, 12, 50)).astype(np.float32)
    train = random.normal(0, 300, (23, 12, 50)).astype(np.float32)
    slow = [min(np.sqrt(np.mean((a.astype(float) - b) ** 2)) for b in train) for a in test]
    for size in (4, 23):
        chunks = [train[start : start + size] for start in range(0, 23, size)]
        assert nearest(test, chunks) == pytest.approx(slow, rel=1e-6)


def test_a_copy_lies_at_zero_in_spite_of_a_large_offset() -> None:
    train = np.random.default_rng(0).normal(5000, 300, (5, 12, 600)).astype(np.float32)
    assert nearest(train[3:4], [train])[0] == 0


def test_generated_ecgs_lie_nearer_than_two_of_them_do(tmp_path: Path) -> None:
    beats = prepare(open_records("exact", n=30), Store(tmp_path), workers=1, block=8)
    found = neighbours(beats, np.arange(5), np.arange(5, 30))
    distance = np.sqrt(
        np.mean((beats.x(np.arange(5))[:, None] - beats.x(np.arange(5, 30))[None]) ** 2, (2, 3))
    )
    assert found.nearest_uv == pytest.approx(np.median(distance.min(1)), rel=1e-4)
    assert found.closest_uv == pytest.approx(distance.min(), rel=1e-4)
    assert 0 < found.nearest_uv < found.typical_uv
    assert f"{100 * found.nearest_uv / found.typical_uv:.0f}\u00a0%" in found.sentence()
    with pytest.raises(ValueError, match="2 training ECGs, got 5 and 1"):
        neighbours(beats, np.arange(5), np.arange(1))
    with pytest.raises(ValueError, match="training ECGs that differ, got copies of one"):
        neighbours(beats, np.arange(5), np.array([7, 7, 7]))
