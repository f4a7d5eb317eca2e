"""kill −9 of `ecglens study serve` while experts vote: python -m benchmarks.vote_kills.

After each kill the study is read: every vote whose request was answered has to be there as it was
given. Then the server is started again, and the experts vote on. Ten minutes on two cores.
"""

import os
import random
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from ecglens_study import StudyStorage
from tqdm.auto import tqdm

from .study_server import METHODS, study

ROOT = Path(__file__).parents[1]
KILLS, EXPERTS = 20, 4
VOTING_S = (0.3, 3.0)  # from the first answer to the kill
START_S = 120
SEEN, VOTED = 200, 303  # status of a page, and of a vote that is on disk


@dataclass
class Expert:
    """An expert with a login link, and the position of each vote that was answered, by its turn."""

    name: str
    token: str
    answered: dict[int, int] = field(default_factory=dict)

    def vote(self, address: str) -> None:
        """Vote until the server is gone."""
        with suppress(httpx.TransportError), httpx.Client(base_url=address, timeout=60) as browser:
            browser.get(f"/enter/{self.token}")
            while True:
                page = browser.get("/vote", follow_redirects=True)
                if page.status_code != SEEN:
                    time.sleep(0.2)  # faster than any human: the server asks to wait
                    continue
                order = int(page.url.path.rpartition("/")[2])
                csrf = page.text.partition('name="csrf" value="')[2].partition('"')[0]
                position = 1 + order % METHODS
                fields = {"csrf": csrf, "position": str(position), "seconds": "1"}
                if browser.post(f"/vote/{order}", data=fields).status_code == VOTED:
                    self.answered[order] = position


def killed(folder: Path, experts: list[Expert], seconds: float) -> None:
    """Serve the study, let the experts vote for this long, and kill the server."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ecglens", "study", "serve", str(folder), "--port", str(port)]
    server = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        begun = time.monotonic()
        while not _answers(address):
            if server.poll() is not None or time.monotonic() > begun + START_S:
                raise RuntimeError(f"the server did not start: {server.poll()}")
            time.sleep(0.1)
        with ThreadPoolExecutor(len(experts)) as crowd:
            voting = [crowd.submit(each.vote, address) for each in experts]
            time.sleep(seconds)
            server.kill()
            for each in voting:
                each.result()
    finally:
        server.kill()
        server.wait()


def _answers(address: str) -> bool:
    try:
        httpx.get(address, timeout=5)
    except httpx.TransportError:
        return False
    return True


def lost(folder: Path, experts: list[Expert]) -> int:
    """Number of answered votes that the study does not have as they were given."""
    missing = 0
    with closing(StudyStorage(folder)) as storage:
        for each in experts:
            for order, position in each.answered.items():
                vote = storage.vote_on(each.name, order)
                missing += vote is None or vote.position != position
    return missing


def kills(folder: Path, draws: random.Random) -> tuple[int, int, int]:
    """Number of kills, of kills after which every answered vote was there, and of such votes."""
    with closing(study(folder)) as storage:
        names = [f"expert {number}" for number in range(EXPERTS)]
        experts = [Expert(name, storage.invite(name)) for name in names]
        for each in experts:
            storage.consent(each.name)
    whole = 0
    for _ in tqdm(range(KILLS), "kills of the study server"):
        killed(folder, experts, draws.uniform(*VOTING_S))
        whole += lost(folder, experts) == 0
    return KILLS, whole, sum(len(each.answered) for each in experts)


def main() -> None:
    """Print what was found."""
    with TemporaryDirectory() as name:
        trials, whole, votes = kills(Path(name) / "study", random.Random(0))
    print(f"{trials} kills, nothing lost in {whole}, {votes} votes answered")


if __name__ == "__main__":
    main()
