"""A section of a class says how well it is still told, and never without the mask's own AUROC."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import Result
from ecglens.report import write_report
from ecglens.report.views.class_auroc import deletion_sentences, deletions_of

from .test_page import Page, page_of

Make = Callable[..., Result]
AF = Target("diagnosis", "", classes=("af", "lbbb"), kind="binary")


@pytest.fixture
def of_class(make_result: Make) -> Result:
    """A network that tells the class less with every step; one map lies elsewhere with it."""
    result = make_result(target=AF)
    scores, random = result.scores, np.random.default_rng(0)
    y = np.arange(24) % 2.0
    steps = np.arange(scores.protocol.steps + 1)
    curves, places = {}, {}
    for name in scores.curves:
        speed = 0.02 if name in scores.controls else 0.2
        noise = random.normal(size=(5, 24, 1)) + random.normal(size=(24, 1))
        curves[name] = 4 * (y[:, None] - 0.5) * np.exp(-speed * steps) + 0.7 * noise
        places[name] = np.tile(random.permutation(60)[: scores.protocol.steps], (24, 1))
    places["deeplift"] = places["deeplift"] + 200 * y.astype(int)[:, None]
    return replace(result, scores=replace(scores, y=y, curves=curves, places=places))


def test_the_section_has_both_aurocs_and_says_which_masks_tell(
    of_class: Result, tmp_path: Path
) -> None:
    page = page_of([of_class], tmp_path)
    assert "Can the class still be told?" in page.said
    assert "tells the class by itself for DeepLIFT" in page.said
    assert "12 ECGs with it and 12 without" in page.said
    steps = of_class.scores.protocol.until
    unit = of_class.scores.protocol.unit
    assert f"dealt to the patients at random, after {steps} {unit}s and as a mean over" in page.said
    (row,) = [row for row in page.rows if row[0] == "DeepLIFT" and row[-1] == "yes"]
    assert row[6] == "1.000"
    table = pd.read_csv(next(tmp_path.glob("*-deletions.csv")))
    assert table.loc[table["mask_tells"], "method"].tolist() == ["deeplift"]
    assert next(tmp_path.glob("*-deletions.png")).stat().st_size > 10_000


def test_nothing_is_said_of_classes_that_are_not_there(
    make_result: Make, of_class: Result, tmp_path: Path
) -> None:
    assert deletions_of([make_result()]) is None
    one_class = replace(of_class, scores=replace(of_class.scores, y=np.ones(24)))
    assert deletions_of([one_class]) is None
    page = Page(write_report([make_result()], tmp_path).read_text("utf-8"))
    assert "Can the class still be told?" not in page.said
    assert not [*tmp_path.glob("*-deletions*")]


def test_no_mask_that_tells_is_said_too(of_class: Result) -> None:
    scores = of_class.scores
    same = dict.fromkeys(scores.places, scores.places["random"])
    quiet = replace(of_class, scores=replace(scores, places=same))
    found = deletions_of([quiet])
    assert found is not None
    assert deletion_sentences(found, quiet)[-1] == "No mask was shown to tell the class by itself."
