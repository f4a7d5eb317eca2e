"""A real small result: an untrained network on exact ECGs, with the settings of a run."""

from dataclasses import replace

import pytest
from ecglens.datamodules import EcgData, Target
from ecglens.eval import DEFAULT, Result
from ecglens.eval.evaluations.perturbation import score
from ecglens.explain import find_all
from ecglens.models import InUnits, SmallResNet, network_key
from ecglens.report import installed_versions
from ecglens.store import Store

PR = Target("pr", "ms", "pr")


@pytest.fixture(scope="session")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A real small one: an untrained network on exact ECGs, with the settings of a run."""
    store = Store(tmp_path_factory.mktemp("store"))
    source = {"name": "exact", "n": 40, "missing_lead": "exclude", "dropped": 0.1,
              "may_leave_machine": True}  # fmt: skip
    data = EcgData(source, "median", PR, batch_size=8, seed=0, store=store)
    net = InUnits(SmallResNet(), data.y_mean, data.y_sd).eval()
    ecgs = data.test_batch(4)
    rules = replace(DEFAULT, draws=1)
    scores = score(net, ecgs, find_all(["saliency", "input_x_gradient"]), rules, progress=False)
    method = {"saliency": {"_target_": "ecglens.explain.Saliency"},
              "input_x_gradient": {"_target_": "ecglens.explain.InputXGradient"}}  # fmt: skip
    run = {
        "seed": 3, "seeds": [3], "data": source, "input": {"name": "median", "samples": 600},
        "model": {"_target_": "ecglens.models.SmallResNet", "targets": 1},
        "fit": {"epochs": 7, "batch_size": 31, "lr": 4e-3, "schedule": "one_cycle"},
        "network": {"_target_": None}, "method": method, "evaluation": {"default": vars(rules)},
    }  # fmt: skip
    facts = {**data.facts, "settings": run, "versions": installed_versions(),
             "fit": {"test/mae": 5.123, "test/r2": 0.876}}  # fmt: skip
    return Result(PR, "median", network_key(net, (12, 600)), scores, facts)
