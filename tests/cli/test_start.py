"""A fit that begins with the network of a finished run."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from ecglens.cli.own_configs import search_installed
from ecglens.ecg import LEADS, draw_exact, exact_record
from ecglens.jobs import Job, findings_in, kept_network
from ecglens.jobs.networks import settings
from ecglens.jobs.settings import checked
from ecglens.jobs.start import check_start, say_namesakes
from ecglens.models import SmallResNet
from ecglens.registry import config_folder
from ecglens.store import say_once
from hydra import compose, initialize_config_dir

from .conftest import SMALL

pytestmark = pytest.mark.heavy

OTHER = ("data.seed=7", "data.n=120")


@pytest.fixture
def run(door, tmp_path: Path) -> Path:
    done = door("train.py", "target=pr", *SMALL, "hydra.run.dir=first")
    assert done.returncode == 0, done.stderr
    return tmp_path / "first"


def network(folder: Path) -> str:
    (finding,) = (folder / "findings").glob("*/finding.json")
    (key,) = json.loads(finding.read_text("utf-8"))["about"]["networks"]
    return key


def job_of(folder: Path, *words: str) -> Job:
    search_installed()
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        return Job(checked(compose("train", list(words))), folder)


@pytest.mark.heavy
def test_a_finished_run_is_explained_on_other_ecgs_and_fitted_further(door, run, tmp_path):
    words = ("target=pr", *SMALL, *OTHER, f"fit.start={run}")
    as_it_is = door("train.py", *words, "fit.epochs=0", "hydra.run.dir=as-it-is")
    assert as_it_is.returncode == 0, as_it_is.stderr
    assert f"begins with the weights of {run}: its last layer too" in as_it_is.stderr
    assert network(tmp_path / "as-it-is") == network(run)
    further = door("train.py", *words, "hydra.run.dir=further")
    assert further.returncode == 0, further.stderr
    assert network(tmp_path / "further") != network(run)
    again = door("train.py", *words, "hydra.run.dir=again")
    assert network(tmp_path / "again") == network(tmp_path / "further")
    assert "Epoch" not in again.stdout  # nothing is fitted twice


def test_a_network_of_another_target_gives_all_but_its_last_layer(door, run):
    done = door("train.py", "target=qrs", *SMALL, f"fit.start={run}", "hydra.run.dir=qrs")
    assert done.returncode == 0, done.stderr
    assert "all but its last layer, which is fresh" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("fit.start=nowhere",), "nowhere"),
        (("fit.body_lr=0.1",), "expected fit.start beside fit.body_lr, got none"),
        (("fit.epochs=0",), "expected epochs above 0, got 0"),
        (("fit.start=empty",), "expected a finished run in fit.start"),
    ],
)
def test_a_start_that_is_none_ends_in_one_line(door, tmp_path, words, said):
    (tmp_path / "empty").mkdir()
    done = door("train.py", "target=pr", *SMALL, *words, "store=own")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "own" / "beats").exists()  # said before ECGs are prepared


def test_where_nothing_is_fitted_a_network_on_permuted_labels_has_epochs_of_its_own(door, tmp_path):
    torch.save(SmallResNet(1).state_dict(), tmp_path / "w.pt")
    words = [word for word in SMALL if not word.startswith("evaluation")]
    words += ["target=pr", *OTHER, "fit.start=w.pt", "fit.epochs=0", "store=own"]
    done = door("train.py", *words, "evaluation=[gates,similarity]")
    assert done.returncode == 2
    said = "got 0; leave that network out by evaluation.similarity.permuted=false"
    assert said in done.stderr
    assert not (tmp_path / "own" / "beats").exists()  # said before ECGs are prepared


def test_weights_in_a_file_are_a_start(door, run, tmp_path):
    weights = tmp_path / "weights.pt"
    (finding,) = findings_in(run)
    torch.save(kept_network(Job.of_finding(finding)).state_dict(), weights)
    words = ("target=pr", *SMALL, *OTHER, f"fit.start={weights}", "fit.epochs=0")
    done = door("train.py", *words, "hydra.run.dir=file")
    assert done.returncode == 0, done.stderr
    assert network(tmp_path / "file") == network(run)


def test_a_network_that_learned_from_test_ecgs_and_a_sweep_are_no_start(door, run, tmp_path):
    words = ("target=pr", *SMALL, "fit.epochs=0")
    done = door("train.py", *words, f"fit.start={run}", "data.split.seed=1", "hydra.run.dir=leak")
    assert done.returncode == 2
    assert f"learned from no test ECG, got {run}, which learned from" in done.stderr
    (tmp_path / "sweep").mkdir()
    for number in "01":
        shutil.copytree(run, tmp_path / "sweep" / number)
    done = door("train.py", *words, f"fit.start={tmp_path / 'sweep'}", "hydra.run.dir=of-sweep")
    assert done.returncode == 2
    assert f"got a sweep; give a job, as {tmp_path / 'sweep' / '0'}" in done.stderr


def test_no_run_of_a_chain_of_starts_learned_from_test_ecgs(door, run, tmp_path, store):
    short = ("target=pr", *SMALL, "fit.epochs=0")
    done = door("train.py", *short, *OTHER, f"fit.start={run}", "hydra.run.dir=second")
    assert done.returncode == 0, done.stderr
    second = tmp_path / "second"
    words = (*short, "data.split.seed=1", f"fit.start={second}")
    done = door("train.py", *words, "hydra.run.dir=third")
    assert done.returncode == 2
    assert f"got {second}, which began with {run}, which learned from" in done.stderr
    # The second one was not fitted to its own ECGs, which may be split in another way.
    check_start(job_of(tmp_path, *words, *OTHER, f"store={store}"))


def test_a_start_learned_from_no_ecg_of_the_second_data_set(door, run):
    again = ("data@data.external=exact", "data.external.n=20")  # the run's own
    words = ("target=pr", *SMALL, *OTHER, *again, f"fit.start={run}")
    done = door("train.py", *words, "hydra.run.dir=beside")
    assert done.returncode == 2
    assert f"{run}, which learned from some of these patients; give another" in done.stderr


def test_a_start_that_is_not_fitted_gives_each_seed_a_network_of_its_own(door, tmp_path, store):
    weights = tmp_path / "weights.pt"
    torch.save(SmallResNet().state_dict(), weights)
    words = ("target=pr", *SMALL, "seed=[0,1]", f"store={store}")
    with pytest.raises(
        ValueError, match=r"networks that differ, got fit\.epochs=0 for seed=\[0, 1"
    ):
        check_start(job_of(tmp_path, *words, "fit.epochs=0", f"fit.start={weights}"))
    done = door("train.py", *words, "hydra.run.dir=both")
    assert done.returncode == 0, done.stderr
    begins = ("fit.epochs=0", f"fit.start={tmp_path / 'both'}")
    check_start(job_of(tmp_path, *words, *begins))
    with pytest.raises(ValueError, match=r"seed=\[0, 2\], several of which begin with the same"):
        check_start(job_of(tmp_path, *words, *begins, "seed=[0,2]"))


def year(folder: Path, first: int) -> dict[str, str]:
    """Settings of 24 ECGs in one file, of the patients p<first>, p<first + 1> …"""
    folder.mkdir()
    signals = [exact_record(draw_exact(first, place)).signal for place in range(24)]
    np.save(folder / "ecgs.npy", np.stack(signals))
    rows = [f"{place},p{first + place}\n" for place in range(24)]
    (folder / "patients.csv").write_text("id,patient\n" + "".join(rows))
    return {
        "name": "columns", "path": str(folder), "pattern": "ecgs.npy", "fs_hz": "500", "unit": "uV",
        "leads": f"[{','.join(LEADS)}]", "leads_in": "rows",
        "table": "patients.csv", "patient_column": "patient",
    }  # fmt: skip


def test_patients_of_one_name_in_two_folders_are_told(door, tmp_path, store, capsys):
    one, other = year(tmp_path / "y19", 0), year(tmp_path / "y20", 12)

    def told(*words: str) -> str:
        say_once.cache_clear()
        say_namesakes(job_of(tmp_path, "target=rate", *SMALL[2:], f"store={store}", *words))
        return capsys.readouterr().err

    first = ("data=columns", *(f"data.{name}={each}" for name, each in one.items()))
    beside = [f"data.external.{name}={each}" for name, each in other.items()]
    beside = (*first, "data@data.external=columns", *beside)
    done = door("train.py", "target=rate", *SMALL[2:], *beside, "hydra.run.dir=y19")
    assert done.returncode == 0, done.stderr
    assert "the names of test patients in data.external (" in done.stderr
    assert not told(*first)
    # Without names of patients they are the ids of ECGs, which say nothing in another folder.
    unnamed = ("data.patient_column=null", "data.external.patient_column=null")
    assert not told(*beside, *unnamed, "data.split.seed=1")
    # Split alike, a patient is in one part, whatever the folder.
    for seed, count in ((0, 0), (1, 1)):
        parts = {"y19": one, "y20": {**other, "split": {"seed": seed}}}
        said = told("data=mixed", f"data.parts={parts}".replace("'", ""))
        assert said.count("the names of test patients in data (") == count
    words = ["data=columns", *(f"data.{name}={each}" for name, each in other.items())]
    words += [f"fit.start={tmp_path / 'y19'}"]
    assert not told(*words)
    assert f"{tmp_path / 'y19'} learned from" in told(*words, "data.split.seed=1")


class FirstFrozen(SmallResNet):
    """A network whose first layer does not learn."""

    def __init__(self, targets: int = 1) -> None:
        super().__init__(targets)
        next(self.parameters()).requires_grad_(False)


@pytest.mark.parametrize("kind", [SmallResNet, FirstFrozen])
def test_layers_that_do_not_learn_are_part_of_what_a_fit_is_kept_under(tmp_path, kind):
    weights = tmp_path / "weights.pt"
    torch.save(kind(9).state_dict(), weights)
    words = [
        "target=diagnosis",
        "data=exact",
        "data.n=20",
        f"store={tmp_path}",
        f"fit.start={weights}",
    ]
    words += ["model=small", f"model._target_={kind.__module__}.{kind.__name__}"]
    job = job_of(tmp_path, *words)
    frozen = ["body." + next(name for name, _ in kind().named_parameters())]
    key = {name: each for name, each in settings(job).items() if name == "frozen"}
    assert key == ({"frozen": frozen} if kind is FirstFrozen else {})
