"""Time of the organiser's page for a finished study: python -m benchmarks.study_organiser.

20 experts with 1224 votes each, as in Storås 2025 with more experts. Prints wall and CPU time of
the first page and of the next ones, which the organiser gets by reloading.
"""

import argparse
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from ecglens_study import StudyStorage
from ecglens_study.web.app import application
from fastapi.testclient import TestClient

from .study_server import METHODS, study

VOTE = """INSERT INTO votes (expert, turn, attempt, at, position, rating, second, comment, seconds)
SELECT people.id, turns.turn, 1, ?, ?, 0, '', '', 5.0 FROM people JOIN turns ON turns.expert = people.id
WHERE people.name = ? AND turns.turn = ?"""  # noqa: E501


def voted(folder: Path, experts: int) -> StudyStorage:
    """Study in which every expert has voted on every turn, at random."""
    storage, draw = study(folder), random.Random(0)
    for number in range(experts):
        storage.invite(f"expert {number}")
        storage.consent(f"expert {number}")
    with closing(sqlite3.connect(folder / "study.sqlite")) as file, file:
        for number in range(experts):
            name = f"expert {number}"
            for turn in range(1, storage.progress(name).total + 1):
                at = f"2026-01-01T{turn // 60:02d}:{turn % 60:02d}:00.000Z"
                file.execute(VOTE, (at, draw.randint(0, METHODS), name, turn))
    return storage


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experts", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    with TemporaryDirectory() as name:
        storage = voted(Path(name), arguments.experts)
        app = application(storage, ("testserver",), secure=False)
        times = []
        with TestClient(app) as browser:
            browser.get(f"/enter/{storage.invite_organiser()}", follow_redirects=False)
            for _ in range(1 + arguments.repeats):
                wall, cpu = time.perf_counter(), time.process_time()
                answer = browser.get("/organiser")
                times.append((time.perf_counter() - wall, time.process_time() - cpu))
                if answer.status_code != 200 or f"{1224} of {1224}" not in answer.text:
                    raise ValueError(f"expected the page of a finished study, got {answer}")
        print(f"first page: {times[0][0]:.2f} s, {times[0][1]:.2f} CPU-s")
        wall, cpu = (median(each) for each in zip(*times[1:], strict=True))
        print(f"next pages: {wall:.2f} s, {cpu:.2f} CPU-s (median of {arguments.repeats})")


if __name__ == "__main__":
    main()
