"""Memory and speed of preparing very many records, made of links to the LUDB records in tests/data.

python -m benchmarks.preparation 2000 10000: for each number of records, in a fresh process, the
largest resident memory of the process that was started and of its workers, and the time taken.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

LUDB = Path(__file__).parents[1] / "tests" / "data" / "ludb"
PREPARE = """
import sys
from pathlib import Path
from ecglens.datamodules import open_records, prepare
from ecglens.store import Store
from ecglens_prepare import flow_of

if __name__ == "__main__":
    folder, root, input = sys.argv[1:]
    prepared = prepare(open_records("ludb", folder), Store(Path(root)), input)
    found = flow_of("ludb", input, prepared)
    print(found.ecgs, found.usable)
"""
EVERY_S = 0.2


def linked(folder: Path, records: int) -> Path:
    """A folder of LUDB's layout with so many records: own headers, signals linked, no marks."""
    samples = sorted((LUDB / "data").glob("*.hea"))
    (folder / "data").mkdir(parents=True)
    for number in range(records):
        header = samples[number % len(samples)]
        name = f"{number:06d}"
        text = header.read_text().replace(f"{header.stem}.dat", f"{name}.dat")
        text = text.replace(f"{header.stem} 12", f"{name} 12", 1)
        (folder / "data" / f"{name}.hea").write_text(text)
        (folder / "data" / f"{name}.dat").symlink_to(header.with_suffix(".dat"))
    names = (f"data/{number:06d}\n" for number in range(records))
    (folder / "RECORDS").write_text("".join(names))
    return folder


def resident(process: int) -> int:
    """Memory that this process has for itself alone, in bytes; files that it maps left out."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = [line.split() for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(lines[0][1]) * 1024 if lines else 0


def children(process: int) -> list[int]:
    """The processes that it has started."""
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(word) for word in text.split()]


class Run(NamedTuple):
    """Largest memory (bytes) of the process that was started and of any worker, and its time."""

    parent: int
    worker: int
    seconds: float


def measured(folder: Path, store: Path, input: str) -> Run:
    """Prepare the folder in a fresh process."""
    script = store.with_suffix(".py")
    script.write_text(PREPARE)
    begun = time.perf_counter()
    running = subprocess.Popen([sys.executable, script, folder, store, input])
    parent = worker = 0
    while running.poll() is None:
        parent = max(parent, resident(running.pid))
        worker = max([worker, *map(resident, children(running.pid))])
        time.sleep(EVERY_S)
    if running.returncode:
        raise RuntimeError(f"the preparation ended with {running.returncode}")
    return Run(parent, worker, time.perf_counter() - begun)


def main() -> None:
    """Print a line per number of records."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=int, nargs="+")
    parser.add_argument("--input", default="median", choices=["median", "rhythm"])
    asked = parser.parse_args()
    print("records  parent MB  worker MB  seconds")
    for records in asked.records:
        with tempfile.TemporaryDirectory() as folder:
            made = linked(Path(folder) / "ludb", records)
            run = measured(made, Path(folder) / "store", asked.input)
        line = f"{records:7d}  {run.parent / 1e6:9.0f}  {run.worker / 1e6:9.0f}  {run.seconds:7.0f}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
