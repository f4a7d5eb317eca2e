"""Sweeps by a launcher: jobs side by side, here and as a cluster would run them."""

import subprocess
import sys

import hydra
import pytest
from ecglens.app.wrong_settings import spoken
from ecglens.config_folder import config_folder
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
    assert spoken(problem.value).endswith("pip install 'ecglens[cluster]'")


@pytest.mark.heavy
@pytest.mark.parametrize("launcher", ["local", "submitit_local"])
def test_jobs_of_a_launcher_are_reported_together_and_a_failed_one_is_named(
    launcher, sweep, store, tmp_path
):
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ecglens", *words]
        environment = {**surroundings(store), "PYTHONPATH": str(ROOT / ".typings")}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )

    words = ("target=pr,qrs", "gallery=2,-1", "hydra.sweep.dir=sweep")
    done = run("train", "-m", f"hydra/launcher={launcher}", *SMALL, *words)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == str(tmp_path / "sweep/report.html")
    failed = sorted(path.parent for path in tmp_path.glob("sweep/*/failed.json"))
    assert len(failed) == 2
    assert all(
        f"failed: sweep/{folder.name}: ecglens: expected a gallery" in done.stderr
        for folder in failed
    )
    collected = run("collect", "sweep")
    assert collected.returncode == 1
    assert collected.stdout.startswith("2 of 4 jobs have finished")


@pytest.mark.heavy
def test_a_job_that_was_stopped_is_named_in_one_line(tmp_path):
    (tmp_path / "stopped.py").write_text(
        "import os, signal\n"
        "from ecglens.app.front_door import enter\n"
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
        timeout=120,
    )
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("ecglens: Job ")
    assert line.endswith("jobs that have begun go on, ecglens collect sweep gathers them")
