"""Pictures of the Concepts pages: they are there, light, described, and every word can be read."""

import re
from pathlib import Path

import numpy as np
import pytest
from ecglens_paper.figures.column import fault
from PIL import Image

from benchmarks import concept_agreement, concept_maps, concept_pictures, concept_places

DOCS = Path(__file__).parents[1] / "docs"
NAVIGATION = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
CONCEPTS = re.findall(r"(\w+)\.md", NAVIGATION.partition("- Concepts:")[2].partition("  - Ref")[0])
MOST_BYTES, MOST_PIXELS = 120_000, 1200  # a page of them opens at once on a slow line
IMAGE = re.compile(r"^!\[([^\]]+)\]\((images/concept-\w+\.png)\)\n\n\*[^*]+\*$", re.MULTILINE)


@pytest.mark.parametrize("page", [*(page for page in CONCEPTS if page != "labels"), "patients"])
def test_a_concepts_page_opens_with_its_picture_described_and_light(page):
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    ((described, path),) = IMAGE.findall(text)
    assert path == f"images/concept-{page}.png"
    assert len(described) > 50
    assert text.index(path) < 2000, "near the top"
    assert (DOCS / path).stat().st_size <= MOST_BYTES
    with Image.open(DOCS / path) as picture:
        assert picture.width <= MOST_PIXELS


@pytest.mark.heavy
def test_a_picture_is_drawn_with_words_that_can_be_read(tmp_path):
    figure = concept_maps.methods()
    assert fault(figure) == ""
    concept_pictures.save(figure, tmp_path / "drawn.png")
    assert (tmp_path / "drawn.png").stat().st_size <= MOST_BYTES


def scores(axes):
    return np.asarray(axes.lines[0].get_ydata(), float)


def test_the_metric_called_unfit_is_as_good_without_any_truth():
    *_, fit, unfit = concept_places.meta_evaluation().axes
    assert (np.diff(scores(fit)) < 0).all()
    assert scores(unfit)[0] == pytest.approx(scores(unfit)[-1], abs=1e-6)
    assert scores(unfit).max() > 0.1


def test_the_picture_of_agreement_has_what_stands_in_the_kept_results():
    figure = concept_agreement.agreement(DOCS.parent / "results" / "arends" / "laptop")
    assert fault(figure) == ""
    *_, axes = figure.axes
    values = {marker: [] for marker in "oD"}
    for line in axes.lines:
        if (marker := str(line.get_marker())) in values:
            values[marker].append(np.asarray(line.get_xdata(), float)[0])
    observed, baseline = (np.array(values[marker]) for marker in "oD")
    ((described, _),) = IMAGE.findall((DOCS / "agreement.md").read_text(encoding="utf-8"))
    said = [float(each.replace("−", "-")) for each in re.findall(r"−?\d\.\d\d", described)]
    shown = np.stack([observed, baseline], axis=1)[:6].ravel()
    np.testing.assert_allclose(said[:12], shown, atol=0.0051)
    # Two experts: 3 × 9 of 45 answers are equal, and 118 of 125.
    np.testing.assert_allclose(observed[6:], [0.6, 118 / 125])
    np.testing.assert_allclose(baseline[6:], [1 / 3, (123 * 120 + 2 * 5) / 125**2])
