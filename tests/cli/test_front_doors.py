import json
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import torch
from ecglens.eval import load_finding
from ecglens.jobs import findings_in
from ecglens.models import SmallResNet

from ..offline_runs import read_run
from .conftest import BOTH, SHOWN, started


def last_line(done) -> Path:
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().splitlines()[-1])


def networks(store: Path) -> list[Path]:
    return sorted(path for path in (store / "networks").iterdir() if path.is_dir())


def written(store: Path) -> list[tuple[Path, int]]:
    """Weights of all networks with the time at which they were written."""
    return [(path, (path / "weights.pt").stat().st_mtime_ns) for path in networks(store)]


@pytest.fixture(scope="module")
def alone(tmp_path_factory, store) -> tuple[subprocess.CompletedProcess[str], Path]:
    """The smallest job as a process of its own, and its folder."""
    folder = tmp_path_factory.mktemp("alone")
    words = (*SHOWN, *BOTH, "logger=default", f"hydra.run.dir={folder}/run")
    return started("train.py", *words, cwd=folder, store=store), folder / "run"


def test_training_ends_with_the_ranking_and_the_path_of_the_report(alone):
    done, folder = alone
    report = last_line(done)
    assert report == folder / "report.html"
    assert "<html" in report.read_text()
    lines = done.stdout.splitlines()
    for name in ("Saliency", "Input × gradient", "Random (control)", "|x| (control)"):
        assert len([line for line in lines if line.startswith(name)]) == 2  # of two protocols
    # Where there is no terminal, no stages and no bar.
    assert not [line for line in done.stderr.splitlines() if line.endswith(" s")]
    assert "━" not in done.stdout + done.stderr
    assert "%|" not in done.stderr


@pytest.mark.heavy
def test_a_sweep_reports_once_and_evaluate_trains_nothing(door, store, sweep):
    assert (sweep / "report.html").is_file()  # its path was the last line
    before = written(store)

    again = door("evaluate.py", "-m", "target=pr,qrs", *SHOWN[:-1], "method=saliency,deeplift")
    page = last_line(again)
    assert written(store) == before
    # Methods swept in separate jobs are ranked together, once per network.
    text = page.read_text()
    assert "saliency" in text
    assert "deeplift" in text


@pytest.mark.heavy
def test_the_same_job_twice_has_the_same_scores(sweep, door, tmp_path):
    last_line(door("train.py", *SHOWN, *BOTH, "hydra.run.dir=run"))
    first, second = (next(each.rglob("scores.csv")) for each in (sweep / "0", tmp_path / "run"))
    pd.testing.assert_frame_equal(pd.read_csv(first), pd.read_csv(second))


@pytest.mark.heavy
def test_a_network_of_the_users_own_is_explained_without_a_fit(door, tmp_path):
    (tmp_path / "mine.py").write_text(
        "import torch\n"
        "def load():\n"
        "    torch.manual_seed(0)\n"
        "    return torch.nn.Sequential(torch.nn.Conv1d(12, 4, 9), torch.nn.ReLU(),\n"
        "        torch.nn.AdaptiveAvgPool1d(1), torch.nn.Flatten(), torch.nn.Linear(4, 1)).eval()\n"
    )
    done = door("evaluate.py", *SHOWN, "network._target_=mine.load", PYTHONPATH=str(tmp_path))
    assert last_line(done).is_file()


@pytest.mark.heavy
def test_columns_of_the_data_are_read_beside_each_ecg(door, tmp_path):
    (tmp_path / "mine.py").write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        torch.manual_seed(0)\n"
        "        self.conv, self.head = torch.nn.Conv1d(12, 4, 9), torch.nn.Linear(5, 1)\n"
        "    def forward(self, x, rate):\n"
        "        features = torch.relu(self.conv(1e-3 * x)).mean(-1)\n"
        "        return self.head(torch.cat([features, rate[:, None] / 100], 1))\n"
        "def load():\n"
        "    return Net().eval()\n"
    )
    words = (*SHOWN, "network._target_=mine.load", "hydra.run.dir=run")
    done = door("evaluate.py", *words, "network.with_each=[rate]", PYTHONPATH=str(tmp_path))
    assert last_line(done).is_file()
    (finding,) = findings_in(tmp_path / "run")
    assert finding.facts["settings"]["network"]["with_each"] == ["rate"]
    alone = door("evaluate.py", *words, PYTHONPATH=str(tmp_path))
    assert alone.returncode == 2
    assert "with_each" in alone.stderr
    other = door("evaluate.py", *words, "network.with_each=[age]", PYTHONPATH=str(tmp_path))
    assert "expected columns of numbers in exact, got age; it has pr" in other.stderr


@pytest.mark.heavy
def test_weights_of_a_file_are_read_into_a_network_of_a_class(door, tmp_path):
    torch.manual_seed(0)
    torch.save({"state_dict": SmallResNet().state_dict()}, tmp_path / "small.ckpt")
    words = (
        "network._target_=ecglens.models.SmallResNet",
        f"network.weights={tmp_path}/small.ckpt",
    )
    done = door("evaluate.py", *SHOWN, *words)
    assert last_line(done).is_file()


@pytest.mark.heavy
def test_a_function_of_arrays_is_explained_by_the_methods_that_need_no_more(door, tmp_path):
    (tmp_path / "mine.py").write_text(
        "import numpy as np\n"
        "def load():\n"
        "    return lambda x: np.asarray(x)[:, 1, 200:300].mean(1)[:, None]\n"
    )
    words = ("network._target_=mine.load", "method=[occlusion,saliency]")
    done = door("evaluate.py", *SHOWN, *words, PYTHONPATH=str(tmp_path))
    finding = load_finding(last_line(done).parent / "findings" / "default")
    assert "occlusion" in finding.curves[0].predictions
    assert "expected a network that passes gradients on" in finding.curves[0].left_out["saliency"]


@pytest.mark.heavy
def test_as_many_ecgs_are_shown_as_the_settings_say(sweep):
    finding = load_finding(sweep / "0" / "findings" / "default")
    assert len(finding.curves[0].gallery.records) == 2  # gallery=2 in SHOWN


def test_csv_alone_leaves_the_same_files(sweep):
    assert not list(sweep.rglob("wandb"))
    path = next((sweep / "0").rglob("finding.json"))
    assert json.loads(path.read_text())["about"]["target"]["name"] == "pr"
    assert load_finding(path.parent).about.target.unit == "ms"


def test_the_offline_run_of_a_job_has_the_arranged_panels_and_nothing_else(alone):
    _, folder = alone
    run = read_run(folder / "wandb")
    assert {*run.summary} == {
        "best", "use", "level", "beat_random", "beat_target_prior", "beat_other_patients",
        "fit_error", "ecgs", "excluded", "minutes",
    }  # fmt: skip
    assert run.summary["ecgs"] == 4
    assert run.summary["minutes"] > 0
    assert {*run.charts} == {"default/curves", "noise_10/curves"}
    shown = {"answer/report", "ecgs/heatmaps", "answer/methods", "answer/networks"}
    assert shown < {*run.panels}
    # One number by itself would be a chart of one point: there are only those of the fit.
    numbers = {key for each in run.history for key in each if "." not in key and key[0] != "_"}
    assert {key for key in numbers if not key.startswith(("train/", "val/"))} <= {
        "epoch", "trainer/global_step",
    }  # fmt: skip
    assert sorted(each["type"] for each in run.artifacts.values()) == [
        "heatmaps", "network", "report", "scores",
    ]  # fmt: skip
    ranking = pd.read_csv(folder / "findings/default/table.csv")
    table = run.table("default/ranking")
    value = table["columns"].index("value")
    assert [row[value] for row in table["data"]] == pytest.approx([*ranking["value"]], rel=1e-6)
    assert run.about["display_name"].startswith("pr-median-exact-small-default+noise_10-seed0-")
    assert run.about["run_group"] == "pr-median-exact"


@pytest.mark.heavy
def test_a_network_of_the_users_own_states_its_input_in_the_settings(door, tmp_path):
    (tmp_path / "mine.py").write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self, width):\n"
        "        super().__init__()\n"
        "        torch.manual_seed(0)\n"
        "        self.conv = torch.nn.Conv1d(2, 4, width)\n"
        "    def forward(self, z):\n"
        "        assert z.shape[1:] == (200, 2), z.shape\n"
        "        return {'a': torch.relu(self.conv(z.transpose(1, 2))).mean((1, 2))}\n"
        "def load(width):\n"
        "    return Net(width).eval()\n"
    )
    spec = ("leads=[V5,II]", "fs=250", "samples=200", "layout=time lead", "output=a")
    normalisation = "network.input.normalisation={kind:z-score,ddof:1}"
    words = [*SHOWN, "network._target_=mine.load", "+network.width=9", normalisation]
    words += [f"network.input.{one}" for one in spec]
    done = door("evaluate.py", *words, PYTHONPATH=str(tmp_path))
    assert last_line(done).is_file()
    wrong = door("evaluate.py", *words, "network.input.unit=volt", PYTHONPATH=str(tmp_path))
    assert wrong.returncode == 2
    assert "expected input.unit as one of µV, uV, mV, V" in wrong.stderr.splitlines()[-1]
    alone = door("evaluate.py", *SHOWN, "network.input.unit=mV")
    assert alone.returncode == 2
    assert "network._target_ beside network.input.unit" in alone.stderr.splitlines()[-1]
