"""Pieces of work, and what is seen of them while they run."""

import os
from functools import partial

import pytest
from ecglens.datamodules.workers import run_all


@pytest.mark.parametrize("workers", [1, 2])
def test_the_bar_counts_ecgs_and_not_pieces(
    workers: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ecglens.datamodules.workers.SHOWN_AFTER_S", 0.0)
    run_all([partial(len, ""), partial(len, "")], [256, 44], "preparing exact ECGs", workers)
    last = capsys.readouterr().err.rstrip().rpartition("\r")[2]
    assert last.startswith("preparing exact ECGs: 100%")
    assert "300/300" in last
    assert "ECGs/s" in last


def test_nothing_is_shown_of_what_is_done_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    run_all([partial(len, "")], [256], "preparing exact ECGs", 1)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_error_is_raised(workers: int) -> None:
    with pytest.raises(ZeroDivisionError):
        run_all([partial(divmod, 1, 0), partial(len, "")], [1, 1], "preparing", workers)


def test_a_worker_that_ends_early_is_explained_in_one_line() -> None:
    with pytest.raises(RuntimeError, match="2 workers to finish, but one ended early") as refusal:
        run_all([partial(os._exit, 1)] * 2, [1, 1], "preparing", 2)
    assert "\n" not in str(refusal.value)
