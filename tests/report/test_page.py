"""The page says what the numbers say, asks for nothing outside itself, and survives any name."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.ecg import V5
from ecglens.eval import (
    DEFAULT,
    GAINS,
    MOST_KEPT,
    POINTS,
    POWER,
    STORAS2025,
    Finding,
    Gallery,
    rank,
)
from ecglens.report import write_report
from ecglens.report.answer.figure import answer_figures
from ecglens.report.answer.top import top_words
from ecglens.report.answer.words import words_of
from ecglens.report.figures.ecg import LEVELS, display_scale
from ecglens.report.page import html
from ecglens.report.style import style
from ecglens.report.text.cautions import score_validation
from ecglens.report.text.numerals import decimals, fixed, number, percent
from ecglens.report.views.gallery import embedded
from ecglens.report.views.perturbation import perturbation_views
from PIL import Image

from .conftest import CONTROLS, METHODS, changed, of_network, of_views
from .findings import of_measures

Make = Callable[..., Finding]


class Page(HTMLParser):
    """Tables, embedded JSON, addresses and words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.rows: list[list[str]] = []
        self.json: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.inside: str | None = None
        self.in_cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        for name in ("src", "href", "xlink:href", "action", "srcset", "poster", "data"):
            if given.get(name) is not None:
                self.addresses.append(str(given[name]))
        self.inside = tag if tag in ("script", "style") else self.inside
        if tag == "script" and given.get("type") == "application/json":
            self.inside = "json"
            self.json.append("")
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.inside = None
        if tag in ("td", "th"):
            self.in_cell = False

    def handle_data(self, data: str) -> None:
        if self.inside == "json":
            self.json[-1] += data
        elif self.inside is None:
            self.words.append(data)
            if self.in_cell:
                self.rows[-1][-1] += data.strip()

    @property
    def said(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def page_of(findings: list[Finding], folder: Path) -> Page:
    return Page(write_report(findings, folder).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def finding(make_finding: Make) -> Finding:
    """A finding with the heatmaps of two ECGs."""
    return make_finding(shown=2)


@pytest.fixture(scope="module")
def written(finding: Finding, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the report of one finding."""
    return write_report([finding], tmp_path_factory.mktemp("report")).parent


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    return Page((written / "report.html").read_text(encoding="utf-8"))


@pytest.mark.heavy
def test_a_report_leaves_no_file_of_an_evaluation_that_is_gone(finding, tmp_path):
    (tmp_path / "mine.csv").touch()
    write_report([finding, of_measures()], tmp_path)
    before = {each.name for each in tmp_path.iterdir()}
    write_report([finding], tmp_path / "alone")
    write_report([finding], tmp_path)
    alone = {each.name for each in (tmp_path / "alone").iterdir()}
    assert {each.name for each in tmp_path.iterdir()} == alone | {"alone", "mine.csv"} != before


@pytest.mark.heavy
def test_the_page_stands_alone_and_links_to_files_beside_it(page: Page, written: Path) -> None:
    outside = [a for a in page.addresses if not a.startswith(("data:", "#"))]
    assert [name for name in outside if not (written / name).is_file()] == []
    assert {"pr-median-default-ranking.csv", "measures.csv"} <= {*outside}
    assert not re.search(r"https?:|//[a-z]+\.|@import|fetch\(|XMLHttpRequest", page.text)
    assert not {"link", "iframe", "object", "embed"} & set(page.tags) - {"link"}


@pytest.mark.heavy
def test_protocols_of_one_network_share_a_gallery_and_a_page_has_2_mb(
    make_finding: Make, tmp_path: Path
) -> None:
    settings = {"seed": 0, "data": {"name": "exact"}}
    of_one = [
        make_finding(protocol=protocol, shown=16, settings=settings)
        for protocol in (DEFAULT, STORAS2025)
    ]
    page = page_of(of_one, tmp_path)
    assert page.text.count("data-gallery=") == 1
    assert page.text.count("<h3>Settings and versions</h3>") == 1
    shared = "The heatmaps and the facts about the network are those of PR"
    assert page.said.count(shared) == 1
    assert (tmp_path / "report.html").stat().st_size <= 2_000_000  # the budget of both is spent
    without = [make_finding(protocol=protocol) for protocol in (DEFAULT, STORAS2025)]
    assert "The heatmaps" not in page_of(without, tmp_path / "without").said  # there are none
    other = of_network(make_finding(protocol=STORAS2025, shown=2), "fedcba9876543210")
    page = page_of([of_one[0], other], tmp_path / "two")
    assert page.text.count("data-gallery=") == 2
    assert shared not in page.said


@pytest.mark.heavy
def test_the_answer_comes_first_and_its_numbers_are_those_of_the_ranking(
    page: Page, finding: Finding
) -> None:
    table = rank(finding).table
    answer = "No map yet: a test is missing or undecided."
    assert 0 < page.said.index(answer) < page.said.index("Ranking")
    places = decimals(table["value"])
    for row in table.to_dict("records"):
        shown = next(r for r in page.rows if len(r) == 10 and r[1] == label(row["method"]))
        assert shown[2] == fixed(row["value"], places)
        assert shown[3] == f"{fixed(row['low'], places)} to {fixed(row['high'], places)}"
        assert shown[7] == {"control": "", "method": "yes"}[row["kind"]]
    best = table.set_index("method").loc["saliency"]
    assert f"The difference in area under the curve is {number(best['difference'])} ms" in page.said
    assert f"{number(best['difference_low'])} to {number(best['difference_high'])}" in page.said


def label(name: str) -> str:
    return style(name).label


def test_a_p_at_the_floor_of_the_bootstrap_is_a_bound(make_finding: Make) -> None:
    """Five methods far above random on 24 patients: no replicate of 2000 says otherwise."""
    (section,) = perturbation_views([make_finding()])
    assert set(section.ranking.table["p_controls"].dropna()) == {section.ranking.least_p}
    assert html(of_views(section)).count(f"≤ {section.ranking.least_p:.3f}</td>") == len(METHODS)
    assert section.ranking.least_p == pytest.approx(5 * 2 / 2001)  # five methods, two sides
    seeds = [of_network(make_finding(settings={"seed": n}), str(n)) for n in range(2)]
    (section,) = perturbation_views(seeds)  # of several networks nothing is resampled
    assert section.ranking.least_p == 0
    assert "≤" not in html(of_views(section))


@pytest.mark.heavy
def test_when_no_method_beats_the_controls_the_page_says_none(
    make_finding: Make, tmp_path: Path
) -> None:
    page = page_of([make_finding(gain=0.9)], tmp_path)
    assert "No map: every method failed a test." in page.said
    assert "No method was shown to beat the controls on 24 ECGs" in page.said
    assert "yes" not in [row[7] for row in page.rows if len(row) == 10]


@pytest.mark.heavy
def test_when_every_method_was_left_out_the_page_says_why_and_shows_controls(
    finding: Finding, make_finding: Make, tmp_path: Path
) -> None:
    alone = only(finding, ())
    left_out = {"deeplift": "it reuses a ReLU", "smoothgrad": "it draws", "saliency": "it draws"}
    alone = changed(alone, {"networks": ("b",)}, left_out=left_out)
    page = page_of([alone], tmp_path / "alone")
    assert "DeepLIFT was left out: it reuses a ReLU." in page.said
    assert "SmoothGrad and Saliency were left out: it draws." in page.said
    assert "No map: every method failed a test." in page.said
    assert "Only the controls were scored" in page.said
    assert [row[1] for row in page.rows if len(row) == 10][1:] == [
        label(name) for name in rank(alone).names
    ]
    assert (tmp_path / "alone" / "pr-median-default-twelve-leads.png").is_file()
    both = page_of([alone, make_finding()], tmp_path / "both")
    assert "PR · median beats · network b None: every method failed a test." in both.said
    assert ["Saliency", "", "(1)"] in both.rows  # in brackets: a test is missing
    without_reasons = changed(alone, left_out={})
    nothing = page_of([without_reasons], tmp_path / "nothing")
    assert "no other was asked for" in nothing.said
    assert "None: no method was scored." in nothing.said


def test_limits_of_claims_are_those_that_decide(make_finding: Make) -> None:
    said = " ".join(html(of_views(*perturbation_views([make_finding()]))).split())
    limits = (MOST_KEPT, GAINS[-1], POWER)
    most, gain, power = (" ".join(percent(each).split()) for each in limits)
    assert (
        f"below {most}). The ECGs would show a gain of {gain} of the own map’s score with a" in said
    )
    assert f"probability of {power}, by the variance" in said


@pytest.mark.heavy
def test_what_should_make_a_reader_careful_is_said(page: Page) -> None:
    for words in (
        "Guided backprop was left out: this network calls a functional ReLU.",
        "many points are exactly 0, whose order is drawn at random: Guided Grad-CAM (43 %)",
        "The nearest training ECG lies 31 µV from a test ECG.",
        "These ECGs are generated: each counts as a patient of its own here",
        "1 ECG could not be used",
        "1 ECG had no label",
        "Only 24 ECGs",
        "its mean absolute error is 5.10 ms (R² 0.910, RMSE 7.20 ms, bias −0.300 ms); the SD of "
        "the labels of the training part is 20.6 ms.",
        "Faithfulness is not plausibility",
    ):
        assert words in page.said
    assert ["fewer than 3 beats", "1", "ecg-99"] in page.rows
    assert ["P not locked to QRS", "1", "ecg-7"] in page.rows


@pytest.mark.heavy
def test_a_ranking_says_how_its_score_stood_trial(make_finding: Make, page: Page) -> None:
    assert (
        "validation of this score on networks with a known true map: fit on every network tested, "
        "templates apart" in (" ".join(page.text.split()))
    )
    gentle = make_finding(protocol=replace(POINTS, noise=0.03))
    untried = "not tested on networks whose true map is known"
    assert score_validation(gentle) == untried
    assert score_validation(changed(make_finding(), {"input": "rhythm"})) == untried
    least = make_finding(protocol=replace(POINTS, order="lerf", unit="segment"))
    assert score_validation(least) == "unfit on every network tested"


@pytest.mark.heavy
def test_a_table_over_several_scores_says_which_are_unfit(
    make_finding: Make, tmp_path: Path
) -> None:
    scores = [DEFAULT, STORAS2025, replace(POINTS, name="gentle", noise=0.03)]
    page = page_of([make_finding(protocol=each) for each in scores], tmp_path)
    row = next(row for row in page.rows if row[0] == "Validation of the score")
    assert row[1:] == ["fit", "unfit on 2 of 7", "not tested"]


def test_a_network_that_reads_nothing_is_said_to_read_nothing(make_finding: Make) -> None:
    (section,) = perturbation_views([make_finding(fit={"test/mae": 20.0, "test/r2": -0.05})])
    assert "The network reads its target poorly (R² −0.0500" in " ".join(section.warnings)


@pytest.mark.heavy
def test_the_canvas_holds_the_maps_to_half_a_level(page: Page, finding: Finding) -> None:
    (text,) = page.json
    data, gallery = json.loads(text), finding.curves[0].gallery
    for place, method in enumerate(data["methods"]):
        for ecg in range(len(data["records"])):
            levels = np.frombuffer(base64.b64decode(data["maps"][place][ecg]), np.int8)
            scale = data["scales"][place][ecg]
            heatmap = gallery.heatmaps[method["name"]][ecg]
            assert scale == pytest.approx(display_scale(heatmap))
            np.testing.assert_allclose(
                levels.reshape(12, 600) / LEVELS * scale,
                np.clip(heatmap, -scale, scale),
                atol=scale / LEVELS / 2 * 1.01,
            )
    trace = np.frombuffer(base64.b64decode(data["x"][1]), "<i2").reshape(12, 600)
    np.testing.assert_allclose(trace, gallery.x[1], atol=0.5)
    assert data["origin"] == 250


@pytest.mark.parametrize("length", [600, 5000])
@pytest.mark.parametrize("budget", [150_000, 500_000])
def test_a_gallery_keeps_within_its_budget(make_finding: Make, length: int, budget: int) -> None:
    finding = make_finding(length=length, shown=2)
    data = embedded(finding, [*METHODS, *CONTROLS], ["saliency"], V5, budget)
    # The trace of one strip alone takes 173 kB: no budget below it can be kept.
    least = 180_000 if length == 5000 else 0
    assert len(json.dumps(data)) < max(budget, least) + 25_000
    assert len(data["records"]) >= 1


def test_hostile_names_stay_words(make_finding: Make, tmp_path: Path) -> None:
    bad = "</script><script>alert(1)</script>"
    method = "<img src=x onerror=alert(1)>"
    finding = make_finding(
        methods=("saliency", method),
        records=(bad, *(f"ecg-{place}" for place in range(9))),
        target=Target(f"../{bad}", "<b>ms</b>", bad),
        excluded=[[bad, "<i>why</i>"]],
        shown=2,
    )
    page = page_of([changed(finding, {"input": bad})], tmp_path)
    assert "alert(1)" in page.said
    assert page.tags.count("script") == 2  # the gallery's data and the page's own
    assert "b" not in page.tags
    assert "onerror" not in re.sub(r"&lt;img src=x onerror|\\u003cimg src=x onerror", "", page.text)
    assert json.loads(page.json[0])["records"][0]["name"] == bad
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} == {tmp_path}


@pytest.mark.heavy
def test_jobs_of_one_experiment_become_one_section(
    finding: Finding, page: Page, tmp_path: Path
) -> None:
    parts = [only(finding, METHODS[:2]), only(finding, METHODS[2:])]
    merged = page_of(parts, tmp_path)
    assert merged.text.count('<section id="') == 1
    assert merged.rows == page.rows


def only(finding: Finding, methods: tuple[str, ...]) -> Finding:
    """The same finding as a job would leave it that was asked for these methods."""
    names, (curves,) = (*methods, *CONTROLS), finding.curves
    gallery = replace(
        curves.gallery, heatmaps={name: curves.gallery.heatmaps[name] for name in names}
    )
    return changed(
        finding,
        predictions={name: curves.predictions[name] for name in names},
        zero_share={name: curves.zero_share[name] for name in names},
        gallery=gallery,
    )


@pytest.mark.heavy
def test_a_sweep_has_an_answer_and_a_section_per_target(make_finding: Make, tmp_path: Path) -> None:
    qt = of_network(make_finding(gain=0.9, target=Target("qt", "ms", "QT interval")), "other")
    page = page_of([make_finding(), qt], tmp_path)
    first = page.said[: page.said.index("Before you rely on this")]
    assert "No method is to be used in any of the 2 comparisons." in first
    assert "PR · median beats None yet: a test is missing or not decided for Saliency" in first
    assert "QT · median beats None: every method failed a test." in first
    table = rank(qt).table.set_index("method")
    assert ["SmoothGrad", "(1)", f"({table.loc['smoothgrad', 'tier']})"] in page.rows
    assert {"#answer-pr-median-default", "#answer-qt-median-default"} <= set(page.addresses)
    assert len(re.findall(r' id="([^"]+)"', page.text)) == len(
        set(re.findall(r' id="([^"]+)"', page.text))
    )
    assert (tmp_path / "curves.png").is_file()


@pytest.mark.heavy
def test_tables_beside_the_page_hold_every_digit(finding: Finding, written: Path) -> None:
    table = rank(finding).table
    read = pd.read_csv(written / "pr-median-default-ranking.csv", dtype=str)
    for column in ("value", "low", "high", "difference"):
        assert [float(text) for text in read[column]] == table[column].tolist()
    curves = pd.read_csv(written / "pr-median-default-curves.csv")
    assert list(curves.columns) == ["perturbed_points", *finding.curves[0].predictions]
    said = finding.curves[0].predictions["saliency"].astype(float)
    np.testing.assert_allclose(curves["saliency"], np.abs(said - said[..., :1]).mean((0, 1)))
    excluded = pd.read_csv(written / "pr-median-default-excluded.csv")
    assert excluded.values.tolist() == [
        ["ecg-99", "fewer than 3 beats"],
        ["ecg-7", "P not locked to QRS"],
    ]


@pytest.mark.heavy
def test_pictures_beside_the_page_are_not_blank(written: Path) -> None:
    names = sorted(path.name.removeprefix("pr-median-default-") for path in written.glob("*.png"))
    assert names == ["averaged.png", "curves.png", "ranking.png", "ranks.png", "twelve-leads.png"]
    for path in written.glob("*.png"):
        assert np.asarray(Image.open(path).convert("L")).std() > 5


def test_without_a_gallery_the_numbers_are_shown_all_the_same(
    finding: Finding, tmp_path: Path
) -> None:
    empty = Gallery((), np.zeros((0, 12, 600), np.float32), np.zeros((0, 600), np.int8), {})
    page = page_of([changed(finding, gallery=empty)], tmp_path)
    assert "No map yet: a test is missing or undecided. Saliency beats" in page.said
    assert "canvas" not in page.tags


def test_curves_that_rank_nothing_are_shown_beside_a_ranking(
    make_finding: Make, tmp_path: Path
) -> None:
    known = make_finding(protocol=STORAS2025)
    unranked = changed(known, y=np.full(len(known.about.records), np.nan))
    text = write_report([make_finding(), unranked], tmp_path).read_text("utf-8")
    assert "Fewer than 2 patients with an outcome: no ranking." in text


def test_no_result_is_an_error_and_leaves_no_page(finding: Finding, tmp_path: Path) -> None:
    for given, got in (([], "none"), (5, "int"), ([5], "int"), (finding, "Finding")):
        with pytest.raises(ValueError, match=rf"a list of at least one finding .* got {got}$"):
            write_report(cast(Any, given), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.heavy
def test_the_top_says_what_to_use_and_what_to_run_next(make_finding: Make, tmp_path: Path) -> None:
    words = ["ecglens", "train", "target=qt", "data=ludb"]
    settings = {"target": {"name": "qt"}, "data": {"name": "ludb"}, "input": {"name": "median"}}
    pr = Target("pr", "ms", "pr", edges=("P_on", "QRS_on"))
    found = make_finding(settings=settings, command=words, target=pr)
    page = page_of([found], tmp_path)
    rows = dict(
        re.findall(
            r'data-row>\s*<div role="rowheader"><strong>(.*?)</strong>(.*?)</div>', page.text
        )
    )
    for name in METHODS:  # above the controls, but no further test was run
        assert ">◐</i>" in rows[label(name)]
    assert ">✕</i> do not use</span>" in rows["Guided backprop"]
    assert "invalid on this network" in rows["Guided backprop"]
    assert "●" not in page.said
    assert {*[*rows][-len(CONTROLS) :]} == {"|dx/dt|", "|x|", "random numbers"}
    command = "ecglens train target=qt data=ludb evaluation=answer"  # what a run without one makes
    assert command in page.said
    assert page.said.index(command) < page.said.index("Before you rely on this")
    age = Target("age", "years", "age")  # it has no region: the next test is another
    page = page_of([make_finding(settings=settings, target=age)], tmp_path / "age")
    assert "does the map follow? Your command again, with 'evaluation=" in page.said


@pytest.mark.heavy
def test_areas_have_the_unit_of_the_outcome_times_steps(
    make_finding: Make, page: Page, tmp_path: Path
) -> None:
    assert "Area (ms × steps)" in page.said
    assert "change of the prediction, 0–15 segments (ms × steps)" in page.said
    share = page_of([make_finding(protocol=STORAS2025)], tmp_path)
    assert "Area (steps)" in share.said


@pytest.mark.heavy
def test_a_method_has_to_win_by_every_deciding_protocol(make_finding: Make) -> None:
    noise = make_finding(gain=0.9, protocol=replace(POINTS, name="noise_10", noise=0.1))
    sections = perturbation_views([make_finding(), noise])
    (together,) = answer_figures(of_views(*sections).groups)
    left_out = 1
    uses = [row.use for row in together.rows if row.use]
    assert uses == ["do not use"] * (len(METHODS) + left_out)
    reasons = [row.reason for row in together.rows if row.use]
    assert reasons[0] == "no better than random numbers by another score"
    (alone,) = answer_figures(of_views(*sections[:1]).groups)
    assert {row.use for row in alone.rows if row.name in METHODS} == {"not shown"}
    assert words_of(alone.answer)["saliency"].reason.startswith("It beats the controls.")
    assert "one network" in top_words(alone.answer, {}).limits
    page = html(of_views(*sections))
    assert page.count('<figure class="maps"') == 1
    qt = of_network(make_finding(target=Target("qt", "ms", "QT interval")), "other")
    two = html(of_views(*perturbation_views([make_finding(), qt])))
    assert two.count('<figure class="maps"') == 2


@pytest.mark.heavy
def test_a_page_without_a_ranking_explains_no_perturbation_and_says_each_answer_once(
    make_finding: Make, page: Page, tmp_path: Path
) -> None:
    measured = replace(of_measures(), sentence="Only said here.")
    text = write_report([measured], tmp_path / "alone").read_text("utf-8")
    assert text.count("Only said here.") == 1
    assert text.count(f">{measured.about.question}<") == 1
    for word in ("null ladder", "perturbed", "Storås et al. 2025 (JAMIA"):
        assert word not in text
        assert word in page.text
    assert f"findings/{measured.about.evaluation}/" in text
    both = write_report([make_finding(), measured], tmp_path / "both").read_text("utf-8")
    assert both.count("Only said here.") == 1
