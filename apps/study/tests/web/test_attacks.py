"""Attacks are refused and logged, and change nothing that counts."""

import socket
from contextlib import suppress

import httpx
import pytest
from ecglens_study.web.app import ROUTES
from ecglens_study.web.security import BODY_BYTES, Rate, Rates

from .conftest import WAIT_S, Served, csrf, vote

SQL = "1'; DROP TABLE votes; --"
SCRIPT = '<script>alert("ECG")</script>'
UP = ("..", "%2e%2e", "..%2f..%2fstudy.sqlite", "%2e%2e%2fstudy.sqlite", "..%5cstudy.sqlite",
      "%00", "1%00", "1/../../study.sqlite", "study.sqlite", "%ff")  # fmt: skip
SEEN = ("/", "/consent", "/vote", "/vote/1", "/turn/1/drawings.bin", "/guess",
        "/guess/drawings.bin", "/done", "/help", "/organiser",
        "/organiser/votes.csv", "/organiser/guesses.csv")  # fmt: skip
SENT = ("/consent", "/vote/1", "/undo", "/guess", "/guess/final", "/withdraw", "/leave",
        "/organiser/lock", "/organiser/unlock", "/organiser/invite",
        "/organiser/revoke")  # fmt: skip


def refused(study: Served, answer: httpx.Response, status: int) -> None:
    """Assert that the response is a plain page with this status, and that it is in the log."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    for inside in ("Traceback", "detail", "sqlite", "ecglens"):
        assert inside not in answer.text
    assert f"refused {status}" in study.log()[-1]


@pytest.mark.parametrize("cookie", ["", "session=", "session=guessed", f"session={SQL[:3]}"])
def test_without_a_session_nothing_is_seen_or_done(serve, visit, cookie):
    study = serve()
    study.storage.invite("ann")
    browser, before = visit(study), study.counted()
    headers = {"cookie": cookie} if cookie else {}
    for path in SEEN:
        refused(study, browser.get(path, headers=headers), 401)
    for path in SENT:
        refused(study, browser.post(path, headers=headers, data={"csrf": ""}), 401)
    assert study.counted() == before


def test_a_link_that_is_unknown_revoked_or_replaced_enters_nobody(serve, visit):
    study = serve()
    browser, old = visit(study), study.storage.invite("ann")
    new = study.storage.invite("ann")
    for token in ("guessed", old, new[:-1], SQL, "%00", "a" * 5000):
        refused(study, browser.get(f"/enter/{token}"), 403)
        assert not browser.cookies
    study.storage.revoke("ann")
    refused(study, browser.get(f"/enter/{new}"), 403)
    assert not [line for line in study.log() if old in line or new in line]


@pytest.mark.parametrize("path", ["//enter/{}", "/Enter/{}", "/{}", "/enter/x{}/", "/vote/{}"])
def test_a_link_that_was_typed_wrongly_is_not_in_the_log(serve, visit, path):
    study = serve()
    token = study.storage.invite("ann")
    answer = raw(study, visit(study, "bob"), "GET", path.format(token))
    assert answer.split(b" ", 2)[1] in (b"403", b"404")
    assert "refused 40" in study.log()[-1]
    assert token not in study.log()[-1]


def test_a_link_that_is_opened_again_and_again_waits(serve, visit):
    study = serve()
    browser, link = visit(study), study.storage.invite("ann")
    assert [browser.get(f"/enter/{link}").status_code for _ in range(11)] == [303] * 10 + [429]
    assert visit(study).get(f"/enter/{study.storage.invite('bob')}").status_code == 303


def test_a_revoked_link_ends_the_session_at_once(serve, visit):
    study = serve()
    browser = visit(study, "ann")
    study.storage.revoke("ann")
    refused(study, browser.get("/vote/1"), 401)


@pytest.mark.heavy
@pytest.mark.parametrize("path", SENT)
def test_a_form_needs_the_token_of_its_own_session(serve, visit, path):
    study = serve()
    browser = visit(study, "organiser" if "organiser" in path else "ann")
    vote(study, visit(study, "bob"), 1)
    other, before = csrf(study, visit(study, "cleo")), study.counted()
    fields = {"position": "1", "order": "1", "agree": "yes", "sure": "yes", "expert": "bob"}
    for token in ({}, {"csrf": ""}, {"csrf": other}, {"csrf": "µ"}, {"csrf": SQL}):
        refused(study, browser.post(path, data=fields | token), 403)
    assert study.counted() == before


def test_every_route_that_takes_a_form_is_among_those_tested():
    posts = {
        route.path.replace("{order}", "1")
        for room in ROUTES
        for route in room.router.routes
        if "POST" in route.methods
    }
    assert posts == {*SENT}


@pytest.mark.parametrize("headers", [
    {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://127.0.0.1"},
    {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
])  # fmt: skip
def test_a_form_that_stood_on_another_site_is_refused(serve, visit, headers):
    study = serve()
    browser, before = visit(study, "ann"), study.counted()
    sent = {"csrf": csrf(study, browser), "position": 1}
    refused(study, browser.post("/vote/1", data=sent, headers=headers), 403)
    assert study.counted() == before
    own = {"origin": study.address, "sec-fetch-site": "same-origin"}
    assert browser.post("/vote/1", data=sent, headers=own).status_code == 303


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil@127.0.0.1x", "[",
                                  "evil@127.0.0.1", "127.0.0.1/x", "127.0.0.1#"])  # fmt: skip
def test_another_name_of_this_address_is_not_answered(serve, visit, host):
    study = serve()
    browser = visit(study, "ann")
    for path in ("/vote/1", "/static/study.css", "/nothing"):
        refused(study, browser.get(path, headers={"host": host}), 421)
    sent = {"csrf": csrf(study, browser), "position": 1}
    refused(study, browser.post("/vote/1", data=sent, headers={"host": host}), 421)


def test_a_forged_address_does_not_escape_the_limits(serve, visit):
    study = serve()
    browser = visit(study)
    browser.get("/enter/guessed", headers={"x-forwarded-for": "10.1.2.3"})
    assert study.log()[-1].startswith("address 127.0.0.1 refused 403")


@pytest.mark.heavy
@pytest.mark.parametrize("pattern", ["/static/{}", "/vote/{}", "/turn/{}/drawings.bin", "/guess/{}",
                                     "/turn/1/{}.bin", "/guess/{}.bin",
                                     "/assets/{}", "/{}"])  # fmt: skip
def test_no_path_leads_out_of_the_study(serve, visit, pattern):
    study = serve()
    browser, before = visit(study, "ann"), study.counted()
    # Sent as raw bytes: an ordinary client would normalise the dots.
    for up in UP:
        answer = raw(study, browser, "GET", pattern.format(up))
        assert b"SQLite format" not in answer
        assert answer.split(b" ", 2)[1] in (b"403", b"404")
    assert study.counted() == before


@pytest.mark.parametrize("field", ["csrf", "position", "rating", "second", "comment", "seconds"])
def test_sql_in_a_field_is_only_text(serve, visit, field):
    study = serve()
    browser, before = visit(study, "ann"), study.counted()
    answer = vote(study, browser, 1, **{field: SQL})
    if field == "comment":
        assert answer.status_code == 303
        assert study.storage.vote_on("ann", 1).comment == SQL
        return
    refused(study, answer, 403 if field == "csrf" else 422)
    assert study.counted() == before


def test_script_in_a_name_or_a_comment_is_shown_as_text(serve, visit):
    study = serve()
    organiser = visit(study, "organiser")
    sent = {"csrf": csrf(study, organiser), "expert": SCRIPT}
    organiser.post("/organiser/invite", data=sent)
    pages = [organiser.get("/organiser").text for _ in range(2)]  # the first shows the link
    browser = visit(study, SCRIPT)
    vote(study, browser, 1, comment=f"{SCRIPT}</textarea>'\"")
    browser.get(f"/{SCRIPT}")
    pages += [browser.get(path).text for path in ("/consent", "/vote/1", "/help", f"/{SCRIPT}")]
    pages += [organiser.get("/organiser").text]
    assert "&lt;script&gt;" in "".join(pages)
    for page in pages:
        assert "<script>alert" not in page
        assert "</textarea>'" not in page


def test_what_is_too_large_is_not_read(serve, visit):
    study = serve()
    browser, before = visit(study, "ann"), study.counted()
    token = csrf(study, browser)
    sent = {"csrf": token, "position": "1", "comment": "x" * BODY_BYTES}
    refused(study, browser.post("/vote/1", data=sent), 413)

    def streamed():
        yield f"csrf={token}&position=1&comment=".encode()
        for _ in range(80):
            yield b"x" * 1024

    kind = {"content-type": "application/x-www-form-urlencoded"}
    refused(study, browser.post("/vote/1", content=streamed(), headers=kind), 413)
    assert study.counted() == before


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b'{"position": 1}', "application/json", 415),
        (b"position=1", "text/plain", 415),
        (b"position=1&position=2", "application/x-www-form-urlencoded", 422),
        (b"&".join(b"f%d=1" % number for number in range(60)),
         "application/x-www-form-urlencoded", 400),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 403),
        (b"broken", "multipart/form-data", 400),
    ],
)  # fmt: skip
def test_what_no_page_of_the_study_sends_is_refused(serve, visit, content, kind, status):
    study = serve()
    browser, before = visit(study, "ann"), study.counted()
    answer = browser.post("/vote/1", content=content, headers={"content-type": kind})
    refused(study, answer, status)
    assert study.counted() == before


def test_nobody_votes_ahead_or_in_the_place_of_another(serve, visit):
    study = serve()
    ann, planned = visit(study, "ann"), study.counted()["turns"]
    before = study.counted()
    refused(study, vote(study, ann, 2), 409)
    refused(study, vote(study, ann, 4), 409)
    refused(study, vote(study, ann, 999), 404)
    refused(study, vote(study, ann, 0), 404)
    assert study.counted() == before
    # Only the cookie decides whose vote it is; extra fields with names are ignored.
    vote(study, ann, 1, expert="bob", methods="random,abs_x", showing="2", item="3")
    assert study.storage.vote_on("ann", 1) is not None
    visit(study, "bob")
    assert study.storage.next_turn("bob") == 1
    assert study.counted()["turns"][: len(planned)] == planned


def test_a_cookie_of_another_expert_needs_that_experts_form(serve, visit):
    study = serve()
    ann, bob = visit(study, "ann"), visit(study, "bob")
    before = study.counted()
    sent = {"csrf": csrf(study, ann), "position": 1}
    stolen = {"cookie": f"session={bob.cookies['session']}"}
    with httpx.Client(base_url=study.address) as thief:
        refused(study, thief.post("/vote/1", data=sent, headers=stolen), 403)
    assert study.counted() == before


def test_an_expert_has_no_page_of_the_organiser_and_the_other_way_round(serve, visit):
    study = serve()
    ann, organiser = visit(study, "ann"), visit(study, "organiser")
    before = study.counted()
    for path in SEEN[-3:]:
        refused(study, ann.get(path), 403)
    for path in SENT[-4:]:
        sent = {"csrf": csrf(study, ann), "expert": "eve"}
        refused(study, ann.post(path, data=sent), 403)
    refused(study, organiser.get("/vote/1"), 403)
    refused(study, vote(study, organiser, 1), 403)
    assert study.counted() == before


def test_before_consent_nothing_is_shown_or_taken(serve, visit):
    study = serve()
    ann = visit(study, "ann", agree=False)
    before = study.counted()
    refused(study, ann.get("/turn/1/drawings.bin"), 403)
    refused(study, vote(study, ann, 1), 403)
    refused(study, ann.post("/consent", data={"csrf": csrf(study, ann)}), 422)
    assert study.counted() == before


def test_guessing_links_is_slowed_down_and_a_link_that_works_is_not(serve, visit):
    study = serve()
    browser = visit(study)
    links = [study.storage.invite(f"expert {number}") for number in range(12)]
    for link in links:
        assert visit(study).get(f"/enter/{link}").status_code == 303
    for _ in range(10):
        assert browser.get("/enter/guessed").status_code == 403
    answer = browser.get("/enter/guessed")
    refused(study, answer, 429)
    assert answer.headers["retry-after"] == "60"


def test_wrong_links_do_not_keep_out_a_colleague_at_the_same_address(serve, visit):
    study = serve()
    browser = visit(study)
    answers = [browser.get("/enter/guessed").status_code for _ in range(12)]
    assert answers == [403] * 10 + [429] * 2
    assert visit(study, "ann").get("/vote/1").status_code == 200


def test_the_link_of_somebody_else_does_not_change_who_is_logged_in(serve, visit):
    study = serve()
    ann, link = visit(study, "ann"), study.storage.invite("bob")
    answer = ann.get(f"/enter/{link}")
    refused(study, answer, 409)
    assert "logged in as ann" in answer.text
    assert "bob" not in answer.text
    assert study.storage.session(ann.cookies["session"]).expert == "ann"
    ann.post("/leave", data={"csrf": csrf(study, ann)})
    assert ann.get(f"/enter/{link}").status_code == 303
    assert study.storage.session(ann.cookies["session"]).expert == "bob"


def test_an_old_session_is_not_said_to_be_an_expired_link(serve, visit, monkeypatch):
    study = serve()
    monkeypatch.setattr("ecglens_study.storage.people.COOKIE_DAYS", -1)
    ann = visit(study, "ann")
    monkeypatch.undo()
    answer = ann.get("/vote/1")
    refused(study, answer, 401)
    assert "expired" not in answer.text
    assert "Open the link that the organiser sent you" in answer.text


def test_half_a_head_does_not_hold_a_connection(serve, monkeypatch):
    monkeypatch.setattr("ecglens_study.web.server.HEAD_SECONDS", 0.5)
    study = serve()
    whole = b"GET /static/icon.svg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for sent in (b"", b"GET / HT", whole + b"GET / HT"):
        with socket.create_connection(("127.0.0.1", study.port), timeout=WAIT_S) as half:
            half.sendall(sent)
            while half.recv(65536):  # nothing is the end; a timeout is an error
                pass


def test_one_address_cannot_take_all_connections_with_half_a_head(serve, monkeypatch):
    monkeypatch.setattr("ecglens_study.web.server.MOST_WAITING", 3)
    study = serve()

    def half() -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", study.port), timeout=WAIT_S)
        opened.sendall(b"GET / HT")
        return opened

    held = [half() for _ in range(3)]
    with half() as refused_one, suppress(ConnectionResetError):  # its bytes may be unread
        assert refused_one.recv(1) == b""
    held.pop().close()
    answer = httpx.get(f"http://127.0.0.1:{study.port}/static/icon.svg", timeout=WAIT_S)
    assert answer.status_code == 200
    for each in held:
        each.close()


def test_a_session_that_asks_too_often_waits_and_no_other_does(serve, visit):
    study = serve(rates=Rates(session=Rate(5.0, 0.0)))
    ann, bob = visit(study, "ann"), visit(study, "bob")
    assert [ann.get("/vote/1").status_code for _ in range(6)] == [200] * 5 + [429]
    before = study.counted()
    refused(study, vote(study, ann, 1), 429)
    assert study.counted() == before
    assert bob.get("/vote/1").status_code == 200


def test_a_flood_of_refusals_does_not_fill_the_log(serve, visit):
    study = serve(rates=Rates(note=Rate(5.0, 0.0)))
    browser = visit(study)
    for _ in range(20):
        browser.get("/vote/1")
    assert len(study.log()) == 6
    assert "not logged one by one" in study.log()[-1]


def test_the_log_holds_no_marks_that_a_terminal_obeys(serve, visit):
    study = serve()
    visit(study).get("/%1b%5b2J%0a" + "x" * 500)
    assert study.log()[-1].isprintable()
    assert len(study.log()[-1]) < 300


def raw(study: Served, browser: httpx.Client, method: str, target: str) -> bytes:
    """Response to a request whose path is sent without normalisation."""
    lines = (f"{method} {target} HTTP/1.1", f"host: 127.0.0.1:{study.port}", "connection: close",
             f"cookie: session={browser.cookies['session']}", "", "")  # fmt: skip
    with socket.create_connection(("127.0.0.1", study.port), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer
