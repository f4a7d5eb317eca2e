"""Numbers on coloured cells that can be read, in colour and in grey."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import to_rgb

from ..style import INK

WEIGHTS = np.array([0.2126, 0.7152, 0.0722])  # of red, green and blue in luminance (WCAG 2.2)


def on(colour: str | tuple[float, float, float], opacity: float) -> str:
    """White or ink, whichever differs more from this colour over white paper."""
    over = opacity * np.array(to_rgb(colour)) + 1 - opacity
    here = luminance(over.tolist())
    of_white, of_ink = 1.05 / (here + 0.05), (here + 0.05) / (luminance(to_rgb(INK)) + 0.05)
    return "white" if of_white > of_ink else INK


def luminance(rgb: Sequence[float]) -> float:
    """The relative luminance of a colour in 0 … 1 (WCAG 2.2)."""
    values = np.asarray(rgb)
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(WEIGHTS @ linear)
