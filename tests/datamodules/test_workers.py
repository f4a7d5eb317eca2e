"""Pieces of work, and what is seen of them while they run."""

import os
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from ecglens.datamodules.preparation.workers import reading, run_all
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor


@pytest.mark.parametrize("workers", [1, 2])
def test_the_bar_counts_ecgs_and_not_pieces(
    workers: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ecglens.progress.PATIENCE_S", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    run_all(len, ["", ""], [256, 44], "preparing exact ECGs", workers)
    last = capsys.readouterr().err.rstrip().rpartition("\r")[2]
    assert last.startswith("preparing exact ECGs: 100%")
    assert "300/300" in last
    assert "ECGs/s" in last


def test_nothing_is_shown_of_what_is_done_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    run_all(len, [""], [256], "preparing exact ECGs", 1)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_error_is_raised(workers: int) -> None:
    with pytest.raises(ZeroDivisionError):
        run_all(partial(divmod, 1), [0, 1], [1, 1], "preparing", workers)


def test_a_worker_that_ends_early_is_explained_in_one_line() -> None:
    with pytest.raises(RuntimeError, match="2 workers to finish, but one ended early") as refusal:
        run_all(os._exit, [1, 1], [1, 1], "preparing", 2)
    assert "\n" not in str(refusal.value)


def read_and_die(name: str) -> None:
    reading(name)
    if name == "deadly.dcm":
        os._exit(1)
    time.sleep(10)  # it still reads when the other ends


@pytest.mark.heavy
def test_a_worker_that_ends_early_names_what_it_read() -> None:
    with pytest.raises(RuntimeError, match=r"one ended early while it read .*deadly\.dcm"):
        run_all(read_and_die, ["deadly.dcm", "sound.dcm"], [1, 1], "preparing", 2)


def note(folder: Path, piece: int) -> None:
    (folder / f"{piece}-{os.getpid()}").touch()


def test_every_piece_is_done_once_though_few_wait_in_the_queue(tmp_path: Path) -> None:
    run_all(partial(note, tmp_path), range(40), [1] * 40, "preparing", 2)
    done = [file.name.split("-") for file in tmp_path.iterdir()]
    assert sorted(int(piece) for piece, _ in done) == list(range(40))
    assert len({process for _, process in done} | {str(os.getpid())}) >= 2


class Heavy:
    """Counts how often it is pickled: a reader that names a million files should travel once."""

    pickled = 0

    def __getstate__(self) -> dict[str, int]:
        Heavy.pickled += 1
        return {}

    def __call__(self, piece: int) -> None:
        return None


def spread(folder: Path) -> None:
    run_all(partial(note, folder), range(4), [1] * 4, "preparing", 2)


def test_a_job_of_joblib_has_workers_too(tmp_path: Path) -> None:
    Parallel(n_jobs=2)([delayed(spread)(tmp_path)])
    get_reusable_executor().shutdown()  # joblib would keep its processes for later
    assert sorted(int(file.name[0]) for file in tmp_path.iterdir()) == list(range(4))


def test_what_is_done_travels_once_per_worker() -> None:
    run_all(Heavy(), range(20), [1] * 20, "preparing", 2)
    assert Heavy.pickled == 2


def sleep_or_fail(piece: int) -> None:
    if piece == 0:
        raise KeyboardInterrupt
    time.sleep(600)


def test_an_interruption_does_not_wait_for_the_pieces_under_way() -> None:
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_all(sleep_or_fail, [1, 0], [1, 1], "preparing", 2)
    assert time.monotonic() - begun < 300  # of 600
