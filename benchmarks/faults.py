"""Kills, damaged files, full disks and races of whole jobs: python -m benchmarks.faults.

Each trial disturbs a job and runs its command again: the scores have to be those of an undisturbed
job to the last digit. The table is written into docs/store.md. A full disk needs root, for a file
system in memory. Half an hour on two cores.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm.auto import tqdm

from .page import DOCS, exchange, lines
from .vote_kills import kills as vote_kills

ROOT = Path(__file__).parents[1]
PAGE, NAME = "store.md", "faults"
# A network is fitted, two methods and three controls are scored by one protocol: every step.
WORDS = (
    "data=exact", "data.n=800", "model=small", "fit.epochs=2", "ecgs=32", "gallery=2",
    "evaluation=default", "evaluation.default.draws=2", "logger=csv",
    "method=[saliency,input_x_gradient]", "hydra.run.dir=run",
)  # fmt: skip
KILLS, FLIPS, FULL, RACES = 20, 30, 10, 50
# Files whose change changes no number: a lock, and the place where a fit is logged.
NO_RESULT = (".lock",)
PATIENCE_S = 600


@dataclass(frozen=True)
class Job:
    """A job of a folder and a store; `scores` is what it has to end with."""

    folder: Path
    store: Path

    def start(self, script: str = "train.py") -> "subprocess.Popen[str]":
        """The job as a new process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "ECGLENS_STORE": str(self.store), "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(
            [sys.executable, str(ROOT / script), *WORDS],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, script: str = "train.py") -> str:
        """What the job says on stderr; raises RuntimeError where it fails."""
        return ended(self.start(script))

    @property
    def scores(self) -> bytes:
        """The table of scores of the last run."""
        return (self.folder / "run/findings/default/scores.csv").read_bytes()


def ended(process: "subprocess.Popen[str]") -> str:
    """The errors of a process that ends well; RuntimeError for another."""
    _, errors = process.communicate(timeout=PATIENCE_S)
    if process.returncode:
        raise RuntimeError(f"status {process.returncode}: {errors[-2000:]}")
    return errors


@dataclass(frozen=True)
class Found:
    """How often the job ended with the same scores, and what else was seen."""

    fault: str
    trials: int
    same: int
    seen: str


def kills(folder: Path, straight: bytes, seconds: float, draws: random.Random) -> Found:
    """kill −9 at a random moment of a job from an empty store, then its command again.

    `seconds` is how long the job takes undisturbed.
    """
    same, hit = 0, 0
    for number in tqdm(range(KILLS), "kills"):
        job = Job(folder / f"kill-{number}", folder / f"kill-{number}" / "store")
        process = job.start()
        try:
            process.communicate(timeout=draws.uniform(0, seconds))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            hit += 1
        job.run()
        same += job.scores == straight
        shutil.rmtree(job.folder)
    return Found(
        "`kill -9` of `train.py` at a random moment", KILLS, same, f"{hit} before the job's end"
    )


def flips(folder: Path, finished: Job, straight: bytes, draws: random.Random) -> Found:
    """One byte of a file of the store is changed; kinds of files in turns."""
    same, named, kinds = 0, 0, by_kind(finished.store)
    places = [draws.choice(kinds[kind]) for _ in range(FLIPS) for kind in sorted(kinds)][:FLIPS]
    for number, file in enumerate(tqdm(places, "flipped bytes")):
        job = Job(folder / f"flip-{number}", folder / f"flip-{number}" / "store")
        shutil.copytree(finished.store, job.store)
        path = job.store / file.relative_to(finished.store)
        content = bytearray(path.read_bytes())
        content[draws.randrange(len(content))] ^= 1 << draws.randrange(8)
        path.write_bytes(content)
        named += path.parent.name in job.run()
        same += job.scores == straight
        shutil.rmtree(job.folder)
    return Found(
        f"one bit flipped in a stored file ({len(kinds)} kinds)",
        FLIPS,
        same,
        f"{named} named on stderr",
    )


def by_kind(store: Path) -> dict[str, list[Path]]:
    """The files of the store by step and name."""
    kinds: dict[str, list[Path]] = {}
    for path in sorted(store.glob("*/*/**/*")):
        if path.is_file() and path.stat().st_size and path.suffix not in NO_RESULT:
            kinds.setdefault(f"{path.relative_to(store).parts[0]}/{path.name}", []).append(path)
    return kinds


def full_disks(folder: Path, size: int, straight: bytes, draws: random.Random) -> Found:
    """The store's disk is smaller than the store, then larger; `size` is that of the store."""
    same, said = 0, 0
    for number in tqdm(range(FULL), "full disks"):
        job = Job(folder / f"full-{number}", folder / f"full-{number}" / "store")
        with disk(job.store, int(size * draws.uniform(0.05, 0.95))) as grow:
            process = job.start()
            _, errors = process.communicate(timeout=PATIENCE_S)
            last = errors.strip().splitlines()[-1:]
            said += process.returncode != 0 and "No space left" in "".join(last)
            grow(4 * size)
            job.run()
        same += job.scores == straight
        shutil.rmtree(job.folder)
    return Found(
        "disk of the store full, then larger",
        FULL,
        same,
        f"{said} ended with one line that says so",
    )


@contextmanager
def disk(path: Path, size: int) -> Iterator[Callable[[int], object]]:
    """A file system of this many bytes in memory, and a function that changes its size."""
    path.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], check=True)
    try:
        yield lambda more: subprocess.run(["mount", "-o", f"remount,size={more}", path], check=True)
    finally:
        subprocess.run(["umount", path], check=True)


def races(folder: Path, finished: Job, straight: bytes) -> Found:
    """Two jobs begin at once on a store with the network alone, and make the same results."""
    same, left = 0, 0
    for number in tqdm(range(RACES), "races"):
        store = folder / f"race-{number}" / "store"
        pair = [Job(folder / f"race-{number}" / name, store) for name in "ab"]
        shutil.copytree(
            finished.store, store, ignore=shutil.ignore_patterns("attributions", "curves")
        )
        for process in [job.start("evaluate.py") for job in pair]:
            ended(process)
        same += all(job.scores == straight for job in pair)
        left += any(path.is_dir() for path in store.glob("*/*.part"))
        shutil.rmtree(folder / f"race-{number}")
    return Found("two jobs at once", RACES, same, f"{left} with an unfinished folder left over")


def server_kills(folder: Path, draws: random.Random) -> Found:
    """kill −9 of a study's server while experts vote; `same` are kills that lost no vote."""
    trials, whole, votes = vote_kills(folder / "study", draws)
    return Found(
        "`kill -9` of `study serve` while votes are cast",
        trials,
        whole,
        f"{votes} votes, none lost" if whole == trials else "votes were lost",
    )


def rows(found: list[Found]) -> list[str]:
    """The table in Markdown."""
    head = ["Disturbance", "Jobs", "Same scores afterwards", "Seen"]
    return list(
        lines(head, [[one.fault, str(one.trials), str(one.same), one.seen] for one in found])
    )


def main() -> None:
    """Disturb jobs in every way that is asked for; all ways are written into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("kills", "flips", "full", "races", "votes"))
    only = parser.parse_args().only
    draws = random.Random(0)
    with TemporaryDirectory() as name:
        folder = Path(name)
        finished, start = Job(folder / "straight", folder / "straight" / "store"), time.monotonic()
        finished.run()
        seconds, straight = time.monotonic() - start, finished.scores
        size = sum(path.stat().st_size for path in finished.store.rglob("*") if path.is_file())
        ways: dict[str, Callable[[], Found]] = {
            "kills": partial(kills, folder, straight, seconds, draws),
            "flips": partial(flips, folder, finished, straight, draws),
            "full": partial(full_disks, folder, size, straight, draws),
            "races": partial(races, folder, finished, straight),
            "votes": partial(server_kills, folder, draws),
        }
        found = []
        for way in [only] if only else ways:
            found.append(ways[way]())
            print(found[-1], flush=True)
    if not only:
        exchange(DOCS / PAGE, {NAME: "\n".join(rows(found))})


if __name__ == "__main__":
    main()
