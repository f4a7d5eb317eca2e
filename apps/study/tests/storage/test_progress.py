"""Progress of an expert, and suggested breaks."""

import math
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from ecglens_study.storage.database import between, text
from ecglens_study.storage.voting import Vote

from .conftest import vote_on


def test_progress_goes_from_practice_to_the_guesses(storage):
    of = storage.progress("ann").total
    assert of == 1 + 2 * 2 * 2 * (2 + 1)  # practice; showings, targets, views, ECGs and a catch
    vote_on(storage, "ann", 1)
    assert (storage.progress("ann").done, storage.progress("ann").state) == (1, "voting")
    vote_on(storage, "ann")
    end = storage.progress("ann")
    assert (end.done, end.state, storage.next_turn("ann")) == (of, "guessing", None)


def test_time_left_is_told_from_ones_own_last_decisions(storage):
    vote_on(storage, "ann", 4, choose=lambda _: Vote(1, seconds=0.0))
    assert np.isnan(storage.progress("ann").seconds_left)
    for order in range(5, 8):  # not shown: the time from the page counts
        storage.vote("ann", order, Vote(1, seconds=10.0 * order))
    progress = storage.progress("ann")
    assert progress.seconds_left == pytest.approx(0.0)
    for order in range(8, 12):
        storage.vote("ann", order, Vote(1, seconds=7.0))
    assert storage.progress("ann").seconds_left == pytest.approx(7.0 * (progress.total - 11))


def test_a_pause_of_ten_minutes_is_a_break(storage, tmp_path):
    minutes_ago = [95, 92, 82.5, 70, 65, 57, 48, 39, 30]
    at = [text(datetime.now(UTC) - timedelta(minutes=each)) for each in minutes_ago]
    with closing(sqlite3.connect(tmp_path / "study" / "study.sqlite")) as file, file:
        file.executemany(
            "INSERT INTO votes (expert, turn, attempt, at, position, rating, second, comment) "
            "SELECT id, ?, 1, ?, 1, 0, '', '' FROM people WHERE name = 'ann'",
            [*enumerate(at, 1)],
        )
    rested = storage.progress("ann")
    assert (rested.done, rested.since_break, rested.at_work) == (9, 0, 0.0)
    with closing(sqlite3.connect(tmp_path / "study" / "study.sqlite")) as file, file:
        file.executemany(
            "INSERT INTO votes (expert, turn, attempt, at, position, rating, second, comment) "
            "SELECT id, ?, 1, ?, 1, 0, '', '' FROM people WHERE name = 'bob'",
            [(turn, text(datetime.now(UTC) - timedelta(minutes=each))) for turn, each in
             enumerate([40, 35, 20, 12, 3], 1)],
        )  # fmt: skip
    tired = storage.progress("bob")
    assert tired.since_break == 3
    assert tired.at_work == pytest.approx(20 * 60, abs=120)


def test_a_clock_that_was_set_back_gives_no_time_and_not_0_s():
    earlier, later = "2025-01-31T09:15:00.000Z", "2025-01-31T09:15:02.500Z"
    assert between(earlier, later) == 2.5
    assert math.isnan(between(later, earlier))
