"""The figure of an answer for an article, a card and a film, of a real small finding."""

import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from ecglens.eval import Finding
from ecglens.report import Pseudonyms
from ecglens_paper.figures import Choice, Form, Offered, offered, write_figure
from ecglens_paper.figures.answer import CARD, INKS, MOST_BYTES, Look, Part, film, maps_figure
from ecglens_paper.figures.column import DOUBLE_MM, SINGLE_MM, TooNarrow
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.markers import CARETLEFT, CARETRIGHT
from PIL import Image

from tests.report.conftest import build

pytestmark = pytest.mark.heavy

ANSWER = "pr-median-answer"
LOOK = Look(DOUBLE_MM, 7.0, 6.5, 40.0, 9.0)


@pytest.fixture(scope="module")
def run(finding: Finding) -> Offered:
    return offered([finding], Pseudonyms())


def column(figure: Figure, title: str) -> Axes:
    (found,) = (each for each in figure.axes if title in each.get_title("left"))
    return found


def test_it_fits_a_column_and_a_page_with_type_that_can_be_read(run: Offered):
    for width in (SINGLE_MM, DOUBLE_MM):
        figure, caption = run.figure(ANSWER, width, Choice())
        assert figure.get_size_inches()[0] * 25.4 == pytest.approx(width)
        sizes = [float(text.get_fontsize()) for axes in figure.axes for text in axes.texts]
        assert 6.0 <= min(sizes) <= max(sizes) <= 7.0
        assert "Network’s PR, ms: an arrow from before to after" in caption
    with pytest.raises(TooNarrow, match="got 40 mm"):
        run.figure(ANSWER, 40.0, Choice())


def test_every_map_has_as_much_ink_and_its_dot_at_its_score(run: Offered):
    (own,) = run.answers
    figure = maps_figure(own, LOOK)
    blocks = [
        len(drawn.get_paths())
        for drawn in column(figure, "segments").collections
        if isinstance(drawn, PatchCollection)
    ]
    steps = own.lanes(own.order[0]).steps
    maps = [row for row in own.rows if not row.name.startswith("target_prior")]
    assert blocks.count(steps) == len(maps) > 4
    dots = {
        round(float(np.asarray(line.get_ydata())[0]) - 0.5): float(np.asarray(line.get_xdata())[0])
        for line in column(figure, own.score_label).lines
        if line.get_marker() == "o"
    }
    assert dots == pytest.approx({n: row.score.value for n, row in enumerate(own.rows)})


def test_a_needle_follows_the_reading_step_by_step(run: Offered):
    (own,) = run.answers
    lanes = own.lanes(own.order[0])
    for step in (0, 3, lanes.steps):
        needles = column(maps_figure(own, LOOK, Part(step)), own.reading_label)
        ends = [
            float(np.asarray(line.get_xdata())[0])
            for line in needles.lines
            if line.get_marker() in (CARETLEFT, CARETRIGHT)
        ]
        assert ends == pytest.approx([lanes.readings[row.name][step] for row in own.rows])


def test_a_part_tells_no_use_and_draws_the_rows_and_columns_that_were_asked_for(run: Offered):
    (own,) = run.answers
    two = own.names[:2]
    figure = maps_figure(own, LOOK, Part(rows=two, columns=("lane",), nulls=False, stamps=False))
    names, lane, *empty = figure.axes
    assert [text.get_text() for text in names.texts] == [row.label for row in own.rows[:2]]
    drawn = [each for each in lane.collections if isinstance(each, PatchCollection)]
    first, second = (np.asarray(each.get_facecolor())[0, :3] for each in drawn)
    assert first.tolist() == second.tolist()
    assert not any(axes.axison for axes in empty)


def test_a_map_to_use_is_told_by_its_sign_and_in_grey_print(run: Offered):
    (own,) = run.answers
    signs = {text.get_text() for text in maps_figure(own, LOOK).axes[0].texts}
    assert {row.sign for row in own.rows} <= signs
    use, *others = (np.mean([int(ink[n : n + 2], 16) for n in (1, 3, 5)]) for ink in INKS.values())
    assert min(others) - use > 50


def test_a_card_and_a_film_have_the_size_of_a_shared_link(run: Offered, tmp_path: Path):
    card, film_name = run.pictures
    assert (card, film_name) == ("pr-median-card", "pr-median-film")
    picture, words = write_figure(run, card, tmp_path, Form())
    with Image.open(picture) as drawn:
        assert (drawn.format, drawn.size) == ("PNG", CARD)
        ink = np.asarray(drawn.convert("L")) < 200
    # A margin at every edge: nothing was cut.
    assert not ink[-3:].any()
    assert not ink[:3].any()
    assert not ink[:, :2].any()
    assert words.read_text("utf-8").startswith("No map")
    picture, _ = write_figure(run, film_name, tmp_path, Form())
    (own,) = run.answers
    content = picture.read_bytes()
    assert len(content) <= MOST_BYTES
    with Image.open(BytesIO(content)) as drawn:
        assert drawn.format == "GIF"
        assert drawn.size == CARD
        frames = getattr(drawn, "n_frames", 1)
        assert 2 <= frames <= own.lanes(own.order[0]).steps + 1
        assert "loop" not in drawn.info  # it plays once


def test_without_steps_there_are_scores_and_a_card_but_no_film():
    run = offered([build(methods=("saliency", "deeplift"))], Pseudonyms())
    (own,) = run.answers
    figure, caption = run.figure(ANSWER, SINGLE_MM, Choice())
    assert len(figure.axes) == 2
    assert not re.search("Blocks|Line:", caption)
    assert [*run.pictures] == ["pr-median-card"]
    with pytest.raises(ValueError, match="run it again with gallery=1 or more"):
        film(own)


def test_names_and_ends_of_names_find_pictures_too(run: Offered):
    assert run.found(["answer"])[0] == [ANSWER]
    assert run.found(["card", "film"])[0] == ["pr-median-card", "pr-median-film"]
    assert "  pr-median-film" in run.listing
