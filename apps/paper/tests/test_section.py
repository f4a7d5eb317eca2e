"""The methods text says what the facts say, and no other number."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Excluded, grouped
from ecglens.ecg import LEADS
from ecglens.eval import STORAS2025, Finding, Measure, Perturbation, answers_of
from ecglens.eval.evaluations.sanity import Weights
from ecglens.eval.statistics.comparison import LEVEL
from ecglens.eval.statistics.resampling import REPLICATES
from ecglens.explain import find, methods
from ecglens.report import Pseudonyms, shareable, write_report
from ecglens.report.text.numerals import number, percent
from ecglens_metrics import Consistency, Similarity
from ecglens_paper import MethodsSection, methods_sections
from ecglens_paper.figures import offered
from ecglens_paper.figures.column import words
from ecglens_paper.references import REFERENCES, Citations, Reference, bibliography, read_bibtex
from ecglens_relevance import Relevance

from tests.report.conftest import build, changed, with_facts
from tests.report.findings import about

NUMBER = re.compile(r"\d+(?:\.\d+)*")
# Said by the software and no fact of the run: they stand in the code beside their reason.
CONSTANTS = {str(len(LEADS)), str(REPLICATES), f"{LEVEL:g}", "95", "0"}


def text_of(*findings: Finding) -> MethodsSection:
    (found,) = methods_sections(findings)
    return found


def numbers_of(facts: Any) -> Iterator[str]:
    """Every number among facts as it may be printed, and the count of each reason."""
    if isinstance(facts, Mapping):
        for each in facts.values():
            yield from numbers_of(each)
    elif isinstance(facts, str):
        yield from NUMBER.findall(facts)
    elif isinstance(facts, list | tuple):
        yield str(len(facts))
        pairs = [Excluded(*each) for each in facts if isinstance(each, list | tuple) and each]
        yield from (str(len(group.names)) for group in grouped(pairs))
        for each in facts:
            yield from numbers_of(each)
    elif facts is not None and not isinstance(facts, bool):
        yield str(facts)
        yield from NUMBER.findall(number(float(facts)))
        yield from NUMBER.findall(percent(float(facts)))


def told(section: MethodsSection) -> str:
    """The paragraphs without the marks of citations."""
    words = " ".join(text for _, text in section.cited[0])
    return re.sub(r" \[[\d,]+\]", "", words)


@pytest.mark.heavy
def test_every_number_of_the_text_is_a_fact(finding: Finding) -> None:
    (curves,) = finding.curves
    known = {*numbers_of(finding.facts), *numbers_of(vars(curves.protocol)), *CONSTANTS}
    known |= {str(len(curves.records)), str(len({*curves.patients})), str(len(curves.methods))}
    known |= {*NUMBER.findall(finding.about.target.name)}
    (answer,) = answers_of([finding])
    known |= {*numbers_of(vars(answer.reads))}
    found = NUMBER.findall(told(text_of(finding)))
    assert len(found) > 20
    assert [each for each in found if each not in known] == []
    # and the test can fail: another fact is another number
    other = with_facts(finding, usable=123456)
    assert "123456" in told(text_of(other))
    assert "123456" not in known


@pytest.mark.heavy
def test_the_text_names_source_parts_exclusions_network_methods_and_versions(
    finding: Finding,
) -> None:
    words, facts = told(text_of(finding)), finding.facts
    assert facts["excluded"]
    assert (
        f"40 ECGs were read from exact synthetic ECGs, made by ECGLens, of which {facts['usable']}"
        in words
    )
    for part, purpose in (("train", "training"), ("val", "validation"), ("test", "testing")):
        ecgs, patients = facts[part], facts["patients_of_part"][part]
        assert re.search(rf"\b{ecgs} generated ECGs? for {purpose}", words)
        assert patients == ecgs  # each generated ECG counts by itself
    assert f"{len(facts['excluded'])} ECG" in words
    assert (
        "squared error of the standardised outcome by Adam for 7 epochs in batches of 31" in words
    )
    assert "A SmallResNet was trained" in words
    assert "mean absolute error is 5.12 ms" in words
    assert "2 attribution methods: Saliency; Input × gradient." in words
    assert f"torch {facts['versions']['torch']}" in words


@pytest.mark.heavy
def test_the_flow_of_exclusions_adds_up(finding: Finding) -> None:
    table = text_of(finding).tables["exclusions"]
    ecgs = dict(zip(table["step"], table["ecgs"], strict=True))
    excluded = sum(n for step, n in ecgs.items() if "could not be used" in step)
    assert ecgs["ECGs read"] - excluded == ecgs["Readable"]
    without = sum(n for step, n in ecgs.items() if step.startswith("– without"))
    parts = ecgs["Training part"] + ecgs["Validation part"] + ecgs["Test part"]
    assert int(ecgs["Readable"]) - without == int(parts)
    assert ecgs["– of the test part explained"] == len(finding.curves[0].records)
    assert bool(table["patients"].isna().all())  # nobody stands behind exact ECGs
    recorded = with_facts(finding, generated=False)
    table = text_of(recorded).tables["exclusions"]
    patients = dict(zip(table["step"], table["patients"], strict=True))
    assert patients["Readable"] == finding.facts["patients"]


@pytest.mark.heavy
def test_training_ecgs_that_are_not_used_are_in_the_flow(finding: Finding) -> None:
    facts = finding.facts
    split = {"data": {**facts["settings"]["data"], "split": {"first": 5}}}
    some = with_facts(finding, train=5, settings={**facts["settings"], **split})
    section, rest = text_of(some), facts["train"] - 5
    table = section.tables["exclusions"]
    ecgs = dict(zip(table["step"], table["ecgs"], strict=True))
    assert ecgs["– of the training part not used: data.split.first"] == rest
    assert f"; {rest} more of the training part were not used." in told(section)
    assert f"{rest} more not used" in [each.text for each in words(section.figures["flow"])]


def test_findings_on_different_data_or_labels_are_described_apart() -> None:
    def of(key: str, data: Mapping[str, Any], **more: Any) -> Finding:
        made = build(settings={"data": {"name": "exact", "path": key, **data}, **more})
        return changed(made, {"networks": (key,)})

    first = of("a", {"noise_uv": 0, "split": {"seed": 0}}, permute_labels=False)
    others = [
        of("b", {"noise_uv": 0, "split": {"seed": 0}}, permute_labels=False),
        of("b", {"noise_uv": 30, "split": {"seed": 0}}, permute_labels=False),
        of("b", {"noise_uv": 0, "split": {"seed": 1}}, permute_labels=False),
        of("b", {"noise_uv": 0, "split": {"seed": 0}}, permute_labels=True),
    ]
    assert [len(methods_sections([first, each])) for each in others] == [1, 2, 2, 2]


@pytest.mark.heavy
def test_reasons_that_differ_in_their_values_are_one_row_of_the_flow(finding: Finding) -> None:
    flat = [[f"e{n}", f"flat T wave: {n} µV at most, 30 are needed"] for n in range(23)]
    some = with_facts(finding, without_label=flat)
    table = text_of(some).tables["exclusions"]
    ecgs = dict(zip(table["step"], table["ecgs"], strict=True))
    (step,) = [step for step in ecgs if "flat T wave" in step]
    assert step == "– without PR: flat T wave: … µV at most, 30 are needed"
    assert ecgs[step] == 23
    assert "30 are needed (n = 23)" in told(text_of(some))


@pytest.mark.heavy
def test_every_setting_and_version_stands_in_the_table(finding: Finding) -> None:
    table = text_of(finding).tables["settings"]
    rows = {(part, name): value for part, name, value in table.itertuples(index=False)}
    assert rows["fit", "lr"] == "0.004"
    assert rows["evaluation", "default.draws"] == "1"
    assert rows["data", "dropped"] == "0.1"
    assert rows["networks", "seeds"] == "3"
    assert rows["versions", "torch"] == finding.facts["versions"]["torch"]


@pytest.mark.heavy
def test_the_page_ends_with_it_and_its_files_lie_beside_it(
    finding: Finding, tmp_path: Path
) -> None:
    page = write_report([finding], tmp_path).read_text("utf-8")
    assert "For the methods of a paper" in page
    assert page.rindex("For the methods of a paper") > page.index(">Ranking</summary>")
    text = (tmp_path / "methods-pr-median.txt").read_text("utf-8")
    assert text == text_of(finding).text
    entries = re.findall(r"@\w+\{(\w+),", (tmp_path / "methods-pr-median.bib").read_text("utf-8"))
    assert entries == text_of(finding).cited[1].cited
    assert len(pd.read_csv(tmp_path / "methods-pr-median-exclusions.csv")) > 4
    # each reference of the list is cited, and each citation is in the list
    cited = {int(n) for mark in re.findall(r"\[([\d,]+)\]", text) for n in mark.split(",")}
    assert cited == {*range(1, len(entries) + 1)}


@pytest.mark.heavy
def test_several_protocols_of_one_network_are_one_text_and_other_networks_have_their_own(
    finding: Finding,
) -> None:
    other = changed(finding, protocol=STORAS2025)
    words = told(text_of(finding, other))
    assert "default protocol" in words
    assert "protocol of Storås 2025" in words
    model = {"_target_": "ecglens.models.ReferenceResNet"}
    larger = with_facts(finding, settings={**finding.facts["settings"], "model": model})
    found = methods_sections([finding, larger])
    assert [each.key for each in found] == ["methods-pr-median", "methods-pr-median-2"]


def test_curves_that_rank_nothing_are_not_said_to_be_evaluated() -> None:
    known = build(protocol=STORAS2025)
    unranked = changed(known, y=np.full(len(known.about.records), np.nan))
    (section,) = methods_sections([unranked])
    assert not {"Evaluation", "Statistics"} & {*dict(section.cited[0])}


@pytest.mark.heavy
def test_its_figures_and_tables_are_offered_for_an_article(finding: Finding) -> None:
    run = offered([finding], Pseudonyms())
    assert run.found(["flow"])[0] == ["methods-pr-median-flow"]
    assert run.found(["settings"])[1] == ["methods-pr-median-settings"]


@pytest.mark.heavy
def test_an_evaluation_is_told_and_a_private_one_names_no_ecg(finding: Finding) -> None:
    measure = Measure("tp", "In TP", "", None, "description", "ours", "Where it lies.")
    facts = {**finding.facts, "may_leave_machine": False}
    facts["excluded"] = [["jones-1950", "jones-1950 is flat"], ["smith-1951", "smith-1951 is flat"]]
    facts["settings"] = {**facts["settings"], "data": {"name": "wfdb", "path": "/home/jones"}}
    patients = tuple(f"p{n % 8}" for n in range(9))
    on = about("weights", 9, finding.about.target, facts=facts, patients=patients,
               question="Is it lost?", cites=("arends2026", "adebayo2018"))  # fmt: skip
    scores = {"tp": {"saliency": np.full((1, 1, 9), 0.5)}}
    private = Finding(on, (measure,), scores, sentence="Yes.")
    section = text_of(shareable(private, Pseudonyms()))
    assert "Is it lost" in told(section)
    assert "9 test ECGs, 1 network" in told(section)
    assert {"arends2026", "adebayo2018"} <= {*section.cited[1].cited}
    everything = section.text + "".join(t.to_csv() for t in section.tables.values())
    for name in ("jones", "smith", "1950", "/home"):
        assert name not in everything


def test_every_method_of_ours_cites_a_reference_that_there_is() -> None:
    for name in methods():
        assert find(name).cites, name
        assert {*find(name).cites} <= {*REFERENCES}


def test_every_evaluation_cites_references_that_there_are() -> None:
    cited = {key for each in (Perturbation, Similarity, Consistency, Weights, Relevance)
             for key in each.cites}  # fmt: skip
    assert cited == {"storas2025", "arends2026", "adebayo2018", "bender2023"}
    assert cited <= {*REFERENCES}


OWN = """@article{smith2030,
  author = {Smith, Ann},
  title = {{A method of our own}},
  journal = {Journal},
  year = {2030},
}"""


@pytest.mark.heavy
def test_a_method_and_an_evaluation_of_ones_own_cite_a_paper_by_its_entry(finding: Finding) -> None:
    own = changed(finding, {"method_cites": {"saliency": (OWN, "simonyan2014")}})
    section = text_of(own)
    assert "smith2030" in section.cited[1].cited
    assert "Smith A. A method of our own. Journal. 2030." in section.text
    on = about("ours", 9, finding.about.target, facts=finding.facts, cites=(OWN,))
    measure = Measure("tp", "In TP", "", None, "description", "ours", "Where it lies.")
    scores = {"tp": {"saliency": np.full((1, 1, 9), 0.5)}}
    alone = text_of(Finding(on, (measure,), scores, sentence="Yes."))
    assert alone.cited[1].cited[0] == "smith2030"


def test_a_source_that_is_neither_key_nor_entry_is_refused() -> None:
    with pytest.raises(ValueError, match="a BibTeX entry to cite"):
        Citations()("smith2030")


def test_references_are_printed_and_written_as_bibtex() -> None:
    one = Reference(("Holm, Sture", "Lee, Su-In"), "A {test}", 1979, "Journal", "6(2)", "65–70",
                    doi="10.1/x")  # fmt: skip
    assert one.printed == "Holm S, Lee SI. A {test}. Journal. 1979;6(2):65–70. doi:10.1/x."
    assert "Computer Vision – ECCV 2014. 2014:818–833. arXiv" in REFERENCES["zeiler2014"].printed
    entry = one.bibtex("holm1979")
    assert entry.startswith("@article{holm1979,\n  author = {Holm, Sture and Lee, Su-In},")
    assert "pages = {65--70}" in entry
    assert entry.count("{") == entry.count("}")
    cite = Citations()
    assert (cite("holm1979"), cite("bach2015", "holm1979"), cite()) == (" [1]", " [1,2]", "")
    every = bibliography(REFERENCES, REFERENCES)
    assert every.count("@") == len(REFERENCES)
    for reference in REFERENCES.values():
        assert "eprint" in reference.bibtex("k") or reference.where


def test_a_bib_file_is_read_back_as_it_was_written() -> None:
    assert read_bibtex(bibliography(REFERENCES, REFERENCES)) == REFERENCES
    (key, one), = read_bibtex("% ours\n\n" + OWN).items()  # fmt: skip
    assert (key, one.title, one.where, one.meeting) == (
        "smith2030", "A method of our own", "Journal", False
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("@article{a, author = {B}}", "each field on a line of its own"),
        (OWN.replace("article", "book"), "expected one of article, inproceedings, misc"),
        (OWN.replace("  year = {2030},\n", ""), "with author, title and year"),
    ],
)
def test_bibtex_of_another_form_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_bibtex(text)
