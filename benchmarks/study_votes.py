"""Time of a vote by keyboard: python -m benchmarks.study_votes.

Chromium makes the decisions of a default study (twelve ECGs, nine maps, 58 with practice): a digit
and Enter, until the maps of the next page are drawn. Prints the medians over votes of the wall time
and of the CPU time of the page's main thread, read from Linux. Before each vote, a map must change
the large sheet: what is timed shows heat. Server and browser share this machine.
"""

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import uvicorn
from ecglens.datamodules import Target
from ecglens.ecg import draw_exact, exact_beat, segment_mask
from ecglens_study import Settings, StudyInput, StudyStorage, create_from_inputs
from ecglens_study.web.app import application
from ecglens_study.web.server import config
from playwright.sync_api import CDPSession, Page

from .browser import add_chromium, opened

METHODS, ECGS = 9, 24  # half of the ECGs are judged, the others are for catch items
PR = Target("pr", "ms", "pr", ("P_on", "QRS_on"), ("P", "PQ"))
R_PEAK, FS = 250, 500.0
STEP = 10  # samples by which the map of each method is moved: 20 ms
HELD = "9"  # map that must be visible; the votes are for the others
# Large sheet as a picture, after the frame in which it is drawn.
SHEET = """new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
  () => done(document.querySelector('.stage canvas').toDataURL()))))"""


def study(folder: Path) -> tuple[StudyStorage, str]:
    """Default study of exact beats with moved copies of the signal as maps, and a login token."""
    records = [exact_beat(draw_exact(1, index)) for index in range(ECGS)]
    x = np.stack([record.signal for record in records])
    y = np.array([record.labels[PR.column] for record in records])
    marks = [record.marks for record in records if record.marks]
    study_input = StudyInput(
        target=PR,
        ecgs=tuple(f"E{index:03d}" for index in range(ECGS)),
        x=x,
        segments=np.stack([segment_mask(each, x.shape[-1]) for each in marks]),
        y=y,
        prediction=y,
        heatmaps={
            f"method {number}": np.roll(x, STEP * number, axis=-1) for number in range(METHODS)
        },
        controls={"abs_x": np.abs(x), "abs_dx": np.abs(np.gradient(x, axis=-1))},
        fs=FS,
        origin=R_PEAK,
    )
    made = create_from_inputs(
        folder, [study_input], Settings("votes"), ECGS // 2, "stratified", ["expert"]
    )
    storage = StudyStorage(folder)
    storage.consent("expert")
    return storage, made.links["expert"]


@contextmanager
def served(storage: StudyStorage) -> Iterator[str]:
    """Address of the study while the block runs."""
    settings = config(application(storage, ("127.0.0.1",), secure=False), proxied=False)
    settings.port = 0
    server = uvicorn.Server(settings)
    with closing(settings.bind_socket()) as sock:
        thread = threading.Thread(target=server.run, args=([sock],))
        thread.start()
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def votes(page: Page, session: CDPSession, turns: int) -> tuple[list[float], list[float]]:
    """Wall and CPU ms of each vote but the last, after which no maps are drawn."""
    wall: list[float] = []
    cpu: list[float] = []
    for turn in range(1, turns):
        _check_heat(page, turn)
        before, start = _busy(session), time.perf_counter()
        page.keyboard.press(str(1 + turn % (METHODS - 1)))
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/vote/{turn + 1}")
        page.wait_for_selector("[data-vote].drawn", state="attached")
        wall.append(1000 * (time.perf_counter() - start))
        cpu.append(_busy(session) - before)
    return wall, cpu


def _check_heat(page: Page, turn: int) -> None:
    """Raise ValueError if a map on the large sheet looks like no map."""
    page.keyboard.press(HELD)
    shown = page.evaluate(SHEET)
    # Released late, H would show the colour again.
    page.locator("body").dispatch_event("keydown", {"key": "h"})
    hidden = page.evaluate(SHEET)
    page.keyboard.press("h")
    page.evaluate(SHEET)
    if shown == hidden:
        raise ValueError(f"expected a visible map on turn {turn}, got a sheet without colour")


def _busy(session: CDPSession) -> float:
    """CPU ms of the main threads of all pages so far; counters of Chromium restart on each page."""
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [each["id"] for each in processes if each["type"] == "renderer"]
    return sum(int(Path(f"/proc/{page}/schedstat").read_text().split()[0]) for page in pages) / 1e6


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_chromium(parser)
    options = parser.parse_args()
    with TemporaryDirectory() as name, opened(options.chromium) as browser:
        storage, token = study(Path(name) / "study")
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(120_000)  # a busy machine
        with served(storage) as address:
            page.goto(f"{address}/enter/{token}")
            page.wait_for_selector("[data-vote].drawn", state="attached")
            turns = storage.progress("expert").total
            wall, cpu = votes(page, browser.new_browser_cdp_session(), turns)
            page.close()
        print(f"{len(wall)} votes of {turns} turns, heat visible on each")
        print(f"median {median(wall) / 1000:.2f} s, {median(cpu):.0f} CPU-ms of the page")


if __name__ == "__main__":
    main()
