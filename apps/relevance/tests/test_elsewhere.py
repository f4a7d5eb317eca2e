"""Relevance by class on real data sets: fictitious ECGs in their files, from the front door."""

from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import hydra
import numpy as np
import pandas as pd
import pytest
import scipy.io
from ecglens.cli.own_configs import search_installed
from ecglens.datamodules import Target
from ecglens.datamodules.readers.exact import Exact
from ecglens.datamodules.split import split_of
from ecglens.ecg import Record
from ecglens.eval import load_finding
from ecglens.explain import Method
from ecglens.registry import config_folder
from ecglens_relevance import Relevance
from hydra.utils import instantiate
from omegaconf import OmegaConf

from tests.datamodules.wfdb_records import write_record

Door = Callable[..., "CompletedProcess[str]"]
# The smallest job that has the classes in its test part; means of three patients are no one's.
QUICK = (
    "fit.epochs=2",
    "gallery=2",
    "method=[saliency,integrated_gradients]",
    "method.integrated_gradients.steps=4",
    "evaluation.relevance.least=3",
    "hydra.run.dir=run",
)
STATED = {"dx_af": "AFIB", "dx_lbbb": "CLBBB", "dx_normal": "NORM"}
NUMBERED = {"dx_normal": 1, "dx_af": 2, "dx_lbbb": 4}


def ecgs(n: int) -> Iterator[tuple[int, str, Record]]:
    """A number from 1 on, the label that is 1, and the ECG."""
    kinds = {"sinus": 0.4, "af": 0.3, "lbbb": 0.3}
    records = Exact(n, kinds=kinds, morphology="varied", noise_uv=10.0).read(0, n)
    for number, record in enumerate(records, 1):
        assert isinstance(record, Record)
        yield number, next(name for name in STATED if record.labels[name]), record


def ptbxl(folder: Path) -> Path:
    """A folder as PTB-XL's at 500 Hz, folds in turn."""
    rows = []
    for number, name, record in ecgs(160):
        place = f"records500/00000/{number:05d}_hr"
        write_record(folder / "records500" / "00000", f"{number:05d}_hr", record.signal.T / 1000)
        rows.append(
            {"ecg_id": number, "patient_id": f"{number}.0", "age": 30.0 + number % 60}
            | {"sex": number % 2, "site": number % 2, "strat_fold": 1 + number % 10}
            | {"scp_codes": str({STATED[name]: 100.0}), "filename_hr": place}
        )
    pd.DataFrame(rows).to_csv(folder / "ptbxl_database.csv", index=False)
    return folder


def cpsc2018(folder: Path) -> Path:
    """A folder as that of CPSC 2018: a struct in each file, and the table of classes."""
    lines = ["Recording,First_label,Second_label,Third_label"]
    for number, name, record in ecgs(120):
        about = {"sex": ("Male", "Female")[number % 2], "age": 30.0 + number % 60}
        signal = record.signal.astype(np.float64) / 1000
        scipy.io.savemat(folder / f"A{number:04d}.mat", {"ECG": about | {"data": signal}})
        lines.append(f"A{number:04d},{NUMBERED[name]},,")
    (folder / "REFERENCE.csv").write_text("\n".join(lines))
    return folder


@pytest.mark.parametrize("name", ["bender2023", "errors", "ptbxl", "cpsc2018"])
def test_each_experiment_names_methods_an_evaluation_and_classes_that_exist(name: str) -> None:
    experiment = "bender2023" if name == "bender2023" else f"bender2023_{name}"
    path = ["data.path=files"] if name in ("ptbxl", "cpsc2018") else []
    search_installed()
    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = hydra.compose("train", [f"experiment={experiment}", *path])
    assert config.data.name == (name if path else "exact")
    plain = OmegaConf.to_container(config)
    assert isinstance(plain, dict)
    target = Target.from_plain(plain["target"])
    assert target.outputs == ("af", "lbbb", "normal")
    (relevance,) = map(instantiate, config.evaluation.values())
    assert isinstance(relevance, Relevance)
    assert {*relevance.classes} <= {*target.outputs}
    assert all(isinstance(instantiate(each), Method) for each in config.method.values())
    split_of(plain["data"]["split"])


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("made", "traits"),
    [
        (ptbxl, {"age", "sex", "site"}),
        pytest.param(cpsc2018, {"age", "sex"}, marks=pytest.mark.long),
    ],
)
def test_relevance_by_class_and_subgroup_comes_from_the_files_of_a_data_set(
    door: Door, tmp_path: Path, made: Callable[[Path], Path], traits: set[str]
) -> None:
    (tmp_path / "files").mkdir()
    path = made(tmp_path / "files")
    run = door("train.py", f"experiment=bender2023_{made.__name__}", f"data.path={path}", *QUICK)
    assert run.returncode == 0, run.stderr
    relevance = load_finding(tmp_path / "run" / "findings" / "relevance")
    findings = relevance.details["findings"]
    found = findings.loc[findings["method"] == "saliency"]
    assert sorted(found["explained"]) == ["af"] * 3 + ["lbbb"] * 3
    assert all(found["verdict"])
    assert set(relevance.details["by_trait"]["trait"]) == traits
    groups = relevance.details["average_beats"].groupby("explained")["group"].unique()
    assert {name: [*each] for name, each in groups.items()} == {
        "af": ["af", "normal"],
        "lbbb": ["lbbb", "normal"],
    }
    drawn = {file.name for file in (tmp_path / "run").glob("*average-beat*.pdf")}
    assert len(drawn) == 4
