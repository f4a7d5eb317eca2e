"""Time, memory and disk by the number of ECGs: python -m benchmarks.growth STORE.

Exact ECGs are prepared by commands that each add to the store of the one before, then a small
network is fitted and one method with the three controls evaluated on all test ECGs, in shards and
by the run that gathers. What was measured is kept in docs/growth.json run by run, so that an
interrupted measurement resumes; then the table of docs/scaling.md is written. The store is left
there. Three hours on two idle cores.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import matplotlib
from ecglens.report.style import GREY, INK, ORANGE
from ecglens.store import write_json
from matplotlib.figure import Figure

from .page import DOCS, exchange, lines
from .preparation import children, resident

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "docs" / "growth.json"
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
BESIDE = 2_000  # ECGs that are divided among workers and jobs
WORKERS, JOBS = (1, 2), (1, 2, 4, 8)
EVERY_S = 0.1
PREPARATION, SHARDS, GATHERING = "preparation", "shards", "gathering"
NAMES = {
    PREPARATION: "preparation",
    SHARDS: "maps and curves, in shards",
    GATHERING: "the run that gathers",
}
MEMORY = ("own_mb", "peak_mb")
PAGE, NAME = "scaling.md", "growth"
# Nearly all ECGs are explained: the network need not be good.
SPLIT = ("data.split.train=0.05", "data.split.val=0.05", "data.split.test=0.9")
# Two steps of one draw: cheap, and each ECG is mapped, ranked, perturbed, kept and read as by 25.
EVALUATION = (
    "model=small", "fit.epochs=1", "method=[saliency]", "gallery=2", "logger=csv",
    "evaluation=default", "evaluation.default.steps=2", "evaluation.default.until=1",
    "evaluation.default.cutoffs=[1,2]", "evaluation.default.draws=1",
    "evaluation.default.ladder=0",
)  # fmt: skip


Sides = tuple[int, int]  # workers of a job, and jobs


@dataclass(frozen=True)
class Process:
    """What a process took: CPU seconds with its workers, and its own peaks of memory in MB.

    `peak_mb` counts files that are mapped into memory, which the system takes back when it needs
    room; `own_mb` does not.
    """

    cpu_s: float
    peak_mb: float
    own_mb: float


@dataclass(frozen=True)
class Size:
    """A part of the work at a number of ECGs, of which `new` were not in the store before."""

    part: str
    ecgs: int
    new: int
    workers: int
    jobs: int
    processes: Sequence[Process]
    wall_s: float
    store_mb: float
    report_mb: float = 0.0

    @property
    def cpu_s(self) -> float:
        """CPU seconds of all processes."""
        return sum(each.cpu_s for each in self.processes)


def measured(commands: Sequence[Sequence[str]]) -> list[Process]:
    """What each command took, all of them side by side; RuntimeError where one fails."""
    started = [
        subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL)
        for words in commands
    ]
    peaks = [0] * len(started)
    watched = threading.Event()

    def watch() -> None:
        while not watched.wait(EVERY_S):
            for place, each in enumerate(started):
                own = [resident(each.pid), *map(resident, children(each.pid))]
                peaks[place] = max(peaks[place], *own)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        ended = [os.wait4(each.pid, 0) for each in started]
    finally:
        watched.set()
        watcher.join()
    if any(status for _, status, _ in ended):
        raise RuntimeError(f"a command ended with an error: {commands[0]}")
    return [
        Process(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6, own / 1e6)
        for (_, _, used), own in zip(ended, peaks, strict=True)
    ]


@dataclass(frozen=True)
class Place:
    """A store with the folder of its runs, and the results that are kept in a file."""

    store: Path
    results: Path

    def sizes(self) -> list[Size]:
        """What was measured before."""
        if not self.results.is_file():
            return []
        plain = json.loads(self.results.read_text())["sizes"]
        return [
            Size(**{**each, "processes": [Process(**one) for one in each["processes"]]})
            for each in plain
        ]

    def once(self, part: str, ecgs: int, sides: Sides, do: Callable[[], Size]) -> None:
        """Measure what has not been measured, and keep it."""
        key = (part, ecgs, *sides)
        if any((each.part, each.ecgs, each.workers, each.jobs) == key for each in self.sizes()):
            return
        found = do()
        write_json(self.results, {"sizes": [asdict(each) for each in [*self.sizes(), found]]})
        print(f"{part} of {ecgs}, {sides}: {found.cpu_s:.0f} CPU-s", flush=True)

    def words(self, ecgs: int, workers: int) -> list[str]:
        """Settings of every command."""
        return [
            "data=exact", f"data.n={ecgs}", f"workers={workers}", f"store={self.store}",
            f"hydra.run.dir={self.store.parent}/runs/{ecgs}", *SPLIT,
        ]  # fmt: skip

    def prepare(self, ecgs: int, before: int, workers: int, jobs: int) -> Size:
        """Preparation, in shards where there are several jobs."""
        words = ["-m", "ecglens", "prepare", *self.words(ecgs, workers)]
        return self._size(PREPARATION, ecgs, ecgs - before, workers, _sharded(words, jobs))

    def evaluate(self, ecgs: int, workers: int, jobs: int) -> Size:
        """The maps and curves of all test ECGs in shards, side by side."""
        words = ["-m", "ecglens", "train", *self.words(ecgs, workers), *EVALUATION, f"ecgs={ecgs}"]
        commands = [[*words, f"shard={number + 1}/{jobs}"] for number in range(jobs)]
        return self._size(SHARDS, ecgs, ecgs, workers, commands)

    def gather(self, ecgs: int, workers: int, jobs: int) -> Size:
        """The run that reads what shards made and writes the report."""
        words = ["-m", "ecglens", "train", *self.words(ecgs, workers), *EVALUATION, f"ecgs={ecgs}"]
        found = self._size(GATHERING, ecgs, ecgs, workers, [words])
        return Size(**{**asdict(found), "processes": found.processes, "jobs": jobs})

    def _size(
        self, part: str, ecgs: int, new: int, workers: int, commands: Sequence[Sequence[str]]
    ) -> Size:
        begun = time.monotonic()
        processes = measured(commands)
        wall_s = time.monotonic() - begun
        report = self.store.parent / "runs" / str(ecgs) / "report.html"
        pages = report.stat().st_size / 1e6 if part == GATHERING else 0.0
        jobs = len(commands)
        return Size(part, ecgs, new, workers, jobs, processes, wall_s, megabytes(self.store), pages)


def _sharded(words: Sequence[str], jobs: int) -> list[list[str]]:
    if jobs == 1:
        return [[*words]]
    return [[*words, f"shard={number + 1}/{jobs}"] for number in range(jobs)]


def megabytes(folder: Path) -> float:
    """Size of all files in a folder, in MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def prepared(place: Place, sizes: Sequence[int], jobs: int) -> None:
    """Preparation of each size after the smaller one."""
    for before, ecgs in zip([0, *sizes], sizes, strict=False):
        place.once(PREPARATION, ecgs, (1, 1), partial(place.prepare, ecgs, before, 1, 1))


def evaluated(place: Place, sizes: Sequence[int], jobs: int) -> None:
    """Each size in shards, then the run that gathers."""
    for ecgs in sizes:
        place.once(SHARDS, ecgs, (1, jobs), partial(place.evaluate, ecgs, 1, jobs))
        place.once(GATHERING, ecgs, (1, jobs), partial(place.gather, ecgs, 1, jobs))


def beside(place: Place, sizes: Sequence[int], jobs: int) -> None:
    """The same ECGs by several workers of one job, then by several jobs."""
    for sides in [*((workers, 1) for workers in WORKERS), *((1, jobs) for jobs in JOBS[1:])]:
        name = "aside-{}-{}".format(*sides)
        own = Place(place.store.parent / name / "store", place.results)
        own.once(PREPARATION, BESIDE, sides, partial(own.prepare, BESIDE, 0, *sides))
        own.once(SHARDS, BESIDE, sides, partial(own.evaluate, BESIDE, *sides))
        shutil.rmtree(own.store.parent, ignore_errors=True)


def rows(sizes: Sequence[Size]) -> list[str]:
    """The table in Markdown; of the processes of a row the largest memory counts."""
    head = ["Part", "ECGs", "new", "workers", "jobs", "CPU-s", "CPU-ms per new ECG"]
    head += ["own memory, MB", "with mapped files, MB", "report, MB"]
    order = sorted(sizes, key=lambda one: (list(NAMES).index(one.part), one.ecgs, one.jobs))
    return [*lines(head, [_row(one) for one in order])]


def _row(one: Size) -> list[str]:
    own, peak = (max(getattr(each, name) for each in one.processes) for name in MEMORY)
    counts = (one.ecgs, one.new, one.workers, one.jobs, round(one.cpu_s))
    measured_as = f"{1e3 * one.cpu_s / one.new:.1f}"
    page = f"{one.report_mb:.2f}" if one.report_mb else ""
    return [NAMES[one.part], *map(str, counts), measured_as, f"{own:.0f}", f"{peak:.0f}", page]


# Shapes and fills tell the parts apart in grey print.
LOOKS = {
    PREPARATION: (GREY, "o", GREY),
    SHARDS: (ORANGE, "s", ORANGE),
    GATHERING: (INK, "D", "white"),
}


def draw(sizes: Sequence[Size], path: Path) -> None:
    """Time and memory by the number of ECGs, of one worker a process."""
    with matplotlib.rc_context({"font.size": 9}):
        figure = Figure(figsize=(7.5, 3.4), layout="constrained")
        time_s, memory = figure.subplots(1, 2)
        for part, (colour, marker, face) in LOOKS.items():
            own = sorted(
                (each for each in sizes if each.part == part and each.ecgs != BESIDE),
                key=lambda each: each.ecgs,
            )
            look = {
                "color": colour,
                "marker": marker,
                "markerfacecolor": face,
                "label": NAMES[part],
            }
            time_s.plot([each.new for each in own], [each.cpu_s for each in own], **look)
            peaks = [max(one.own_mb for one in each.processes) for each in own]
            memory.plot([each.ecgs for each in own], peaks, **look)
        ends = [min(SIZES), max(SIZES)]
        time_s.plot(ends, [20 * each / ends[0] for each in ends], ":", color=GREY, linewidth=1)
        time_s.set(xscale="log", yscale="log", xlabel="new ECGs", title="CPU seconds")
        memory.set(
            xscale="log",
            ylim=(0, None),
            xlabel="ECGs",
            title="MB of a process, without mapped files",
        )
        for axes in (time_s, memory):
            axes.spines[["top", "right"]].set_visible(False)
            axes.xaxis.set_major_formatter("{x:,.0f}")
        memory.legend(frameon=False, loc="lower right", fontsize=8)
        figure.savefig(path, dpi=150)


PARTS = {"preparation": prepared, "evaluation": evaluated, "beside": beside}


def main() -> None:
    """Measure what has not been measured; write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--jobs", type=int, default=2, help="shards of the evaluation")
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--to", type=Path, default=RESULTS)
    given = parser.parse_args()
    place = Place(given.store.resolve() / "store", given.to)
    for part in [given.only] if given.only else PARTS:
        PARTS[part](place, given.sizes, given.jobs)
    exchange(DOCS / PAGE, {NAME: "\n".join(rows(place.sizes()))})
    draw(place.sizes(), DOCS / "images" / "growth.png")


if __name__ == "__main__":
    main()
