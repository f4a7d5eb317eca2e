"""A real small finding: an untrained network on exact ECGs, with the settings of a run."""

from dataclasses import replace

import pytest
from ecglens.datamodules import EcgData, Target
from ecglens.eval import DEFAULT, Finding, Networks, Perturbation, subject_of
from ecglens.explain import find_all
from ecglens.models import InUnits, SmallResNet
from ecglens.report import installed_versions
from ecglens.store import Store

PR = Target("pr", "ms", "pr")


@pytest.fixture(scope="session")
def finding(tmp_path_factory: pytest.TempPathFactory) -> Finding:
    """A real small one: an untrained network on exact ECGs, with the settings of a run."""
    store = Store(tmp_path_factory.mktemp("store"))
    source = {"name": "exact", "n": 40, "missing_lead": "exclude", "dropped": 0.1,
              "may_leave_machine": True}  # fmt: skip
    data = EcgData(source, "median", PR, batch_size=8, seed=0, store=store)
    net = InUnits(SmallResNet(), data.y_mean, data.y_sd).eval()
    protocol = replace(DEFAULT, draws=1)
    method = {"saliency": {"_target_": "ecglens.explain.Saliency"},
              "input_x_gradient": {"_target_": "ecglens.explain.InputXGradient"}}  # fmt: skip
    run = {
        "seed": 3, "seeds": [3], "data": source, "input": {"name": "median", "samples": 600},
        "model": {"_target_": "ecglens.models.SmallResNet", "targets": 1},
        "fit": {"epochs": 7, "batch_size": 31, "lr": 4e-3, "schedule": "one_cycle"},
        "network": {"_target_": None}, "method": method, "evaluation": {"default": vars(protocol)},
    }  # fmt: skip
    facts = {"settings": run, "versions": installed_versions(),
             "fit": {"test/mae": 5.123, "test/r2": 0.876}}  # fmt: skip
    methods = find_all(["saliency", "input_x_gradient"])
    subject = replace(subject_of(data, methods, 4, 0, store), progress=False)
    return Perturbation(**vars(protocol))(Networks([net], facts=[facts]), subject)
