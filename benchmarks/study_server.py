"""Waiting times of 20 experts who vote at once: python -m benchmarks.study_server.

Every expert votes as fast as the server responds, faster than any human, and requests the drawings
of the next page ahead, as a browser does. Server and experts share this machine.
"""

import argparse
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np
import uvicorn
from ecglens_study import Item, Settings, StudyStorage
from ecglens_study.web.app import application
from ecglens_study.web.security import Rate, Rates
from ecglens_study.web.server import config

# Storås 2025: 51 ECGs of 6 targets in 2 views, nine maps each.
ECGS, TARGETS, VIEWS, METHODS = 51, 6, ("full", "averaged"), 9
BYTES = {"sheet": 2 * 12 * 600, "map": 12 * 600}  # of a median beat
Times = dict[str, list[float]]


def study(folder: Path) -> StudyStorage:
    """Study of the published size with empty drawings."""
    methods = tuple(f"method {number}" for number in range(METHODS))
    items = [
        Item(number, f"target {number // ECGS % TARGETS}", view, f"e{number % ECGS}", methods, "it")
        for number, view in enumerate(view for view in VIEWS for _ in range(ECGS * TARGETS))
    ]
    storage = StudyStorage.create(
        folder, Settings(name="speed", practice=0, catch=0), items, methods
    )
    for ecg in range(ECGS):
        for view in VIEWS:
            storage.drawings.keep_sheet(f"e{ecg}", view, b"0" * BYTES["sheet"], {"cells": []})
    return storage


def draw(storage: StudyStorage, expert: str, turns: int) -> None:
    """Store maps for the expert's first turns; those of the whole study would take minutes."""
    for order in range(1, turns + 2):
        item = storage.items[storage.turn(expert, order).item]
        for method in item.methods:
            storage.drawings.keep_map(item.target, item.ecg, item.view, method, b"0" * BYTES["map"])


def votes(address: str, storage: StudyStorage, expert: str, token: str, turns: int) -> Times:
    """Waiting times of one expert in ms, by kind of request."""
    times: Times = defaultdict(list)
    with httpx.Client(base_url=address, timeout=120) as browser:
        browser.get(f"/enter/{token}")
        csrf = storage.session(browser.cookies["session"]).csrf
        for order in range(1, turns + 1):
            fields = {"csrf": csrf, "position": "1", "seconds": "1"}
            _timed(times["page"], lambda at=order: browser.get(f"/vote/{at}"))
            path = f"/turn/{order + 1}/drawings.bin"
            _timed(times["drawings"], lambda at=path: browser.get(at))
            _timed(
                times["vote, on disk"],
                lambda at=order, sent=fields: browser.post(f"/vote/{at}", data=sent),
            )
    return times


def measure(experts: int, turns: int) -> Times:
    """Waiting times of all experts."""
    with TemporaryDirectory() as name:
        storage = study(Path(name))
        links = {
            f"expert {number}": storage.invite(f"expert {number}") for number in range(experts)
        }
        for expert in links:
            storage.consent(expert)
            draw(storage, expert, turns)
        fast = Rate(1e9, 1e9)  # no limit: these clients are faster than any human
        app = application(storage, ("127.0.0.1",), False, Rates(session=fast))
        settings = config(app, proxied=False)
        settings.port = 0
        server = uvicorn.Server(settings)
        with closing(settings.bind_socket()) as sock, ThreadPoolExecutor(experts) as crowd:
            thread = threading.Thread(target=server.run, args=([sock],))
            thread.start()
            address = f"http://127.0.0.1:{sock.getsockname()[1]}"
            found = crowd.map(lambda each: votes(address, storage, each, links[each], turns), links)
            times = {what: [] for what in ("page", "drawings", "vote, on disk")}
            for own in found:
                for what in times:
                    times[what] += own[what]
            server.should_exit = True
            thread.join()
        return times


def _timed(times: list[float], ask: Callable[[], httpx.Response]) -> None:
    start = time.perf_counter()
    answer = ask()
    times.append(1e3 * (time.perf_counter() - start))
    if answer.status_code not in (200, 303):
        raise ValueError(f"expected an answer, got {answer.status_code} of {answer.url}")


def main() -> None:
    """Print the median and the 95th percentile."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experts", type=int, default=20)
    parser.add_argument("--turns", type=int, default=10)
    arguments = parser.parse_args()
    for what, ms in measure(arguments.experts, arguments.turns).items():
        median, slow = np.quantile(ms, [0.5, 0.95])
        print(f"{what:<14} median {median:6.0f} ms, 95 % within {slow:6.0f} ms, of {len(ms)}")


if __name__ == "__main__":
    main()
