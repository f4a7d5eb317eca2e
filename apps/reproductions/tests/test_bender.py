"""Bender 2023: its findings on small networks, beside the printed words."""

from dataclasses import replace

import pandas as pd
import pytest
from ecglens.report.text import number
from ecglens_reproductions.bender import bender
from ecglens_reproductions.page import write_reproduction
from ecglens_reproductions.printed import printed_bender

from .conftest import of_data

pytestmark = pytest.mark.heavy


def test_every_finding_of_bender_has_its_verdicts(findings, tmp_path):
    page = write_reproduction("bender", findings, {}, tmp_path).read_text("utf-8")
    judged = findings[3].details["findings"]
    assert '<details class="question" open>\n  <summary><h2>relevance rises' in page
    assert all(printed_bender()[name] in page for name in {*judged["finding"], "leads"})
    rises = pd.read_csv(tmp_path / "relevance-rises-with-the-output.csv")
    expected = judged.loc[judged["finding"] == "relevance rises with the output"]
    assert rises["verdict"].tolist() == expected["verdict"].tolist()
    counts = pd.read_csv(tmp_path / "relevance-rises-with-the-output-verdicts.csv")
    assert counts[["explained", "map", "methods"]].values.tolist() == [
        [name, kind, 1] for name in ("af", "lbbb") for kind in ("contribution", "slope")
    ]


def test_leads_are_ranked_by_signed_mean_relevance_beside_the_other_group(findings, tmp_path):
    (part,) = (each for each in bender(findings) if each.title == "Leads")
    (table,) = part.tables
    by_lead = findings[3].details["by_lead"]
    assert {*table.numbers["explained"]} == {"af", "lbbb"}
    assert table.shown is not None
    of_lbbb = table.shown["class"] == "lbbb"
    shown = table.shown.loc[of_lbbb & (table.shown["method"] == "Saliency")]
    assert shown["leads"].tolist() == [12, 8]
    for leads, row in shown.set_index("leads").iterrows():
        means = by_lead.loc[
            (by_lead["explained"] == "lbbb") & (by_lead["method"] == "saliency")
            & (by_lead["leads"] == leads)
        ].set_index(["group", "lead"])  # fmt: skip
        first = means.loc["lbbb", "mean"].idxmax()
        own, other = means.loc[("lbbb", first)], means.loc[("normal", first)]
        assert row["largest mean [95 %]"].startswith(f"{first} {number(own['mean'])} [")
        assert row["there"].startswith(f"{first} {number(other['mean'])} [")
        assert row["compared with"] == "normal"
        assert row["largest share"].split()[0] == means.loc["lbbb", "share"].idxmax()


def test_mean_relevance_is_given_by_class_and_outcome(findings, tmp_path):
    write_reproduction("bender", findings, {}, tmp_path)
    means = (
        pd.read_csv(tmp_path / "means.csv").set_index(["method", "explained"]).loc["saliency", "af"]
    )
    leads, sums = (findings[3].details[name] for name in ("by_lead", "by_output"))
    own = leads.loc[(leads["method"] == "saliency") & (leads["explained"] == "af")]
    r = own.loc[own["leads"] == 12].groupby("group")["mean"].mean()
    assert (means["r"], means["r_there"]) == pytest.approx((r["af"], r["normal"]))
    tn = sums.loc[(sums["method"] == "saliency") & (sums["explained"] == "af")]
    (tn,) = tn.loc[tn["outcome"] == "TN", "relevance"]
    assert means["sum_tn"] == pytest.approx(tn)
    setup = pd.read_csv(tmp_path / "setup.csv").set_index("explained").loc["af"]
    assert setup[["errors", "TP", "FP", "TN", "FN"]].tolist() == [2, 2, 2, 2, 0]
    assert setup[["networks", "methods", "ecgs"]].tolist() == [1, 2, 6]


def test_the_caption_of_a_figure_names_its_class_and_what_was_learned_from(findings):
    named = of_data(findings[3], "exact", {"af": 4, "lbbb": 5, "normal": 3}, 0.99)
    drawn = {each.name: each.caption for each in bender([named])[-1].drawings}
    (caption,) = (text for name, text in drawn.items() if name.endswith("output-lbbb"))
    assert "left bundle branch block (lbbb)" in caption
    assert "atrial fibrillation" not in caption
    assert " · exact, 12 training ECGs. " in caption


@pytest.mark.heavy
def test_networks_that_were_made_to_err_and_single_beats_are_said(findings, tmp_path):
    sizes = ({"af": 300, "normal": 300}, {"af": 40, "normal": 35}, {"af": 20, "normal": 18})
    given = [of_data(findings[3], "exact", classes, 0.99) for classes in sizes]
    given = [replace(each, about=replace(each.about, input="median")) for each in given]
    page = write_reproduction("bender", given, {}, tmp_path).read_text("utf-8")
    assert "2 of 3 findings are of networks that learned from fewer ECGs" in page
    assert "of the same data: 75 and 38." in page
    assert "The study explained strips" in page
    assert "the absence of a P wave" in page
    alone = write_reproduction("bender", given[:1], {}, tmp_path).read_text("utf-8")
    assert "fewer ECGs" not in alone


def test_too_few_ecgs_for_a_mean_leave_a_sentence_and_the_other_parts(findings, tmp_path):
    tables = findings[3].details
    few = replace(findings[3], details={"findings": tables["findings"]})
    page = write_reproduction("bender", [few], {}, tmp_path).read_text("utf-8")
    assert "the run kept no mean by lead" in page
    assert "No mean was kept" in page
    assert not (tmp_path / "leads.csv").exists()
    both = write_reproduction("bender", [few, findings[3]], {}, tmp_path).read_text("utf-8")
    assert "the run kept no mean by lead" in both
    assert (tmp_path / "leads.csv").is_file()


def test_two_data_sets_have_rows_of_their_own(findings, tmp_path):
    both = [
        of_data(findings[3], "exact", {"af": 4, "lbbb": 0, "normal": 5}, 0.99),
        of_data(findings[3], "ptbxl", {"af": 70, "lbbb": 10, "normal": 20}, 0.91),
    ]
    write_reproduction("bender", both, {}, tmp_path)
    leads = pd.read_csv(tmp_path / "leads.csv")
    assert leads["data"].value_counts().nunique() == 1
    assert {*leads["data"]} == {"exact", "ptbxl"}


def test_without_an_experiment_there_is_nothing_to_write(tmp_path):
    with pytest.raises(ValueError, match="no job has finished"):
        write_reproduction("bender", [], {}, tmp_path)
