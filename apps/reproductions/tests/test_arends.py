"""Arends 2026: its experiments on small networks, beside the printed words."""

import re
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import STORAS2025
from ecglens_metrics.class_auroc import deletions
from ecglens_reproductions.arends_changes import perturbation
from ecglens_reproductions.arends_maps import by_method
from ecglens_reproductions.page import write_reproduction
from ecglens_reproductions.printed import printed_arends

from apps.metrics.tests.test_deletions import made_of_class
from tests.report.conftest import build, changed, with_facts

from .conftest import of_data

pytestmark = pytest.mark.heavy


def test_methods_are_counted_by_their_mean_over_classes_for_both_signs():
    rows = pd.DataFrame(
        {"method": ["a", "a", "b", "b", "random"], "data": "exact", "learned from": 9,
         "kind": ["method"] * 4 + ["control"], "value": [0.3, 0.6, 0.5, 0.9, 0.5],
         "signed": [0.1, 0.2, 0.6, 0.6, 0.5], "other_ecg": [0.5, 0.5, 0.1, 0.2, 0.5],
         "signed_other_ecg": [0.0] * 5, "verdict": ["passes", "fails", "passes", "passes", "fails"]}
    )  # fmt: skip
    found = by_method(rows).set_index("method")
    assert found.index.tolist() == ["a", "b"]
    assert found["value"].tolist() == pytest.approx([0.45, 0.7])
    assert found["value_in_range"].tolist() == [True, False]
    assert found["signed_in_range"].tolist() == [False, True]
    assert found["other_ecg_in_range"].tolist() == [True, False]
    assert found["passes"].tolist() == [1, 2]
    assert found["classes"].tolist() == [2, 2]


def test_the_four_experiments_stand_beside_the_words_of_the_abstract(findings, tmp_path):
    page = write_reproduction("arends", findings, {"Command": "x"}, tmp_path).read_text("utf-8")
    assert '<details class="question" open>\n  <summary><h2>1. Do the methods agree?' in page
    for name in ("similarity", "rho", "kept"):
        assert printed_arends()[name]["words"] in page
    rho = pd.read_csv(tmp_path / "consistency.csv").set_index("method")
    own = findings[1].table.set_index("method")["value"]
    assert rho["value"].to_dict() == pytest.approx(own.to_dict())
    signed = findings[1].details["resolutions"].set_index(["scale", "sign", "method"])["value"]
    assert rho.loc["saliency", "signed"] == pytest.approx(signed["sample", "signed", "saliency"])
    pairs = pd.read_csv(tmp_path / "similarity.csv")
    assert pairs["maps"].tolist() == ["absolute", "signed"]
    assert pairs["pairs"].tolist() == [1, 1]  # two methods; controls make no pair
    weights = pd.read_csv(tmp_path / "weights.csv").set_index("method")
    stages = findings[2].details["stages"].set_index(["mode", "stage", "sign", "method"])
    for place, name in enumerate(("none", "first")):
        absolute, signed = (
            stages.loc[("cascade", place, sign, "saliency")] for sign in ("absolute", "signed")
        )
        assert weights.loc["saliency", name] == pytest.approx(absolute["value"])
        assert weights.loc["saliency", f"beyond_x_{name}"] == pytest.approx(absolute["beyond_x"])
        assert weights.loc["saliency", f"signed_{name}"] == pytest.approx(signed["value"])
    lost = findings[2].table.set_index("method")
    for name in ("value", "low", "high", "abs_x", "centred"):
        assert weights.loc["saliency", name] == pytest.approx(lost.loc["saliency", name])
    names = {each.name for each in tmp_path.iterdir()}
    assert any(name.endswith("-matrix.pdf") for name in names)


@pytest.mark.heavy
def test_perturbation_has_areas_and_the_auroc_that_is_left(tmp_path):
    finding = with_facts(made_of_class(partial(build, shown=2)), source="exact", train=9)
    page = write_reproduction("arends", [finding], {}, tmp_path).read_text("utf-8")
    assert "The area is that of the change of the prediction, not of performance." in page
    assert "tell the class by themselves in 1 of 8 rows" in page
    told = pd.read_csv(tmp_path / "deletions.csv").set_index("method")
    expected = deletions(finding.curves).table.set_index("method")
    assert told["auroc"].to_dict() == pytest.approx(expected["auroc"].to_dict())
    assert told["mask_tells"].to_dict() == expected["mask_tells"].to_dict()
    assert (told["positive"].iloc[0], told["negative"].iloc[0]) == (12, 12)
    assert any(each.name.endswith("-deletions.pdf") for each in tmp_path.iterdir())
    classes = pd.read_csv(tmp_path / "classes.csv")
    assert classes[["explained", "ecgs", "with_it"]].values.tolist() == [["af", 24, 12]]
    asked = pd.read_csv(tmp_path / "experiments.csv")
    assert asked["experiment"].tolist() == ["4. perturbation"]
    assert "the absence of a P wave" in page


def test_perturbation_of_no_class_has_areas_alone(tmp_path):
    page = write_reproduction("arends", [build()], {}, tmp_path).read_text("utf-8")
    assert "1 of 1 rankings have no AUROC under deletion" in page
    assert not (tmp_path / "deletions.csv").exists()


def test_curves_that_rank_nothing_are_no_part_of_the_page():
    known = build(protocol=STORAS2025)
    unranked = changed(known, y=np.full(len(known.about.records), np.nan))
    assert perturbation([unranked]) is None


def test_samples_at_0_uv_are_a_caution_where_there_are_many(tmp_path):
    finding = build(shown=2)
    gallery = finding.curves[0].gallery
    half = gallery.x + 1
    half[:, :, :300] = 0
    for x, said in ((gallery.x + 1, False), (half, True)):
        one = changed(finding, gallery=replace(gallery, x=x))
        page = write_reproduction("arends", [one], {}, tmp_path).read_text("utf-8")
        assert ("in the 2 ECGs that are drawn 50 % of the samples are" in page) == said


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
    assert " · ptbxl, 100 training ECGs." in page  # of each figure
    compared = page[: page.index("Classes, ECGs and networks of each")]
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", compared)
    assert "2" in cells  # a count beside an AUROC of 0.990
    assert "2.00" not in cells
    assert "0.990" in cells
    assert "So do the baselines" not in page


def test_without_an_experiment_there_is_nothing_to_write(tmp_path):
    with pytest.raises(ValueError, match="no job has finished"):
        write_reproduction("arends", [], {}, tmp_path)
