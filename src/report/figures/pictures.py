"""Figures as bytes: PNG for files, small PNG and inline SVG for the page."""

import base64
import re
from collections.abc import Sequence
from io import BytesIO, StringIO

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure
from PIL import Image

from ..style import INK, RULE
from .paper import PAPER

# Dots per inch: journals ask for 300 of a picture within a figure (colour on ECG paper), and for
# 500 and more of a figure that is a picture with lines and words.
HALFTONE_DPI, PRINT_DPI = 300, 600
# Shares of the full resolution that are tried until a picture is small enough.
SHARES = (0.75, 0.65, 0.55, 0.4, 0.3)
# A quarter of the bytes of full colour. Median cut, Pillow's default, would give its colours to the
# many points of the paper and draw the few strong points of a heatmap grey.
COLOURS, METHOD = 128, Image.Quantize.FASTOCTREE


def png(figure: Figure) -> bytes:
    """The figure at its full resolution."""
    drawn = BytesIO()
    laid_out(figure).savefig(drawn, format="png")
    return drawn.getvalue()


def thumbnail(figure: Figure, dpi: float) -> Image.Image:
    """The figure at a low resolution, in few colours."""
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=dpi)
    return Image.open(drawn).convert("RGB").quantize(COLOURS, METHOD)


def vector(figure: Figure, kind: str) -> bytes:
    """The figure for a journal, as "pdf" or "svg".

    Its text is text: in PDF its type is embedded whole as TrueType (Type 42), which journals take
    where they refuse Type 3; SVG is for changes by hand, in which paths could not be edited.
    """
    drawn = BytesIO()
    dated = {"pdf": "CreationDate", "svg": "Date"}[kind]
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "ecglens", "pdf.fonttype": 42}):
        laid_out(figure).savefig(drawn, format=kind, metadata={dated: None}, dpi=HALFTONE_DPI)
    return drawn.getvalue()


def printable(figure: Figure) -> bytes:
    """The figure as PNG in the resolution of print."""
    drawn = BytesIO()
    laid_out(figure).savefig(drawn, format="png", dpi=PRINT_DPI)
    return drawn.getvalue()


def laid_out(figure: Figure) -> Figure:
    """The figure with its parts in their final places, found once for every format."""
    if (engine := figure.get_layout_engine()) is not None:
        if figure.axes:
            engine.execute(figure)
        figure.set_layout_engine(None)  # savefig would find them again, which costs a drawing
    return figure


def small_png(picture: bytes, most: int) -> str | None:
    """The PNG in base64, as sharp as `most` characters allow; None when it has no room."""
    (text,) = small_pngs([picture], most)
    return text if len(text) <= most else None


def small_pngs(pictures: Sequence[bytes], most: int) -> list[str]:
    """PNGs in base64, equally sharp, as `most` characters for all allow; else the least sharp."""
    full = [Image.open(BytesIO(each)).convert("RGB") for each in pictures]
    texts: list[str] = []
    for share in SHARES:
        texts = [_packed(each, share) for each in full]
        if sum(map(len, texts)) <= most:
            break
    return texts


def _packed(full: Image.Image, share: float) -> str:
    packed = BytesIO()
    size = (round(full.width * share), round(full.height * share))
    small = full.resize(size, Image.Resampling.LANCZOS)
    small.quantize(COLOURS, METHOD).save(packed, format="png")
    return base64.b64encode(packed.getvalue()).decode("ascii")


def inline_svg(figure: Figure, key: str) -> Markup:
    """The figure as SVG whose ink and rules follow the page's light or dark colours.

    ECG paper keeps its light colours and dark ink on every page.
    Several figures share a page, so their ids begin with `key`.
    """
    text = StringIO()
    # Text stays text: it can be searched, read aloud, and takes the page's type.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "ecglens"}):
        laid_out(figure).savefig(text, format="svg", transparent=True, metadata={"Date": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "var(--ink)").replace(RULE, "var(--rule)")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"', "", svg)  # HTML knows both
    if PAPER in svg:
        svg = svg.replace("<svg", '<svg class="paper"', 1)
    # In attributes, never in what is to be read, a hundredth of a point is enough.
    svg = re.sub(r'="[^"]*"', lambda value: re.sub(r"(\d\.\d\d)\d+", r"\1", value[0]), svg)
    # Half of the bytes: nothing refers to a group, the page sets the type, and lines are broken
    # for readers of the file.
    svg = re.sub(r'(?<=<g) id="[^"]*"', "", svg)
    svg = re.sub(r' transform="rotate\(-0 [^"]*"|font-family: [^";]*;? ?', "", svg)
    svg = re.sub(r"\s*\n\s*", " ", svg).replace("> <", "><")
    svg = re.sub(r"<g>(<use [^>]*/>)</g>", r"\1", svg)
    return Markup(re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{key}-", svg))
