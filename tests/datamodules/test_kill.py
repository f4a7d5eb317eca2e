"""Kill −9 in the middle of a preparation: nothing half-made, nobody left behind."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ecglens.datamodules import Prepared, open_records, prepare
from ecglens.store import Store

from .broken import SOURCES

pytestmark = pytest.mark.heavy

SCRIPT = """
import sys
from pathlib import Path
from ecglens.datamodules import open_records, prepare
from ecglens.store import Store

if __name__ == "__main__":
    source = open_records("exact", n=100000, noise_uv=5.0)
    prepare(source, Store(Path(sys.argv[1])), workers=2, block=10)
"""
PATIENCE_S = 600


def until(problem: str, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE_S} s: {problem}"
        time.sleep(0.05)


def finished(root: Path) -> list[Path]:
    return [path for path in root.glob("beats/*") if path.is_dir() and not path.suffix]


def children(process: int) -> list[int]:
    return [
        int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_killed_preparation_leaves_whole_blocks_and_no_process(tmp_path: Path) -> None:
    script, root = tmp_path / "prepare.py", tmp_path / "store"
    script.write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, script, root], stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        until("no block was finished", lambda: len(finished(root)) >= 3)
        workers = children(process.pid)
        assert len(workers) >= 2
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    until("workers outlive their parent", lambda: not any(map(alive, workers)))
    kept = finished(root)
    again = prepare(open_records("exact", n=60, noise_uv=5.0), Store(root), workers=1, block=10)
    assert set(kept) & set(again.blocks)
    straight = prepare(
        open_records("exact", n=60, noise_uv=5.0), Store(tmp_path / "other"), workers=1, block=10
    )
    assert again.table.equals(straight.table)
    assert np.array_equal(again.x(np.arange(60)), straight.x(np.arange(60)))


KILLS = 3  # at most: each starts a process
FILES = """
import sys
from pathlib import Path
from ecglens.datamodules import open_records, prepare
from ecglens.store import Store

if __name__ == "__main__":
    source = open_records("ludb", sys.argv[1])
    prepare(source, Store(Path(sys.argv[2])), "rhythm", workers=2, block=13)
"""


def contents(root: Path) -> dict[str, bytes]:
    """Every file of a store by its place, without locks and the hashes of the files of a source.

    Hashes are kept for later processes, those of files that have just been written are not.
    """
    found = (path for path in root.rglob("*") if path.is_file() and path.suffix != ".lock")
    files = [path for path in found if path.parent.name != "file_hashes"]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


@pytest.mark.heavy
def test_killed_at_random_a_source_of_files_ends_the_same_to_the_byte(tmp_path: Path) -> None:
    source, script, root = tmp_path / "ludb", tmp_path / "prepare.py", tmp_path / "store"
    script.write_text(FILES)
    SOURCES["ludb header"].make(source, [str(number) for number in range(104)])
    for number in (3, 47, 48, 100):
        (source / "data" / f"{number}.dat").unlink()
    draws, kills = random.Random(0), 0
    while True:
        process = subprocess.Popen(
            [sys.executable, script, source, root],
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        before = len(finished(root))
        try:
            # At any moment, while kills may still hit, but not before a block more is kept.
            until(
                "no block more",
                lambda p=process, n=before: p.poll() is not None or len(finished(root)) > n,
            )
            process.wait(timeout=draws.uniform(0.0, 0.3) if kills < KILLS else None)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
        else:
            assert process.returncode == 0
            break
    assert kills >= 2  # how many depends on how fast the machine is
    other = tmp_path / "other"
    subprocess.run([sys.executable, script, source, other], check=True, capture_output=True)
    assert contents(root) == contents(other)
    assert len(Prepared(tuple(finished(root)))) == 100
