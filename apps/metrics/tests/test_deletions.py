"""A view of a class says how well it is still told, and never without the mask's own AUROC."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.eval import Finding
from ecglens.report import perturbation_views, write_report
from ecglens_metrics.class_auroc import Deletions
from ecglens_metrics.deletions import deletion_sentences, deletions_of

from tests.report.conftest import changed
from tests.report.test_page import Page, page_of

Make = Callable[..., Finding]
AF = Target("diagnosis", "", classes=("af", "lbbb"), kind="binary")


@pytest.fixture
def of_class(make_finding: Make) -> Finding:
    return made_of_class(make_finding)


def made_of_class(make_finding: Make) -> Finding:
    """A network that tells the class less with every step; one map lies elsewhere with it."""
    finding = make_finding(target=AF)
    (curves,), random = finding.curves, np.random.default_rng(0)
    y = np.arange(24) % 2.0
    steps = np.arange(curves.protocol.steps + 1)
    predictions, places = {}, {}
    for name in curves.predictions:
        speed = 0.02 if name in curves.controls else 0.2
        noise = random.normal(size=(5, 24, 1)) + random.normal(size=(24, 1))
        predictions[name] = 4 * (y[:, None] - 0.5) * np.exp(-speed * steps) + 0.7 * noise
        places[name] = np.tile(random.permutation(60)[: curves.protocol.steps], (24, 1))
    places["deeplift"] = places["deeplift"] + 200 * y.astype(int)[:, None]
    return changed(finding, y=y, predictions=predictions, places=places)


@pytest.mark.heavy
def test_the_section_has_both_aurocs_and_says_which_masks_tell(
    of_class: Finding, tmp_path: Path
) -> None:
    page = page_of([of_class], tmp_path)
    assert "Can the class still be told?" in page.said
    assert "tells the class by itself for DeepLIFT" in page.said
    assert "12 ECGs with it and 12 without" in page.said
    steps = of_class.curves[0].protocol.until
    unit = of_class.curves[0].protocol.unit
    assert f"dealt to the patients at random, after {steps} {unit}s and as a mean over" in page.said
    (row,) = [row for row in page.rows if row[0] == "DeepLIFT" and row[-1] == "yes"]
    assert row[6] == "1.000"
    table = pd.read_csv(next(tmp_path.glob("*-deletions.csv")))
    assert table.loc[table["mask_tells"], "method"].tolist() == ["deeplift"]
    assert next(tmp_path.glob("*-deletions.png")).stat().st_size > 10_000


def test_nothing_is_said_of_classes_that_are_not_there(
    make_finding: Make, of_class: Finding, tmp_path: Path
) -> None:
    assert deletions_of(make_finding()) is None
    one_class = changed(of_class, y=np.ones(24))
    assert deletions_of(one_class) is None
    page = Page(write_report([make_finding()], tmp_path).read_text("utf-8"))
    assert "Can the class still be told?" not in page.said
    assert not [*tmp_path.glob("*-deletions*")]


def test_no_mask_that_tells_is_said_too(of_class: Finding) -> None:
    places = of_class.curves[0].places
    quiet = changed(of_class, places=dict.fromkeys(places, places["random"]))
    found = deletions_of(quiet)
    assert found is not None
    assert deletion_sentences(found, quiet)[-1] == "No mask was shown to tell the class by itself."


def test_a_view_hands_it_on_under_its_former_name(make_finding: Make, of_class: Finding) -> None:
    for finding, expected in ((of_class, True), (make_finding(), False)):
        (view,) = perturbation_views([finding])
        with pytest.warns(DeprecationWarning, match="until version 0.3"):
            assert isinstance(view.deleted, Deletions) is expected
