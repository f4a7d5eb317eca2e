"""Numbers on colours can be read."""

import pytest
from ecglens.report.style import BLUE, GREY, INK, luminance, readable_on
from matplotlib.colors import to_rgb


def test_numbers_are_ink_on_paper_and_white_on_what_is_dark() -> None:
    assert [readable_on(BLUE, opacity) for opacity in (0.0, 0.3, 1.0)] == [INK, INK, "white"]
    assert readable_on(INK, 1.0) == "white"


@pytest.mark.parametrize("colour", [BLUE, GREY, INK])
def test_no_strength_of_a_colour_hides_its_number(colour: str) -> None:
    for opacity in (step / 20 for step in range(21)):
        cell = [opacity * part + 1 - opacity for part in to_rgb(colour)]
        pair = sorted((luminance(cell), luminance(to_rgb(readable_on(colour, opacity)))))
        assert (pair[1] + 0.05) / (pair[0] + 0.05) > 3.9  # ink on mid-grey is the hardest


def test_luminance_is_that_of_the_guidelines() -> None:
    assert luminance((1.0, 1.0, 1.0)) == pytest.approx(1.0)
    assert luminance((0.0, 0.0, 0.0)) == 0.0
    assert luminance((1.0, 0.0, 0.0)) == pytest.approx(0.2126)
