"""Sweeps by a launcher: jobs side by side, here and as a cluster would run them."""

import subprocess
import sys
from pathlib import Path

import hydra
import pandas as pd
import pytest
from ecglens.cli.wrong_settings import spoken
from ecglens.registry import config_folder
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import MissingConfigException

from .conftest import ROOT, SMALL, surroundings

pytestmark = pytest.mark.filterwarnings("ignore:.*PEP 585")


def test_a_launcher_without_its_package_names_the_extra(monkeypatch):
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        launchers = ConfigStore.instance().repo["hydra"]["launcher"]
        monkeypatch.delitem(launchers, "submitit_slurm.yaml", raising=False)
        with pytest.raises(MissingConfigException) as problem:
            hydra.compose("train", ["hydra/launcher=slurm"], return_hydra_config=True)
    assert spoken(problem.value).endswith("pip install '.[cluster]' in a copy of the source")


@pytest.mark.heavy
@pytest.mark.parametrize(
    "launcher", [pytest.param("local", marks=pytest.mark.long), "submitit_local"]
)
def test_jobs_of_a_launcher_are_reported_together_and_a_failed_one_is_named(
    launcher, store, tmp_path
):
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ecglens", *words]
        environment = {**surroundings(store), "PYTHONPATH": str(ROOT / ".typings")}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=1800
        )

    words = ("target=pr", "gallery=1,2,-1", "hydra.sweep.dir=sweep")
    done = run("train", "-m", f"hydra/launcher={launcher}", *SMALL, *words)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == str(tmp_path / "sweep/report.html")
    failed = sorted(path.parent for path in tmp_path.glob("sweep/*/failed.json"))
    assert len(failed) == 1
    assert all(
        f"failed: sweep/{folder.name}: ecglens: expected a gallery" in done.stderr
        for folder in failed
    )
    collected = run("collect", "sweep")
    assert collected.returncode == 1
    assert collected.stdout.startswith("2 of 3 jobs have finished")


@pytest.mark.heavy
def test_a_job_that_was_stopped_is_named_in_one_line(tmp_path):
    (tmp_path / "stopped.py").write_text(
        "import os, signal\n"
        "from ecglens.cli.front_door import enter\n"
        "def task(config):\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "enter(task, 'train')\n"
    )
    done = subprocess.run(
        [
            sys.executable,
            "stopped.py",
            "-m",
            "hydra/launcher=submitit_local",
            "hydra.sweep.dir=sweep",
        ],
        cwd=tmp_path,
        env={**surroundings(tmp_path / "store"), "PYTHONPATH": str(ROOT / ".typings")},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("ecglens: Job ")
    assert line.endswith("jobs that have begun go on, ecglens collect sweep gathers them")


# Three blocks of ECGs and three chunks of maps, so that each job starts workers of its own.
JOBS = (*SMALL, "data.n=600", "ecgs=48", "workers=2", "evaluation.default.draws=1")
DDP = ("trainer=ddp", "trainer.accelerator=cpu", "trainer.devices=1,2")


def scores_by(launcher: str, folder: Path, *words: str) -> list[pd.DataFrame]:
    """The scores of each job of a sweep with a store of its own; no process of it is left."""
    store = folder / "store"
    chosen = (f"hydra/launcher={launcher}",) if launcher else ()
    command = [sys.executable, str(ROOT / "train.py"), "-m", *chosen, *JOBS, *words]
    done = subprocess.run(
        [*command, "hydra.sweep.dir=sweep"],
        cwd=folder,
        env=surroundings(store),
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr
    environments = (path for path in Path("/proc").glob("[0-9]*/environ") if readable(path))
    assert not [path for path in environments if str(store).encode() in path.read_bytes()]
    tables = sorted(folder.glob("sweep/*/findings/default/scores.csv"))
    assert [path.parts[-4] for path in tables] == [str(number) for number in range(len(tables))]
    return [pd.read_csv(path) for path in tables]


def readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except OSError:  # it has ended, or is another user's
        return False
    return True


@pytest.fixture(scope="module")
def straight(tmp_path_factory) -> list[pd.DataFrame]:
    """Scores by one and two devices, one job after another."""
    return scores_by("", tmp_path_factory.mktemp("straight"), *DDP)


@pytest.mark.long
def test_one_rank_has_the_scores_of_no_ranks_and_two_have_others(straight, tmp_path):
    (alone,) = scores_by("", tmp_path, "trainer=cpu")
    columns = ["measure", "method", "draw", "record"]
    for each in straight:
        pd.testing.assert_frame_equal(each[columns], alone[columns])
    pd.testing.assert_series_equal(straight[0]["value"], alone["value"], rtol=1e-6)
    # BatchNorm sees the ECGs of one rank: two ranks fit another network.
    assert not straight[1]["value"].equals(alone["value"])


@pytest.mark.long
@pytest.mark.parametrize("launcher", ["local", "submitit_local"])
def test_ranks_within_jobs_of_a_launcher_have_the_scores_of_jobs_one_after_another(
    launcher, straight, tmp_path
):
    found = scores_by(launcher, tmp_path, *DDP)
    for one, other in zip(found, straight, strict=True):
        pd.testing.assert_frame_equal(one, other, rtol=1e-6)
