"""Links, sessions, names and withdrawal."""

import sqlite3
from contextlib import closing

import pytest
from ecglens_study.agreement import kappa_so_far
from ecglens_study.settings import Item, Settings
from ecglens_study.storage.database import Refused
from ecglens_study.storage.study_storage import StudyStorage
from ecglens_study.storage.voting import Vote

from .conftest import METHODS, joined, vote_on


def changed(storage, tmp_path, sql):
    with closing(sqlite3.connect(tmp_path / "study" / "study.sqlite")) as file, file:
        file.execute(sql)


def refused(ask, *given) -> str:
    with pytest.raises(Refused) as caught:
        ask(*given)
    return caught.value.reason


def test_a_link_logs_in_until_it_is_revoked(storage):
    token = storage.invite("ann")
    first, second = storage.enter(token), storage.enter(token)
    assert first != second
    assert (storage.session(first).expert, storage.session(first).organiser) == ("ann", False)
    storage.leave(first)
    assert refused(storage.session, first) == "unknown"
    assert storage.session(second).expert == "ann"
    storage.revoke("ann")
    assert refused(storage.session, second) == refused(storage.enter, token) == "revoked"


def test_a_new_link_ends_the_older_one_and_keeps_the_plan_and_the_votes(storage):
    old = storage.invite("ann")
    cookie, planned = storage.enter(old), storage.turn("ann", 2)
    storage.vote("ann", 1, Vote(1))
    new = storage.invite("ann")
    assert refused(storage.session, cookie) == refused(storage.enter, old) == "revoked"
    assert storage.session(storage.enter(new)).expert == "ann"
    assert (storage.turn("ann", 2), storage.progress("ann").done) == (planned, 1)


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", "é\ud800", "a" * 10_000])
def test_an_unknown_link_or_cookie_enters_nowhere(storage, token):
    assert refused(storage.enter, token) == refused(storage.session, token) == "unknown"


def test_a_link_expires_with_its_sessions(storage, tmp_path):
    token = storage.invite("ann")
    cookie = storage.enter(token)
    changed(storage, tmp_path, "UPDATE links SET until = '2020-01-01T00:00:00.000Z'")
    assert refused(storage.session, cookie) == refused(storage.enter, token) == "expired"
    assert not storage.progress("ann").link


def test_a_cookie_expires_before_its_link(storage, tmp_path):
    token = storage.invite("ann")
    cookie = storage.enter(token)
    changed(storage, tmp_path, "UPDATE sessions SET until = '2020-01-01T00:00:00.000Z'")
    assert refused(storage.session, cookie) == "unknown"  # the link has not expired
    assert storage.session(storage.enter(token)).expert == "ann"


def test_each_session_has_a_csrf_of_its_own_that_stays(storage):
    token = storage.invite("ann")
    one, two = storage.enter(token), storage.enter(token)
    assert storage.session(one) == storage.session(one)
    assert storage.session(one).csrf != storage.session(two).csrf
    assert storage.session(one).csrf not in one


def test_no_token_lies_in_the_file(storage, tmp_path):
    token = storage.invite("ann")
    cookie = storage.enter(token)
    csrf = storage.session(cookie).csrf
    storage.lock()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "study").glob("study.sqlite*"))
    assert b"ann" in kept
    assert not any(secret.encode() in kept for secret in (token, cookie, csrf))


def test_the_organiser_is_no_expert(storage):
    session = storage.session(storage.enter(storage.invite_organiser()))
    assert session.organiser
    assert [each.expert for each in storage.overview()] == ["ann", "bob"]
    with pytest.raises(ValueError, match="an expert of this study"):
        storage.turn(session.expert, 1)
    for name in (session.expert, "Organiser"):
        with pytest.raises(ValueError, match="is the organiser's"):
            storage.invite(name)


@pytest.mark.parametrize("name", ["all", "mean", "Mean"])
def test_a_name_that_tables_use_for_all_experts_is_refused(storage, name):
    with pytest.raises(ValueError, match=f"a name other than '{name}', which stands for all exp"):
        storage.invite(name)


@pytest.mark.parametrize(
    "name", ["", " ann", "ann ", "a" * 61, "a\nb", "a\0", "\u202eann", "\ud800"]
)
def test_a_name_that_cannot_be_read_is_refused(storage, name):
    with pytest.raises(ValueError, match="printable characters"):
        storage.invite(name)


def test_experts_have_plans_of_their_own(storage):
    orders = {
        name: [storage.turn(name, order).item for order in range(2, 20)] for name in ("ann", "bob")
    }
    assert orders["ann"] != orders["bob"]
    assert storage.turn("ann", 1).item == storage.turn("bob", 1).item == 0  # practice


def test_who_withdraws_counts_nowhere_and_for_good(storage):
    token = storage.invite("ann")
    cookie = storage.enter(token)
    for name in ("ann", "bob"):
        vote_on(storage, name, 6)
    storage.withdraw("ann")
    storage.withdraw("ann")
    assert {ballot.expert for ballot in storage.ballots()} == {"bob"}
    assert {each.experts for each in kappa_so_far(storage.ballots())} == {1}
    assert refused(storage.session, cookie) == refused(storage.enter, token) == "revoked"
    assert refused(storage.vote, "ann", 7, Vote(1)) == refused(storage.undo, "ann") == "revoked"
    assert [each.state for each in storage.overview()] == ["withdrawn", "voting"]
    with pytest.raises(ValueError, match="'ann' has withdrawn"):
        storage.invite("ann")
    assert [each.action for each in storage.log()].count("withdrew") == 1


def test_only_the_owner_may_read_a_study(storage, tmp_path):
    storage.drawings.keep_sheet("ecg1", "full", b"samples", {})
    folder = tmp_path / "study"
    assert {path.stat().st_mode & 0o777 for path in (folder, folder / "assets")} == {0o700}
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".sqlite", ".sqlite-wal", ".sqlite-shm", ".bin"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_folder_holds_one_study(make, tmp_path):
    made = make(prediction=True, days=7)
    opened = StudyStorage(tmp_path / "study")
    assert (opened.settings, opened.items, opened.methods) == (made.settings, made.items, METHODS)
    with pytest.raises(ValueError, match="expected a new folder, found a study"):
        make()
    with pytest.raises(ValueError, match=r"found no study\.sqlite"):
        StudyStorage(tmp_path / "other")
    with pytest.raises(ValueError, match="items numbered from 0 on"):
        StudyStorage.create(
            tmp_path / "other", Settings("s"), [Item(1, "pr", "full", "e", METHODS, "")], METHODS
        )


def test_a_create_that_was_killed_at_once_is_begun_again(make, tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "study.sqlite").touch()
    with pytest.raises(ValueError, match="of version 6"):
        StudyStorage(tmp_path / "study")
    assert joined(make(), "ann").next_turn("ann") == 1


def test_the_log_keeps_what_was_done_and_cannot_be_flooded(storage):
    storage.note("127.0.0.1", "refused", "x" * 10_000 + "\ud800")
    storage.note("127.0.0.1", "\ud800")
    said = [(each.who, each.action) for each in storage.log()]
    assert said[:2] == [("ann", "invited"), ("ann", "consented")]
    assert said[-1] == ("127.0.0.1", "?")
    assert len(storage.log(latest=2)[0].detail) == 500
