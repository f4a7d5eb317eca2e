"""Two runs beside each other: means, paired differences, orders, settings and answers."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import DEFAULT, Finding, Measure
from ecglens.report import Pseudonyms
from ecglens_compare import Run, write_comparison
from ecglens_compare.differences import Pair, differing, pairs_of
from scipy.stats import spearmanr

from tests.report.conftest import build
from tests.report.findings import about, of_effects, of_return

QT = Target("qt", "ms", "QT interval")


def run(name: str, *findings: Finding) -> Run:
    return Run(name, findings, Pseudonyms())


def pair(one: Finding, other: Finding) -> Pair:
    (found,) = pairs_of(run("a", one).views, run("b", other).views)
    return found


def test_differences_are_taken_on_the_ecgs_of_both_runs():
    names = tuple(f"ecg-{number}" for number in range(24))
    settings = {"data": {"name": "exact"}}
    new = tuple(f"new-{number}" for number in range(12))
    one = build(records=names, settings=settings)
    other = build(gain=3.0, records=(*names[12:], *new), settings=settings)
    found = pair(one, other).table.set_index("method").loc["saliency"]
    mine, theirs = (each.scores["auc"]["saliency"].mean((0, 1)) for each in (one, other))
    moved = theirs[:12] - mine[12:]
    assert found["ecgs"] == 12
    assert found["difference"] == pytest.approx(moved.mean())
    # A bootstrap over patients of one ECG each: near the normal interval of the mean.
    half = 1.96 * moved.std(ddof=1) / np.sqrt(12)
    assert found["high"] - found["low"] == pytest.approx(2 * half, rel=0.3)
    assert found["low"] < found["difference"] < found["high"]
    assert found["first"] == pytest.approx(mine.mean())


def test_the_order_is_compared_by_ranks():
    one, other = build(), build(gain=-4.0)
    found = pair(one, other)
    rows = found.of("auc")
    rows = rows[rows["kind"] == "method"]
    expected = spearmanr(rows["first"], rows["second"])[0]
    assert found.same_order("auc") == pytest.approx(expected)
    few = build(methods=("saliency", "deeplift"))
    assert np.isnan(pair(few, few).same_order("auc"))


def test_changes_of_an_ecg_have_their_units_and_no_order_and_no_axis(tmp_path):
    names = ("pr", "p", "axis")
    gain = Measure("gain", "Gain", "", None, "description", "ours", "Change per unit.")
    gains = pd.DataFrame({"change": names, "unit": ("ms", "µV", "°")})
    scores = {"gain": {name: np.full((1, 1, 24), place) for place, name in enumerate(names)}}
    doses = Finding(about("measure"), (gain,), scores, details={"gains": gains})
    assert np.isnan(pair(doses, doses).same_order("gain"))
    text = write_comparison(run("a", doses), run("b", doses), tmp_path).read_text("utf-8")
    assert ">Gain, ms</summary>" in text
    assert ">axis, per °</th>" in text
    units = pd.read_csv(tmp_path / "compared.csv")["unit"]
    assert [*units] == ["ms per ms", "ms per µV", "ms per °"]
    assert not [*tmp_path.glob("compared-*.png")]
    bare = replace(doses, about=replace(doses.about, target=Target("own", "", "own")))
    text = write_comparison(run("a", bare), run("b", bare), tmp_path).read_text("utf-8")
    assert ">Gain</summary>" in text
    assert pair(doses, bare).apart == "The targets differ, so that the numbers are not compared."


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (build(target=QT), "targets differ"),
        (build(source="another"), "ECGs differ"),
        (build(records=tuple(f"other {n}" for n in range(24))), "Fewer than two patients"),
        (replace(build(), about=replace(build().about, input="rhythm")), "inputs differ"),
        (build(protocol=replace(DEFAULT, until=20)), "protocols differ"),
    ],
)
def test_nothing_is_subtracted_that_cannot_be_compared(other, why):
    found = pair(build(source="one") if "ECGs" in why else build(), other)
    assert why in found.apart
    assert np.isnan(found.table["difference"]).all()
    assert np.isfinite(found.table["first"] + found.table["second"]).all()


def test_ecgs_of_one_name_in_two_hospitals_have_no_difference():
    """A folder and labels that differ are of other people; a copy of the folder is not."""
    at = [{"data": {"name": "columns", "path": f"/{place}"}} for place in ("a", "b")]
    first, copied = (build(source="columns", settings=each) for each in at)
    (curves,) = copied.curves
    other = replace(copied, curves=(replace(curves, y=curves.y + 20),))
    assert not pair(first, copied).apart
    assert "ECGs differ" in pair(first, other).apart


def test_a_comparison_into_a_folder_of_another_leaves_nothing_of_it(tmp_path):
    (tmp_path / "compared-7.pdf").touch()
    (tmp_path / "mine.pdf").touch()
    write_comparison(run("a", build()), run("b", build()), tmp_path)
    assert not (tmp_path / "compared-7.pdf").exists()
    assert (tmp_path / "mine.pdf").exists()


def test_answers_to_two_targets_are_not_compared(tmp_path):
    page = write_comparison(run("a", build()), run("b", build(target=QT)), tmp_path).read_text()
    assert "Both runs give the same answer" not in page
    assert "The answers are of different networks, targets or methods" in page


def test_settings_that_differ_are_named_and_places_are_not():
    one, other = (
        build(settings={"seed": seed, "store": f"/{seed}", "fit": {"epochs": 3, "lr": seed}})
        for seed in (0, 1)
    )
    assert differing([one], [other]) == [
        {"name": "fit.lr", "first": "0", "second": "1"},
        {"name": "seed", "first": "0", "second": "1"},
    ]
    assert differing([one, other], [other])[0]["first"] == "0, 1"


def test_what_one_run_alone_built_is_one_row_and_hides_no_setting_of_the_other():
    ig = {"_target_": "captum.IG", "steps": 3, "base": {"_target_": "x.Zero", "like": 2}}
    one = build(settings={"data": {"name": "ptbxl", "n": 500}, "method": {}})
    other = build(settings={"data": {"_target_": "lab.Own", "n": 20}, "method": {"ig": ig}})
    assert [tuple(row.values()) for row in differing([one], [other])] == [
        ("data._target_", "–", "lab.Own"),
        ("data.n", "500", "20"),
        ("data.name", "ptbxl", "–"),
        ("method.ig", "–", "captum.IG"),
    ]


def test_settings_of_ecgs_that_stay_are_compared_under_pseudonyms(tmp_path):
    one, other = (
        build(
            settings={"data": {"path": f"/ward/{who}", "table": "same.csv"}},
            may_leave_machine=False,
        )
        for who in ("smith", "okonkwo")
    )
    page = write_comparison(run("a", one), run("b", other), tmp_path).read_text().lower()
    assert "smith" not in page
    assert "okonkwo" not in page
    assert page.count("data.path") == 1  # they differ
    assert "data.table" not in page  # the same in both
    assert "pseudonyms.csv" in page
    assert "the page shows ecgs" not in page
    assert "/ward/smith" in (tmp_path / "pseudonyms.csv").read_text()


def test_the_page_says_which_answers_differ(tmp_path):
    one, other = build(), build(gain=0.01)
    page = write_comparison(run("strong", one), run("weak", other), tmp_path).read_text()
    assert "What differs between two runs?" in page
    assert "Both runs give the same answer" in page or "The answer differs for" in page
    assert "strong" in page
    assert "larger in the first" in page
    table = pd.read_csv(tmp_path / "compared.csv")
    assert (table[table["kind"] == "method"]["high"] < 0).all()
    assert (tmp_path / "compared-1.png").is_file()
    assert "http" not in page.replace("http://www.w3.org", "")


def test_the_page_says_whose_maps_are_about_their_ecg(tmp_path):
    tested = of_return({"saliency": True}, build().about.networks)
    page = write_comparison(run("a", build(), tested), run("b", build()), tmp_path).read_text()
    assert page.count("; specific to its ECG: shown") == 1
    more = "same answer for . methods; for 1 method one run tested what the other did not\\."
    assert re.search(more, page)
    other = of_return({"saliency": False}, build().about.networks)
    both = run("a", build(), tested), run("b", build(), other)
    assert "The answer differs for 1 of" in write_comparison(*both, tmp_path).read_text()


def test_the_page_says_whose_maps_agree_with_measured_effects(tmp_path):
    network = build().about.networks[0]
    found = of_effects({"saliency": 0.3, "deeplift": -0.3})
    found = replace(
        found, about=replace(found.about, networks=(network,), target=build().about.target)
    )
    page = write_comparison(run("a", build(), found), run("b", build()), tmp_path).read_text()
    assert page.count("; measured effects: agrees") == 1
    assert page.count("<td>measured effects: disagrees; <span") == 1  # it comes first
    assert "; for 2 methods one run tested what the other did not." in page


def test_runs_with_nothing_in_common_are_refused(tmp_path):
    one = build()
    about = replace(one.about, evaluation="another")
    with pytest.raises(ValueError, match="expected two runs with an evaluation in common"):
        write_comparison(run("a", one), run("b", replace(one, about=about)), tmp_path)


def test_several_targets_beside_another_one_are_refused_with_the_reason(tmp_path):
    others = run("b", build(target=QT), build(target=Target("j", "µV", "J amplitude")))
    with pytest.raises(ValueError, match=r"expected one target, .* give the folder of a job"):
        write_comparison(run("a", build()), others, tmp_path)


def test_numbers_of_methods_and_of_orders_are_in_the_tables_of_a_comparison(tmp_path):
    one, other = build(), build(gain=0.9)
    page = write_comparison(run("a", one), run("b", other), tmp_path).read_text("utf-8")
    (said,) = re.findall(r'<p class="answer">(The answer differs.+?)</p>', page)
    rows = re.findall(r"<tr[^>]*><th scope=\"row\">(.+?)</th>\s*<td>(.+?)</td><td>(.+?)</td>", page)
    moved = [method for method, first, second in rows if "span" in first and first != second]
    both = [method for method, first, _ in rows if "span" in first]
    assert re.findall(r"\d+", said) == [str(len(moved)), str(len(both))]
    assert said.endswith(f": {', '.join(moved)}.")
    orders = pd.read_csv(tmp_path / "compared.csv").groupby("measure")["same_order"].first()
    shown = [float(each) for each in re.findall(r"ρ = (\S+?)</summary>", page)]
    assert shown == pytest.approx(orders.dropna(), abs=5e-4)


def test_runs_of_other_targets_have_a_scale_and_a_unit_each(tmp_path):
    voltage = Target("r", "µV", "R amplitude")
    write_comparison(run("a", build()), run("b", build(target=voltage)), tmp_path)
    page = (tmp_path / "compare.html").read_text("utf-8")
    (summary, *_) = re.findall(r"<summary>(.*?)</summary>", page, re.S)
    assert "(ms × steps) / " in summary
    assert "(µV × steps)" in summary
    figure = re.sub(r"<[^>]+>", " ", page[page.index("<svg") : page.index("</svg>")])
    assert "(ms × steps)" in figure
    assert "(µV × steps)" in figure


def test_runs_without_a_measure_of_a_method_in_common_are_said_to_have_none(tmp_path):
    one, other = (of_return({name: True}, ["a"]) for name in ("saliency", "deeplift"))
    page = write_comparison(run("a", one), run("b", other), tmp_path).read_text("utf-8")
    assert "Nothing is in common: no measure of a method is in both runs." in page
    assert not len(pair(one, other).table)


def test_a_job_is_compared_with_the_job_on_the_same_ecgs():
    """Of a sweep over data or folds, the first has none of them."""
    own = build(records=tuple(f"own {number}" for number in range(24)))
    half = build(records=(*own.about.records[:12], *build().about.records[:12]))
    for first, second in (((own,), (build(), half, own)), ((build(), half, own), (own,))):
        found = pairs_of(run("a", *first).views, run("b", *second).views)
        assert [each.second.about.records for each in found] == [own.about.records]
        assert {*found[0].table["ecgs"]} == {24}


def test_a_job_is_compared_with_the_job_of_the_same_network():
    """Of a sweep over models whose first job failed, the second comes first."""
    models = [
        replace(each, about=replace(each.about, networks=(key,)))
        for each, key in ((build(settings={"model": key}), key) for key in ("small", "large"))
    ]
    (found,) = pairs_of(run("a", *models).views, run("b", models[1]).views)
    assert found.first.about.networks == found.second.about.networks == ("large",)
    trained_again = replace(models[1], about=replace(models[1].about, networks=("another",)))
    (found,) = pairs_of(run("a", *models).views, run("b", trained_again).views)
    assert found.first.about.networks == ("large",)


def test_more_draws_are_no_other_protocol():
    few = build(protocol=replace(DEFAULT, draws=2))
    assert not pair(build(), few).apart


def test_what_one_run_alone_has_and_jobs_that_did_not_finish_are_said(tmp_path):
    one = build()
    returned = of_return({"saliency": True}, one.about.networks)
    whole, stopped = run("a", one, returned), replace(run("b", one), unfinished=2)
    page = write_comparison(whole, stopped, tmp_path).read_text("utf-8")
    first, second = page.split("<h2>Second: b</h2>")
    (said,) = re.findall("In this run alone:</p>\\s*<ul><li>(.*)</li></ul>", first)
    assert said.endswith("?")
    assert "PR" not in said  # both runs are of PR alone
    assert "Not finished" not in first
    assert "<strong>Not finished: 2 of its jobs.</strong>" in second
    assert "In this run alone" not in second


def test_runs_without_a_ranking_are_said_to_have_no_answer(tmp_path):
    effects = of_effects({"saliency": 0.3})
    page = write_comparison(run("a", effects), run("b", effects), tmp_path).read_text("utf-8")
    assert "read them one by one" not in page
    assert "Not both runs have an answer: it takes a perturbation evaluation." in page


def test_pseudonyms_of_two_keys_are_named_as_the_reason(tmp_path):
    settings = {"data": {"name": "wfdb", "path": "/ward"}}
    private = build(may_leave_machine=False, settings=settings)
    names = Pseudonyms()
    same = pairs_of(Run("a", [private], names).views, Run("b", [private], names).views)
    assert "key" not in same[0].apart
    assert "if the runs have two stores, one ECG has two of them" in pair(private, private).apart
