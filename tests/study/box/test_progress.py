"""How far an expert is, and when a break is due."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from ecglens.study.box import Vote
from ecglens.study.box.clock import text

from .conftest import vote_on


def test_progress_goes_from_practice_to_the_guesses(box):
    of = box.progress("ann").of
    assert of == 1 + 2 * 2 * 2 * (2 + 1)  # practice; showings, targets, views, ECGs and a catch
    assert (box.progress("ann").part, box.progress("ann").last) == ("practice", "")
    vote_on(box, "ann", 1)
    assert box.progress("ann").part == "vote"
    vote_on(box, "ann")
    end = box.progress("ann")
    assert (end.done, end.part, end.state, box.next_turn("ann")) == (of, "", "guessing", None)


def test_time_left_is_told_from_ones_own_last_decisions(box):
    vote_on(box, "ann", 4, choose=lambda _: Vote(1, seconds=0.0))
    assert np.isnan(box.progress("ann").seconds_left)
    for order in range(5, 8):  # not shown: the page's own time is kept
        box.vote("ann", order, Vote(1, seconds=10.0 * order))
    progress = box.progress("ann")
    assert progress.seconds_left == pytest.approx(0.0)
    for order in range(8, 12):
        box.vote("ann", order, Vote(1, seconds=7.0))
    assert box.progress("ann").seconds_left == pytest.approx(7.0 * (progress.of - 11))


def test_a_pause_of_ten_minutes_is_a_break(box, tmp_path):
    minutes_ago = [95, 92, 82.5, 70, 65, 57, 48, 39, 30]
    at = [text(datetime.now(UTC) - timedelta(minutes=each)) for each in minutes_ago]
    with closing(sqlite3.connect(tmp_path / "study" / "study.sqlite")) as file, file:
        file.executemany(
            "INSERT INTO votes (expert, turn, attempt, at, position, rating, second, comment) "
            "SELECT id, ?, 1, ?, 1, 0, '', '' FROM people WHERE name = 'ann'",
            [*enumerate(at, 1)],
        )
    rested = box.progress("ann")
    assert (rested.done, rested.since_break, rested.at_work) == (9, 0, 0.0)
    with closing(sqlite3.connect(tmp_path / "study" / "study.sqlite")) as file, file:
        file.executemany(
            "INSERT INTO votes (expert, turn, attempt, at, position, rating, second, comment) "
            "SELECT id, ?, 1, ?, 1, 0, '', '' FROM people WHERE name = 'bob'",
            [(turn, text(datetime.now(UTC) - timedelta(minutes=each))) for turn, each in
             enumerate([40, 35, 20, 12, 3], 1)],
        )  # fmt: skip
    tired = box.progress("bob")
    assert tired.since_break == 3
    assert tired.at_work == pytest.approx(20 * 60, abs=120)
