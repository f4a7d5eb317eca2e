"""Tables of findings beside printed ones: numbers, the order of the methods, and files."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import STORAS2025, joined, rank
from ecglens.eval.ranking import areas, errors
from ecglens.eval.statistics import resampled
from ecglens_reproductions.agreement import ANCHORS, order_agreement
from ecglens_reproductions.experiments import Section, Table
from ecglens_reproductions.page import LONG, write_reproduction
from ecglens_reproductions.printed import printed_auc, printed_errors
from ecglens_reproductions.storas_tables import (
    auc_table,
    error_table,
    network_order_table,
    order_table,
    paper_table,
)
from scipy.stats import spearmanr

from tests.report.conftest import build, changed, of_network

NAMES = ("saliency", "smoothgrad", "deeplift", "deconvolution", "gradient_shap")
FINDING = build(methods=NAMES, protocol=STORAS2025, fit={"test/mae": 9.56, "test/rmse": 7.07})


def test_the_order_is_compared_with_the_printed_one_as_by_scipy():
    curves = FINDING.curves[0]
    found = order_agreement(FINDING, printed_auc()["pr"])
    compared = [name for name in NAMES if name not in ANCHORS]
    assert found.methods == len(compared) == 4
    theirs = [printed_auc()["pr"][name] for name in compared]
    aucs = areas(errors([curves]), curves.protocol.until)[:, 0]
    ours = {name: aucs[place] for place, name in enumerate(curves.methods)}
    expected = spearmanr([ours[name].mean() for name in compared], theirs)[0]
    assert found.rho == pytest.approx(expected)
    redrawn = [
        spearmanr([ours[name] @ weights for name in compared], theirs)[0]
        for weights in resampled(curves.patients, curves.seed)
    ]
    low, high = np.quantile(redrawn, [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx((low, high))


def test_two_methods_have_no_order_to_compare():
    few = build(methods=("saliency", "deeplift"), protocol=STORAS2025)
    found = order_agreement(few, printed_auc()["pr"])
    assert np.isnan([found.rho, found.low, found.high]).all()


def test_every_auc_is_that_of_the_ranking_beside_the_printed_one():
    table = auc_table([FINDING]).set_index("method")
    ranked = rank(FINDING).table.set_index("method")
    pd.testing.assert_series_equal(table["auc"], ranked["value"], check_names=False)
    assert table.loc["smoothgrad", "printed"] == 1.50
    assert table.loc["random", "printed"] == 0.57
    assert np.isnan(table.loc["abs_x", "printed"])


def test_an_error_stands_beside_the_printed_one():
    (row,) = error_table([FINDING]).to_dict("records")
    assert row["mae_ratio"] == pytest.approx(2.0)  # 4.78 ms were printed
    assert row["rmse_ratio"] == pytest.approx(1.0)


def test_nothing_was_printed_of_strips():
    strips = changed(FINDING, {"input": "rhythm"})
    assert np.isnan(auc_table([strips])["printed"].to_numpy()).all()
    assert np.isnan(error_table([strips])["mae_ratio"].to_numpy()).all()


@pytest.mark.parametrize(
    "other",
    [replace(STORAS2025, name="default", outcome="change"), replace(STORAS2025, until=12), None],
    ids=["other rules", "other area", "other ECGs"],
)
def test_nothing_was_printed_of_other_rules_and_other_ecgs(other):
    rules = {"protocol": other} if other else {"protocol": STORAS2025, "source": "ptbxl"}
    finding = build(methods=NAMES, **rules)
    assert np.isnan(auc_table([finding])["printed"].to_numpy()).all()
    assert order_table([finding])["rho"].isna().to_numpy().all()
    assert not len(network_order_table([finding]))  # nor has one network another beside it
    assert np.isfinite(auc_table([FINDING])["printed"]).any()


def test_each_network_has_an_order_of_its_own():
    second = build(methods=NAMES[::-1], protocol=STORAS2025)
    both = joined([FINDING, of_network(second, "fedcba9876543210")])
    table = network_order_table([both])
    printed = table[table["beside"] == "printed"]
    alone = [order_table([each])["rho"][0] for each in (FINDING, second)]
    assert printed["rho"].tolist() == pytest.approx(alone)
    assert printed["network"].tolist() == [0, 1]
    assert abs(alone[0] - alone[1]) > 0.1
    (beside,) = [row for row in table.to_dict("records") if row["beside"] != "printed"]
    compared = [name for name in NAMES if name not in ANCHORS]
    aucs = [
        areas(errors([each.curves[0]]), STORAS2025.until)[
            [each.curves[0].methods.index(name) for name in compared], 0
        ].mean(1)
        for each in (FINDING, second)
    ]
    assert (beside["network"], beside["beside"]) == (0, "1")
    assert beside["rho"] == pytest.approx(spearmanr(*aucs)[0])


def test_every_printed_target_has_an_error_and_every_method_an_area():
    assert {*printed_auc()} == {*printed_errors()} - {"rate"}
    assert all(len(methods) == 10 for methods in printed_auc().values())


def test_the_table_for_an_article_has_each_auc_with_class_and_interval():
    rows = auc_table([FINDING])
    text = Table("table-4", "", rows, paper_table(rows, left_out=["abs_x"])).latex
    assert "|dx/dt|" in text.replace("$|$", "|")
    assert "|x|" not in text.replace("$|$", "|")
    row = rank(FINDING).table.set_index("method").loc["saliency"]
    own = f"{row['value']:.2f} ({row['tier']}) [{row['low']:.2f}, {row['high']:.2f}]"
    assert f"Saliency & {own} \\\\" in text.replace("$-$", "-")
    assert "\\quad printed & 1.27 \\\\" in text
    assert "ECGs $\\times$ networks & 24 $\\times$ 1 \\\\" in text


def test_page_tables_and_figures_lie_together(tmp_path):
    page = write_reproduction("storas", [FINDING], {"Command": "ecglens reproduce"}, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert "ecglens reproduce" in text
    parts = re.findall('<details class="question"( open)?>\n  <summary><h2>(.*)</h2>', text)
    assert parts[0] == (" open", "Do the methods have the printed order?")
    assert {opened for opened, _ in parts[1:]} == {""}
    assert 'addEventListener("beforeprint"' in text  # on paper all parts are open
    names = {each.name for each in tmp_path.iterdir()}
    assert {"table-1.csv", "order.csv", "errors.csv", "votes.csv", "reproduction.json"} < names
    assert {"table-4-median.tex", "table-4-median.csv", "figure-7-median.pdf"} < names
    order = pd.read_csv(tmp_path / "order.csv")
    assert f"{order['rho'][0]:.2f}".replace("-", "−") in text


def test_all_parts_are_open_on_paper_without_javascript(browser, tmp_path):
    page = browser.new_page(java_script_enabled=False)
    page.goto(write_reproduction("storas", [FINDING], {}, tmp_path).as_uri())
    last = page.locator(".question").last.get_by_role("table", include_hidden=True)
    assert not last.is_visible()
    page.emulate_media(media="print")
    assert last.is_visible()
    page.close()


def test_the_page_links_to_each_table_and_figure_beside_it(tmp_path):
    text = write_reproduction("storas", [FINDING], {}, tmp_path).read_text(encoding="utf-8")
    linked = set(re.findall('href="([^"]+[.](?:csv|pdf))"', text))
    assert linked == {each.name for each in tmp_path.iterdir() if each.suffix in (".csv", ".pdf")}


@pytest.mark.parametrize("rows", [LONG, LONG + 1])
def test_a_long_table_is_closed_at_first(rows, tmp_path, monkeypatch):
    table = Table("long", "What it has.", pd.DataFrame({"row": [*range(rows)]}))
    monkeypatch.setattr(
        "ecglens_reproductions.page.parts_of", lambda *_: [Section("Title", (table,))]
    )
    page = write_reproduction("storas", [], {}, tmp_path).read_text(encoding="utf-8")
    folded = re.findall("<details>.*?</details>", page, re.DOTALL)
    assert [each.count("<tr>") for each in folded] == ([] if rows == LONG else [rows + 1])
    assert page.count("What it has.") == 1
    assert page.count('href="long.csv"') == 1


@pytest.mark.heavy
def test_files_of_an_earlier_page_that_this_one_has_not_are_removed(tmp_path):
    strips = changed(FINDING, {"input": "rhythm"})
    write_reproduction("storas", [FINDING, strips], {"Command": "first"}, tmp_path)
    own = tmp_path / "figure-of-mine.pdf"
    own.write_bytes(b"mine")
    assert (tmp_path / "table-4-rhythm.csv").is_file()
    page = write_reproduction("storas", [FINDING], {"Command": "second"}, tmp_path)
    assert not [*tmp_path.glob("*rhythm*")]
    assert own.is_file()
    assert (tmp_path / "table-4-median.csv").is_file()
    assert "rhythm.pdf" not in page.read_text(encoding="utf-8")


@pytest.mark.heavy
def test_the_figure_has_the_longest_curves_and_the_table_the_most_ecgs(tmp_path):
    few = tuple(f"few-{number}" for number in range(6))
    short = build(methods=NAMES, protocol=replace(STORAS2025, steps=25))
    long = build(methods=NAMES, protocol=STORAS2025, records=few)
    for given in ([short, long], [long, short]):
        page = write_reproduction("storas", given, {}, tmp_path)
        areas = pd.read_csv(tmp_path / "table-4-median.csv")
        assert areas["method"].is_unique
        assert {*areas["ecgs"]} == {len(short.about.records)}
        text = page.read_text(encoding="utf-8")
        assert "the steps of the area. 6 ECGs, 1 network." in text
        assert "The error of the clean ECG is part of every area." in text
        assert "too. 24 ECGs, 1 network." in text


def test_captions_have_the_numbers_of_each_target_and_the_steps_of_the_area(tmp_path):
    few = tuple(f"few-{number}" for number in range(6))
    changes = replace(STORAS2025, until=12, outcome="change", name="changes")
    qt = Target("qt", "ms", "QT interval")
    given = [
        build(methods=NAMES, protocol=changes),
        build(methods=NAMES, protocol=changes, target=qt, records=few),
    ]
    text = write_reproduction("storas", given, {}, tmp_path).read_text(encoding="utf-8")
    assert text.count("PR: 24 ECGs, 1 network; QT: 6 ECGs, 1 network.") >= 2
    assert "of the change of the prediction, steps 0 to 12" in text
    assert "error of the clean ECG" not in text


def test_without_a_ranking_there_is_nothing_to_write(tmp_path):
    with pytest.raises(ValueError, match="no job has finished"):
        write_reproduction("storas", [], {}, tmp_path)


def test_conclusions_are_judged_under_the_choices_that_the_curves_have(tmp_path):
    strips = changed(FINDING, {"input": "rhythm"})
    write_reproduction("storas", [FINDING, strips], {}, tmp_path)
    table = pd.read_csv(tmp_path / "survival.csv").set_index("conclusion")
    # One network, one draw, points: outcomes, labels, ECGs and cut-offs are left.
    assert table.loc["deconvolution_is_poor", ["target", "universes"]].tolist() == ["pr", 54]
    choices = pd.read_csv(tmp_path / "choices.csv").groupby("choice")["pr"].sum()
    assert choices[["outcome", "labels", "ecgs", "until", "input"]].tolist() == [3, 2, 3, 3, 1]


def test_short_curves_have_no_conclusions(tmp_path):
    short = build(methods=NAMES, protocol=replace(STORAS2025, steps=20, cutoffs=(10, 20)))
    write_reproduction("storas", [short], {}, tmp_path)
    assert not (tmp_path / "survival.csv").exists()
