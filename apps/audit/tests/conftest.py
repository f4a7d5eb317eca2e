"""A finished run without a network: a finding of each kind that the pack reads."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import DECIDING, Finding, Measure, save_finding

from tests.report.conftest import METHODS, build, with_rungs
from tests.report.findings import about, of_effects, of_measures, of_return, of_rho, of_weights

NETWORK = build(methods=("saliency",)).about.networks[0]
SETTINGS = {
    "evaluation": {name: {} for name in ("default", "noise_10", "weights", "return_test")},
    "model": {"_target_": "ecglens.models.SmallResNet"},
    "fit": {"epochs": 7, "batch_size": 31, "lr": 4e-3, "schedule": "one_cycle"},
    "seeds": [3],
}
CONFIG = {"store": "store", "data": {"may_leave_machine": True}}
MEASURED: dict[str, tuple[Any, ...]] = {  # kinds of their measures
    "localisation_wave": ("plausibility",) * 4,
    "localisation_edge": ("plausibility",) * 4,
    "axioms": ("robustness",) * 4 + ("faithfulness",) * 2,
}


FACTS = {"settings": SETTINGS, "ecgs": 40, "usable": 38, "train": 20, "test": 10}


def on_network(finding: Finding) -> Finding:
    """The finding as one of the run's network and data."""
    base = build(methods=("saliency",), **FACTS).about
    return replace(finding, about=replace(finding.about, networks=(NETWORK,), data=base.data,
                                          fits=base.fits))  # fmt: skip


def ranking(place: int, methods: tuple[str, ...]) -> Finding:
    """A ranking by a deciding protocol, with maps that beat the region and those of others."""
    found = build(methods=methods, protocol=DECIDING[place], gain=6.0 + place, **FACTS)
    null = found.curves[0].predictions["random"]
    return with_rungs(found, null, **dict.fromkeys(methods, null))


def of_doses() -> Finding:
    """Gains of two changes of an ECG."""
    gain = Measure("gain", "Gain", "", None, "description", "ours", "Change per unit.")
    columns = ["change", "output", "unit", "gain", "low", "high", "per_sd", "n", "reason"]
    gains = pd.DataFrame(
        [
            ("p", "a", "µV", 1.2, 1.1, 1.3, 3.0, 21),
            ("pr", "a", "ms", 0.913, 0.871, 0.955, 18.0, 24),
            ("q", "a", "µV"),
            ("t", "a", "µV", *[None] * 5, "bent: lines leave 30 % of the squared responses"),
        ],
        columns=pd.Index(columns),
    )
    scores = {"gain": {"pr": np.full((1, 1, 24), 0.913)}}
    return Finding(about("measure"), (gain,), scores, details={"gains": gains})


def measured(name: str, kinds: tuple[Any, ...]) -> Finding:
    """A finding with a measure of each kind."""
    measures = [
        Measure(f"mass_{place}", f"Mass {place}", "", True, kind, "ours", "How much.")
        for place, kind in enumerate(kinds)
    ]
    return of_measures(about(name, 40, patients=tuple(f"p{n % 20}" for n in range(40))), measures)


def findings(methods: tuple[str, ...] = METHODS[:1]) -> Mapping[str, Finding]:
    """One finding of each kind, by the folder that has it."""
    tested = dict.fromkeys(methods[:2], True)
    found = {each.name: ranking(place, methods) for place, each in enumerate(DECIDING)}
    found |= {
        "weights": on_network(of_weights()),
        "return_test": on_network(of_return(tested, [NETWORK])),
        "effects": on_network(of_effects({"saliency": 0.3, "deeplift": -0.3})),
        "consistency": on_network(of_rho()),
        "measure": on_network(of_doses()),
    }
    return found | {name: on_network(measured(name, kind)) for name, kind in MEASURED.items()}


def write(folder: Path, found: Mapping[str, Finding]) -> Path:
    """Folder of a finished run as a job leaves it."""
    for name, each in found.items():
        save_finding(each, folder / "findings" / name)
    (folder / ".hydra").mkdir()
    job = {"job": {"config_name": "train"}, "runtime": {"config_sources": []}}
    for name, text in (("hydra", {"hydra": job}), ("overrides", []), ("config", CONFIG)):
        (folder / ".hydra" / f"{name}.yaml").write_text(json.dumps(text))
    return folder


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that tested everything that the pack has a place for."""
    return write(tmp_path_factory.mktemp("audit") / "run", findings())
