"""`ecglens reproduce`: results of finished jobs, and kept ones that are compared with them."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from ecglens.app import reproduce
from ecglens.app.provenance import commit, processor
from ecglens.eval import STORAS2025, save_finding

from ..report.conftest import build

KEPT = Path(__file__).parents[2] / "results" / "storas" / "smoke"
NAMES = ("saliency", "smoothgrad", "deeplift", "gradient_shap")


@pytest.fixture
def ended(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Folder with one finished job, whose gallery has as many ECGs as the test's parameter says."""
    job = tmp_path / "made" / "runs" / "medians" / "0"
    (job / ".hydra").mkdir(parents=True)
    (job / ".hydra" / "hydra.yaml").touch()
    (job / ".hydra" / "config.yaml").write_text(f"store: {tmp_path / 'store'}\n")
    protocol = replace(STORAS2025, steps=25)
    save_finding(
        build(methods=NAMES, protocol=protocol, shown=getattr(request, "param", 0)),
        job / "findings" / "storas2025",
    )
    return tmp_path / "made"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The command in this process; its status, what it printed, and its errors."""

    def ran(*words: object) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["ecglens reproduce", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            reproduce.main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out, printed.err

    return ran


def test_finished_jobs_are_read_without_running_any(ended, run):
    status, printed, _ = run("storas", "--read", "--to", ended)
    assert status == 0
    assert printed.strip().endswith("reproduction.html")
    assert (ended / "table-4-median.csv").is_file()
    about = json.loads((ended / "reproduction.json").read_text())
    (ended / "reproduction.json").write_text(json.dumps(about | {"Cost": "3 CPU min"}))
    run("storas", "--read", "--to", ended)  # what the run cost stays
    again = json.loads((ended / "reproduction.json").read_text())
    assert (again["Cost"], again["Tables and figures"]) == ("3 CPU min", f"commit {commit()}")


def test_kept_results_are_compared_with_a_run(ended, run, tmp_path):
    run("storas", "--read", "--to", ended)
    kept = tmp_path / "kept"
    kept.mkdir()
    table = pd.read_csv(ended / "order.csv")
    table.to_csv(kept / "order.csv", index=False)
    status, printed, _ = run("storas", "--read", "--to", ended, "--check", kept)
    assert (status, f"the numbers are those of {kept}" in printed) == (0, True)
    table.assign(methods=7).to_csv(kept / "order.csv", index=False)
    status, _, said = run("storas", "--read", "--to", ended, "--check", kept)
    assert status == 1
    assert "order.csv, methods: 1 of 1 rows differ; in row 1 expected 7, got 4" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--check", "{made}"], "expected in --to another folder than that of the kept results"),
        (["--records", "ecg-99"], "got ecg-99; gallery=16 keeps the maps of more"),
        (["--methods", "lime"], "got lime"),
    ],
)
@pytest.mark.parametrize("ended", [2], indirect=True)
def test_wrong_use_ends_in_one_line(ended, run, words, said):
    given = [word.format(made=ended) for word in words]
    status, _, line = run("storas", "--read", "--to", ended, *given)
    assert status == 2
    assert said in line
    assert line.count("\n") == 1


def test_without_a_finished_job_there_is_nothing_to_read(run, tmp_path):
    status, _, line = run("storas", "--read", "--to", tmp_path)
    assert status == 2
    assert "expected a finished job in" in line


def test_all_studies_have_folders_of_their_own(tmp_path, monkeypatch):
    given = reproduce._parser().parse_args(["all", "--to", str(tmp_path)])
    folders = {reproduce._folder(study, given) for study in ("storas", "arends")}
    assert folders == {tmp_path / "storas" / "smoke", tmp_path / "arends" / "smoke"}
    checked = reproduce._parser().parse_args(["storas", "--check", "results/storas/smoke"])
    assert reproduce._folder("storas", checked) == Path("checked/storas/smoke")


@pytest.mark.heavy
def test_a_run_again_has_the_numbers_that_were_kept(tmp_path):
    """Where the processor is another one, as many rows and columns."""
    words = ["reproduce", "storas", "--check", str(KEPT), f"store={tmp_path / 'store'}"]
    done = subprocess.run(
        [sys.executable, "-m", "ecglens", *words],
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1"},  # as it was kept: sums have another order
        capture_output=True,
        text=True,
        timeout=3000,
    )
    kept = json.loads((KEPT / "reproduction.json").read_text(encoding="utf-8"))
    if processor() in kept["Machine"]:
        assert done.returncode == 0, done.stderr[-2000:]
    lines = [line for line in done.stderr.splitlines() if line.partition(",")[0].endswith(".csv")]
    assert done.returncode == bool(lines)
    assert all("rows differ" in line for line in lines)
