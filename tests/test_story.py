"""The road in six pictures: each adds to the one before, and the page shows them in order."""

import re
from pathlib import Path

import pytest
from ecglens.report import AnswerFigure, Pseudonyms, answer_figures, run_views
from PIL import Image

from benchmarks.story_pictures import parts, pictures

from .report.conftest import build

DOCS = Path(__file__).parents[1] / "docs"
IMAGE = re.compile(r"^!\[([^\]]+)\]\(images/story-(\w+)\.png\)\n\n\*[^*]+\*$", re.MULTILINE)
MOST_BYTES, MOST_WORDS = 60_000, 650


@pytest.fixture(scope="module")
def own() -> AnswerFigure:
    (figure,) = answer_figures(run_views([build()], Pseudonyms()).groups)
    return figure


def test_the_page_has_them_in_order_described_light_and_in_few_words(own):
    text = (DOCS / "story.md").read_text(encoding="utf-8")
    found = IMAGE.findall(text)
    assert [name for _, name in found] == [*parts(own)]
    assert min(len(described) for described, _ in found) > 40
    assert len(text.split()) <= MOST_WORDS
    for _, name in found:
        path = DOCS / "images" / f"story-{name}.png"
        assert path.stat().st_size <= MOST_BYTES
        with Image.open(path) as picture:
            assert picture.width <= 1200


def test_each_part_adds_to_the_one_before_and_only_the_last_tells_the_answer(own):
    every = [*parts(own).values()]
    assert len(every) == 6
    shown = [{row.name for row in part.of(own.rows)} for part in every]
    for before, after, first, second in zip(every, every[1:], shown, shown[1:], strict=False):
        assert {*before.columns} <= {*after.columns}
        assert first <= second
        assert (len(first), before.columns, before.nulls, before.stamps) != (
            len(second), after.columns, after.nulls, after.stamps,
        )  # fmt: skip
    assert [part.stamps for part in every] == [False] * 5 + [True]
    assert shown[0] < {row.name for row in own.rows if row.use}


def test_every_part_is_drawn(own):
    for name, figure in pictures(own).items():
        names = [text.get_text() for text in figure.axes[0].texts]
        assert {row.label for row in parts(own)[name].of(own.rows)} <= {*names}
