"""Answers are open, details closed; each table has its CSV; empty figures are left out."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens import rank_methods
from ecglens.datamodules import Target
from ecglens.eval import POINTS, STORAS2025, USES, Finding
from ecglens.report import write_report
from ecglens.report.answer.words import GATE_HEADS
from ecglens.report.page import html
from ecglens.report.text.numerals import number
from ecglens.report.views.perturbation import perturbation_views
from ecglens.report.views.views import evaluation_views
from torch import nn

from .conftest import beats, of_network, of_views
from .findings import about, of_measures, of_rho, of_weights

Make = Callable[..., Finding]


@pytest.fixture(scope="module")
def written(make_finding: Make, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a page with two scores and three other evaluations of one network."""
    facts = {"external": {"fit": {"mae": 7.0}, "source": "ludb", "test": 9, "ecgs": 10,
                          "label_source": "given"}}  # fmt: skip
    scores = [of_network(make_finding(**facts), "a")]
    scores.append(of_network(make_finding(protocol=STORAS2025, **facts), "a"))
    others = [of_measures(), of_rho(), of_weights()]
    return write_report([*scores, *others], tmp_path_factory.mktemp("levels")).parent


@pytest.fixture(scope="module")
def page(written: Path) -> str:
    return (written / "report.html").read_text("utf-8")


class Details(HTMLParser):
    """What lies in no detail, and each detail that has none within."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.outside, self.innermost, self.depth = "", list[str](), 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "details":
            self.depth += 1
            self.innermost.append("")
        self.handle_data(self.get_starttag_text() or "")

    def handle_endtag(self, tag):
        self.handle_data(f"</{tag}>")
        self.depth -= tag == "details"

    def handle_data(self, data):
        if self.depth:
            self.innermost[-1] += data
        else:
            self.outside += data


@pytest.mark.heavy
def test_every_question_is_closed_and_opens_on_its_answer(page):
    assert "<details open" not in page
    sections = re.split(r'<section id="', page)[1:]
    assert len(sections) == 5
    for section in sections:
        opened, _, closed = section.partition("<details>")
        (answer,) = re.findall(r'<p class="answer">(.+?)</p>', opened, re.DOTALL)
        assert answer.endswith(".")
        assert "<table" not in opened
        assert "<svg" not in opened
        assert "<table" in closed
    outside = Details(page).outside
    assert "<table" not in outside
    assert 'role="table"' in outside
    assert '<p class="answer">' not in outside


@pytest.mark.heavy
def test_every_table_has_its_csv_beside_the_page(page, written):
    with_tables = [each for each in Details(page).innermost if "<table" in each]
    assert len(with_tables) > 10
    for each in with_tables:
        links = re.findall(r'<a href="([^"]+\.csv)">', each)
        assert links, each[:200]
        for link in links:
            assert len(pd.read_csv(written / link).columns) > 1
        # A closed detail is printed with the names of its tables.
        assert f'<summary data-files="{", ".join(links)}">' in each.replace("\n", " ")


@pytest.mark.heavy
def test_tables_of_the_answer_say_as_csv_what_the_page_says(page, written, make_finding):
    standings = pd.read_csv(written / "standings.csv")
    views_ = perturbation_views([of_network(make_finding(), "a")])
    ranks = views_[0].ranking.table.set_index("method")["tier"]
    of_first = standings.loc[standings["of"] == views_[0].title].set_index("method")["tier"]
    assert of_first.to_dict() == {name: ranks[name] for name in of_first.index}
    verdicts = pd.read_csv(written / "verdicts.csv")
    assert "not shown" in {*verdicts["answer"]}
    gates = [gate for gate in verdicts.columns if gate in GATE_HEADS]
    assert len(gates) == 4
    for gate in gates:
        assert f'<th scope="col">{GATE_HEADS[gate]}</th>' in page
    for row in verdicts.dropna(subset="value").to_dict("records"):
        assert f'<td class="number">{number(row["value"])}</td>' in page
    read = pd.read_csv(written / "pr-median-default-quality.csv")
    assert read.query("metric == 'mae'")["value"].tolist() == [5.1, 7.0]


@pytest.mark.heavy
def test_the_note_on_the_verdicts_explains_what_the_table_says(page, written):
    assert {*pd.read_csv(written / "verdicts.csv")["answer"]} <= {*USES}
    note = re.sub(r"\s+", " ", page)
    assert all(f"“{each.capitalize()}”" in note for each in USES[1::-1])


@pytest.mark.heavy
def test_a_page_alone_links_to_no_file(tmp_path):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(7200, 1)).eval()
    ranked = rank_methods(net, beats(4), methods=["saliency"])
    alone = ranked.save(tmp_path / "alone.html").read_text("utf-8")
    assert not re.search(r'href="(?!#|data:)', alone)
    assert "<summary data-files" not in alone
    ranked.save(tmp_path / "page.html", files=True)
    links = re.findall(r'href="([^"]+\.(?:csv|txt|bib))"', (tmp_path / "page.html").read_text())
    assert links
    assert all((tmp_path / name).is_file() for name in links)


SUMMARY = re.compile(r"<summary[^>]*><h2>(.*?)</h2>(?: <span class=\"state\">(.*?)</span>)?")


@pytest.mark.heavy
def test_questions_say_once_what_all_titles_begin_with(page, make_finding):
    names = [name for name, _ in SUMMARY.findall(page)]
    assert not any("PR · median beats" in name for name in names)
    assert "Localisation" in names
    assert about("localisation").question not in names
    qt = of_network(make_finding(target=Target("qt", "ms", "QT interval")), "b")
    other = html(of_views(*perturbation_views([make_finding(), qt])))
    assert "<h2>PR · median beats · default protocol</h2>" in other


def test_questions_say_in_words_what_came_out(make_finding):
    noise = replace(POINTS, name="noise_10", noise=0.1)
    ranked = perturbation_views([make_finding(), make_finding(gain=0.9, protocol=noise)])
    said = dict(SUMMARY.findall(html(of_views(*ranked))))
    assert said["Default protocol"] == "a map passes"
    assert said["Noise of 10 %"] == "no map passes"
    # The signs of the answer are of the answer alone.
    assert not any(sign in text for sign in "●◐✕" for text in said.values())


def test_a_figure_without_a_number_is_left_out():
    finding = of_measures()
    empty = {name: np.full((1, 1, 40), np.nan) for name in finding.methods}
    scores = {**finding.scores, "mass": empty}
    (view,) = evaluation_views([replace(finding, scores=scores, table=pd.DataFrame())])
    titles = [axes.get_title(loc="left") for axes in view.figures["forest"].axes]
    assert len(titles) == 2
    assert "Relevance mass" not in " ".join(titles)
    nothing = dict.fromkeys(finding.scores, empty)
    (view,) = evaluation_views([replace(finding, scores=nothing, table=pd.DataFrame())])
    assert view.figures == {}
    assert "<summary>Figures</summary>" not in html(of_views(others=[view]))
    (view,) = evaluation_views([of_rho(value=[np.nan] * 3)])
    assert view.figures == {}
    weights = of_weights()
    table = weights.table.assign(redrawn_kept=np.nan, labels_kept=np.nan)
    (view,) = evaluation_views([replace(weights, table=table)])
    assert {*view.figures} == {"cascade"}
