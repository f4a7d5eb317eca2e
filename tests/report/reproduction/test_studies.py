"""Arends 2026 and Bender 2023: their experiments on small networks, beside the printed words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens.datamodules import Target
from ecglens.eval import Finding, Networks, Subject
from ecglens.eval.evaluations.relevance import Relevance
from ecglens.eval.evaluations.sanity import Consistency, Similarity, Weights
from ecglens.explain import find_all
from ecglens.report.reproduction import write_reproduction
from ecglens.report.reproduction.arends import in_printed_range
from ecglens.report.reproduction.printed import printed_arends, printed_bender
from ecglens.store import Store
from torch import nn

from ...eval.networks import exact_ecgs

ECGS = 6
CLASSES = Target("diagnosis", "", kind="binary", classes=("af", "lbbb", "normal"), explain="af")


def net(seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = nn.Conv1d(12, 4, 21, padding=10), nn.ReLU(), nn.AdaptiveAvgPool1d(1)
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4, 3)).eval()


@pytest.fixture(scope="module")
def findings(tmp_path_factory) -> list[Finding]:
    ecgs = exact_ecgs(ECGS)
    y = torch.nn.functional.one_hot(torch.arange(ECGS) % 3, 3).float()
    subject = Subject(
        ecgs._replace(y=y),
        find_all(["input_x_gradient", "saliency"]),
        store=Store(tmp_path_factory.mktemp("store")),
        progress=False,
        target=CLASSES,
    )
    evaluations = (
        Similarity(permuted=False),
        Consistency(permuted=False),
        Weights(permuted=False, stages=2, copies=1),
        Relevance(least=2),
    )
    *sanity, relevance = (each(Networks([net(0), net(1)]), subject) for each in evaluations)
    shown = {name: each for name, each in relevance.details.items() if name != "average_beats"}
    return [*sanity, replace(relevance, details=shown)]  # drawings of beats take seconds


def test_what_lies_in_the_printed_range_is_said_of_the_baseline_too():
    table = pd.DataFrame(
        {"value": [0.40, 0.41, 0.65, 0.66], "other_ecg": [0.5, 0.1, 0.6, 0.7],
         "difference_low": [-0.1, 0.2, 0.0, -0.3]}
    )  # fmt: skip
    found = in_printed_range(table)
    assert found["in_printed_range"].tolist() == [False, True, True, False]
    assert found["baseline_in_printed_range"].tolist() == [True, False, True, False]
    assert found["above_baseline"].tolist() == [False, True, False, False]


def test_the_four_experiments_stand_beside_the_words_of_the_abstract(findings, tmp_path):
    page = write_reproduction("arends", findings, {"Command": "x"}, tmp_path).read_text("utf-8")
    for name in ("similarity", "rho", "kept"):
        assert printed_arends()[name]["words"] in page
    rho = pd.read_csv(tmp_path / "consistency.csv").set_index("method")
    own = findings[1].table.set_index("method")["value"]
    assert rho["value"].to_dict() == pytest.approx(own.to_dict())
    pairs = pd.read_csv(tmp_path / "similarity.csv")
    assert pairs["pairs"].tolist() == [1]  # two methods; controls make no pair
    weights = pd.read_csv(tmp_path / "weights.csv").set_index("method")
    stages = findings[2].details["stages"].set_index(["mode", "stage", "sign", "method"])["value"]
    for place, name in enumerate(("none", "first", "last")):
        known = stages.loc[("cascade", place, "absolute", "saliency")]
        assert weights.loc["saliency", name] == pytest.approx(known)
    names = {each.name for each in tmp_path.iterdir()}
    assert any(name.endswith("-matrix.pdf") for name in names)


def of_data(finding: Finding, source: str, classes: dict[str, int], auroc: float) -> Finding:
    """The finding on ECGs of this source, with training ECGs of each class, and its AUROC."""
    facts = {
        "source": source,
        "train": sum(classes.values()),
        "classes": {name: {"yes": yes, "no": 9, "unknown": 0} for name, yes in classes.items()},
    }
    fit = {"fit": {"test/auroc/af": auroc, "test/auroc/lbbb": float("nan")}}
    fits = tuple({**each, **fit} for each in finding.about.fits or ({}, {}))
    data = {**finding.about.data, **facts}
    return replace(finding, about=replace(finding.about, data=data, fits=fits))


def test_two_data_sets_have_rows_of_their_own(findings, tmp_path):
    both = [
        of_data(each, *of)
        for of in (
            ("exact", {"af": 4, "lbbb": 0, "normal": 5}, 0.99),
            ("ptbxl", {"af": 70, "lbbb": 10, "normal": 20}, 0.91),
        )
        for each in findings
    ]
    page = write_reproduction("arends", both, {}, tmp_path / "arends").read_text("utf-8")
    for name in ("similarity", "consistency", "weights"):
        table = pd.read_csv(tmp_path / "arends" / f"{name}.csv")
        assert {*zip(table["data"], table["learned from"], strict=True)} == {
            ("exact", 9),
            ("ptbxl", 100),
        }
    setup = pd.read_csv(tmp_path / "arends" / "setup.csv").set_index(["quantity", "data"])["here"]
    assert (setup["classes", "exact"], setup["classes", "ptbxl"]) == (2, 3)
    assert (setup["auroc", "exact"], setup["auroc", "ptbxl"]) == (0.99, 0.91)
    assert " · ptbxl." in page  # of each figure
    assert "So do the baselines" not in page
    write_reproduction("bender", both, {}, tmp_path / "bender")
    leads = pd.read_csv(tmp_path / "bender" / "leads.csv")
    assert leads["data"].value_counts().nunique() == 1
    assert {*leads["data"]} == {"exact", "ptbxl"}


def test_every_finding_of_bender_has_its_verdicts(findings, tmp_path):
    page = write_reproduction("bender", findings, {}, tmp_path).read_text("utf-8")
    judged = findings[3].details["findings"]
    assert all(printed_bender()[name] in page for name in {*judged["finding"], "leads"})
    rises = pd.read_csv(tmp_path / "relevance-rises-with-the-output.csv")
    expected = judged.loc[judged["finding"] == "relevance rises with the output"]
    assert rises["verdict"].tolist() == expected["verdict"].tolist()
    leads = pd.read_csv(tmp_path / "leads.csv")
    table = findings[3].details["by_lead"]
    row = leads.iloc[0]
    of = table.loc[
        (table["method"] == row["method"]) & (table["group"] == row["group"])
        & (table["explained"] == row["explained"]) & (table["leads"] == 12)
    ]  # fmt: skip
    assert row["leads"].split()[0] == of.loc[of["share"].idxmax(), "lead"]
    assert np.isfinite(of["share"]).all()


@pytest.mark.parametrize("study", ["arends", "bender"])
def test_without_an_experiment_there_is_nothing_to_write(study, tmp_path):
    with pytest.raises(ValueError, match="no job has finished"):
        write_reproduction(study, [], {}, tmp_path)
