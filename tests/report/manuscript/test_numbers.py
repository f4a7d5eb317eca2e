"""Every number of the methods text, in its order, is recomputed here from the run."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from ecglens.eval import DEFAULT, POINTS, Answer, Measure, Panel, Protocol, Result, rank
from ecglens.eval.rungs import LADDER_LEVELS
from ecglens.eval.statistics import bootstrap
from ecglens.report import Pseudonyms
from ecglens.report.manuscript import methods_sections

NUMBER = re.compile(r"\d+(?:\.\d+)*")
LEADS = 12


def paragraphs(*results: Result, answers: Sequence[Answer] = ()) -> dict[str, str]:
    """The texts by heading, without the marks of citations."""
    (section,) = methods_sections(results, answers, Pseudonyms())
    return {heading: re.sub(r" \[[\d,]+\]", "", text) for heading, text in section.cited[0]}


def numbers(text: str) -> list[float]:
    return [float(each) for each in NUMBER.findall(text)]


def of_patients(result: Result, ecgs_each: int = 2) -> Result:
    """The same ECGs as if they were of patients, two ECGs each."""
    count = len(result.scores.records)
    patients = tuple(f"p{place // ecgs_each}" for place in range(count))
    scores = replace(result.scores, patients=patients)
    return replace(result, scores=scores, facts={**result.facts, "generated": False})


def seeds(result: Result, count: int) -> list[Result]:
    """Networks that differ in their seed alone."""
    return [
        replace(
            result,
            network=f"{seed:064x}",
            facts={**result.facts, "settings": {**result.facts["settings"], "seed": seed}},
        )
        for seed in range(count)
    ]


def more_methods(result: Result, count: int) -> Result:
    """The result with so many methods in all, copies of the first."""
    scores = result.scores
    first = scores.methods[0]
    added = {f"copy_{n}": scores.curves[first] for n in range(count - len(scores.methods))}
    controls = {name: scores.curves[name] for name in scores.controls}
    methods = {name: scores.curves[name] for name in scores.methods}
    return replace(result, scores=replace(scores, curves={**methods, **added, **controls}))


def test_numbers_of_the_data_are_those_of_the_facts(result: Result) -> None:
    facts, text = result.facts, paragraphs(result)["Data"]
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
    assert numbers(paragraphs(of_patients(result))["Data"]) == [
        facts["ecgs"], facts["usable"], facts["patients"],
        *(number for pair in told for number in pair), LEADS,
    ]  # fmt: skip


def test_numbers_of_the_exclusions_count_the_names(result: Result) -> None:
    text = paragraphs(result)["Exclusions"]
    found = re.search(r"(\d+) ECGs? could not be used: (.*? \(n = \d+\))\.", text)
    assert found
    named = result.facts["excluded"]
    assert int(found[1]) == len(named) > 0
    told = re.findall(r"(.+?) \(n = (\d+)\)(?:; )?", found[2])
    assert sum(int(count) for _, count in told) == len(named)
    for reason, count in told:
        like = re.compile(".*".join(map(re.escape, reason.split("…"))))
        assert sum(bool(like.fullmatch(why)) for _, why in named) >= int(count)


def test_numbers_of_the_network_are_its_settings_and_its_test(result: Result) -> None:
    facts, run = result.facts, result.facts["settings"]
    expected = [run["fit"]["epochs"], run["fit"]["batch_size"], run["fit"]["lr"], run["seed"],
                facts["fit"]["test/mae"], facts["y_sd"], facts["fit"]["test/r2"]]  # fmt: skip
    assert numbers(paragraphs(result)["Network"]) == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("protocol", [DEFAULT, replace(POINTS, noise=0.13, draws=7)])
def test_numbers_of_the_evaluation_are_those_of_scores_and_protocol(
    result: Result, protocol: Protocol, several: bool
) -> None:
    one = of_patients(result) if several else result
    scores = replace(one.scores, protocol=protocol)
    people = [len({*scores.patients})] if several else []
    step = protocol.segment_ms if protocol.unit == "segment" else 100 * protocol.noise
    text = paragraphs(replace(one, scores=scores))
    assert numbers(text["Evaluation"]) == [
        len(scores.records), *people, protocol.steps, step, protocol.draws, 0, protocol.until
    ]  # fmt: skip
    assert numbers(text["Attribution methods"]) == [len(scores.methods)]


@pytest.mark.parametrize("methods", [2, 14])
def test_the_replicates_are_those_that_a_ranking_of_one_network_draws(
    result: Result, methods: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    own = bootstrap.drawn_patients

    def counted(*given: Any) -> np.ndarray:
        times = own(*given)
        drawn.append(len(times))
        return times

    monkeypatch.setattr(bootstrap, "drawn_patients", counted)
    many = more_methods(result, methods)
    table = rank(many).table
    assert (table["kind"] == "method").sum() == methods
    text = paragraphs(many)["Statistics"]
    assert len({*drawn}) == 1
    assert numbers(text) == [95, drawn[0], 0.05]
    assert "bootstrap replicates over generated ECGs" in text


def test_few_patients_have_percentiles_and_more_have_the_bootstrap_t(
    result: Result, make_result: Callable[..., Result]
) -> None:
    for one in (result, make_result()):  # of 4 and of 24 ECGs
        drawn = bootstrap.Bootstrap.of(2, one.scores.patients, 0)
        values = np.random.default_rng(0).normal(size=(1, 1, len(one.scores.patients)))
        studentized = bool(drawn.studentized(values).known.all())
        text = paragraphs(one)["Statistics"]
        assert ("bootstrap-t" in text) == studentized
        assert ("percentile" in text) != studentized


def test_the_levels_are_those_that_a_ranking_asks(result: Result) -> None:
    one = paragraphs(result)["Statistics"]
    bare = replace(result, scores=replace(result.scores, references={}))
    other = paragraphs(bare)["Statistics"]
    for text, found in ((one, rank(result)), (other, rank(bare))):
        told = [n for n, level in enumerate(LADDER_LEVELS, 1) if f"“{level.name}”" in text]
        assert tuple(told) == found.ladder.asked
    assert other != one


def test_several_networks_are_not_said_to_be_resampled(result: Result) -> None:
    networks = seeds(of_patients(result), 3)
    text = paragraphs(*networks)["Statistics"]
    assert numbers(text) == [95, rank(networks).networks, 0.05]
    assert "Student’s t" in text
    assert "over patients and 3 networks" in text
    assert "bootstrap" not in text


def test_a_panel_has_the_replicates_of_its_maps(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = Measure("tp", "In TP", "", False, "description", "ours", "Where it lies.")
    names = [*result.scores.methods, *result.scores.controls, *(f"m{n}" for n in range(9))]
    values = {name: np.array([[0.1 * n, 0.2, 0.3]]) for n, name in enumerate(names)}
    found = Panel("audit", "Is it lost?", "ours", (measure,), {"tp": values},
                  list("abc"), list("abc"), 0, "Yes.")  # fmt: skip
    answer = Answer(result.target, "median", ("ab" * 32,), 3, 3, found, result.facts)
    drawn = []
    own = bootstrap.drawn_patients
    monkeypatch.setattr(
        bootstrap, "drawn_patients", lambda *given: drawn.append(len(w := own(*given))) or w
    )
    text = paragraphs(answers=[answer])
    assert numbers(text["Statistics"]) == [95, drawn[0], 0.05]
    assert drawn[0] == 250 * len(names)
    assert numbers(text["Evaluation"]) == [3, 1]


def test_numbers_of_the_software_are_the_versions_and_nothing_claims_a_checklist(
    result: Result,
) -> None:
    text = paragraphs(result)["Software"]
    versions = ", ".join(f"{name} {number}" for name, number in result.facts["versions"].items())
    assert text == f"{versions}. A TRIPOD+AI checklist is not filled by this run."


def test_no_other_paragraph_has_a_number(result: Result) -> None:
    tested = {"Data", "Exclusions", "Network", "Attribution methods", "Evaluation", "Statistics",
              "Software"}  # fmt: skip
    texts = paragraphs(result)
    assert tested <= {*texts}
    rest = {heading: numbers(text) for heading, text in texts.items() if heading not in tested}
    assert rest == {"Outcome": []}
