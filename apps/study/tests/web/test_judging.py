"""With and without the map, from ECGs to the page of results, through the server."""

import io
import re
import sys
from contextlib import closing
from dataclasses import replace

import httpx
import numpy as np
import pandas as pd
import pytest
from ecglens.cli.commands import main
from ecglens_study.crossover import COLUMNS
from ecglens_study.storage.voting import Vote

from .conftest import WAIT_S, Served, csrf

CONSENT = {"agree": "yes"}


def entered(study: Served, token: str) -> httpx.Client:
    """Client that is logged in."""
    browser = httpx.Client(base_url=study.address, timeout=WAIT_S)
    assert browser.get(f"/enter/{token}").headers["location"] == "/"
    return browser


def answer(study: Served, browser: httpx.Client, order: int, **fields) -> httpx.Response:
    """Response to an answer as the page sends it."""
    sent = {"csrf": csrf(study, browser), "position": 1, "rating": 80, "seconds": "4.5"} | fields
    return browser.post(f"/vote/{order}", data=sent)


def judge_all(study: Served, browser: httpx.Client, rng: np.random.Generator) -> list[dict]:
    """Answers of a reader who follows the pages until the study thanks."""
    browser.post("/consent", data=CONSENT | {"csrf": csrf(study, browser)})
    given = []
    while True:
        on = browser.get("/vote")
        if on.status_code == 200:  # the pause, which this reader does not keep
            assert "Please come back after" in on.text
            where = re.findall(r'href="(/vote/\d+)"', on.text)[0]
        elif on.headers["location"] == "/done":
            return given
        else:
            where = on.headers["location"]
        page, order = browser.get(where).text, int(where.rsplit("/", 1)[1])
        drawings = browser.get(f"/turn/{order}/drawings.bin").content
        reading = re.findall(r'<span class="said">network: (\d+|\d+\.\d) ms</span>', page)
        assert len(reading) == 1
        assert "within 3 ms?" in page
        shown = 'data-shown="1"' in page
        one = {"order": order, "map": "with" if shown else "without", "bytes": len(drawings)}
        one["answer"], one["confidence"] = rng.choice(["right", "wrong"]), rng.choice([50, 70, 100])
        assert f"With{'' if shown else 'out'} the map: is the network’s reading right" in page
        position = int(one["answer"] == "right")
        sent = answer(study, browser, order, position=position, rating=one["confidence"])
        assert sent.headers["location"] == "/vote"
        given.append(one)


@pytest.mark.heavy
def test_from_ecgs_to_the_page_of_results(judging, monkeypatch, capsys, tmp_path):
    study, made = judging
    rng, given = np.random.default_rng(1), {}
    assert made.decisions == 2 + 2 * 4
    for name in made.links:
        with closing(entered(study, made.links[name])) as browser:
            given[name] = judge_all(study, browser, rng)
            assert "All 8 decisions are saved." in browser.get("/done").text
    with closing(entered(study, made.organiser)) as browser:
        page = browser.get("/organiser").text
        assert "Agreement so far" not in page
        assert browser.get("/organiser/judgements.csv").status_code == 409  # not locked yet
        browser.post("/organiser/lock", data={"csrf": csrf(study, browser)})
        assert "/organiser/judgements.csv" in browser.get("/organiser").text
        table = pd.read_csv(io.StringIO(browser.get("/organiser/judgements.csv").text))
    assert tuple(table.columns) == COLUMNS
    for name in made.links:  # what was clicked is what is counted, without practice
        own, clicked = table[table["expert"] == name], pd.DataFrame(given[name][2:])
        for column in ("map", "answer", "confidence"):
            assert own[column].tolist() == clicked[column].tolist()
        assert own["order"].tolist() == [*range(1, 9)]
        sizes = clicked.groupby("map")["bytes"].unique()
        assert sizes["with"][0] > sizes["without"][0]  # without the map it is not sent at all
        # The server's own clock bounds what the page claims.
        assert (own["seconds"] < 4.5).all()
    counted = table.groupby(["expert", "ecg", "map"]).size()
    assert len(counted) == 2 * 4 * 2
    assert (table.groupby("ecg")["reading"].nunique() == 1).all()

    def run(*words: object) -> str:
        monkeypatch.setattr(sys, "argv", ["ecglens", "study", *map(str, words)])
        main()
        return capsys.readouterr().out

    said = run("analyse", study.folder, "--to", tmp_path / "results")
    results = (tmp_path / "results" / "study.html").read_text("utf-8")
    first = said.splitlines()[0]
    assert first.startswith("Readings judged rightly: ")
    assert first in results
    outcomes = pd.read_csv(tmp_path / "results" / "outcomes.csv").set_index("outcome")
    rightly = (table["answer"] == table["reading"]).groupby(table["map"]).mean()
    assert outcomes.loc["accuracy", "with"] == pytest.approx(rightly["with"])
    assert outcomes.loc["accuracy", "without"] == pytest.approx(rightly["without"])
    assert "The pause of 14 days was not kept by Ada (0.0 days), Ben (0.0 days)" in results
    assert "2 readers: the intervals are wide." in results
    assert "16 judgements" in run("export", study.folder, "--to", tmp_path / "out")
    assert (tmp_path / "out" / "judgements.csv").stat().st_mode & 0o077 == 0


def test_an_answer_needs_both_parts_and_no_page_tells_the_truth(judging):
    study, made = judging
    with closing(entered(study, made.links["Ada"])) as browser:
        browser.post("/consent", data=CONSENT | {"csrf": csrf(study, browser)})
        for fields in ({"position": ""}, {"rating": ""}, {"rating": 40}, {"rating": 101}):
            refused = answer(study, browser, 1, **fields)
            assert refused.status_code == 422
            assert "choose right or wrong, and say how sure you are" in refused.text
        assert answer(study, browser, 1, position=2).status_code == 422
        assert study.storage.next_turn("Ada") == 1
        paths = ("/vote/1", "/help", "/consent")
        asked = [browser.get(path) for path in paths]
        assert [each.status_code for each in asked] == [200, 200, 200]
        pages = "".join(each.text for each in asked)
        assert answer(study, browser, 1).status_code == 303
        pages += browser.get("/vote/1").text + browser.get("/vote/2").text
        # Both words are on each page of a turn alike, and nothing else says what the reading is.
        assert "reading=" not in pages
        assert pages.count("<strong>Right</strong>") == pages.count("<strong>Wrong</strong>") == 3


def test_the_pause_ends_after_the_planned_days(judging, monkeypatch):
    storage = judging[0].storage
    storage.consent("Ada")
    for order in range(1, 7):
        assert storage.back_on("Ada") == ""
        storage.shown("Ada", order)
        storage.vote("Ada", order, Vote(1, 50))
    assert storage.turn("Ada", 7).showing == 2
    back = storage.back_on("Ada")
    monkeypatch.setattr("ecglens_study.storage.voting.now", lambda: "2099-01-01T00:00:00.000Z")
    assert back
    assert storage.back_on("Ada") == ""
    monkeypatch.undo()
    storage.undo("Ada")  # an answer of the first period can still be changed
    assert storage.back_on("Ada") == ""
    object.__setattr__(storage, "settings", replace(storage.settings, washout=0))
    storage.vote("Ada", 6, Vote(0, 60))
    assert storage.back_on("Ada") == ""
    assert storage.ballots() == []
