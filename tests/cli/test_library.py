"""What Python does without Hydra is what the commands do."""

from dataclasses import replace
from pathlib import Path

import ecglens
import hydra
import numpy as np
import pytest
import torch
from ecglens.cli.own_configs import search_installed
from ecglens.datamodules import target_of
from ecglens.eval import Perturbation, load_finding
from ecglens.library import evaluations_of
from ecglens.models import network_key
from ecglens.registry import config_folder, names
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore:.*PEP 585")]
EVALUATIONS = names("evaluation")


def test_a_fit_and_an_evaluation_from_python_are_those_of_the_command(sweep: Path, store: Path):
    ecgs = ecglens.load_ecgs("exact", "pr", store=store, n=160)
    net = ecglens.fit(ecgs, epochs=1)
    trained = load_finding(sweep / "0" / "findings" / "default")
    assert network_key(net) == trained.about.networks[0]
    (default,) = evaluations_of("default", ecgs.target)
    assert isinstance(default, Perturbation)
    (found,) = ecglens.evaluate(
        net,
        ecgs,
        replace(default, draws=2),
        ["saliency", "input_x_gradient"],
        n=len(trained.about.records),
    )
    assert found.about.records == trained.about.records
    assert found.facts["fit"] == pytest.approx(trained.facts["fit"])
    for name, ours in trained.curves[0].test_part.items():
        np.testing.assert_allclose(found.curves[0].test_part[name], ours, rtol=1e-6)
    assert len(trained.curves[0].test_part["read"]) == trained.facts["test"]
    for method, scores in trained.scores["auc"].items():
        np.testing.assert_allclose(found.scores["auc"][method], scores, rtol=1e-6)


def test_a_fit_by_another_seed_and_on_permuted_labels_is_that_of_the_command(door, store):
    few = ("data=exact", "data.n=60", "fit.epochs=1", "ecgs=4", "method=[saliency]", "logger=csv",
           "evaluation=similarity", "seed=3", "hydra.run.dir=run")  # fmt: skip
    done = door("train.py", *few)
    assert done.returncode == 0, done.stderr
    ecgs = ecglens.load_ecgs("exact", "pr", store=store, n=60)
    kept = [torch.load(file, weights_only=True) for file in store.glob("networks/*/weights.pt")]
    for seed, permuted in ((3, False), (4, True)):
        weights = ecglens.fit(ecgs, epochs=1, seed=seed, permute_labels=permuted).state_dict()
        assert any(
            all(torch.equal(own, weights[name]) for name, own in each.items())
            for each in kept
            if each.keys() == weights.keys()
        )


@pytest.mark.parametrize("name", EVALUATIONS)
def test_evaluations_by_name_are_those_of_the_commands(name: str):
    GlobalHydra.instance().clear()
    search_installed()
    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = hydra.compose("train", [f"evaluation={name}"])
    plain = OmegaConf.to_container(config.evaluation, resolve=True)
    assert isinstance(plain, dict)
    expected = [hydra.utils.instantiate(each) for each in plain.values()]
    found = evaluations_of(name, target_of("pr"))
    assert [type(each) for each in found] == [type(each) for each in expected]
    for one, other in zip(found, expected, strict=True):
        for field, value in vars(other).items():
            own = getattr(one, field)
            assert (list(own) if isinstance(own, tuple | list) else own) == (
                list(value) if not isinstance(value, str) and hasattr(value, "__iter__") else value
            )
