"""Headers of every response, and error pages."""

import re

import pytest
from ecglens_study.web.guard import ALWAYS

from .conftest import csrf, vote

PATHS = ("/", "/vote/1", "/turn/1/drawings.bin", "/static/study.css", "/nothing", "/enter/guessed",
         "/docs", "/openapi.json", "/redoc")  # fmt: skip


def test_every_answer_has_the_headers_that_keep_a_browser_safe(serve, visit):
    study = serve()
    browser = visit(study, "ann")
    for path in PATHS:
        headers = browser.get(path).headers
        assert {name: headers.get(name) for name in ALWAYS} == ALWAYS
        assert "server" not in headers
        kept = path.startswith(("/turn", "/static"))
        assert headers["cache-control"] == ("private, max-age=3600" if kept else "no-store")


def test_the_cookie_is_kept_from_scripts_and_other_sites(serve, visit):
    study = serve()
    entered = visit(study).get(f"/enter/{study.storage.invite('ann')}")
    said = {part.strip().lower() for part in entered.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite=lax", "path=/"} <= said


@pytest.mark.parametrize(
    "path", ["/docs", "/openapi.json", "/redoc", "/nothing", "/vote/x", "/vote/"]
)
def test_what_is_not_there_is_a_plain_page(serve, visit, path):
    answer = visit(serve(), "").get(path)
    assert answer.status_code in (401, 404)
    assert answer.headers["content-type"].startswith("text/html")


def test_another_method_is_refused_and_the_right_one_named(serve, visit):
    study = serve()
    browser = visit(study, "ann")
    for method, path in (
        ("PUT", "/vote/1"),
        ("DELETE", "/"),
        ("POST", "/help"),
        ("HEAD", "/enter/x"),
    ):
        answer = browser.request(method, path)
        assert answer.status_code == 405
        assert answer.headers["allow"]


def test_a_look_at_the_head_shows_nothing_and_begins_nothing(serve, visit):
    study = serve()
    browser = visit(study, "ann")
    whole = browser.get("/vote/1")
    head = browser.head("/vote/1")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_an_error_of_the_server_says_only_that_there_was_one(serve, visit):
    study = serve()
    browser = visit(study, "ann")
    for path in (study.folder / "assets").iterdir():
        path.unlink()
    answer = browser.get("/turn/1/drawings.bin")
    assert answer.status_code == 500
    assert "All earlier votes are saved" in answer.text
    for inside in ("Traceback", "FileNotFound", str(study.folder), "assets"):
        assert inside not in answer.text
    assert "refused 500 GET /turn/1/drawings.bin: FileNotFoundError" in study.log()[-1]


def test_the_organiser_invites_revokes_and_sees_a_link_once(serve, visit):
    study = serve()
    organiser = visit(study, "organiser")
    sent = {"csrf": csrf(study, organiser), "expert": "ann"}
    answer = organiser.post("/organiser/invite", data=sent)
    # A reload of the page that shows the link must not make another one.
    assert (answer.status_code, answer.headers["location"]) == (303, "/organiser")
    assert organiser.head("/organiser").status_code == 200
    first, reloaded = (organiser.get("/organiser").text for _ in range(2))
    (token,) = re.findall(r"/enter/([\w-]+)", first)
    assert "/enter/" not in reloaded
    assert not [line for line in study.log() if token in line]
    again = organiser.post("/organiser/invite", data=sent)
    assert again.status_code == 422
    assert "invited already" in again.text
    browser = visit(study)
    assert browser.get(f"/enter/{token}").status_code == 303
    assert organiser.post("/organiser/revoke", data=sent).status_code == 422
    assert browser.get("/consent").status_code == 200
    sure = sent | {"sure": "yes"}
    assert organiser.post("/organiser/invite", data=sure).status_code == 303
    assert browser.get("/").status_code == 401
    (token,) = re.findall(r"/enter/([\w-]+)", organiser.get("/organiser").text)
    assert browser.get(f"/enter/{token}").status_code == 303
    assert organiser.post("/organiser/revoke", data=sure).status_code == 303
    assert browser.get("/").status_code == 401
    for name in ("", "x" * 61, "organiser", "mean"):
        assert organiser.post("/organiser/invite", data=sent | {"expert": name}).status_code == 422
        assert study.log()[-1].endswith("refused 422 POST /organiser/invite: name refused")


@pytest.mark.parametrize("task", ["pick", "rate", "pair"])
def test_the_organiser_reads_which_kappa_it_is(serve, visit, task):
    page = visit(serve(task=task), "organiser").get("/organiser").text
    assert ("with quadratic weights" in page) == (task == "rate")


def test_the_organiser_reads_how_many_items_agreement_is_of(serve, visit):
    study = serve()
    for expert in ("ann", "bob"):
        browser = visit(study, expert)
        for order in range(1, 5):
            assert vote(study, browser, order).status_code == 303
    page = visit(study, "organiser").get("/organiser").text
    rows = page.partition("Agreement so far")[2].partition("<tbody>")[2].partition("</tbody>")[0]
    numbers = re.findall(r'<td class="number">([^<]*)</td>', rows)
    assert numbers
    assert all(re.fullmatch(r"\d+", each) for each in numbers[3::5] + numbers[4::5])


def test_the_organiser_is_offered_only_what_works(serve, visit):
    study = serve()
    for expert in ("ann", "bob", "cleo", "dan"):
        visit(study, expert)
    study.storage.revoke("bob")
    study.storage.withdraw("cleo")
    study.storage.erase("dan")
    organiser = visit(study, "organiser")
    rows = organiser.get("/organiser").text.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")
    token = csrf(study, organiser)
    offered = {}
    for row in rows[1:]:
        (expert,) = re.findall(r'<th scope="row">([^<]+)</th>', row)
        offered[expert] = re.findall(r'action="/organiser/(\w+)"', row)
        for action in offered[expert]:
            sent = {"csrf": token, "expert": expert, "sure": "yes"}
            assert organiser.post(f"/organiser/{action}", data=sent).status_code == 303
    both = ["invite", "revoke"]
    assert [*offered.values()] == [both, ["invite"], [], []]
    assert [*offered][:3] == ["ann", "bob", "cleo"]
