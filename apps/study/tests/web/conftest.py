"""Small studies on a real local server, and HTTP clients."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from ecglens_study import create_from_inputs
from ecglens_study.settings import JUDGE, OF_JUDGE, Item, Settings
from ecglens_study.storage.study_storage import StudyStorage
from ecglens_study.web.app import application
from ecglens_study.web.security import Rates

from tests.served import WAIT_S, served

from ..design.inputs import exact

METHODS = ("lrp_composite", "guided_gradcam", "smoothgrad", "expected_gradients")
GEOMETRY = {"width_mm": 210.5, "cells": [{"name": "V5"}, {"name": "I"}]}
# Tables that a refused request must not change; log, sessions and first views may grow.
COUNTED = ("votes", "undos", "guesses", "consents", "withdrawals", "locks", "links", "people",
           "turns", "study", "items")  # fmt: skip


@dataclass(frozen=True)
class Served:
    """Study and its address."""

    folder: Path
    storage: StudyStorage
    address: str

    @property
    def port(self) -> int:
        """Port of the address."""
        return int(self.address.rsplit(":", 1)[1])

    def counted(self) -> dict[str, list[tuple]]:
        """All rows of the COUNTED tables."""
        with closing(sqlite3.connect(self.folder / "study.sqlite")) as connection:
            return {
                table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in COUNTED
            }

    def log(self) -> list[str]:
        """Lines of the log as text."""
        return [f"{each.who} {each.action} {each.detail}" for each in self.storage.log()]


Serve = Callable[..., Served]
Visit = Callable[..., httpx.Client]


def items_of(task: str, ecgs: int, said: str) -> list[Item]:
    """One practice item, the ECGs, and one catch item; the network `said` is "" if hidden."""
    shown = {"pick": [METHODS], "rate": [(each,) for each in METHODS], "pair": [METHODS[:2]]}
    made = [Item(0, "pr", "full", "e0", shown[task][0], "PR interval", said, phase="practice")]
    for ecg in range(1, ecgs + 1):
        for methods in shown[task]:
            made.append(Item(len(made), "pr", "full", f"e{ecg}", methods, "PR interval", said))
    if task == "pick":
        known = ("planted", "random", "abs_x", "random 2")
        made.append(Item(len(made), "pr", "full", "e1", known, "PR interval", said, "planted"))
    return made


def study_in(folder: Path, ecgs: int = 2, first: Item | None = None, **settings) -> StudyStorage:
    """New study in which every drawing has different bytes; `first` replaces the practice item."""
    chosen = Settings(**({"name": "Which map?", "showings": 1, "practice": 1} | settings))
    items = items_of(chosen.task, ecgs, "172 ms" if chosen.prediction else "")
    storage = StudyStorage.create(folder, chosen, [first or items[0], *items[1:]], METHODS)
    for item in storage.items:
        storage.drawings.keep_sheet(item.ecg, item.view, b"paper", GEOMETRY)
        for number, method in enumerate(item.methods):
            storage.drawings.keep_map(
                item.target, item.ecg, item.view, method, b"%d%d" % (item.number, number)
            )
    return storage


@contextmanager
def running(storage: StudyStorage, folder: Path, rates: Rates | None = None) -> Iterator[Served]:
    """Study served on a free local port."""
    app = application(storage, ("127.0.0.1",), secure=False, rates=rates)
    with served(app) as address:
        yield Served(folder, storage, address)


@pytest.fixture
def serve(tmp_path) -> Iterator[Serve]:
    """Function that serves a new study with the given settings during the test."""
    with ExitStack() as open_ones:

        def served(rates: Rates | None = None, **settings) -> Served:
            folder = tmp_path / "study"
            storage = study_in(folder, **settings)
            return open_ones.enter_context(running(storage, folder, rates))

        yield served


@pytest.fixture
def judging(tmp_path):
    """Served study of four exact ECGs whose readings are wrong beyond 3 ms, and its links."""
    folder = tmp_path / "judging"
    more = {"second": "Rhythm?", "second_answers": ("sinus", "other")}
    own = Settings("With or without?", task=JUDGE, limit=3.0, seed=5, **OF_JUDGE, **more)
    shown = [exact(ecgs=24, methods=["lrp"])]
    made = create_from_inputs(folder, shown, own, 4, "stratified", ("Ada", "Ben"))
    with running(StudyStorage(folder), folder) as study:
        yield study, made


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Function that makes an HTTP client, logged in and with consent if it has a name."""
    with ExitStack() as open_ones:

        def visitor(study: Served, expert: str = "", agree: bool = True) -> httpx.Client:
            browser = httpx.Client(base_url=study.address, timeout=WAIT_S)
            open_ones.enter_context(browser)
            if expert == "organiser":
                assert browser.get(f"/enter/{study.storage.invite_organiser()}").status_code == 303
            elif expert:
                assert browser.get(f"/enter/{study.storage.invite(expert)}").status_code == 303
                if agree:
                    study.storage.consent(expert)
            return browser

        yield visitor


def csrf(study: Served, browser: httpx.Client) -> str:
    """Form token of this client."""
    return study.storage.session(browser.cookies["session"]).csrf


def vote(study: Served, browser: httpx.Client, order: int, **fields) -> httpx.Response:
    """Response to a vote as the page sends it."""
    sent = {"csrf": csrf(study, browser), "position": 1, "seconds": "1.5"} | fields
    return browser.post(f"/vote/{order}", data=sent)


def finish(study: Served, browser: httpx.Client) -> httpx.Response:
    """Response to the button that makes all votes final."""
    return browser.post("/guess/final", data={"csrf": csrf(study, browser)})
