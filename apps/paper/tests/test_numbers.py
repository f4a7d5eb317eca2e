"""Every number of the methods text, in its order, is recomputed here from the run."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from ecglens.eval import DEFAULT, POINTS, Finding, Measure, Protocol, answers_of, rank
from ecglens.eval.answer.reading import READING
from ecglens.eval.curves import LADDER_LEVELS
from ecglens.eval.statistics import bootstrap
from ecglens.report.text.numerals import number, percent
from ecglens_paper import methods_sections

from tests.report.conftest import build, changed, of_network, with_facts
from tests.report.findings import about, of_weights

pytestmark = pytest.mark.heavy

NUMBER = re.compile(r"\d+(?:\.\d+)*")
LEADS = 12


def paragraphs(*findings: Finding) -> dict[str, str]:
    """The texts by heading, without the marks of citations."""
    (section,) = methods_sections(findings)
    return {heading: re.sub(r" \[[\d,]+\]", "", text) for heading, text in section.cited[0]}


def numbers(text: str) -> list[float]:
    return [float(each) for each in NUMBER.findall(text)]


def of_patients(finding: Finding, ecgs_each: int = 2) -> Finding:
    """The same ECGs as if they were of patients, two ECGs each."""
    count = len(finding.curves[0].records)
    patients = tuple(f"p{place // ecgs_each}" for place in range(count))
    return with_facts(changed(finding, patients=patients), generated=False)


def seeds(finding: Finding, count: int) -> list[Finding]:
    """Networks that differ in their seed alone."""
    return [
        with_facts(
            of_network(finding, f"{seed:064x}"),
            settings={**finding.facts["settings"], "seed": seed},
        )
        for seed in range(count)
    ]


def more_methods(finding: Finding, count: int) -> Finding:
    """The finding with this number of methods, copies of the first."""
    (curves,) = finding.curves
    given = curves.predictions
    first = given[curves.methods[0]]
    added = {f"copy_{n}": first for n in range(count - len(curves.methods))}
    methods = {name: given[name] for name in curves.methods}
    controls = {name: given[name] for name in curves.controls}
    return changed(finding, predictions={**methods, **added, **controls})


def test_numbers_of_the_data_are_those_of_the_facts(finding: Finding) -> None:
    facts, text = finding.facts, paragraphs(finding)["Data"]
    assert numbers(text) == [
        facts["ecgs"], facts["usable"], facts["train"], facts["val"], facts["test"], LEADS
    ]  # fmt: skip
    assert facts["ecgs"] - len(facts["excluded"]) == facts["usable"]
    parts = facts["train"] + facts["val"] + facts["test"]
    assert parts == facts["usable"] - len(facts["without_label"])
    assert "patient" not in text  # nobody stands behind exact ECGs
    assert "generated" in text
    people = facts["patients_of_part"]
    told = [(facts[part], people[part]) for part in ("train", "val", "test")]
    assert numbers(paragraphs(of_patients(finding))["Data"]) == [
        facts["ecgs"], facts["usable"], facts["patients"],
        *(number for pair in told for number in pair), LEADS,
    ]  # fmt: skip


def test_numbers_of_the_first_gate_are_its_limits_and_those_of_the_answer(finding: Finding) -> None:
    text, (answer,) = paragraphs(finding)["Answer"], answers_of([finding])
    reads = answer.reads
    assert (reads.ecgs, reads.verdict) == (len(finding.curves[0].records), "does not read")
    assert reads.low < -100  # four ECGs: the words print a bound in place of −1208
    said = [number(reads.value), "below −100", number(reads.high)]
    assert text == (
        "No heatmap is used where the network does not read PR: the lower end of the 95 % interval "
        f"of R² has to lie above {number(READING.read)}, and the mean change of the prediction "
        "over the steps of a score, by the map that changes it most, has to be at least "
        f"{percent(READING.moved)} of its mean absolute error. Here R² was {said[0]} (95 % "
        f"interval {said[1]} to {said[2]}) on {reads.ecgs} explained ECGs, and the change was "
        f"{percent(reads.moved)}. Not tested: whether a heatmap says more about this network than "
        "that of one with redrawn weights or one trained on permuted labels. Whether a heatmap is "
        "specific to its ECG was not tested."
    )
    blank = np.full(reads.ecgs, np.nan)
    assert "not tested: the ECGs have no labels" in paragraphs(changed(finding, y=blank))["Answer"]


def test_a_gate_that_was_tested_is_not_said_to_be_missing(finding: Finding) -> None:
    weights = of_weights(replace(finding.about, evaluation="weights"))
    assert "Not tested" in paragraphs(finding)["Answer"]
    assert "Not tested" not in paragraphs(finding, weights)["Answer"]


def test_numbers_of_the_exclusions_count_the_names(finding: Finding) -> None:
    text = paragraphs(finding)["Exclusions"]
    found = re.search(r"(\d+) ECGs? could not be used: (.*? \(n = \d+\))\.", text)
    assert found
    named = finding.facts["excluded"]
    assert int(found[1]) == len(named) > 0
    told = re.findall(r"(.+?) \(n = (\d+)\)(?:; )?", found[2])
    assert sum(int(count) for _, count in told) == len(named)
    lost = {key: each for key, each in finding.about.data.items() if key != "without_label"}
    assert "Exclusions" not in paragraphs(changed(finding, {"data": {**lost, "excluded": []}}))
    for reason, count in told:
        like = re.compile(".*".join(map(re.escape, reason.split("…"))))
        assert sum(bool(like.fullmatch(why)) for _, why in named) >= int(count)


def test_numbers_of_the_network_are_its_settings_and_its_test(finding: Finding) -> None:
    facts, run = finding.facts, finding.facts["settings"]
    expected = [run["fit"]["epochs"], run["fit"]["batch_size"], run["fit"]["lr"], run["seed"],
                facts["fit"]["test/mae"], facts["fit"]["test/r2"], facts["y_sd"]]  # fmt: skip
    assert numbers(paragraphs(finding)["Network"]) == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("protocol", [DEFAULT, replace(POINTS, noise=0.13, draws=7)])
def test_numbers_of_the_evaluation_are_those_of_curves_and_protocol(
    finding: Finding, protocol: Protocol, several: bool
) -> None:
    one = of_patients(finding) if several else finding
    other = changed(one, protocol=protocol)
    (curves,) = other.curves
    people = [len({*curves.patients})] if several else []
    step = protocol.segment_ms if protocol.unit == "segment" else 100 * protocol.noise
    text = paragraphs(other)
    assert numbers(text["Evaluation"]) == [
        len(curves.records), *people, protocol.steps, step, protocol.draws, 0, protocol.until
    ]  # fmt: skip
    assert numbers(text["Attribution methods"]) == [len(curves.methods)]


@pytest.mark.parametrize("methods", [2, 14])
def test_the_replicates_are_those_that_a_ranking_of_one_network_draws(
    finding: Finding, methods: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    own = bootstrap.drawn_patients

    def counted(*given: Any) -> np.ndarray:
        times = own(*given)
        drawn.append(len(times))
        return times

    monkeypatch.setattr(bootstrap, "drawn_patients", counted)
    many = more_methods(finding, methods)
    table = rank(many).table
    assert (table["kind"] == "method").sum() == methods
    text = paragraphs(many)["Statistics"]
    assert len({*drawn}) == 1
    # The last is the number of draws in which maps of other patients were compared.
    assert numbers(text) == [95, drawn[0], 0.05, finding.curves[0].protocol.ladder]
    assert "bootstrap replicates over generated ECGs" in text
    assert "Maps of other generated ECGs were compared in" in text


def test_few_patients_have_percentiles_and_more_have_the_bootstrap_t(finding: Finding) -> None:
    for one in (finding, build()):  # of 4 and of 24 ECGs
        drawn = bootstrap.Bootstrap.of(2, one.curves[0].patients, 0)
        values = np.random.default_rng(0).normal(size=(1, 1, len(one.curves[0].patients)))
        studentized = bool(drawn.studentized(values).known.all())
        text = paragraphs(one)["Statistics"]
        assert ("bootstrap-t" in text) == studentized
        assert ("percentile" in text) != studentized


def test_the_levels_are_those_that_a_ranking_asks(finding: Finding) -> None:
    one = paragraphs(finding)["Statistics"]
    bare = changed(finding, references={})
    other = paragraphs(bare)["Statistics"]
    for text, found in ((one, rank(finding)), (other, rank(bare))):
        told = [n for n, level in enumerate(LADDER_LEVELS, 1) if f"“{level.name}”" in text]
        assert tuple(told) == found.ladder.tested
    assert other != one


def test_several_networks_are_not_said_to_be_resampled(finding: Finding) -> None:
    networks = seeds(of_patients(finding), 3)
    text = paragraphs(*networks)["Statistics"]
    count, ladder = rank([each.curves[0] for each in networks]).networks, DEFAULT.ladder
    assert numbers(text) == [95, count, 0.05, ladder]
    assert "Student’s t" in text
    assert "over patients and 3 networks" in text
    assert "bootstrap" not in text


def test_measures_have_the_replicates_of_their_maps(
    finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = Measure("tp", "In TP", "", False, "description", "ours", "Where it lies.")
    names = [*finding.curves[0].methods, *finding.curves[0].controls, *(f"m{n}" for n in range(9))]
    values = {name: np.array([[[0.1 * n, 0.2, 0.3]]]) for n, name in enumerate(names)}
    on = about("audit", 3, finding.about.target, facts=finding.facts)
    drawn = []
    own = bootstrap.drawn_patients
    monkeypatch.setattr(
        bootstrap, "drawn_patients", lambda *given: drawn.append(len(w := own(*given))) or w
    )
    text = paragraphs(Finding(on, (measure,), {"tp": values}, sentence="Yes."))
    assert numbers(text["Statistics"]) == [95, drawn[0], 0.05]
    assert drawn[0] == 250 * len(names)
    assert numbers(text["Evaluation"]) == [3, 1]


def test_numbers_of_the_software_are_the_versions(finding: Finding) -> None:
    text = paragraphs(finding)["Software"]
    versions = ", ".join(f"{name} {number}" for name, number in finding.facts["versions"].items())
    assert text == f"{versions}. A TRIPOD+AI checklist is filled in part."
    unknown = paragraphs(with_facts(finding, versions={}))["Software"]
    assert unknown.startswith("Versions of the run are not known; this text was written by ")


def test_no_other_paragraph_has_a_number(finding: Finding) -> None:
    tested = {"Data", "Exclusions", "Network", "Attribution methods", "Evaluation", "Statistics",
              "Answer", "Software"}  # fmt: skip
    texts = paragraphs(finding)
    assert tested <= {*texts}
    rest = {heading: numbers(text) for heading, text in texts.items() if heading not in tested}
    assert rest == {"Outcome": []}
