"""One fixed colour, line and marker per method name, in every figure and on every page."""

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..registry import printed as printed_name

# Okabe & Ito 2008, without black (the trace) and yellow (too light on paper).
ORANGE, SKY, GREEN = "#e69f00", "#56b4e9", "#009e73"
BLUE, VERMILION, PURPLE = "#0072b2", "#d55e00", "#cc79a7"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
GREY = "#808080"
# Stand-ins for the colour of text and of rules: figures.pictures exchanges them for a page’s own.
INK, RULE = "#1a1b1e", "#d9d6d0"
# For every text of a figure: names are shown as they are, also with a dollar sign.
TYPE = {"color": INK, "parse_math": False}


@dataclass(frozen=True)
class Style:
    """How a method is written and drawn; dashes and markers tell methods apart without colour."""

    label: str
    colour: str
    dash: str
    marker: str


STYLES = {
    "saliency": Style("Saliency", BLUE, "-", "o"),
    "smoothgrad": Style("SmoothGrad", VERMILION, "-", "s"),
    "integrated_gradients": Style("Integrated gradients", GREEN, "-", "^"),
    "gradient_shap": Style("Gradient SHAP", PURPLE, "-", "D"),
    "deeplift": Style("DeepLIFT", ORANGE, "-", "v"),
    "smoothgrad_squared": Style("SmoothGrad²", VERMILION, "-.", "d"),
    "vargrad": Style("VarGrad", VERMILION, ":", "p"),
    "expected_gradients": Style("Expected gradients", GREEN, "-.", "p"),
    "deeplift_shap": Style("DeepLIFT SHAP", ORANGE, "-.", "h"),
    "input_x_gradient": Style("Input × gradient", SKY, "-", "P"),
    "guided_backprop": Style("Guided backprop", BLUE, "--", "X"),
    "deconvolution": Style("Deconvolution", VERMILION, "--", "<"),
    "guided_gradcam": Style("Guided Grad-CAM", GREEN, "--", ">"),
    "gradcam": Style("Grad-CAM", PURPLE, "--", "*"),
    "lrp_epsilon": Style("LRP-ε", ORANGE, "--", "h"),
    "lrp_composite": Style("LRP composite", SKY, ":", "h"),
    "occlusion": Style("Occlusion", SKY, "--", "o"),
    "feature_ablation": Style("Feature ablation", SKY, "-.", "s"),
    "shapley_sampling": Style("Shapley sampling", PURPLE, "-.", "^"),
    "kernel_shap": Style("KernelSHAP", PURPLE, ":", "v"),
    "lime": Style("LIME", BLUE, "-.", "D"),
    "random": Style("Random (control)", GREY, ":", "x"),
    "abs_x": Style("|x| (control)", GREY, "-.", "+"),
    "abs_dx": Style("|dx/dt| (control)", GREY, "--", "1"),
}


def style(name: str) -> Style:
    """The style of a method; a name that is new here gets one of its own that never changes.

    Its label and colour are those that its package gives (registry.printed).
    """
    if name in STYLES:
        return STYLES[name]
    number, said = zlib.crc32(name.encode()), printed_name("method", name)
    dash, marker = ("-.", ":")[number // 6 % 2], "o<H8>"[number // 12 % 5]
    colour = said.get("colour", PALETTE[number % 6])
    return Style(said.get("label", name), colour, dash, marker)


def reads_as(name: str) -> str:
    """Name of the method of STYLES that a reader takes `name` for; empty without one.

    Letters and digits of its name or label are the same, in capitals or not.
    """
    plain = _plain(name)
    return next(
        (own for own, each in STYLES.items() if plain in (_plain(own), _plain(each.label))), ""
    )


def _plain(name: str) -> str:
    return "".join(each for each in name.casefold() if each.isalnum())


def listed(names: Sequence[str]) -> str:
    """Methods by their printed names: "A", "A and B", "A, B and C"."""
    return joined([style(name).label for name in names])


def joined(parts: Sequence[str], word: str = "and") -> str:
    """Parts of a sentence: "a", "a and b", "a, b and c", or with another word."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def printed(sentence: str, names: Iterable[str]) -> str:
    """The sentence with these methods by their printed names."""
    for name in sorted(names, key=len, reverse=True):
        if name != "random":  # a word of every day too
            label = style(name).label.replace("\\", r"\\")
            sentence = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", label, sentence)
    return sentence


WEIGHTS = np.array([0.2126, 0.7152, 0.0722])  # of red, green and blue in luminance (WCAG 2.2)


def readable_on(colour: str | tuple[float, float, float], opacity: float) -> str:
    """White or ink, whichever differs more from this colour over white paper."""
    from matplotlib.colors import to_rgb

    over = opacity * np.array(to_rgb(colour)) + 1 - opacity
    here = luminance(over.tolist())
    of_white, of_ink = 1.05 / (here + 0.05), (here + 0.05) / (luminance(to_rgb(INK)) + 0.05)
    return "white" if of_white > of_ink else INK


def luminance(rgb: Sequence[float]) -> float:
    """The relative luminance of a colour in 0 … 1 (WCAG 2.2)."""
    values = np.asarray(rgb)
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(WEIGHTS @ linear)
