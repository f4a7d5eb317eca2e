"""No response reveals which method drew which map."""

import re

import pytest
from ecglens.report.style import style

from .conftest import METHODS, csrf, finish, vote

NAMES = (*METHODS, "planted", "random", "abs_x")
WORDS = {each.lower() for name in NAMES for each in (name, style(name).label)}
# No method name is part of an ordinary word on these pages.
TOLD = re.compile("|".join(re.escape(word) for word in sorted(WORDS)))


def told(answer) -> list[str]:
    """Methods named in the address, headers or body of a response."""
    parts = [str(answer.url), *(f"{name}: {value}" for name, value in answer.headers.items())]
    return TOLD.findall("\n".join([*parts, answer.text]).lower())


@pytest.mark.parametrize(("task", "answer"), [("pick", {}), ("rate", {"rating": 2}), ("pair", {})])
def test_no_page_of_an_expert_or_the_organiser_names_a_method(serve, visit, task, answer):
    study = serve(task=task)
    ann, organiser = visit(study, "ann"), visit(study, "organiser")
    seen = [ann.get(path) for path in ("/", "/consent", "/help", "/vote", "/nothing")]
    turns = study.storage.progress("ann").total
    for order in range(1, turns + 1):
        seen += [ann.get(f"/vote/{order}"), ann.get(f"/turn/{order}/drawings.bin")]
        seen += [vote(study, ann, order, **answer), ann.get(f"/vote/{order}")]
        seen += [vote(study, ann, order, position=9), vote(study, ann, order, comment="other")]
    # The guess page lists the names; its error messages must not use them.
    seen += [
        ann.get("/guess"),
        finish(study, ann),
        ann.post("/guess", data={"csrf": csrf(study, ann), "map1": "x"}),
        ann.get("/guess/drawings.bin"),
    ]
    seen += [
        organiser.get(path) for path in ("/organiser", "/organiser/votes.csv", "/static/vote.js")
    ]
    assert {answer.status_code for answer in seen} >= {200, 303, 404, 409, 422}
    assert [told(answer) for answer in seen] == [[]] * len(seen)


def test_guesses_are_chosen_from_the_same_list_for_every_map(serve, visit):
    study = serve()
    ann = visit(study, "ann")
    for order in range(1, study.storage.progress("ann").total + 1):
        vote(study, ann, order)
    finish(study, ann)
    page = ann.get("/guess").text
    lists = re.findall(r"<select.*?</select>", page, re.S)
    offered = [re.findall(r'value="([^"]+)"', each) for each in lists]
    assert len(offered) == len(METHODS)
    assert all(each == [*sorted(METHODS, key=lambda name: style(name).label.lower()), "unknown"]
               for each in offered)  # fmt: skip
    assert not TOLD.search("".join(re.findall(r"<img[^>]*>", page)).lower())


def test_every_map_has_the_same_number_of_bytes(serve, visit):
    study = serve()
    drawings = study.storage.drawings
    drawings.keep_map("pr", "other", "full", "smoothgrad", b"rough" * 1000)
    ann = visit(study, "ann")
    sheet = len(b"paper")
    for order in range(1, study.storage.progress("ann").total + 1):
        turn = study.storage.turn("ann", order)
        content = ann.get(f"/turn/{order}/drawings.bin").content
        assert len(content) == sheet + 5000 * len(turn.methods)
        for place, method in enumerate(turn.methods):
            start = sheet + 5000 * place
            own = drawings.map(study.storage.items[turn.item], method).read_bytes()
            assert content[start : start + 5000] == own.ljust(5000, b"\0")
        vote(study, ann, order)
    finish(study, ann)
    (address,) = re.findall(r'"(/guess/drawings\.bin[^"]*)"', ann.get("/guess").text)
    assert len(ann.get(address).content) == sheet + 5000 * len(METHODS)


def test_the_debrief_names_no_method_and_speaks_of_others_only_once_locked(serve, visit):
    study = serve(showings=2, guess=False)
    pages = {}
    for expert in ("bob", "ann"):
        browser = visit(study, expert)
        for order in range(1, study.storage.progress(expert).total + 1):
            vote(study, browser, order)
        pages[expert] = browser
    first = pages["ann"].get("/done")
    assert "same answer" not in first.text  # a vote can still be changed
    final = pages["ann"].post("/guess/final", data={"csrf": csrf(study, pages["ann"])})
    assert final.status_code == 303
    order = study.storage.progress("ann").total
    undone = {"csrf": csrf(study, pages["ann"]), "order": order}
    assert pages["ann"].post("/undo", data=undone).status_code == 409
    opened = pages["ann"].get("/done")
    assert re.search(r"same answer twice to \d of the 2 items", opened.text)
    assert "Once the organiser has locked the study" in opened.text
    assert "of the comparisons" not in opened.text
    study.storage.lock()
    locked = pages["ann"].get("/done")
    assert re.search(r"the other expert in \d+.% of the comparisons", locked.text)
    assert [told(first), told(opened), told(locked)] == [[], [], []]


def test_maps_of_experts_stand_in_orders_of_their_own(serve, visit):
    study = serve(ecgs=6)
    orders = set()
    for expert in ("ann", "bob", "cleo"):
        visit(study, expert)
        turns = range(1, study.storage.progress(expert).total + 1)
        orders.add(tuple(study.storage.turn(expert, order).methods for order in turns))
    assert len(orders) == 3


def test_files_that_name_methods_come_after_the_lock_alone(serve, visit):
    study = serve()
    ann, organiser = visit(study, "ann"), visit(study, "organiser")
    for order in range(1, study.storage.progress("ann").total + 1):
        vote(study, ann, order)
    refused = organiser.get("/organiser/votes.csv")
    assert (refused.status_code, told(refused)) == (409, [])
    sent = {"csrf": csrf(study, organiser)}
    assert organiser.post("/organiser/lock", data=sent).status_code == 303
    files = [organiser.get(f"/organiser/{name}.csv") for name in ("votes", "guesses")]
    assert [each.headers["content-type"] for each in files] == ["text/csv; charset=utf-8"] * 2
    assert told(files[0])
    assert files[0].text.count("\n") == study.storage.progress("ann").total
    assert any("exported votes.csv" in line for line in study.log())
    assert organiser.post("/organiser/unlock", data=sent).status_code == 303
    assert not study.storage.locked
