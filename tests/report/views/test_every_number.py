"""Every number in a sentence of a view is in its tables or figures."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from ecglens.datamodules import EcgData, Target
from ecglens.eval import (
    POINTS,
    Evaluation,
    Finding,
    Networks,
    Perturbation,
    Subject,
    joined,
    subject_of,
)
from ecglens.eval.evaluations.return_test import ReturnTest
from ecglens.eval.evaluations.sanity import Weights
from ecglens.explain import controls, find_all
from ecglens.models import InUnits, SmallResNet
from ecglens.registry import config_folder, folders
from ecglens.report.answer.figure import answer_figures
from ecglens.report.answer.top import not_said, top_words
from ecglens.report.answer.words import in_a_line, words_of
from ecglens.report.text.quality import fit_sentence
from ecglens.report.text.words import sample_and_strongest
from ecglens.report.views.perturbation import PerturbationView, perturbation_views
from ecglens.report.views.view import View
from ecglens.report.views.views import evaluation_views
from ecglens.store import Store, class_at
from ecglens_metrics import Axioms, Consistency, Counterfactuals, Effects, Localisation, Similarity
from ecglens_metrics.degradation import Degradation
from ecglens_metrics.deletions import DeletionsFold, deletion_sentences
from ecglens_metrics.shortcuts import Shortcuts
from ecglens_relevance import Relevance

from apps.metrics.tests.test_deletions import made_of_class

from ..conftest import changed, of_network, of_views
from ..findings import about, of_measures, of_weights

Make = Callable[..., Finding]
# A number that stands alone, with its sign: not the 2 of "SmoothGrad²" or of "V2".
NUMBER = re.compile(r"(?<![\w.])[−-]?\d+(?:\.\d+)?(?:\s?%)?(?!\w)")
# Intervals of 95 %, differences above 0, the level of tests, and the smallest p that is printed.
CONSTANTS = {"95 %", "0", "0.05", "0.001"}
PR = Target("pr", "ms", "pr", edges=("P_on", "QRS_on"), waves=("P", "PQ"))
METHODS = ("saliency", "input_x_gradient", "deeplift")
EVALUATIONS = (
    Similarity(),
    Consistency(),
    Weights(stages=1, copies=1),
    Localisation("wave", waves=PR.waves),
    Effects(donors=1),
    Counterfactuals(),
    Axioms(copies=1),
    Degradation(steps=2),
    Shortcuts(),
    Relevance(least=2),
    ReturnTest(),
)


def test_every_evaluation_in_the_configurations_is_here() -> None:
    own, every = configured([config_folder()]), configured(folders())
    # The sentences of rankings have a test of their own.
    missing = own - {Perturbation} - {type(each) for each in EVALUATIONS}
    assert not missing, f"add to EVALUATIONS here, with settings that take seconds: {missing}"
    assert {type(each) for each in EVALUATIONS} <= every, "one has no yaml file"


def configured(places: Iterable[Path]) -> set[type]:
    """Classes of the evaluations in these folders of yaml files."""
    files = [file for folder in places for file in (folder / "evaluation").glob("*.yaml")]
    settings = [each for file in files for each in yaml.safe_load(file.read_text("utf-8")).values()]
    return {class_at(each["_target_"], "_target_") for each in settings if "_target_" in each}


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """A few exact ECGs and three methods."""
    store = Store(tmp_path_factory.mktemp("store"))
    data = EcgData({"name": "exact", "n": 40}, "median", PR, batch_size=8, seed=0, store=store)
    return replace(subject_of(data, find_all(METHODS), 6, 0, store), progress=False)


@pytest.fixture(scope="module")
def networks() -> Networks:
    """Untrained networks: two, and one in place of that on permuted labels."""
    made = []
    for seed in range(3):
        torch.manual_seed(seed)
        made.append(InUnits(SmallResNet(), 160.0, 20.0).eval())
    return Networks(made[:2], made[2])


@pytest.mark.heavy
@pytest.mark.parametrize("evaluation", EVALUATIONS, ids=lambda each: each.name)
def test_every_number_in_the_sentence_of_an_evaluation_is_in_its_tables_or_figures(
    evaluation: Evaluation, networks: Networks, subject: Subject
) -> None:
    (view,) = evaluation_views([evaluation(networks, subject)])
    assert unknown(view, view.sentence) == []
    assert all(view.caption(name) != name for name in view.figures)


def test_every_number_in_the_sentence_of_measures_is_in_their_table() -> None:
    finding = of_measures()
    (view,) = evaluation_views([replace(finding, sentence="")])
    assert unknown(view, view.sentence) == []
    (row,) = finding.table.query("measure == 'mass' and method == 'saliency'").to_dict("records")
    (view,) = evaluation_views([replace(finding, sentence=f"It is {row['value']:.3f} on 40 ECGs.")])
    assert unknown(view, view.sentence) == []
    # and the test can fail
    (view,) = evaluation_views(
        [replace(finding, sentence=f"It is {row['value'] + 0.2:.3f} on 41 ECGs.")]
    )
    assert len(unknown(view, view.sentence)) == 2


@pytest.mark.heavy
def test_every_number_in_the_sentences_of_a_ranking_is_in_its_tables_or_curves(
    make_finding: Make,
) -> None:
    def network(seed: int) -> Finding:
        return of_network(make_finding(gain=6.0 + seed, settings={"seed": seed}), str(seed))

    found = [
        make_finding(),
        make_finding(gain=0.9),
        make_finding(protocol=replace(POINTS, name="lerf", order="lerf", unit="segment")),
        joined([network(seed) for seed in range(3)]),
        made_of_class(make_finding),
        uneven(make_finding()),
    ]
    for finding in found:
        (view,) = perturbation_views([finding])
        sentences = [*said(view)]
        assert len(sentences) > 3
        assert unknown(view, *sentences) == []


def test_every_number_in_the_answer_of_a_page_is_in_its_tables_or_counts(
    make_finding: Make,
) -> None:
    settings = {"settings": {"target": {"name": "pr"}}}
    noise = replace(POINTS, name="noise_10", noise=0.1)
    sections = perturbation_views([make_finding(**settings), make_finding(protocol=noise)])
    others = evaluation_views([of_weights(about(Weights(), target=PR, network="0123456789abcdef"))])
    for ranked in (sections, sections[:1]):
        (figure,) = answer_figures(of_views(*ranked, others=others).groups)
        answer = figure.answer
        top = top_words(answer, figure.finding.facts)
        texts = [top.answer, top.why, top.ecg, top.next, top.limits, *not_said(answer)]
        texts += [each.reason for each in words_of(answer).values()]
        texts += [row.reason for row in figure.rows]
        assert len(texts) > 10
        assert unknown(ranked[0], *texts) == []


def uneven(finding: Finding) -> Finding:
    """The finding with a method that depends on the label."""
    (curves,) = finding.curves
    factor = np.where(curves.y > np.median(curves.y), 1.0, 0.3)[None, :, None]
    moved = curves.predictions["deeplift"]
    moved = moved[..., :1] + (moved - moved[..., :1]) * factor
    return changed(finding, predictions={**curves.predictions, "deeplift": moved})


def said(view: PerturbationView) -> Iterator[str]:
    """Every sentence of the answer, of how sure it is, of cautions, of the fit and of the class."""
    yield from (view.sentence, sample_and_strongest(view.each, view.ranking))
    # What is known of the data before a network is evaluated is a fact, not a finding.
    yield from (each for each in view.warnings if each != view.first.facts.get("ease"))
    yield from (in_a_line(of_views(view).answers[0]), fit_sentence(view.first))
    yield from view.uncertainty.sentences
    if isinstance(fold := view.folds.get("deletions"), DeletionsFold):
        yield from deletion_sentences(fold.found, view.first)


def unknown(view: View, *texts: str) -> list[str]:
    """The numbers of texts that are neither in a table or figure, nor a count of its rows."""
    cells, counts = numbers_of(view), counts_of(view)
    found = [plain(each) for text in texts for each in NUMBER.findall(text.replace("χ²", ""))]
    return [each for each in found if each not in CONSTANTS and not shown(each, cells, counts)]


def plain(number: str) -> str:
    return re.sub(r"\s?%", " %", number).replace("−", "-")


def shown(number: str, cells: np.ndarray, counts: set[int]) -> bool:
    """Whether a number is a cell to the digits that it is printed with, or a count."""
    digits = number.removesuffix(" %")
    if digits.isdecimal() and int(digits) in counts:
        return True
    scale = 100.0 if number.endswith("%") else 1.0
    decimals = len(digits.partition(".")[2])
    # Three digits of a large number are whole: 1234 is printed as 1230.
    step = max(10.0**-decimals, 10.0 ** (len(digits.lstrip("-")) - 3) if not decimals else 0.0)
    return bool((np.abs(cells * scale - float(digits)) <= 0.5 * step + 1e-9).any())


def numbers_of(view: View) -> np.ndarray:
    """Every number of the tables, their means over methods, and what a random map gets."""
    found = [pd.DataFrame({"chance": [each.chance or 0.0 for each in view.finding.measures]})]
    for table in view.tables.values():
        found.append(table)
        if "method" in table:
            methods = table.loc[~table["method"].isin(controls())]
            found.append(methods.mean(numeric_only=True).to_frame())
    columns = (each.select_dtypes(["number"]).to_numpy(float, na_value=np.nan) for each in found)
    cells = np.concatenate([each.ravel() for each in columns])
    return cells[np.isfinite(cells)]


def counts_of(view: View) -> set[int]:
    """Numbers of ECGs, patients, networks and draws, of rows, and of rows that say the same."""
    finding = view.finding
    counts = {len(finding.about.records), finding.patients, len(finding.about.networks)}
    for curves in finding.curves:
        protocol = curves.protocol
        counts |= {protocol.draws, protocol.until, protocol.steps, len(curves.methods)}
        counts |= {int((curves.y == label).sum()) for label in (0.0, 1.0)}
    counts.add(sum(each.higher_is_better is not None for each in finding.measures))
    if "beats_controls" in finding.table:
        won = finding.table.dropna(subset=["beats_controls"]).groupby("method")["beats_controls"]
        counts |= {won.ngroups, int(won.all().sum()), int(won.any().sum())}
    for table in view.tables.values():
        counts.add(len(table))
        for column in table.select_dtypes(["object", "bool", "boolean"]):
            counts |= {*table[column].value_counts().tolist()}
    return counts
