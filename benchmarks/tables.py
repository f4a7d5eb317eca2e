"""Time, memory and files of a table of very many ECGs: python -m benchmarks.tables FOLDER.

Median beats are made from a seed as they are asked for, read by the smallest network, and written
by `write_part`, part after part in one process with one thread, which notes CPU time and memory
after each part. A smaller table is made by processes that are killed at random moments, and is
compared byte by byte with one made at once. What was measured is kept in docs/tables.json size by
size, so that an interrupted measurement resumes; then the tables and the picture of docs/tables.md
are written. Half an hour of CPU time for a million ECGs. With --run the recorded ECGs of LUDB in
tests/data are read by the network of that run too, without and with maps. With --scores nothing
else is measured: median beats get scores of a method, and many copies of these rows are ranked.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from ecglens.ecg import draw_exact, exact_beat
from ecglens.models import InUnits, SmallResNet
from ecglens.report.style import GREY, INK, ORANGE
from ecglens.store import Shard, write_json
from ecglens_sheets import KnownNetwork
from ecglens_tables import (
    TableSettings,
    network_of,
    opened,
    rank_parts,
    source_of,
    totals,
    write_part,
)
from ecglens_tables.sources import share
from matplotlib.figure import Figure

from .machine import facts
from .page import DOCS, exchange, lines
from .preparation import resident

RESULTS = DOCS / "tables.json"
SIZES = (10_000, 100_000, 1_000_000)
ECGS = 4096  # of a part, as the command has it
KILLED, KILLS = 20_000, 5
KILLED_PARTS = 20
# Beats, and pieces of noise, that ECGs are made from.
BEATS, NOISE_UV = 256, 20.0
MB = 1e6
# No maps, and those of one and of two passes; recorded ECGs, each as often as needed.
METHODS = ("", "saliency", "deeplift")
LUDB, TIMES, SEGMENT_MS = DOCS.parent / "tests" / "data" / "ludb" / "data", 8, 30.0
# ECGs and parts with scores; copies of their rows that are ranked.
SCORED, SCORED_PARTS, COPIES = 128, 2, (1, 10, 100)


@cache
def parts_of_ecgs() -> tuple[np.ndarray, np.ndarray]:
    """Beats (BEATS, 12, 600) in µV and as many pieces of noise, from which ECGs are made."""
    beats = np.stack([exact_beat(draw_exact(seed=0, index=at)).signal for at in range(BEATS)])
    noise = np.random.default_rng(0).standard_normal(beats.shape, dtype=np.float32)
    return beats, NOISE_UV * noise


def ecgs(start: int, stop: int) -> Iterator[tuple[str, np.ndarray]]:
    """ECGs start … stop − 1, each a beat, its size and its noise by its own number alone."""
    beats, noise = parts_of_ecgs()
    for index in range(start, stop):
        rng = np.random.default_rng((0, index))
        beat, piece, shift = rng.integers((BEATS, BEATS, beats.shape[2]))
        x = np.roll(noise[piece], shift, axis=1)
        yield f"{index:07d}", x + rng.uniform(0.5, 1.5) * beats[beat]


@dataclass(frozen=True, eq=False)
class Made:
    """The first `count` of these ECGs, each at hand by its number."""

    count: int

    def __len__(self) -> int:
        return self.count

    @property
    def all_ids(self) -> Iterator[str]:
        """Names of all ECGs."""
        return (f"{index:07d}" for index in range(self.count))

    def read(self, start: int, stop: int) -> Iterator[tuple[str, np.ndarray]]:
        """ECGs start … stop − 1."""
        return ecgs(start, stop)

    def key(self, start: int, stop: int) -> str:
        """What names these ECGs."""
        return f"made {start} {stop}"


def smallest() -> KnownNetwork:
    """The smallest network of ECGLens, with random weights."""
    torch.manual_seed(0)
    return network_of(InUnits(SmallResNet(), y_mean=160.0, y_sd=20.0).eval(), "pr")


def make(folder: Path, count: int, parts: int, maps: str, told: Any) -> None:
    """Write a table; a line of JSON for each part: ECGs, CPU-s and MB so far."""
    torch.set_num_threads(1)
    known, settings = smallest(), TableSettings(maps, SEGMENT_MS if maps else 0.0)
    begun = time.process_time()
    for part in range(parts):
        start, stop = part * count // parts, (part + 1) * count // parts
        found = write_part(
            ecgs(start, stop), known, folder, f"{part + 1}/{parts}", settings=settings
        )
        own_mb = resident(os.getpid()) / MB
        said = {"ecgs": stop, "cpu_s": time.process_time() - begun, "own_mb": own_mb}
        print(json.dumps({**said, "made": found.made}), file=told, flush=True)


def started(folder: Path, count: int, parts: int, maps: str) -> "subprocess.Popen[str]":
    """A process that writes the table."""
    words = ["--make", str(count), str(parts), "--maps", maps, str(folder)]
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.tables", *words],
        cwd=DOCS.parent,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def measured(folder: Path, count: int, maps: str) -> dict[str, Any]:
    """What a table of this size took; RuntimeError where its process fails."""
    shutil.rmtree(folder, ignore_errors=True)
    parts, begun = -(-count // ECGS), time.monotonic()
    process = started(folder, count, parts, maps)
    said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"a table of {count} ECGs ended with {process.returncode}")
    by_part = [json.loads(line) for line in said.splitlines()]
    size = sum(file.stat().st_size for file in folder.iterdir())
    found = {
        "ecgs": totals(folder).ecgs,
        "maps": maps,
        "wall_s": time.monotonic() - begun,
        "files": len(list(folder.iterdir())),
        "mb": size / MB,
        "parts": [{name: each[name] for name in ("ecgs", "cpu_s", "own_mb")} for each in by_part],
    }
    shutil.rmtree(folder)
    return found


def killed(folder: Path, seed: int) -> dict[str, Any]:
    """Kill a table at random moments; what was left each time, and whether the bytes are equal."""
    whole, torn = folder / "whole", folder / "torn"
    begun = time.monotonic()
    if started(whole, KILLED, KILLED_PARTS, "").communicate() and not totals(whole).files:
        raise RuntimeError("expected a table, found none")
    lasts, moments, left = time.monotonic() - begun, random.Random(seed), []
    while len(left) < KILLS:
        process = started(torn, KILLED, KILLED_PARTS, "")
        # From its start on, so that parts, imports and the moment between two parts are all hit.
        time.sleep(moments.uniform(0.0, lasts / 2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        files = list(torn.glob("*")) if torn.is_dir() else []
        left.append(
            {
                "killed": process.returncode == -signal.SIGKILL,
                "complete": sum(file.name.startswith("part-") for file in files),
                "torn": sum(file.name.startswith(".") for file in files),
            }
        )
    started(torn, KILLED, KILLED_PARTS, "").communicate()
    files = sorted(whole.glob("part-*"))
    same = [file.read_bytes() == (torn / file.name).read_bytes() for file in files]
    found = {"ecgs": KILLED, "parts": len(files), "left": left, "same": sum(same)}
    shutil.rmtree(whole)
    shutil.rmtree(torn)
    return found


def recorded(run: str, folder: Path) -> list[dict[str, Any]]:
    """CPU-ms and bytes an ECG of the network of a run on recorded ECGs, by what is kept."""
    torch.set_num_threads(1)
    known, found = opened(run), []
    folder.mkdir(parents=True, exist_ok=True)
    headers = sorted(LUDB.glob("*.hea")) * TIMES
    listed = pd.DataFrame({"path": map(str, headers), "id": range(len(headers))})
    listed.to_csv(folder / "list.csv", index=False)
    ecgs = source_of([folder / "list.csv"], listed=True, network=known)
    for maps in METHODS:
        settings = TableSettings(maps, SEGMENT_MS if maps else 0.0)
        # Each ECG once: what first calls cost is in no time, and no ECG is packed by its copies.
        once = write_part(ecgs, known, folder / f"once-{maps}", f"1/{TIMES}", settings=settings)
        begun = time.process_time()
        part = write_part(ecgs, known, folder / f"all-{maps}", settings=settings)
        cpu_ms = 1e3 * (time.process_time() - begun) / part.ecgs
        size = once.path.stat().st_size / once.ecgs
        found.append({"maps": maps, "ecgs": part.ecgs, "cpu_ms": cpu_ms, "bytes": size})
    shutil.rmtree(folder)
    return found


def scored(folder: Path, method: str) -> dict[str, Any]:
    """CPU-ms, MB and bytes an ECG of a table with scores, and those of its ranking."""
    torch.set_num_threads(1)
    shutil.rmtree(folder, ignore_errors=True)
    known, settings = smallest(), TableSettings(scores=(method,))
    among: Any = Made(SCORED)  # it has what a source of files has
    found: dict[str, Any] = {"method": method, "ecgs": SCORED, "parts": [], "ranked": []}
    for part in range(SCORED_PARTS):
        begun, span = time.process_time(), share(Shard(part + 1, SCORED_PARTS), SCORED)
        write_part(
            among.read(*span), known, folder / "1", f"{part + 1}/{SCORED_PARTS}",
            settings=settings, among=among,
        )  # fmt: skip
        cpu_s, own_mb = time.process_time() - begun, resident(os.getpid()) / MB
        found["parts"].append({"ecgs": span[1] - span[0], "cpu_s": cpu_s, "own_mb": own_mb})
    files = sorted((folder / "1").iterdir())
    found |= {"files": len(files), "bytes": sum(each.stat().st_size for each in files) / SCORED}
    for copies in COPIES:
        copied(files, folder / "copies", copies)
        begun = time.process_time()
        ranked = rank_parts(folder / "copies")
        cpu_s, own_mb = time.process_time() - begun, resident(os.getpid()) / MB
        found["ranked"].append({"ecgs": ranked.ecgs, "cpu_s": cpu_s, "own_mb": own_mb})
    shutil.rmtree(folder)
    return found


def copied(files: Sequence[Path], folder: Path, copies: int) -> None:
    """A table of the rows of these parts so often, each time of other patients."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    parts = copies * len(files)
    for number in range(parts):
        file = files[number % len(files)]
        rows, kept = pq.read_table(file), pq.read_metadata(file).metadata
        about = json.loads(kept[b"ecglens"])
        about["made_by"]["parts"] = parts
        others = pa.array([f"{each} {number}" for each in rows["patient"].to_pylist()])
        rows = rows.set_column(rows.schema.get_field_index("patient"), "patient", others)
        rows = rows.replace_schema_metadata({"ecglens": json.dumps(about)})
        pq.write_table(rows, folder / f"part-{number + 1:05d}-of-{parts:05d}.parquet")


def scored_rows(found: dict[str, Any]) -> list[str]:
    """The table in Markdown."""
    named = [(f"{found['method']} and 3 controls", each) for each in found["parts"]]
    named += [("ranking", each) for each in found["ranked"]]
    cells = []
    for name, each in named:
        cpu_ms = 1e3 * each["cpu_s"] / each["ecgs"]
        cells.append([name, str(each["ecgs"]), f"{cpu_ms:.2f}", f"{each['own_mb']:.0f}"])
    return [*lines(["Step", "ECGs", "CPU-ms per ECG", "MB after it"], cells)]


def recorded_rows(found: Sequence[dict[str, Any]]) -> list[str]:
    """The table in Markdown."""
    cells = [
        [each["maps"] or "none", f"{each['cpu_ms']:.0f}", f"{each['bytes']:.0f}"] for each in found
    ]
    return [*lines(["Maps", "CPU-ms per ECG", "bytes per ECG"], cells)]


def rows(sizes: Sequence[dict[str, Any]]) -> list[str]:
    """The table in Markdown."""
    head = ["ECGs", "maps", "CPU-s", "CPU-ms per ECG", "MB after the first part", "at most"]
    return [*lines([*head, "files", "size, MB"], [_row(each) for each in sizes])]


def _row(size: dict[str, Any]) -> list[str]:
    parts = size["parts"]
    cpu_s, own = parts[-1]["cpu_s"], [each["own_mb"] for each in parts]
    numbers = [f"{cpu_s:.0f}", f"{1e3 * cpu_s / size['ecgs']:.2f}", f"{own[0]:.0f}"]
    ends = [f"{max(own):.0f}", str(size["files"]), f"{size['mb']:.2f}"]
    return [str(size["ecgs"]), size["maps"], *numbers, *ends]


def draw(size: dict[str, Any], path: Path) -> None:
    """CPU time and memory after each part of the largest table."""
    parts = size["parts"]
    done = [each["ecgs"] for each in parts]
    with matplotlib.rc_context({"font.size": 9}):
        figure = Figure(figsize=(7.5, 2.8), layout="constrained")
        time_s, memory = figure.subplots(1, 2)
        ends = [0, done[-1]]
        time_s.plot(ends, [0, parts[-1]["cpu_s"]], ":", color=GREY, label="in proportion")
        time_s.plot(done, [each["cpu_s"] for each in parts], color=ORANGE, label="measured")
        time_s.set(title="CPU seconds", xlabel="ECGs")
        time_s.legend(frameon=False)
        memory.plot(done, [each["own_mb"] for each in parts], color=INK)
        memory.set(title="MB of the process after each part", xlabel="ECGs", ylim=(0, None))
        for axes in (time_s, memory):
            axes.spines[["top", "right"]].set_visible(False)
            axes.xaxis.set_major_formatter("{x:,.0f}")
            axes.locator_params(axis="x", nbins=4)
        figure.savefig(path, dpi=150)


def sentence(found: dict[str, Any]) -> str:
    """What the kills left."""
    left = found["left"]
    complete = ", ".join(str(each["complete"]) for each in left)
    return (
        f"A table of {found['ecgs']} ECGs in {found['parts']} parts was killed "
        f"{sum(each['killed'] for each in left)} times (SIGKILL, at random moments), with "
        f"{complete} parts complete. The same command ended it: {found['same']} of "
        f"{found['parts']} files have the bytes of a table made at once."
    )


def main() -> None:
    """Measure what has not been measured; write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--maps", default="", help="method whose maps are kept, by 30 ms")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    parser.add_argument("--run", default="", help="folder of a run whose network reads LUDB")
    parser.add_argument("--scores", default="", help="only a table with scores of this method")
    parser.add_argument("--make", type=int, nargs=2, metavar=("ECGS", "PARTS"))
    parser.add_argument("--to", type=Path, default=RESULTS)
    given = parser.parse_args()
    folder = given.folder.resolve()
    if given.make:
        count, parts = given.make
        make(folder, count, parts, given.maps, sys.stdout)
        return
    if given.scores:
        found = scored(folder, given.scores)
        print(json.dumps(found))
        exchange(DOCS / "tables.md", {"scored": "\n".join(scored_rows(found))})
        return
    kept: dict[str, Any] = {"sizes": []}
    if given.to.is_file():
        kept = json.loads(given.to.read_text())
    for count in given.sizes:
        if not any((each["ecgs"], each["maps"]) == (count, given.maps) for each in kept["sizes"]):
            kept["sizes"].append(measured(folder / str(count), count, given.maps))
            kept["sizes"].sort(key=lambda each: (each["maps"], each["ecgs"]))
            write_json(given.to, kept)
    if "kills" not in kept:
        kept["kills"] = killed(folder, given.seed)
    if given.run:
        kept["recorded"] = recorded(given.run, folder / "recorded")
    kept["facts"] = facts()
    write_json(given.to, kept)
    plain = [each for each in kept["sizes"] if not each["maps"]]
    told = {"sizes": "\n".join(rows(kept["sizes"])), "kills": sentence(kept["kills"])}
    if "recorded" in kept:
        told["recorded"] = "\n".join(recorded_rows(kept["recorded"]))
    exchange(DOCS / "tables.md", told)
    draw(max(plain, key=lambda each: each["ecgs"]), DOCS / "images" / "tables.png")


if __name__ == "__main__":
    main()
