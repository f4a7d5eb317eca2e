import multiprocessing
import os
import resource
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
import pytest
from ecglens.store import Step, Store, atomic_path, in_place_of, write_text
from ecglens.store.folder import locked

STEP = Step("things", version=1)


def test_a_finished_folder_is_not_built_again(tmp_path):
    store, builds = Store(tmp_path), []

    def build(part: Path) -> None:
        builds.append(part)
        write_text(part / "a.txt", "1")

    first = store.folder(STEP, {"n": 1}, build)
    assert store.folder(STEP, {"n": 1}, build) == first
    assert len(builds) == 1
    assert (first / "a.txt").read_text() == "1"


def test_other_settings_or_another_version_lie_elsewhere(tmp_path):
    store = Store(tmp_path)
    paths = {
        store.path(STEP, {"n": 1}),
        store.path(STEP, {"n": 2}),
        store.path(Step("things", version=2), {"n": 1}),
    }
    assert len(paths) == 3


def test_an_empty_path_is_not_the_current_folder():
    with pytest.raises(ValueError, match="path of a folder, got ''"):
        Store.at("")


def test_an_interrupted_build_goes_on_with_what_it_had(tmp_path):
    store = Store(tmp_path)

    def fails(part: Path) -> None:
        write_text(part / "block-0", "done")
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        store.folder(STEP, {}, fails)
    assert not store.has(STEP, {})

    found = []
    store.folder(STEP, {}, lambda part: found.append((part / "block-0").read_text()))
    assert found == ["done"]
    assert store.has(STEP, {})


# A forked process would have the locks of pytest's threads, but not the threads that open them.
CONTEXT = multiprocessing.get_context("spawn")


def _build_slowly(root: Path, counter: Path, together: Barrier) -> None:
    def build(part: Path) -> None:
        with counter.open("a") as handle:
            handle.write("built\n")
        time.sleep(0.3)

    together.wait()
    Store(root).folder(STEP, {}, build)


def test_what_a_killed_process_left_of_a_file_is_not_in_the_finished_folder(tmp_path):
    store = Store(tmp_path)
    part = store.path(STEP, {"n": 1}).with_suffix(".part")
    for torn in (part / ".part-x1.json", part / "below" / ".part-x2.npy"):
        torn.parent.mkdir(parents=True, exist_ok=True)
        torn.write_text("{")
    done = store.folder(STEP, {"n": 1}, lambda part: write_text(part / "a.txt", "1") and None)
    assert {path.name for path in done.rglob("*") if path.is_file()} == {"a.txt", "settings.json"}


def test_of_several_processes_only_one_builds(tmp_path):
    counter = tmp_path / "count"
    given = (tmp_path / "store", counter, CONTEXT.Barrier(3))
    workers = [CONTEXT.Process(target=_build_slowly, args=given) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert counter.read_text() == "built\n"


def test_waiting_for_another_process_is_said_once_and_only_when_it_takes_time(
    tmp_path, monkeypatch, capsys
):
    def wait() -> None:
        with locked(lock):
            pass

    monkeypatch.setattr("ecglens.store.folder.SILENT_S", 0.05)
    lock = tmp_path / "networks" / "0123.lock"
    with ThreadPoolExecutor() as other, locked(lock):
        waiting = other.submit(wait)
        while not (said := capsys.readouterr().err):
            time.sleep(0.01)
        assert not waiting.done()
        assert said == "another process is making networks/0123; waiting for it\n"
    assert waiting.done()
    wait()
    assert capsys.readouterr().err == ""


def _build_and_die(root: Path) -> None:
    Store(root).folder(STEP, {}, lambda part: os.kill(os.getpid(), signal.SIGKILL))


def test_a_killed_builder_leaves_no_lock_and_no_final_folder(tmp_path):
    worker = CONTEXT.Process(target=_build_and_die, args=(tmp_path,))
    worker.start()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL
    store = Store(tmp_path)
    assert not store.has(STEP, {})
    assert store.folder(STEP, {}, lambda part: None).is_dir()


def test_a_file_that_fails_half_way_leaves_the_old_one(tmp_path):
    path = write_text(tmp_path / "a.txt", "old")

    def fails() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        fails()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_new_files_take_the_place_of_earlier_ones_once_all_are_written(tmp_path):
    def written(*names: str) -> set[str]:
        with in_place_of(tmp_path / "list.json"):
            (tmp_path / "log.txt").write_text("of another program")
            for name in names:
                write_text(tmp_path / name, name)
            if not names:
                raise InterruptedError
        return {each.name for each in tmp_path.iterdir()} - {"list.json"}

    assert written("a", "b") == {"a", "b", "log.txt"}
    with pytest.raises(InterruptedError):
        written()
    assert {"a", "b"} <= {each.name for each in tmp_path.iterdir()}
    assert written("b", "c") == {"b", "c", "log.txt"}


def test_a_limit_of_the_system_names_the_store(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def build(folder: Path) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
        try:
            with (folder / "numbers").open("wb") as file:
                np.zeros(100_000).tofile(file)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    with pytest.raises(OSError, match=f"100000 requested and .* written: '{tmp_path}'"):
        Store(tmp_path).folder(Step("curves", 1), {}, build)
