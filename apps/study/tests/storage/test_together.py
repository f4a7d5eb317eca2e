"""Many voters at once, and a killed server: no vote is lost or doubled."""

import json
import os
import signal
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from ecglens_study.storage.database import Decided
from ecglens_study.storage.study_storage import StudyStorage
from ecglens_study.storage.voting import Vote

from .conftest import joined, kept

EXPERTS = tuple(f"expert {number}" for number in range(1, 11))


def forked(work: Callable[[int], None]) -> tuple[int, int]:
    """Process that runs this, and the pipe it writes to; no study is open at the fork."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            work(writing)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    return child, reading


def vote_until_killed(folder: Path, pipe: int) -> None:
    """Reports each vote after vote() returned."""
    storage = StudyStorage(folder)
    while order := storage.next_turn("ann"):
        storage.vote("ann", order, Vote(1 + order % 3))
        os.write(pipe, f"{order}\n".encode())


def test_a_killed_process_has_every_ballot_that_it_confirmed(make, tmp_path):
    joined(make(ecgs=40), "ann").close()
    confirmed = 0
    for more in (7, 23, 60):
        child, pipe = forked(lambda pipe: vote_until_killed(tmp_path / "study", pipe))
        with os.fdopen(pipe) as said:
            for _ in range(more):
                confirmed = int(said.readline())
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            confirmed = max([confirmed, *(int(line) for line in said if line.endswith("\n"))])
        storage = StudyStorage(tmp_path / "study")
        # The last vote may be stored but not reported.
        assert storage.progress("ann").done - confirmed in (0, 1)
        answers = [kept(storage, "ann", order).position for order in range(1, confirmed + 1)]
        assert answers == [1 + order % 3 for order in range(1, confirmed + 1)]
        assert len(storage.ballots()) == storage.progress("ann").done - 1  # practice
        storage.close()


def contend(storage: StudyStorage, voter: int) -> list[tuple[str, int, int]]:
    """Accepted answers of one voter to turns that four voters compete for."""
    taken = []
    for expert in EXPERTS[voter % 10 :] + EXPERTS[: voter % 10]:
        while order := storage.next_turn(expert):
            position = (voter + order) % 4
            try:
                storage.vote(expert, order, Vote(position))
            except (Decided, ValueError):
                continue  # another voter was faster on this turn or several
            taken.append((expert, order, position))
    storage.close()
    return taken


def crowd(folder: Path, pipe: int) -> None:
    """Twenty voters in one process."""
    storage = StudyStorage(folder)
    with ThreadPoolExecutor(20) as pool:
        taken = [each for part in pool.map(lambda voter: contend(storage, voter), range(20))
                 for each in part]  # fmt: skip
    os.write(pipe, json.dumps(taken).encode())


def test_two_crowded_processes_lose_and_double_nothing(make, tmp_path):
    joined(make(ecgs=1), *EXPERTS).close()
    children = [forked(lambda pipe: crowd(tmp_path / "study", pipe)) for _ in range(2)]
    taken = []
    for child, pipe in children:
        with os.fdopen(pipe) as said:
            taken += json.load(said)
        assert os.waitpid(child, 0)[1] == 0
    storage = StudyStorage(tmp_path / "study")
    of = storage.progress(EXPERTS[0]).total
    assert {storage.progress(expert).done for expert in EXPERTS} == {of}
    # Every accepted answer is the stored one: none was overwritten.
    found = {(name, turn): kept(storage, name, turn).position
            for name in EXPERTS for turn in range(1, of + 1)}  # fmt: skip
    assert {(name, turn): position for name, turn, position in taken} == found
    assert all(found[name, turn] == position for name, turn, position in taken)
    with closing(sqlite3.connect(tmp_path / "study" / "study.sqlite")) as file:
        assert file.execute("SELECT count(*) FROM votes").fetchone() == (of * len(EXPERTS),)


@pytest.mark.parametrize(("setting", "value"), [("synchronous", 2), ("journal_mode", "wal")])
def test_a_commit_waits_for_the_disk(make, setting, value):
    assert make()._db.one(f"PRAGMA {setting}") == (value,)


def test_two_who_are_invited_at_once_have_different_plans(make):
    storage = make()
    with ThreadPoolExecutor(8) as pool:
        assert len({*pool.map(storage.invite, EXPERTS)}) == len(EXPERTS)
    orders = {tuple(storage.turn(name, order).item for order in range(2, 20)) for name in EXPERTS}
    assert len(orders) == len(EXPERTS)


@pytest.mark.parametrize("where", [0, 4096, -4096])
def test_a_damaged_study_file_is_named_in_one_line(storage, tmp_path, where):
    storage.close()
    file = tmp_path / "study" / "study.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    start = where % len(content)
    content[start : start + 64] = bytes(range(64))
    file.write_bytes(content)
    with pytest.raises(ValueError, match="expected an undamaged study in "):
        StudyStorage(tmp_path / "study")
