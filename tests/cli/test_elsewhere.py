"""The same commands without a network, on several devices, and from a wheel in another place."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, SMALL
from .test_distributed import step
from .test_front_doors import last_line, networks

pytestmark = pytest.mark.heavy

# A network of twenty lines and its ranking, as a reader of the README would write it.
OWN_NETWORK = """
import torch
from torch import nn
from ecglens import rank_methods
from ecglens.ecg import draw_exact, exact_beat


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(12, 8, 21, padding="same")
        self.relu = nn.ReLU()
        self.mean = nn.AdaptiveAvgPool1d(1)
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        return self.head(self.mean(self.relu(self.conv(x / 1000))).flatten(1))


torch.manual_seed(0)
x = torch.stack([torch.from_numpy(exact_beat(draw_exact(0, k)).signal) for k in range(4)])
ranking = rank_methods(Net().eval(), x, methods=["saliency", "deeplift"])
assert set(ranking.table["method"]) >= {"saliency", "deeplift", "random", "abs_x", "abs_dx"}
print(ranking.save("report.html"))
"""
# --help of each command that is named, in one process.
HELP = """
import sys
from ecglens.cli.commands import main

for command in sys.argv[1:]:
    sys.argv = ["ecglens", command, "--help"]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, command
"""


def test_nothing_needs_a_network(tmp_path):
    command = [
        sys.executable,
        str(ROOT / "train.py"),
        *SMALL,
        "data=deepfake",
        "data.n=96",
        "logger=default",
    ]
    alone = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    done = subprocess.run(
        [*alone, *command],
        cwd=tmp_path,
        env={**os.environ, "HOME": "/nowhere", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert last_line(done).is_file()
    assert list(tmp_path.rglob("*.wandb"))


@pytest.mark.long
def test_two_processes_fit_one_network_in_a_sweep_in_a_task_of_slurm(door, tmp_path):
    words = [word for word in SMALL if not word.startswith("method")]
    done = door(
        "train.py",
        "-m",
        "trainer.devices=2,1",
        *words,
        "method=saliency",
        "trainer=ddp",
        "trainer.accelerator=cpu",
        f"store={tmp_path}/store",
        f"hydra.sweep.dir={tmp_path}/sweep",
        **step(tasks=1),
    )
    assert last_line(done).is_file()
    assert len(networks(tmp_path / "store")) == 2
    # One folder per job and no others: no rank runs the sweep again.
    folders = [path.name for path in (tmp_path / "sweep").iterdir() if path.is_dir()]
    assert sorted(folders) == ["0", "1"]
    assert not (tmp_path / "runs").exists()
    logged = [path.read_text() for path in (tmp_path / "sweep/0/log").rglob("metrics.csv")]
    assert any("test/mae" in text for text in logged)


def test_the_wheels_work_in_an_empty_environment_elsewhere(tmp_path):
    def run(*command: object) -> str:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=tmp_path,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=1800,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    apps = [file.parent for file in ROOT.glob("apps/*/pyproject.toml")]
    for source in (ROOT, *apps):
        # What an earlier build left beside the source would be in the wheel.
        shutil.rmtree(source / "build/lib", ignore_errors=True)
        run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", tmp_path, source)
    wheels = [*tmp_path.glob("*.whl")]
    assert len(wheels) == 1 + len(apps)
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv/bin/python"
    install = (python, "-m", "pip", "install", "-q", "--no-compile", "-c")
    run(*install, ROOT / "requirements.lock", *wheels)
    listed = run(tmp_path / "venv/bin/ecglens", "--help")
    assert "ecglens COMMAND" in listed
    commands = ("benchmark", "measure", "plan", "reproduce", "study", "whatif")
    for command in commands:
        assert f"\n  {command} " in listed
    helped = run(python, "-c", HELP, *commands)
    assert all(f"ecglens {command}" in helped for command in commands)
    assert "smoothgrad" in run(tmp_path / "venv/bin/ecglens", "train", "--help")
    (tmp_path / "own.py").write_text(OWN_NETWORK)
    assert Path(run(python, "own.py").strip()).name == "report.html"
