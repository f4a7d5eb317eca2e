"""A process that may open few files: the commands go on, or say so in one line."""

import subprocess
import sys

import pytest

from .conftest import ROOT, SMALL, surroundings

pytestmark = pytest.mark.heavy  # processes of their own


def ended(store, tmp_path, files: int) -> subprocess.CompletedProcess[str]:
    """A job by two workers that may open this number of files."""
    resource = pytest.importorskip("resource")
    words = ("ecgs=40", "workers=2", "method=[saliency]", "evaluation.default.draws=1")
    return subprocess.run(
        [sys.executable, str(ROOT / "train.py"), *SMALL, "data.n=600", *words],
        cwd=tmp_path,
        env=surroundings(store),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),
        capture_output=True,
        text=True,
        timeout=1800,
    )


@pytest.mark.long
def test_64_files_are_enough_for_a_job_by_several_workers(tmp_path):
    done = ended(tmp_path / "store", tmp_path, 64)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].endswith("report.html")


def test_too_few_files_are_said_in_one_line_with_what_to_do(tmp_path):
    done = ended(tmp_path / "store", tmp_path, 10)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ecglens: [Errno 24] Too many open files")
    assert last.endswith("allow more open files: ulimit -n 4096")
