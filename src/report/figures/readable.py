"""Whether every word of a figure can be read: large enough, inside, and clear of the others."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.path import Path

# Points: Elsevier asks for 7, and for no less than 6 anywhere; Nature for 5 to 7.
LEAST = 6.0
TOUCHING = 0.15  # of a word's height that lines may share: no letter is that tall
OUTSIDE = 1.0  # pixels of 1/72 inch


@dataclass(frozen=True, eq=False)
class Word:
    """A line of text as it is drawn: its size in points and its corners in pixels."""

    text: str
    size: float
    corners: Float[np.ndarray, "4 2"]


def fault(figure: Figure) -> str:
    """What cannot be read in this figure; "" where all can."""
    found = words(figure)
    width, height = figure.get_size_inches() * figure.dpi
    for word in found:
        if word.size < LEAST - 1e-6:
            return f"“{word.text}” has {word.size:g} points"
        low, high = word.corners.min(0), word.corners.max(0)
        if (low < -OUTSIDE).any() or high[0] > width + OUTSIDE or high[1] > height + OUTSIDE:
            return f"“{word.text}” has no room"
    for one, other in combinations(found, 2):
        if _meet(one, other):
            return f"“{one.text}” and “{other.text}” overlap"
    return ""


def words(figure: Figure) -> list[Word]:
    """Every line of text that drawing the figure writes."""
    reader = _Reader(figure)
    figure.draw(reader)
    return reader.found


def _meet(one: Word, other: Word) -> bool:
    first, second = one.corners, other.corners
    if (first.max(0) <= second.min(0)).any() or (second.max(0) <= first.min(0)).any():
        return False
    return Path(first, closed=False).intersects_path(Path(second, closed=False), filled=True)


class _Reader(RendererBase):
    """Draws nothing, and keeps the text."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self.dpi = figure.dpi
        self.size = tuple(figure.get_size_inches() * figure.dpi)
        self.found: list[Word] = []

    def draw_text(  # noqa: PLR0913 - as matplotlib calls it
        self, gc: Any, x: Any, y: Any, s: str, prop: Any, angle: Any, ismath: Any = False,
        mtext: Any = None,
    ) -> None:  # fmt: skip
        """Keep a line of text."""
        if not s.strip():
            return
        wide, tall, below = self.get_text_width_height_descent(s, prop, ismath)
        low, high = TOUCHING * tall - below, (1 - TOUCHING) * tall - below
        flat = np.array([[0, low], [wide, low], [wide, high], [0, high]])
        turn = np.deg2rad(angle)
        rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        corners = flat @ rotation + [x, self.size[1] - y]
        self.found.append(Word(s, prop.get_size_in_points(), corners))

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:  # noqa: N803
        """Nothing."""

    def draw_image(self, gc: Any, x: Any, y: Any, im: Any, transform: Any = None) -> None:
        """Nothing."""

    def points_to_pixels(self, points: Any) -> Any:
        """Pixels of a length in points."""
        return points * self.dpi / 72

    def get_canvas_width_height(self) -> Any:
        """Pixels."""
        return self.size
