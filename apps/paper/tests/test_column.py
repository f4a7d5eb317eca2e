"""Figures at the width of a journal's column: nothing smaller than 6 points, nothing overlaps."""

import pytest
from ecglens.report.figures.curves import quiet
from ecglens_paper.figures.column import (
    LEAST,
    SINGLE_MM,
    TooNarrow,
    fault,
    fitted,
    letters,
    taken_title,
    words,
)
from matplotlib.figure import Figure

LONG = "area under the curve of the change of the prediction, 0–15 segments (ms × steps)"


def drawn(panels: int = 1, columns: int = 1) -> Figure:
    """Panels with long names on their axes, as those of the page."""
    figure = Figure(figsize=(7.0, 2.0), dpi=150, layout="constrained")
    grid = figure.subplots(-(-panels // columns), columns, squeeze=False, sharey=True)
    for number, axes in enumerate(grid.flat):
        axes.plot([0, 1000 + number], [0, 1])
        axes.set_xlabel(LONG if panels == 1 else "ms × steps")
        quiet(axes, f"panel {number}")
    return figure


def test_a_figure_is_laid_out_again_so_that_every_word_can_be_read():
    figure = fitted(drawn(), SINGLE_MM)
    assert figure.get_size_inches()[0] == pytest.approx(SINGLE_MM / 25.4)
    assert fault(figure) == ""
    sizes = [word.size for word in words(figure)]
    assert LEAST <= min(sizes) <= max(sizes) <= 7.0


def test_panels_without_room_go_below_each_other_and_have_letters():
    figure = fitted(drawn(4, 4), SINGLE_MM)
    assert fault(figure) == ""
    places = [axes.get_subplotspec() for axes in figure.axes]
    assert {place.get_geometry()[1] for place in places if place} <= {1, 2, 3}
    found = [axes.texts[-1] for axes in figure.axes]
    assert [letter.get_text() for letter in found] == ["a", "b", "c", "d"]
    assert {letter.get_fontweight() for letter in found} == {"bold"}


def test_a_figure_of_one_row_gets_the_height_that_its_panels_need():
    figure = drawn(3, 3)
    figure.set_size_inches(7.0, 0.9)
    fitted(figure, SINGLE_MM)
    assert fault(figure) == ""
    assert min(axes.get_window_extent().height for axes in figure.axes) >= 0.8 * figure.dpi


def test_the_title_of_a_whole_figure_goes_to_its_caption():
    figure = drawn()
    assert taken_title(figure) == "panel 0"
    assert "panel 0" not in [word.text for word in words(figure)]
    several = drawn(2, 2)
    several.suptitle("both")
    assert taken_title(several) == "both"
    assert several.axes[1].get_title("left") == "panel 1"


@pytest.mark.parametrize(
    ("x", "text", "size", "said"),
    [
        (0.5, "small", 5.0, "“small” has 5 points"),
        (0.9, "over the edge", 8.0, "“over the edge” has no room"),
        (0.15, "upon another", 8.0, "“first of all” and “upon another” overlap"),
        (0.6, "far away", 8.0, ""),
    ],
)
def test_what_cannot_be_read_is_named(x, text, size, said):
    figure = Figure(figsize=(3, 1))
    figure.text(0.1, 0.5, "first of all", fontsize=8)
    figure.text(x, 0.5, text, fontsize=size)
    assert fault(figure) == said


def test_slanted_names_overlap_only_where_their_letters_do():
    figure = Figure(figsize=(3, 2))
    for place in (0.3, 0.4):  # their upright boxes overlap
        figure.text(place, 0.2, "Integrated gradients", rotation=45, fontsize=7)
    assert fault(figure) == ""
    figure.text(0.41, 0.2, "Saliency of all", rotation=45, fontsize=7)
    assert "overlap" in fault(figure)


def test_a_figure_that_no_layout_makes_readable_is_refused():
    figure = drawn()
    figure.axes[0].set_yticks([0.5, 0.501], ["one", "another"])
    with pytest.raises(TooNarrow, match="got 85 mm: “one” and “another” overlap"):
        fitted(figure, SINGLE_MM)


def test_letters_go_on_after_z():
    assert letters(28)[24:] == ["y", "z", "aa", "ab"]
