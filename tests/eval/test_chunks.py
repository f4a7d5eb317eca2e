"""A share of chunks beside a run that finishes their folders."""

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pytest
from ecglens.eval.chunks import BLOCK, BlockSettings, Chunks, Keeper, ShardWriter, write_arrays
from ecglens.store import Step, Store
from ecglens.store.atomic import TORN

STEP = Step("curves", 1)
SETTINGS = BlockSettings(lambda block: {"block": block}, 1)


def one(number: int) -> Mapping[str, np.ndarray]:
    return {"x": np.full(3, number)}


@pytest.mark.parametrize("when", ["before the file is begun", "while it is written"])
def test_a_share_leaves_nothing_of_a_block_that_another_run_finished_meanwhile(
    tmp_path, monkeypatch, when
):
    store, save = Store(tmp_path), np.savez

    def finish() -> None:
        Keeper(store, BLOCK, print).chunks(STEP, SETTINGS, one)

    def late(*given: Any, **arrays: Any) -> None:
        monkeypatch.setattr(np, "savez", save)
        finish()
        save(*given, **arrays)

    def make(number: int) -> Mapping[str, np.ndarray]:
        if when == "while it is written":
            monkeypatch.setattr(np, "savez", late)
        else:
            finish()
        return one(number)

    kept = ShardWriter(store, BLOCK, print, {1}).chunks(STEP, SETTINGS, make)
    assert kept.finished(0)
    assert [path.name for path in tmp_path.glob("*/*") if path.is_dir()] == [kept.folder(0).name]
    assert kept.read(1, "x").tolist() == [1, 1, 1]


def test_a_share_ends_where_another_run_is_about_to_finish_its_block(tmp_path):
    store = Store(tmp_path)

    class Late:
        def __array__(self, *_: Any, **__: Any) -> np.ndarray:
            # As Store.folder does before it seals: all chunks are there, nothing is torn.
            part = kept.part(1)
            torn = [*part.parent.glob(f"{TORN}*")]
            write_arrays(part, **one(1))
            for each in torn:
                each.unlink()
            return np.ones(3)

    kept = Chunks(store, STEP, SETTINGS, BLOCK)
    late = lambda _: {"x": cast(np.ndarray, Late())}  # noqa: E731
    ShardWriter(store, BLOCK, print, {1}).chunks(STEP, SETTINGS, late)
    assert kept.read(1, "x").tolist() == [1, 1, 1]


def test_a_missing_file_of_a_methods_own_is_an_error(tmp_path):
    def make(number: int) -> Mapping[str, np.ndarray]:
        raise FileNotFoundError("weights of a method")

    with pytest.raises(FileNotFoundError, match="weights of a method"):
        ShardWriter(Store(tmp_path), BLOCK, print, {1}).chunks(STEP, SETTINGS, make)
