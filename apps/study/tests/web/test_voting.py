"""Pages of an expert: link, consent, votes, guesses, and back."""

import re

import pytest
from ecglens_study.settings import Item

from .conftest import csrf, finish, items_of, vote


@pytest.mark.parametrize(
    ("task", "answer"),
    [("pick", {"position": 0}), ("rate", {"rating": 5}), ("pair", {"position": 2})],
)
def test_a_link_leads_through_consent_votes_and_guesses_to_the_end(serve, visit, task, answer):
    study = serve(task=task)
    browser = visit(study, "ann", agree=False)
    assert browser.get("/").headers["location"] == "/consent"
    assert "Do you" not in browser.get("/consent").text
    sent = {"csrf": csrf(study, browser), "agree": "yes"}
    assert browser.post("/consent", data=sent).status_code == 303
    turns = study.storage.progress("ann").total
    for order in range(1, turns + 1):
        assert browser.get("/vote").headers["location"] == f"/vote/{order}"
        assert browser.get(f"/vote/{order}").status_code == 200
        assert vote(study, browser, order, **answer).headers["location"] == "/vote"
    assert browser.get("/").headers["location"] == "/guess"
    assert finish(study, browser).headers["location"] == "/"
    page = browser.get("/guess")
    names = re.findall(r'<select [^>]*name="([^"]+)"', page.text)
    assert len(names) == len(study.storage.guess_items("ann"))
    assert browser.get("/guess/drawings.bin").status_code == 200
    guesses = dict.fromkeys(names, "unknown") | {"csrf": csrf(study, browser)}
    assert browser.post("/guess", data=guesses).headers["location"] == "/done"
    assert browser.get("/").headers["location"] == "/done"
    assert "Thank you" in browser.get("/done").text
    assert len(study.storage.ballots()) == turns - 1
    assert {*study.storage.guesses()["guess"]} == {"unknown"}


def test_a_position_counts_as_the_method_that_stood_there(serve, visit):
    study = serve(ecgs=3)
    browser = visit(study, "ann")
    chosen = []
    for order in range(1, study.storage.progress("ann").total + 1):
        browser.get(f"/vote/{order}")
        turn = study.storage.turn("ann", order)
        vote(study, browser, order, position=order % len(turn.methods) + 1)
        chosen.append(turn.methods[order % len(turn.methods)])
    assert [ballot.choice for ballot in study.storage.ballots()] == chosen[1:]


def test_a_picture_is_that_of_its_place_on_the_screen(serve, visit):
    study = serve()
    browser = visit(study, "ann")
    turn = study.storage.turn("ann", 1)
    item, drawings = study.storage.items[turn.item], study.storage.drawings
    maps = [drawings.map(item, method).read_bytes() for method in turn.methods]
    answer = browser.get("/turn/1/drawings.bin")
    assert answer.content == b"paper" + b"".join(maps)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert not {"etag", "last-modified", "content-disposition"} & {*answer.headers}


def test_a_shared_browser_keeps_no_picture_of_another_expert(serve, visit):
    study = serve()
    found = [
        re.findall(r'"(/turn[^"]+)"', visit(study, expert).get("/vote/1").text)
        for expert in ("ann", "bob")
    ]
    assert found[0]
    assert not {*found[0]} & {*found[1]}


def test_the_same_vote_twice_counts_once_and_another_is_told(serve, visit):
    study = serve()
    browser = visit(study, "ann")
    assert vote(study, browser, 1, position=2).status_code == 303
    before = study.counted()
    assert vote(study, browser, 1, position=2, seconds="9").status_code == 303
    other = vote(study, browser, 1, position=3)
    assert other.status_code == 409
    assert "You gave a different answer before" in other.text
    assert study.counted() == before


@pytest.mark.parametrize(
    ("task", "first", "then"),
    [
        ("pick", {"position": 2}, {"position": 3}),
        ("rate", {"rating": 2}, {"rating": 3}),
        ("pair", {"position": 2}, {"position": 1}),
    ],
)
def test_undo_keeps_the_comment_and_the_second_answer_but_not_the_choice(
    serve, visit, task, first, then
):
    study = serve(task=task, second="How sure?", second_answers=("sure", "not sure"))
    browser = visit(study, "ann")
    vote(study, browser, 1, comment="P <wave> only", second="not sure", **first)
    browser.post("/undo", data={"csrf": csrf(study, browser), "order": "1"})
    page = browser.get("/vote/1").text
    assert "P &lt;wave&gt; only</textarea>" in page
    assert re.findall(r'value="([^"]*)" checked', page) == ["not sure"]
    vote(study, browser, 1, comment="P", **then)
    assert "P <wave>" not in browser.get("/vote/2").text
    answer = study.storage.vote_on("ann", 1)
    assert answer
    assert {name: getattr(answer, name) for name in then} == then
    assert answer.comment == "P"


@pytest.mark.parametrize("prediction", [True, False])
@pytest.mark.parametrize("task", ["pick", "rate", "pair"])
def test_practice_asks_the_question_of_the_counted_turns(serve, visit, task, prediction):
    (unknown, *_) = items_of(task, 1, said="")  # an exact ECG need not tell the true value
    study = serve(task=task, prediction=prediction, first=unknown)
    ann = visit(study, "ann")
    questions = {
        "pick": ("Which map best explains", "Which map best marks"),
        "pair": ("Which map better explains", "Which map better marks"),
        "rate": ("How well does the map explain", "How well does the map mark"),
    }
    explains, marks = questions[task]
    answer = {"rating": 3} if task == "rate" else {}
    for order in range(1, study.storage.progress("ann").total + 1):
        page = ann.get(f"/vote/{order}").text
        assert (f"{explains} the network’s output?" in page) == prediction
        assert (f"{marks} what you would use to read it?" in page) != prediction
        assert ("network: 172 ms" in page) == (prediction and order > 1)
        vote(study, ann, order, **answer)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "choose the map that best marks the parts of the ECG that you would use yourself, or"),
        ({"none": False}, "that you would use yourself. The maps have no names"),
        ({"task": "pair", "prediction": True}, "of two maps that better explains the network’s"),
        ({"task": "rate"}, "Rate how well each map marks the parts of the ECG that you would use"),
    ],
)
def test_experts_read_their_task_before_the_start_and_under_help(serve, visit, settings, said):
    ann = visit(serve(**settings), "ann", agree=False)
    for path in ("/consent", "/help"):
        assert said in " ".join(ann.get(path).text.split())


def test_the_true_value_of_practice_is_not_said_to_be_the_networks(serve, visit):
    known = ("planted", "random", "abs_x", "random 2")
    exact = Item(0, "pr", "full", "e0", known, "PR interval", "160 ms", "planted", "practice")
    study = serve(first=exact, prediction=True)
    ann = visit(study, "ann")
    page = ann.get("/vote/1").text
    assert "if the network is right: 160 ms" in page
    assert "Which map best explains the network’s output?" in page
    vote(study, ann, 1)
    assert "network: 172 ms" in ann.get("/vote/2").text


def test_practice_tells_the_right_map_on_the_next_page(serve, visit):
    known = ("planted", "random", "abs_x", "random 2")
    practice = Item(0, "pr", "full", "e0", known, "PR interval", phase="practice", catch="planted")
    study = serve(first=practice)
    ann = visit(study, "ann")
    assert "Map " not in ann.get("/vote/1").text.split("data-ballot")[0].split("<h1>")[1]
    right = 1 + study.storage.turn("ann", 1).methods.index("planted")
    wrong = 1 + right % 4
    vote(study, ann, 1, position=wrong)
    said = f"Map {right} marks exactly the parts that decide the PR interval; you chose map {wrong}"
    for path in ("/vote/2", "/vote/1"):
        assert said in ann.get(path).text
    assert "From here on, your answers count." in ann.get("/vote/2").text
    vote(study, ann, 2)
    assert "marks exactly" not in ann.get("/vote/3").text
    assert "e0" not in {each.ecg for each in study.storage.ballots()}


def test_undo_opens_the_last_turn_and_pressed_twice_takes_one_vote_back(serve, visit):
    study = serve()
    browser = visit(study, "ann")
    for order in (1, 2):
        vote(study, browser, order)
    sent = {"csrf": csrf(study, browser), "order": "2"}
    assert browser.post("/undo", data=sent).headers["location"] == "/vote/2"
    browser.post("/undo", data=sent)
    assert study.storage.next_turn("ann") == 2
    assert browser.post("/undo", data=sent | {"order": "0"}).status_code == 422
    assert vote(study, browser, 2, position=4).status_code == 303
    assert browser.post("/undo", data=sent | {"order": "1"}).status_code == 409
    assert study.storage.next_turn("ann") == 3


def test_a_decided_page_is_read_only_and_a_later_one_is_not_open(serve, visit):
    study = serve()
    browser = visit(study, "ann")
    vote(study, browser, 1, position=3, comment="P wave")
    back = browser.get("/vote/1").text
    assert "P wave" in back
    assert "Continue" in back
    assert browser.get("/vote/3").status_code == 409
    assert browser.get("/turn/3/drawings.bin").status_code == 200  # fetched ahead
    assert browser.get("/turn/4/drawings.bin").status_code == 409


def test_a_vote_is_not_seen_again_once_another_was_cast(serve, visit):
    study = serve()
    browser = visit(study, "ann")
    for order in (1, 2):
        vote(study, browser, order, comment=f"comment {order}")
    assert "comment 2" in browser.get("/vote/2").text  # undo can open it
    vote(study, browser, 3)
    for method in ("GET", "HEAD"):
        answer = browser.request(method, "/vote/2")
        assert (answer.status_code, answer.headers["location"]) == (303, "/vote")
    assert "comment 1" in browser.get("/vote/1").text  # practice
    browser.post("/undo", data={"csrf": csrf(study, browser), "order": "3"})
    assert "comment 2" in browser.get("/vote/2").text


def test_methods_are_named_only_after_the_votes_are_final(serve, visit):
    study = serve()
    browser = visit(study, "ann")
    assert finish(study, browser).status_code == 403
    last = study.storage.progress("ann").total
    for order in range(1, last + 1):
        vote(study, browser, order)
    sent = {"csrf": csrf(study, browser)}
    page = browser.get("/guess").text
    assert "My votes are final" in page
    assert "Send my guesses" not in page
    assert browser.get("/guess/drawings.bin").status_code == 403
    guesses = {f"map{number}": "unknown" for number in range(1, 5)}
    assert browser.post("/guess", data=sent | guesses).status_code == 403
    assert f'name="order" value="{last}"' in page
    assert browser.post("/undo", data=sent | {"order": str(last)}).status_code == 303
    assert finish(study, browser).status_code == 403
    vote(study, browser, last)
    assert [finish(study, browser).status_code for _ in range(2)] == [303, 303]
    for path in ("/guess", f"/vote/{last}"):
        page = browser.get(path).text
        assert ("Send my guesses" in page) == (path == "/guess")
        assert "/undo" not in page
    answer = browser.post("/undo", data=sent | {"order": str(last)})
    assert answer.status_code == 409
    assert "not after your votes are final" in answer.text
    assert browser.post("/guess", data=sent | guesses).headers["location"] == "/done"
    assert "/undo" not in browser.get("/done").text


def test_a_locked_study_takes_no_answer_and_says_what_is_saved(serve, visit):
    study = serve()
    browser, last = visit(study, "ann"), study.storage.progress("ann").total
    study.storage.lock()
    before = study.counted()
    assert browser.get("/vote/1").headers["location"] == "/done"
    answers = [vote(study, browser, 1)]
    assert study.counted() == before
    study.storage.unlock()
    for order in range(1, last + 1):
        vote(study, browser, order)
    study.storage.lock()
    answers.append(finish(study, browser))
    study.storage.unlock()
    finish(study, browser)
    study.storage.lock()
    sent = {f"map{number}": "unknown" for number in range(1, 5)}
    answers.append(browser.post("/guess", data=sent | {"csrf": csrf(study, browser)}))
    assert [answer.status_code for answer in answers] == [409] * 3
    assert all("The organiser has locked the study." in answer.text for answer in answers)
    assert all('href="/"' in answer.text for answer in answers)
    unsaved = "Your earlier votes are saved; this answer is not."
    assert [unsaved in answer.text for answer in answers] == [True, False, True]
    assert not study.storage.guessed("ann")


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("votes", "finished", "said", "compared"),
    [
        (None, False, "You had made no decision that counts.", False),  # not even the consent
        (1, False, "You had made no decision that counts.", False),  # practice
        (3, False, "2 of your 6 decisions are saved.", True),
        (5, False, "4 of your 6 decisions are saved.", True),
        (7, False, "All 6 decisions are saved.", True),  # not yet declared final
        (7, True, "All 6 decisions are saved.", True),  # no guesses
    ],
)
def test_a_locked_study_leads_every_expert_to_one_page_with_the_debrief(
    serve, visit, votes, finished, said, compared
):
    study = serve(showings=2)
    bob, ann = visit(study, "bob"), visit(study, "ann", agree=votes is not None)
    for browser, number in ((bob, 7), (ann, votes or 0)):
        for order in range(1, number + 1):
            vote(study, browser, order)
    if finished:
        finish(study, ann)
    study.storage.lock()
    before = study.counted()
    for path in ("/", "/vote", "/guess"):
        assert ann.get(path).headers["location"] == "/done"
    page = ann.get("/done").text
    assert "The organiser has locked the study: nobody can vote any more." in page
    assert said in page
    assert ("of the comparisons" in page) == compared
    assert "You are done" not in page
    assert "/undo" not in page
    assert study.counted() == before
    study.storage.unlock()
    assert "/undo" not in ann.get("/done").text + ann.get("/guess").text
    if votes != 7:
        assert ann.get("/").headers["location"] == ("/consent" if votes is None else "/vote")


def test_who_withdraws_is_out_and_no_vote_is_left(serve, visit):
    study = serve()
    browser = visit(study, "ann")
    for order in (1, 2):
        vote(study, browser, order)
    token = csrf(study, browser)
    assert "they stay stored, unused" in browser.get("/help").text
    assert browser.post("/withdraw", data={"csrf": token}).status_code == 422
    assert len(study.storage.ballots()) == 1
    out = browser.post("/withdraw", data={"csrf": token, "sure": "yes"})
    assert "withdrawn" in out.text
    assert study.storage.ballots() == []
    assert browser.get("/vote/3").status_code == 401


def test_leaving_ends_the_session_and_the_link_enters_again(serve, visit):
    study = serve()
    browser = visit(study)
    link = f"/enter/{study.storage.invite('ann')}"
    browser.get(link)
    cookie = browser.cookies["session"]
    browser.post("/leave", data={"csrf": csrf(study, browser)})
    assert "session" not in browser.cookies
    assert browser.get("/", headers={"cookie": f"session={cookie}"}).status_code == 401
    assert browser.get(link).status_code == 303


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"position": ""}, "No map chosen"),
        ({"position": "5"}, "missing or invalid"),
        ({"position": "-1"}, "missing or invalid"),
        ({"position": "²"}, "missing or invalid"),
        ({"position": "9" * 5000}, "missing or invalid"),
        ({"rating": "3"}, "missing or invalid"),
        ({"second": "Q wave"}, "missing or invalid"),
        ({"seconds": "soon"}, "missing or invalid"),
        ({"seconds": "-1"}, "missing or invalid"),
        ({"comment": "x" * 2001}, "too long"),
    ],
)
def test_a_vote_for_what_was_not_offered_is_refused_in_words(serve, visit, fields, said):
    study = serve()
    browser = visit(study, "ann")
    before = study.counted()
    answer = vote(study, browser, 1, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert study.counted() == before


def test_none_is_useful_may_not_be_voted_where_it_is_not_offered(serve, visit):
    study = serve(none=False)
    assert vote(study, visit(study, "ann"), 1, position=0).status_code == 422
