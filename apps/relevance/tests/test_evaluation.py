"""The evaluation from networks to its finding."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens.datamodules import Target
from ecglens.eval import Finding, Networks, Subject, load_finding, save_finding
from ecglens.explain import find_all
from ecglens.store import Store
from ecglens_relevance import Relevance
from ecglens_relevance.output import by_label, by_trait
from torch import nn

from tests.eval.networks import exact_ecgs

pytestmark = pytest.mark.heavy

ECGS, LEAST = 24, 4
CLASSES = Target("diagnosis", "", kind="binary", classes=("af", "lbbb", "normal"), explain="af")


def net() -> nn.Module:
    """Linear, so that input × gradient adds up to f(x) − f(0)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Flatten(), nn.Linear(12 * 600, 3)).eval()


def made_subject(folder, **changed) -> Subject:
    ecgs = exact_ecgs(ECGS)
    y = torch.nn.functional.one_hot(torch.arange(ECGS) % 3, 3).float()
    fields = {
        "ecgs": ecgs._replace(y=y),
        "methods": find_all(["input_x_gradient", "saliency"]),
        "progress": False,
        "target": CLASSES,
        "traits": {"sex": np.arange(ECGS) % 2.0, "age": np.full(ECGS, 70.0)},
    }
    return Subject(store=Store(folder), **(fields | changed))


@pytest.fixture(scope="module")
def finding(tmp_path_factory) -> Finding:
    subject = made_subject(tmp_path_factory.mktemp("store"))
    return Relevance(classes=("af", "lbbb"), least=LEAST)(Networks([net()]), subject)


def test_a_linear_network_leaves_no_gap_and_its_findings_are_identities(finding):
    gaps = finding.scores["gap"]["input_x_gradient"]
    assert gaps == pytest.approx(0, abs=1e-2)
    assert np.isnan(finding.scores["gap"]["saliency"]).all()
    findings = finding.details["findings"]
    assert set(findings["explained"]) == {"af", "lbbb"}
    of = findings[(findings["method"] == "input_x_gradient") & (findings["line"] == 1)]
    assert set(of["verdict"]) == {"identity"}
    assert of["value"].to_numpy() == pytest.approx(1, abs=1e-3)


def test_shares_are_those_of_the_parts_and_add_up(finding):
    parts = [finding.scores[f"share_{p}"]["abs_x"] for p in ("p", "qrs", "t", "tp")]
    whole = np.nansum(parts, axis=0)
    assert (whole > 0.9).all()
    by_wave = finding.details["by_wave"]
    sums = by_wave[by_wave["explained"] == "af"].groupby(["method", "group"])["share"].sum()
    assert sums.to_numpy() == pytest.approx(1, abs=0.1)  # edges belong to both neighbours


def test_average_beats_are_means_over_the_group(finding):
    beats = finding.details["average_beats"]
    assert set(beats["group"]) == {"af", "normal", "lbbb"}
    ours = beats[
        (beats["explained"] == "af") & (beats["group"] == "normal") & (beats["lead"] == "V5")
    ]
    x = exact_ecgs(ECGS).x.numpy()[2::3, 10].mean(0)
    assert ours["x"].to_numpy() == pytest.approx(x, rel=1e-4, abs=1e-2)
    assert ours["ms"].iloc[250] == 0
    assert (ours["low"] <= ours["relevance"] + 1e-9).all()


def test_nothing_tells_of_fewer_patients_than_the_least(tmp_path, finding):
    details = finding.details
    assert set(details["by_trait"]["group"]) == {"female", "male", "65–79 y"}
    assert details["by_trait"]["patients"].min() >= LEAST
    assert details["by_output"]["ecgs"].min() >= LEAST
    few = Relevance(least=ECGS + 1)(Networks([net()]), made_subject(tmp_path))
    assert [*few.details] == ["findings"]
    assert set(few.details["findings"]["verdict"]) <= {"cannot be said"}


def test_it_comes_back_from_its_folder(finding, tmp_path):
    again = load_finding(save_finding(finding, tmp_path / "finding"))
    for name, table in finding.details.items():
        pd.testing.assert_frame_equal(again.details[name], table, check_dtype=False)


def test_a_number_is_grouped_by_its_quarters(tmp_path):
    y = torch.arange(float(ECGS))[:, None]
    ecgs = exact_ecgs(ECGS)._replace(y=torch.cat([y] * 3, 1))
    pr = Target("pr", "ms", column="pr")
    subject = made_subject(tmp_path, ecgs=ecgs, target=pr, traits={})
    finding = Relevance(least=LEAST)(Networks([net()]), subject)
    groups = [*dict.fromkeys(finding.details["average_beats"]["group"])]
    assert groups == ["below 5.75 ms", "5.75 to 11.5 ms", "11.5 to 17.2 ms", "from 17.2 ms"]
    assert set(finding.details["findings"]["finding"]) == {"relevance rises with the output"}
    assert "by_trait" not in finding.details
    assert not any("no group has" in note for note in finding.notes)
    few = Relevance(least=ECGS)(Networks([net()]), subject)
    assert "average_beats" not in few.details
    assert any(f"no group has {ECGS} patients" in note for note in few.notes)


def test_ecgs_of_unknown_label_or_trait_are_in_no_group():
    y = np.array([[1.0, np.nan], [0.0, np.nan], [np.nan, 1.0]])
    two = Target("d", "", kind="binary", classes=("af", "lbbb"))
    assert {k: v.tolist() for k, v in by_label(y, 0, two).items()} == {
        "af": [True, False, False],
        "not af": [False, True, False],
    }
    groups = by_trait(
        {"age": np.array([49.9, 50.0, np.nan, 80.0]), "site": np.array([3.0, 3, 1, 1])}
    )
    assert {name: members.tolist() for name, members in groups.items()} == {
        ("age", "under 50 y"): [True, False, False, False],
        ("age", "50–64 y"): [False, True, False, False],
        ("age", "80 y and over"): [False, False, False, True],
        ("site", "site 1"): [False, False, True, True],
        ("site", "site 3"): [True, True, False, False],
    }


def test_no_group_is_lost_by_the_name_of_another():
    rr = Target("rr", "ms", "rr")
    quarters = by_label(np.linspace(1000.0, 1004.0, 80)[:, None], 0, rr)
    assert {name: int(members.sum()) for name, members in quarters.items()} == {
        "below 1001 ms": 20, "1001 to 1002 ms": 20, "1002 to 1003 ms": 20, "from 1003 ms": 20
    }  # fmt: skip
    sexes = by_trait({"sex": np.array([0.0, 1, 2, 2, 3])})
    assert {name: int(members.sum()) for (_, name), members in sexes.items()} == {
        "male": 1, "female": 1, "other": 3
    }  # fmt: skip


def test_what_cannot_be_measured_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least 2 patients"):
        Relevance(least=1)
    with pytest.raises(ValueError, match="rbbb"):
        Relevance(classes=("rbbb",))(Networks([net()]), made_subject(tmp_path))


def test_the_order_of_ecgs_changes_nothing(tmp_path, finding):
    subject = made_subject(tmp_path)
    turned = torch.arange(ECGS - 1, -1, -1)
    x, y, segments, record = subject.ecgs
    ecgs = subject.ecgs._replace(
        x=x[turned], y=y[turned], segments=segments[turned], record=record[::-1]
    )
    traits = {name: values[::-1] for name, values in subject.traits.items()}
    methods = find_all(["input_x_gradient"])
    reordered = replace(subject, ecgs=ecgs, traits=traits, methods=methods, patients=())
    other = Relevance(least=LEAST)(Networks([net()]), reordered)
    for name in ("findings", "by_wave", "by_lead"):
        table = finding.details[name]
        ours = table[(table["explained"] == "af") & (table["method"] == "input_x_gradient")]
        theirs = other.details[name]
        theirs = theirs[theirs["method"] == "input_x_gradient"]
        numbers = ours.select_dtypes("number").columns
        np.testing.assert_allclose(theirs[numbers], ours[numbers], rtol=1e-3, atol=1e-6)
