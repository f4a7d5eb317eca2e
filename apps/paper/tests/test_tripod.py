"""The TRIPOD+AI checklist says what the run knows, where it is from, and what is the writer's."""

import re

import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import Finding
from ecglens.report import Pseudonyms, plain_settings
from ecglens.report.text.numerals import counted
from ecglens_paper import MethodsSection, methods_sections
from ecglens_paper.figures.column import words
from ecglens_paper.tripod import YOURS, markdown

from tests.report.conftest import changed, with_facts

pytestmark = pytest.mark.heavy


def section_of(finding: Finding) -> MethodsSection:
    (found,) = methods_sections([finding])
    return found


def row(table: pd.DataFrame, item: str) -> dict[str, str]:
    (found,) = table.loc[table["item"] == item].to_dict("records")
    return {str(key): str(value) for key, value in found.items()}


def test_the_items_are_those_of_the_paper(finding: Finding) -> None:
    items = [*section_of(finding).tripod["item"]]
    assert len(items) == 52
    numbers = [int(re.sub("[a-z]", "", item)) for item in items]
    assert [*dict.fromkeys(numbers)] == [*range(1, 28)]
    assert numbers == sorted(numbers)


def test_answers_are_the_words_and_numbers_of_the_run(finding: Finding) -> None:
    section = section_of(finding)
    table, facts = section.tripod, finding.facts
    texts = dict(section.cited[0])
    assert row(table, "5a")["run"] == texts["Data"]
    assert row(table, "12c")["run"] == texts["Network"]
    flow = f"ECGs read: {facts['ecgs']} ECGs; Readable: {facts['usable']}"
    assert flow in row(table, "20a")["run"]
    assert f"{facts['train']} generated ECGs for training" in row(table, "21")["run"]
    assert "mean absolute error is 5.12 ms" in row(table, "23a")["run"]
    assert finding.about.networks[0] in row(table, "22")["run"]
    assert row(table, "13")["run"] == "The outcome is a number: there are no classes."
    answered = table.loc[table["run"] != ""]
    assert (answered["source"] != "").all()
    files = {source.split(":")[0].split(",")[0] for source in answered["source"]}
    named = {"txt", "settings.csv", "exclusions.csv", "flow.png"}
    ours = {f"methods-pr-median{'.' if end == 'txt' else '-'}{end}" for end in named}
    assert files <= ours | {"finding.json", "report.html"}


def test_what_no_run_can_know_is_the_writers(finding: Finding) -> None:
    table = section_of(with_facts(finding, generated=False)).tripod
    for item in ("2", "3a", "3b", "3c", "5b", "6a", "14", "17", "18a", "18b", "18d", "19", "27c"):
        assert row(table, item)["run"] == ""
        assert row(table, item)["yours"] == YOURS
    made = section_of(finding).tripod
    assert row(made, "17")["run"] == "The ECGs are generated, not recorded from patients."
    assert all(row(made, item)["source"] == "finding.json" for item in ("12b", "16"))


def test_several_data_sets_are_named_and_not_called_one_source(finding: Finding) -> None:
    parts = {"ptbxl": {"path": "a", "split": {"by": "folds"}}, "made": {"name": "exact", "n": 9}}
    data = {"_target_": "ecglens_formats.mixed.Mixed", "parts": parts, "split": {"by": "folds"}}
    mixed = with_facts(
        finding,
        settings={**finding.facts["settings"], "data": data},
        source="mixed",
        generated=False,
        learned_from={"ptbxl": 5, "made": 9},
    )
    table = section_of(mixed).tripod
    said = row(table, "5a")["run"]
    assert "from 2 data sets: PTB-XL; exact synthetic ECGs, made by ECGLens, of which" in said
    assert "They were divided by a rule for each data set: " in said
    assert "Each generated ECG counts as a patient." in said
    assert row(table, "16")["run"].startswith("Training ECGs: 5 of ptbxl, 9 of made.")
    assert row(table, "18e")["run"] == "Source: ptbxl, exact."
    private = plain_settings(mixed.facts["settings"], Pseudonyms())
    for less in (private, {}):
        of = section_of(with_facts(mixed, settings=less)).tripod
        assert row(of, "18e")["run"] == "Source: ptbxl, made."
    assert row(of, "4")["run"] == "A network was evaluated."
    assert {row(of, item)["source"] for item in ("1", "4", "9b", "22")} == {"finding.json"}
    assert not any("every setting" in row(of, item)["run"] for item in ("18f", "22"))
    assert all("every setting" in row(table, item)["run"] for item in ("18f", "22"))
    mine = {**finding.facts["settings"], "data": {"_target_": "lab.mixed.Mixed"}}
    for alone in (finding, with_facts(finding, settings=mine)):
        said = row(section_of(alone).tripod, "16")["run"]
        assert said.startswith("The parts are of one source.")


def test_a_network_from_elsewhere_and_classes_have_answers_of_their_own(finding: Finding) -> None:
    own = {**finding.facts["settings"], "network": {"_target_": "mine.Net"}}
    table = section_of(with_facts(finding, settings=own)).tripod
    assert "made elsewhere and evaluated here" in row(table, "1")["run"]
    assert row(table, "9a")["run"] == row(table, "12b")["run"] == ""
    af = Target("af", "", "af", kind="binary")
    classes = {"af": {"yes": 7, "no": 20, "unknown": 3}}
    table = section_of(changed(with_facts(finding, classes=classes), {"target": af})).tripod
    assert "7 training ECGs with it, 20 without, 3 unknown" in row(table, "21")["run"]
    assert row(table, "13")["run"] == "None: all classes and labels weigh the same."
    assert row(table, "15")["yours"] == "thresholds for use"


@pytest.mark.parametrize(
    ("epochs", "done", "updating"),
    [
        (7, "updated and evaluated", "Updated: training on these ECGs began with the weights of"),
        (0, "made elsewhere and evaluated here", "Nothing was updated"),
    ],
)
def test_a_network_that_began_from_another_one_was_updated_or_made_elsewhere(
    finding: Finding, epochs: int, done: str, updating: str
) -> None:
    fit = {**finding.facts["settings"]["fit"], "start": "demo", "body_lr": 0.1, "epochs": epochs}
    own = {**finding.facts["settings"], "fit": fit}
    table = section_of(with_facts(finding, settings=own)).tripod
    assert all(done in row(table, item)["run"] for item in ("1", "4"))
    assert all(row(table, item)["run"].startswith(updating) for item in ("12f", "24"))
    assert "the training labels" not in row(table, "12b")["run"]
    said = row(table, "12c")["run"]
    assert "the weights of another network (fit.start: demo)" in said
    assert ("trained, beginning with" in said) == ("0.100 times this rate" in said) == (epochs > 0)
    assert ("without further training" in said) == (epochs == 0)


def test_what_a_network_reads_beside_the_ecg_and_its_leads_are_inputs_too(finding: Finding) -> None:
    network = {"_target_": "mine.Net", "with_each": ["age", "sex"], "input": {"leads": ["I", "V1"]}}
    own = {**finding.facts["settings"], "network": network}
    table = section_of(with_facts(finding, settings=own)).tripod
    said = "The network was given median beats of 2 leads, with age, sex of each ECG."
    assert row(table, "7")["run"].startswith(said)
    assert "Samples of the leads I, V1 in µV" in row(table, "9b")["run"]
    usual = section_of(finding).tripod
    assert row(usual, "7")["run"].startswith("The network was given median beats of 12 leads.")


def test_the_document_has_every_item_once_and_counts_them(finding: Finding) -> None:
    table = section_of(finding).tripod
    text = markdown(table, "PR", "methods-pr")
    rows = re.findall(r"^\| (\d+[a-g]?) \| (.*) \|$", text, re.MULTILINE)
    assert [item for item, _ in rows] == [*table["item"]]
    assert all(len(re.split(r"(?<!\\)\|", cells)) == 3 for _, cells in rows)
    whole, part, none = map(int, re.findall(r"(\d+) (?:of|in|are)", text)[:3])
    assert none == text.count(f"*{YOURS}*")
    assert part == text.count("*Yours to write: ")
    assert whole + part + none == len(table)


def test_the_boxes_of_the_flow_have_the_counts_of_its_table(finding: Finding) -> None:
    section = section_of(with_facts(finding, generated=False))
    drawn = [word.text for word in words(section.figures["flow"])]
    flow = section.tables["exclusions"]
    for step, ecgs, patients in flow.itertuples(index=False):
        if step.startswith("– could"):
            reason = step.split(": ", 1)[1]
            assert f"{reason} (n\u00a0=\u00a0{ecgs})" in " ".join(drawn).replace("  ", "")
            continue
        at = drawn.index("Explained" if step.startswith("–") else step)
        assert drawn[at + 1] == counted(int(ecgs), "ECG")
        if not pd.isna(patients):
            assert drawn[at + 2] == counted(int(patients), "patient")
