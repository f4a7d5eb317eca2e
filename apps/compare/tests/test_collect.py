"""Jobs that fail are named, the others are reported, and all scores come into one table."""

import json
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from ecglens.jobs import runs
from ecglens.jobs.folders import FAILED, jobs_in
from ecglens.jobs.runs import findings_in
from ecglens_compare.collect import LIST, _not_begun

from tests.cli.conftest import SMALL, forked

pytestmark = pytest.mark.heavy

Ended = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory, store: Path, forks) -> tuple[Path, Ended]:
    """A sweep whose first job has too few ECGs for a training part."""
    folder = tmp_path_factory.mktemp("half") / "sweep"
    few = [word for word in SMALL if not word.startswith("data.n")]
    words = ("-m", "data.n=2,160", *few, f"hydra.sweep.dir={folder}")
    return folder, forked(forks, "train.py", *words, cwd=folder.parent, store=store)


def collect(*words: object, cwd: Path, store: Path, forks) -> Ended:
    return forked(forks, "ecglens", "collect", *map(str, words), cwd=cwd, store=store)


def test_a_job_that_fails_is_named_and_the_others_are_reported(half):
    folder, ended = half
    assert ended.returncode == 1
    assert ended.stdout.splitlines()[-1] == str(folder / "report.html")
    failed = [line for line in ended.stderr.splitlines() if line.startswith("failed:")]
    assert failed[0].startswith(f"failed: {folder}/0: ")
    again = next(line for line in ended.stderr.splitlines() if "repeat:" in line)
    assert again.startswith("  repeat: ecglens train data.n=2 data=exact")
    assert again.endswith(f" hydra.run.dir={folder}/0")  # elsewhere this one would stay failed
    assert [job.state for job in jobs_in(folder)] == ["failed", "finished"]


def test_a_folder_has_nothing_of_an_earlier_collection(half, store: Path, forks, tmp_path: Path):
    folder, _ = half
    to = tmp_path / "collected"
    assert collect(folder, cwd=tmp_path, store=store, forks=forks).returncode == 1
    (to / "mine.txt").touch()
    assert (to / "report.html").exists()
    none = collect(folder / "0", cwd=tmp_path, store=store, forks=forks)
    assert "0 of 1 jobs have finished" in none.stdout
    assert {each.name for each in to.iterdir()} == {"jobs.csv", "mine.txt", LIST}


def test_a_job_that_is_mended_has_failed_no_more(half, store: Path, forks, tmp_path: Path):
    folder, _ = half
    again = tmp_path / "sweep"
    shutil.copytree(folder, again)
    words = ("data.n=160", *SMALL, f"hydra.run.dir={again}/0")
    done = forked(forks, "train.py", *words, cwd=tmp_path, store=store)
    assert done.returncode == 0, done.stderr
    assert [job.state for job in jobs_in(again)] == ["finished", "finished"]


def test_scores_of_several_runs_are_one_table(half, store: Path, forks, tmp_path: Path):
    folder, _ = half
    other = tmp_path / "other"
    shutil.copytree(folder / "1", other)
    twice = collect(folder, folder / "1", cwd=tmp_path, store=store, forks=forks)
    assert (twice.returncode, "expected each job once, got" in twice.stderr) == (2, True)
    over = collect(other, "--to", other, cwd=tmp_path, store=store, forks=forks)
    assert (over.returncode, "expected a folder of its own in --to" in over.stderr) == (2, True)
    done = collect(folder, other, cwd=tmp_path, store=store, forks=forks)
    assert done.returncode == 1
    assert "2 of 3 jobs have finished" in done.stdout
    assert f"failed: {folder}/0" in done.stderr
    to = tmp_path / "collected"
    made = {each.name for each in to.iterdir()}
    assert json.loads((to / LIST).read_text())["files"] == sorted(made - {LIST})
    assert done.stdout.splitlines()[-1] == str(to / "report.html")
    scores = pd.read_csv(to / "scores.csv")
    pd.testing.assert_frame_equal(
        scores, pd.read_parquet(to / "scores.parquet"), check_dtype=False, rtol=1e-12
    )
    (finding,) = findings_in(other)
    assert len(scores) == 2 * len(finding.tidy())
    measure = finding.measures[0].name
    rows = "run == @run and evaluation == 'default' and method == 'saliency' and measure == @m"
    found = scores.query(rows, local_dict={"run": str(other), "m": measure})["value"].tolist()
    assert found == pytest.approx(finding.scores[measure]["saliency"].ravel().tolist())
    states = pd.read_csv(to / "jobs.csv").state.tolist()
    assert states == ["failed", "finished", "finished"]


def test_a_job_in_the_folder_of_another_is_counted_once(half, store: Path, forks, tmp_path: Path):
    folder, _ = half
    for to in ("run", "run/0"):
        shutil.copytree(folder / "1", tmp_path / to)
    done = collect("run", cwd=tmp_path, store=store, forks=forks)
    assert "2 of 2 jobs have finished" in done.stdout
    (finding,) = findings_in(folder)
    rows = pd.read_csv(tmp_path / "collected/scores.csv").groupby("run").size()
    assert rows.to_dict() == dict.fromkeys(("run", "run/0"), len(finding.tidy()))


def test_a_sweep_whose_first_job_failed_is_still_its_users(half, monkeypatch):
    folder, _ = half
    owned = []
    monkeypatch.setattr(runs, "store_of", lambda _, own, said: owned.append((own, said)))
    for each in (folder, folder / "1"):
        runs.names_of(each)
    assert owned == [(True, False)] * 2


def test_a_job_that_was_killed_is_unfinished(half, store: Path, forks, tmp_path: Path):
    folder, _ = half
    killed = tmp_path / "killed"
    shutil.copytree(folder / "1", killed)
    shutil.rmtree(killed / "findings")
    done = collect(killed, cwd=tmp_path, store=store, forks=forks)
    assert done.returncode == 1
    assert f"unfinished: {killed}" in done.stderr
    assert not (killed / FAILED).exists()


def test_jobs_of_a_stopped_sweep_that_never_began_are_counted(
    half, store: Path, forks, tmp_path: Path
):
    folder, _ = half
    stopped = tmp_path / "sweep"
    shutil.copytree(folder, stopped)
    shutil.rmtree(stopped / "0")
    done = collect(stopped, cwd=tmp_path, store=store, forks=forks)
    assert done.returncode == 1
    assert "1 of 2 jobs have finished" in done.stdout
    assert f"not begun: 1 job of the sweep in {stopped}; repeat it there" in done.stderr


def test_jobs_that_never_began_are_counted_below_a_folder_and_words_of_glob_are_not(tmp_path: Path):
    for name, words in (("a", ["seed=0,1,2", "ecgs=8"]), ("b", ["target=glob(p*)"])):
        (tmp_path / name).mkdir()
        task = {"hydra": {"overrides": {"task": words}}}
        (tmp_path / name / "multirun.yaml").write_text(json.dumps(task))
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "multirun.yaml").touch()
    assert [*_not_begun(tmp_path, [tmp_path / "a" / "0"])] == [(tmp_path / "a", 2)]
    assert not [*_not_begun(tmp_path / "b", [])]


def test_a_folder_without_a_job_is_one_line(store: Path, forks, tmp_path: Path):
    done = collect(tmp_path, cwd=tmp_path, store=store, forks=forks)
    assert done.returncode == 2
    assert done.stderr.strip().startswith("ecglens: expected the folder of a run or a sweep")
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_sweep_of_preparations_with_a_failing_job_does_not_end_well(
    store: Path, forks, tmp_path: Path
):
    words = ("-m", "data=exact", "data.n=-1,8", f"hydra.sweep.dir={tmp_path}/out")
    done = forked(forks, "ecglens", "prepare", *words, cwd=tmp_path, store=store)
    assert done.returncode == 1
    first, _ = jobs_in(tmp_path / "out")
    assert first.state == "failed"


def test_two_runs_are_set_beside_each_other(half, store: Path, forks, tmp_path: Path):
    folder, _ = half
    done = forked(
        forks, "ecglens", "compare", f"{folder}/1", f"{folder}/1", cwd=tmp_path, store=store
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(tmp_path / "compared/compare.html")]
    page = (tmp_path / "compared/compare.html").read_text()
    assert "None: both runs have the same settings" in page
    half_done = forked(
        forks, "ecglens", "compare", str(folder), f"{folder}/1", cwd=tmp_path, store=store
    )
    assert half_done.stderr.startswith(f"failed: {folder}/0: ")
    assert "Not finished: 1 of its jobs." in (tmp_path / "compared/compare.html").read_text()
    refused = forked(
        forks, "ecglens", "compare", str(tmp_path), f"{folder}/1", cwd=tmp_path, store=store
    )
    assert refused.returncode == 2
    assert len(refused.stderr.strip().splitlines()) == 1
