"""Two experts finish a study by keyboard, although the server is killed half-way."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecglens_study.storage.study_storage import StudyStorage
from playwright.sync_api import Page, expect

from ..conftest import Served
from .conftest import drawn, fetched, to_vote
from .small_study import METHODS, small_study

SERVE = "import sys; from pathlib import Path; from ecglens_study.web import serve; serve(Path(sys.argv[1]), port=int(sys.argv[2]))"  # noqa: E501


@contextmanager
def process(folder: Path, port: int = 0) -> Iterator[Served]:
    """Server in a separate process, killed at the end."""
    command = [sys.executable, "-c", SERVE, str(folder), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        try:
            assert started.stdout
            found = re.search(r"http://\S+:\d+", started.stdout.readline())
            assert found
            yield Served(folder, StudyStorage(folder), found[0])
        finally:
            started.kill()


def guess_by_keyboard(page: Page) -> None:
    """Make the votes final, guess the first method for the first map, none for the others."""
    page.wait_for_url("**/guess")
    page.get_by_role("button", name="My votes are final").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Send my guesses")).to_be_visible()
    page.get_by_label("Map 1", exact=True).focus()
    page.keyboard.press("Home")
    page.get_by_role("button", name="Send my guesses").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/done")


def test_two_experts_finish_by_keyboard_though_the_server_is_killed(open_page, tmp_path):
    storage = small_study(tmp_path / "study")
    storage.invite_organiser()
    with process(tmp_path / "study") as study:
        ann, bob = open_page(study, "ann", agree=False), open_page(study, "bob")
        ann.get_by_label("I have read this").focus()
        ann.keyboard.press("Space")
        ann.keyboard.press("Enter")
        ann.wait_for_url("**/vote/1")
        for key in "1234":
            to_vote(ann, key)
        guess_by_keyboard(ann)
        for key in "30":
            to_vote(bob, key)
        drawn(bob)
        fetched(bob)
        bob.keyboard.press("2")
    # The submitted vote is stored, the unsubmitted choice is not; the page still works.
    assert storage.next_turn("bob") == 3
    with process(tmp_path / "study", study.port):
        expect(bob).to_have_url(re.compile("/vote/3$"))
        bob.keyboard.press("2")
        to_vote(bob, "2")
        to_vote(bob, "1")
        guess_by_keyboard(bob)
        expect(bob.get_by_role("heading", name="Thank you, bob")).to_be_visible()
    chosen = {name: [each.position for each in storage.ballots() if each.expert == name]
              for name in ("ann", "bob")}  # fmt: skip
    assert chosen == {"ann": [2, 3, 4], "bob": [0, 2, 1]}
    assert all(ballot.seconds > 0 for ballot in storage.ballots())
    assert sorted(storage.guesses()["guess"].value_counts().to_dict().values()) == [2, 6]
    assert {*storage.guesses()["method"]} == {*METHODS}
