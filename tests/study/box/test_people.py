"""Links, sessions, names and withdrawal."""

import sqlite3
from contextlib import closing

import pytest
from ecglens.study.box import BallotBox, Refused, Vote
from ecglens.study.design import Item, Settings

from .conftest import METHODS, joined, vote_on


def changed(box, tmp_path, sql):
    with closing(sqlite3.connect(tmp_path / "study" / "study.sqlite")) as file, file:
        file.execute(sql)


def refused(ask, *given) -> str:
    with pytest.raises(Refused) as caught:
        ask(*given)
    return caught.value.reason


def test_a_link_logs_in_until_it_is_revoked(box):
    token = box.invite("ann")
    first, second = box.enter(token), box.enter(token)
    assert first != second
    assert (box.session(first).expert, box.session(first).organiser) == ("ann", False)
    box.leave(first)
    assert refused(box.session, first) == "unknown"
    assert box.session(second).expert == "ann"
    box.revoke("ann")
    assert refused(box.session, second) == refused(box.enter, token) == "revoked"


def test_a_new_link_ends_the_older_one_and_keeps_the_plan_and_the_votes(box):
    old = box.invite("ann")
    cookie, planned = box.enter(old), box.turn("ann", 2)
    box.vote("ann", 1, Vote(1))
    new = box.invite("ann")
    assert refused(box.session, cookie) == refused(box.enter, old) == "revoked"
    assert box.session(box.enter(new)).expert == "ann"
    assert (box.turn("ann", 2), box.progress("ann").done) == (planned, 1)


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", "é\ud800", "a" * 10_000])
def test_an_unknown_link_or_cookie_enters_nowhere(box, token):
    assert refused(box.enter, token) == refused(box.session, token) == "unknown"


def test_a_link_expires_with_its_sessions(box, tmp_path):
    token = box.invite("ann")
    cookie = box.enter(token)
    changed(box, tmp_path, "UPDATE links SET until = '2020-01-01T00:00:00.000Z'")
    assert refused(box.session, cookie) == refused(box.enter, token) == "expired"
    assert not box.progress("ann").link


def test_a_cookie_expires_before_its_link(box, tmp_path):
    token = box.invite("ann")
    cookie = box.enter(token)
    changed(box, tmp_path, "UPDATE sessions SET until = '2020-01-01T00:00:00.000Z'")
    assert refused(box.session, cookie) == "expired"
    assert box.session(box.enter(token)).expert == "ann"


def test_each_session_has_a_csrf_of_its_own_that_stays(box):
    token = box.invite("ann")
    one, two = box.enter(token), box.enter(token)
    assert box.session(one) == box.session(one)
    assert box.session(one).csrf != box.session(two).csrf
    assert box.session(one).csrf not in one


def test_no_token_lies_in_the_file(box, tmp_path):
    token = box.invite("ann")
    cookie = box.enter(token)
    csrf = box.session(cookie).csrf
    box.lock()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "study").glob("study.sqlite*"))
    assert b"ann" in kept
    assert not any(secret.encode() in kept for secret in (token, cookie, csrf))


def test_the_organiser_is_no_expert(box):
    session = box.session(box.enter(box.invite_organiser()))
    assert session.organiser
    assert [each.expert for each in box.overview()] == ["ann", "bob"]
    with pytest.raises(ValueError, match="an expert of this study"):
        box.turn(session.expert, 1)
    for name in (session.expert, "Organiser"):
        with pytest.raises(ValueError, match="is the organiser's"):
            box.invite(name)


@pytest.mark.parametrize(
    "name", ["", " ann", "ann ", "a" * 61, "a\nb", "a\0", "\u202eann", "\ud800"]
)
def test_a_name_that_cannot_be_read_is_refused(box, name):
    with pytest.raises(ValueError, match="printable characters"):
        box.invite(name)


def test_experts_have_plans_of_their_own(box):
    orders = {
        name: [box.turn(name, order).item for order in range(2, 20)] for name in ("ann", "bob")
    }
    assert orders["ann"] != orders["bob"]
    assert box.turn("ann", 1).item == box.turn("bob", 1).item == 0  # practice


def test_who_withdraws_counts_nowhere_and_for_good(box):
    token = box.invite("ann")
    cookie = box.enter(token)
    for name in ("ann", "bob"):
        vote_on(box, name, 6)
    box.withdraw("ann")
    box.withdraw("ann")
    assert {ballot.expert for ballot in box.ballots()} == {"bob"}
    assert {each.experts for each in box.agreement()} == {1}
    assert refused(box.session, cookie) == refused(box.enter, token) == "revoked"
    assert refused(box.vote, "ann", 7, Vote(1)) == refused(box.undo, "ann") == "revoked"
    assert [each.state for each in box.overview()] == ["withdrawn", "voting"]
    with pytest.raises(ValueError, match="'ann' withdrew"):
        box.invite("ann")
    assert [each.action for each in box.audit()].count("withdrew") == 1


def test_only_the_owner_may_read_a_study(box, tmp_path):
    box.keep_sheet("ecg1", "full", b"png", {})
    folder = tmp_path / "study"
    assert {path.stat().st_mode & 0o777 for path in (folder, folder / "assets")} == {0o700}
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".sqlite", ".sqlite-wal", ".sqlite-shm", ".png"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_folder_holds_one_study(make, tmp_path):
    made = make(prediction=True, days=7)
    opened = BallotBox(tmp_path / "study")
    assert (opened.settings, opened.items, opened.methods) == (made.settings, made.items, METHODS)
    with pytest.raises(ValueError, match="expected a new folder, found a study"):
        make()
    with pytest.raises(ValueError, match=r"found no study\.sqlite"):
        BallotBox(tmp_path / "other")
    with pytest.raises(ValueError, match="items numbered from 0 on"):
        BallotBox.create(
            tmp_path / "other", Settings("s"), [Item(1, "pr", "full", "e", METHODS, "")], METHODS
        )


def test_a_create_that_was_killed_at_once_is_begun_again(make, tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "study.sqlite").touch()
    with pytest.raises(ValueError, match="of version 1"):
        BallotBox(tmp_path / "study")
    assert joined(make(), "ann").next_turn("ann") == 1


def test_the_log_keeps_what_was_done_and_cannot_be_flooded(box):
    box.note("127.0.0.1", "refused", "x" * 10_000 + "\ud800")
    box.note("127.0.0.1", "\ud800")
    said = [(each.who, each.action) for each in box.audit()]
    assert said[:2] == [("ann", "invited"), ("ann", "consented")]
    assert said[-1] == ("127.0.0.1", "?")
    assert len(box.audit(latest=2)[0].detail) == 500
