"""Turns are answered in order, once each, and nothing is overwritten."""

import math
import sqlite3
import time
from contextlib import closing
from dataclasses import replace

import pytest
from ecglens_study.storage.database import Decided, Refused
from ecglens_study.storage.study_storage import StudyStorage
from ecglens_study.storage.voting import Vote

from .conftest import joined, vote_on

SAID = Vote(2, second="P wave", comment="a note", seconds=3.0)


def test_a_double_click_counts_once(storage):
    storage.vote("ann", 1, SAID)
    storage.vote("ann", 1, replace(SAID, seconds=9.0))
    assert storage.vote_on("ann", 1) == SAID
    assert (storage.progress("ann").done, storage.next_turn("ann")) == (1, 2)
    assert storage.progress("bob").done == 0


@pytest.mark.parametrize("other", [{"position": 1}, {"comment": "b"}, {"second": ""}])
def test_another_answer_does_not_overwrite_the_first(storage, other):
    storage.vote("ann", 1, SAID)
    with pytest.raises(Decided):
        storage.vote("ann", 1, replace(SAID, **other))
    assert storage.vote_on("ann", 1) == SAID


def test_an_undone_vote_is_cast_anew_and_stays_in_the_history(storage, tmp_path):
    vote_on(storage, "ann", 3)
    assert storage.undo("ann") == 3
    assert (storage.vote_on("ann", 3), storage.next_turn("ann")) == (None, 3)
    storage.vote("ann", 3, Vote(2))
    storage.undo("ann")
    storage.vote("ann", 3, Vote(3))
    assert storage.vote_on("ann", 3) == Vote(3, seconds=storage.vote_on("ann", 3).seconds)
    with closing(sqlite3.connect(tmp_path / "study" / "study.sqlite")) as file:
        kept = file.execute("SELECT attempt, position FROM votes WHERE turn = 3").fetchall()
    assert kept == [(1, 1), (2, 2), (3, 3)]
    assert len(storage.ballots()) == 2  # the first turn is for practice


def test_votes_are_taken_back_one_by_one_to_the_first(storage):
    vote_on(storage, "ann", 3)
    assert [storage.undo("ann") for _ in range(3)] == [3, 2, 1]
    with pytest.raises(ValueError, match="there is none"):
        storage.undo("ann")
    vote_on(storage, "ann", 2)
    assert storage.next_turn("ann") == 3


def test_final_votes_are_not_undone(storage):
    vote_on(storage, "ann", 3)
    with pytest.raises(ValueError, match="after the last vote"):
        storage.finish("ann")
    vote_on(storage, "ann")
    last = storage.undo("ann")
    storage.vote("ann", last, Vote(2))
    assert not storage.finished("ann")
    storage.finish("ann")
    storage.finish("ann")
    for order in (0, last):
        with pytest.raises(ValueError, match="before the votes are final"):
            storage.undo("ann", order)
    assert storage.vote_on("ann", last).position == 2
    assert (storage.finished("ann"), storage.finished("bob")) == (True, False)
    assert [each.action for each in storage.log()].count("finished") == 1


def test_a_second_press_of_undo_takes_no_other_vote_back(storage):
    vote_on(storage, "ann", 3)
    assert [storage.undo("ann", 3), storage.undo("ann", 3)] == [3, 3]
    assert storage.next_turn("ann") == 3
    with pytest.raises(ValueError, match="the last vote, 2, got 1"):
        storage.undo("ann", 1)
    with pytest.raises(ValueError, match="the last vote, 2, got 4"):
        storage.undo("ann", 4)


@pytest.mark.parametrize(
    ("task", "vote", "said"),
    [
        ("pick", Vote(4), "a position from 0 to 3, got 4"),
        ("pick", Vote(-1), "a position from 0 to 3, got -1"),
        ("pick", Vote(1, rating=3), "a rating only with task rate, got 3 with pick"),
        ("rate", Vote(1), "a rating from 1 to 5, got nothing"),
        ("rate", Vote(1, rating=6), "a rating from 1 to 5, got 6"),
        ("rate", Vote(0, rating=2), "a position from 1 to 1, got 0"),
        ("pair", Vote(0), "a position from 1 to 2, got 0"),
        ("pair", Vote(3), "a position from 1 to 2, got 3"),
        ("pick", Vote(1, second="T wave"), "a listed answer to the second question, got 'T wave'"),
        ("pick", Vote(1, comment="x" * 2001), "at most 2000 characters, got 2001"),
        ("pick", Vote(1, comment="a\0b"), "got control characters"),
        ("pick", Vote(1, comment="\ud800"), "got control characters"),
        ("pick", Vote(1, seconds=-1.0), "seconds of 0 or more, got -1"),
    ],
)
def test_what_is_no_answer_is_named_and_not_kept(make, task, vote, said):
    storage = joined(make(task=task), "ann")
    with pytest.raises(ValueError, match=said):
        storage.vote("ann", 1, vote)
    assert storage.next_turn("ann") == 1


def test_only_what_a_study_asks_may_be_answered(make):
    storage = joined(make(none=False, comment=False), "ann")
    with pytest.raises(ValueError, match="position from 1 to 3, got 0; expected no comment"):
        storage.vote("ann", 1, Vote(0, comment="none"))


def test_only_the_next_turn_of_a_planned_one_is_open(storage):
    with pytest.raises(ValueError, match="a vote on the next turn, 1, got 2"):
        storage.vote("ann", 2, Vote(1))
    for order in (0, 10**6):
        with pytest.raises(ValueError, match="expected the order of a turn"):
            storage.vote("ann", order, Vote(1))
    with pytest.raises(ValueError, match="an expert of this study, got 'eve'"):
        storage.vote("eve", 1, Vote(1))


def test_nobody_votes_before_agreeing(make):
    storage = make()
    storage.invite("ann")
    with pytest.raises(Refused, match="consent"):
        storage.vote("ann", 1, Vote(1))
    storage.consent("ann")
    storage.consent("ann")
    storage.vote("ann", 1, Vote(1))
    assert storage.consented("ann")


def test_a_locked_study_takes_nothing_but_what_it_has(storage):
    storage.vote("ann", 1, SAID)
    storage.lock()
    assert storage.locked
    storage.vote("ann", 1, SAID)
    for forbidden in (lambda: storage.vote("ann", 2, SAID), lambda: storage.undo("ann")):
        with pytest.raises(Refused, match="locked"):
            forbidden()
    storage.unlock()
    with pytest.raises(ValueError, match="or the study is locked"):
        storage.undo("ann")  # the locked study has shown how often others agreed
    time.sleep(0.002)  # times have milliseconds
    storage.vote("ann", 2, SAID)
    assert storage.progress("ann").done == 2
    assert storage.undo("ann") == 2
    with pytest.raises(ValueError, match="or the study is locked"):
        storage.undo("ann")


def test_a_locked_study_is_whole_in_one_file(storage, tmp_path):
    vote_on(storage, "ann", 4)
    storage.lock()
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "study.sqlite").write_bytes((tmp_path / "study" / "study.sqlite").read_bytes())
    assert StudyStorage(copy).ballots() == storage.ballots()


def test_a_vote_behind_an_undo_has_the_time_of_both(storage):
    storage.vote("ann", 1, replace(SAID, seconds=38.0))
    storage.undo("ann")
    storage.vote("ann", 1, replace(SAID, seconds=1.25))
    storage.undo("ann")
    storage.vote("ann", 1, replace(SAID, seconds=2.0))
    assert storage.vote_on("ann", 1).seconds == 41.25
    storage.vote("ann", 2, replace(SAID, seconds=math.inf))
    storage.undo("ann")
    storage.vote("ann", 2, replace(SAID, seconds=1.0))
    assert math.isnan(storage.vote_on("ann", 2).seconds)


def test_a_page_cannot_claim_more_time_than_passed(storage):
    storage.shown("ann", 1)
    storage.vote("ann", 1, replace(SAID, seconds=1e9))
    assert storage.vote_on("ann", 1).seconds < 1e6
    storage.vote("ann", 2, replace(SAID, seconds=4.25))
    storage.vote("ann", 3, replace(SAID, seconds=math.inf))
    assert storage.vote_on("ann", 2).seconds == 4.25
    assert math.isnan(storage.vote_on("ann", 3).seconds)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE votes SET position = 3",
        "DELETE FROM votes",
        "DELETE FROM log",
        "UPDATE turns SET methods = '[]'",
        "INSERT INTO votes (expert, turn, attempt, at, position, rating, second, comment) "
        "SELECT expert, turn, attempt, at, 1, 0, '', '' FROM votes",
        "INSERT INTO votes (expert, turn, attempt, at, position, rating, second, comment) "
        "SELECT expert, turn, attempt + 1, at, 1, 0, '', '' FROM votes WHERE turn = 2",
        "INSERT INTO votes (expert, turn, attempt, at, position, rating, second, comment) "
        "SELECT expert, turn + 2, 1, at, 1, 0, '', '' FROM votes WHERE turn = 2",
        "INSERT INTO undos SELECT expert, turn, attempt, at FROM votes WHERE turn = 1",
    ],
)
def test_the_file_itself_refuses_another_history(storage, tmp_path, change):
    vote_on(storage, "ann", 2)
    with closing(sqlite3.connect(tmp_path / "study" / "study.sqlite")) as file:
        file.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            file.execute(change)
    assert [storage.vote_on("ann", order).position for order in (1, 2)] == [1, 1]
