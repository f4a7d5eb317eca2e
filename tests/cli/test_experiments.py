"""Several networks and the sanity experiments, from the front door to the page."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import hydra
import numpy as np
import pandas as pd
import pytest
from ecglens.cli.own_configs import search_installed
from ecglens.eval import Finding, load_finding, rank
from ecglens.eval.evaluations.sanity import Weights
from ecglens.jobs.job import Job
from ecglens.jobs.settings import checked
from ecglens.registry import config_folder
from pytorch_lightning.loggers import CSVLogger

from .conftest import BOTH, SMALL

EVERY = "evaluation=[perturbation,similarity,consistency,weights,localisation]"
QUICK = (*SMALL, *BOTH, "target=qrs", "evaluation.weights.stages=2", "gallery=0")


@pytest.mark.long
def test_every_experiment_answers_on_the_networks_of_two_seeds(door, store, tmp_path):
    run = door("train.py", *QUICK, EVERY, "seed=[0,1]", "evaluation.weights.copies=1")
    assert run.returncode == 0, run.stderr
    page = Path(run.stdout.strip().splitlines()[-1])
    folder = page.parent
    # Two networks and the one on permuted labels.
    assert len([*(store / "networks").glob("*/weights.pt")]) >= 3
    # It starts from other weights than any network that it stands beside.
    kept = [json.loads(each.read_text()) for each in (store / "networks").glob("*/settings.json")]
    assert 2 in {each["settings"]["seed"] for each in kept if each["settings"].get("permuted")}
    findings = {each.name: load_finding(each) for each in (folder / "findings").iterdir()}
    looked_at = {name: len(each.about.networks) for name, each in findings.items()}
    one = {"similarity": 1, "weights": 1}
    both = {"consistency": 2, "localisation_edge": 2, "localisation_wave": 2}
    protocols = {"default": 2, "noise_10": 2}
    assert looked_at == one | both | protocols
    for name in protocols:
        ranked = findings[name]
        assert {*ranked.about.networks} == {*findings["consistency"].about.networks}
        assert [curves.protocol.name for curves in ranked.curves] == [name, name]
        assert rank(ranked).networks == 2
    assert {curves.seed for name in protocols for curves in findings[name].curves} == {
        0
    }  # all networks meet the same noise
    assert "2 networks" in run.stdout
    check_baselines(page.read_text(), [findings[name] for name in ("consistency", *one)])
    # The same words again: nothing is fitted, and the page says the same.
    again = door("evaluate.py", *QUICK, EVERY, "seed=[0,1]", "evaluation.weights.copies=1")
    assert again.returncode == 0, again.stderr
    other = Path(again.stdout.strip().splitlines()[-1]).parent
    for name, finding in findings.items():
        found = load_finding(other / "findings" / name)
        pd.testing.assert_frame_equal(found.table, finding.table)


def check_baselines(page: str, findings: Sequence[Finding]) -> None:
    """Every ρ on the page is in a row that has its baselines."""
    tables = re.findall(r"<table>.*?</table>", page, re.S)
    of_rho = [table for table in tables if "Spearman" in table]
    assert len(of_rho) == len(findings)
    for table in of_rho:
        heads = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", table, re.S)
        baselines = [place for place, head in enumerate(heads) if head.startswith("Baseline")]
        assert len(baselines) == 3  # another ECG, permuted labels, |x|
        rows = re.findall(r"<tr[^>]*>\s*<th scope=\"row\">.*?</tr>", table, re.S)
        assert len(rows) == 5  # two methods and three controls
        for row in rows:
            cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)
            if re.match(r"−?\d", cells[1]):  # a ρ
                assert all(re.match(r"−?\d", cells[place]) for place in baselines), row
    # A ρ in a sentence has its baseline beside it too.
    for sentence in (each.sentence for each in findings):
        if "ρ = " in sentence:
            assert "different ECGs with " in sentence


@pytest.mark.heavy
def test_an_experiment_on_several_networks_says_how_to_give_them(door):
    few = [word for word in SMALL if not word.startswith("evaluation")]
    run = door("train.py", *few, "evaluation=consistency")
    assert run.returncode != 0
    assert "give seed=[0,1,2,3,4]" in run.stderr.strip().splitlines()[-1]


@pytest.mark.heavy
def test_evaluate_says_that_nobody_trained_the_label_permuted_network(door, store):
    few = (*SMALL, "target=qt")
    assert door("train.py", *few).returncode == 0
    asked = ("evaluation=[perturbation,similarity]", "evaluation.similarity.ecgs=4")
    run = door("evaluate.py", *few, *asked)
    assert run.returncode == 0, run.stderr
    folder = Path(run.stdout.strip().splitlines()[-1]).parent
    found = load_finding(folder / "findings" / "similarity")
    assert any("that baseline is empty" in note for note in found.notes)
    assert np.isnan(found.table["permuted"].to_numpy(float)).all()


def test_labels_are_not_permuted_twice(door):
    few = [word for word in SMALL if not word.startswith("evaluation")]
    run = door("train.py", *few, "evaluation=weights", "permute_labels=true")
    assert run.returncode != 0
    assert "got permute_labels=true; leave it out" in run.stderr.strip().splitlines()[-1]


@pytest.mark.heavy
@pytest.mark.parametrize(
    "seed", ["seed=[0,0]", "seed=[]", "seed=-1", "seed=[0,x]", f"seed={2**63}"]
)
def test_a_wrong_seed_costs_no_fit(door, seed):
    run = door("train.py", *SMALL, seed)
    assert run.returncode != 0
    assert "a list of different ones as seed=[0,1,2]" in run.stderr.strip().splitlines()[-1]


@pytest.mark.heavy
def test_weights_that_cannot_be_drawn_anew_have_twins_behind_moved_inputs(door, tmp_path):
    (tmp_path / "mine.py").write_text(
        "import torch\n"
        "class Leads(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.weights = torch.nn.Parameter(torch.linspace(-1, 1, 12)[:, None])\n"
        "    def forward(self, x):\n"
        "        return (x * self.weights).mean((1, 2))[:, None]\n"
        "def load():\n"
        "    return torch.nn.Sequential(Leads()).eval()\n"
    )
    words = (*SMALL, "evaluation=[perturbation,weights]", "hydra.run.dir=run")
    run = door("evaluate.py", *words, "network._target_=mine.load", PYTHONPATH=str(tmp_path))
    assert run.returncode == 0, run.stderr
    found = {each.name: load_finding(each) for each in (tmp_path / "run" / "findings").iterdir()}
    assert {*found} == {"default", "noise_10", "weights"}
    assert "the same network behind a moved input" in found["weights"].sentence
    assert all(len(each.table) for each in found.values())


def test_the_default_asks_for_all_that_an_answer_needs(tmp_path):
    search_installed()  # what the network reacts to is measured by a package beside the core
    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        job = Job(checked(hydra.compose("train", [f"store={tmp_path}"])), tmp_path)
        full = Job(checked(hydra.compose("train", ["evaluation=[answer,weights]"])), tmp_path)
    asked = {each.name: each for each in job.evaluations()}
    assert {*asked} == {"default", "measure", "noise_10", "return_test", "weights"}
    assert asked["weights"] == Weights(
        permuted_ecgs=256, permuted_epochs=30, stages=0, copies=10, ecgs=16
    )
    assert {each.name: each for each in full.evaluations()}["weights"] == Weights()


@pytest.mark.heavy
def test_few_permuted_labels_are_for_evaluations_that_agree_on_them(door, store):
    few = (*SMALL, "target=t", "evaluation.weights.copies=1", "method=saliency")
    sizes = ("evaluation.weights.permuted_ecgs=8", "evaluation.weights.permuted_epochs=2")

    def permuted(*words):
        before = {*(store / "networks").glob("*/settings.json")}
        run = door("train.py", *few, *sizes, *words)
        assert run.returncode == 0, run.stderr
        new = {*(store / "networks").glob("*/settings.json")} - before
        kept = [json.loads(each.read_text())["settings"] for each in new]
        (one,) = (each for each in kept if each.get("permuted"))
        return one

    small = permuted("evaluation=[perturbation,gates]")
    assert (small["permuted_ecgs"], small["fit"]["epochs"]) == (8, 2)
    both = permuted("evaluation=[perturbation,gates,similarity]")
    assert "permuted_ecgs" not in both
    assert both["fit"]["epochs"] == 1


def test_a_job_without_evaluations_is_refused_and_one_without_methods_is_not(tmp_path):
    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        none = Job(checked(hydra.compose("train", ["evaluation=[]"])), tmp_path)
        plain = Job(checked(hydra.compose("train", ["method=[]"])), tmp_path)
        words = ("logger.wandb=null", "method.saliency=null", "evaluation.default=null")
        fewer = Job(checked(hydra.compose("train", [*words, f"store={tmp_path}"])), tmp_path)
    with pytest.raises(ValueError, match="at least one evaluation, got none; leave evaluation="):
        none.evaluations()
    assert plain.methods() == {}
    assert "saliency" not in fewer.methods()
    assert {each.name for each in fewer.evaluations()} >= {"noise_10", "weights"}
    assert [type(each) for each in fewer.loggers] == [CSVLogger]


def test_another_length_than_that_of_the_input_is_refused():
    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = hydra.compose("train", ["data=exact", "input.samples=500"])
    with pytest.raises(
        ValueError, match=r"input\.samples=600, the length of input=median, got 500"
    ):
        checked(config)  # before anything of an earlier run is removed
