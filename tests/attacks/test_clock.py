"""A clock that jumps and a store from a backup: nothing is lost, results are made again."""

import os
import shutil
import time
from pathlib import Path

import pytest
from ecglens.jobs.finished import decided_by, finished_page, note_finished
from ecglens.store import Step, Store, entries

DAY_S = 86400


@pytest.mark.parametrize("days", [-3650, 3650])
def test_prune_after_a_jump_of_the_clock_removes_nothing_unasked(
    days: int, tmp_path: Path, command
) -> None:
    made = Store(tmp_path / "store").folder(Step("beats", 1), {}, lambda part: None)
    then = time.time() + days * DAY_S
    os.utime(made, (then, then))
    words = ("store", "prune", "--unused", 30, "--store", tmp_path / "store")
    assert command(*words)[0] == 0
    assert made.is_dir()
    command(*words, "--yes")
    assert made.is_dir() == (days > 0)  # of the future: kept


def test_a_file_from_the_future_decides_no_run(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("1")
    tomorrow, yesterday = time.time() + DAY_S, time.time() - DAY_S
    os.utime(file, (tomorrow, tomorrow))
    assert decided_by({"data": str(file)}, "train") is None
    os.utime(file, (yesterday, yesterday))
    assert decided_by({"data": str(file)}, "train") is not None


def test_a_newer_run_over_an_older_store_is_made_again_and_keeps_its_files(tmp_path: Path) -> None:
    run, store = tmp_path / "run", Store(tmp_path / "store")
    made = store.folder(Step("beats", 1), {}, lambda part: None)
    (run / "findings").mkdir(parents=True)
    (run / "report.html").write_text("a page")
    note_finished(run, "decided", store.root)
    assert finished_page(run, "decided", store.root) == run / "report.html"
    shutil.rmtree(made)  # as it was before that run
    assert finished_page(run, "decided", store.root) is None
    assert (run / "report.html").read_text() == "a page"
    assert list(entries(store.root)) == []
