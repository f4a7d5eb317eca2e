"""Figures show what they are given, and can be read."""

import base64
import re
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from ecglens.eval import Finding, rank
from ecglens.explain import controls, methods
from ecglens.report.figures.curves import DrawnCurves, cascade_figure, curves_figure
from ecglens.report.figures.ecg import averaged_figure, twelve_lead_figure
from ecglens.report.figures.intervals import ranking_figure
from ecglens.report.figures.pictures import inline_svg, png, small_png, vector
from ecglens.report.style import GREY, STYLES, printed, style
from ecglens.report.text.numerals import percent
from matplotlib.figure import Figure
from PIL import Image

from ..conftest import CONTROLS, beats
from ..findings import of_weights


def pixels(figure: Figure) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png(figure))).convert("RGB")).astype(int)


def blue(picture: np.ndarray) -> int:
    return int(((picture[..., 2] - picture[..., 0]) > 60).sum())


def orange(picture: np.ndarray) -> int:
    return int(((picture[..., 0] - picture[..., 2]) > 60).sum())


def violet(picture: np.ndarray) -> int:
    red, green, blue = np.moveaxis(picture, -1, 0)
    return int(((blue - red > 30) & (red - green > 20)).sum())


def window(sign: float) -> np.ndarray:
    heatmap = np.zeros((12, 600))
    heatmap[10, 150:200] = sign
    return heatmap


def test_raising_points_are_blue_lowering_ones_orange_and_zeros_bare() -> None:
    x = beats(1)[0]
    pictures = {s: pixels(twelve_lead_figure(x, window(s), "")) for s in (-1.0, 0.0, 1.0)}
    assert blue(pictures[1.0]) > blue(pictures[0.0]) + 500
    assert orange(pictures[-1.0]) > orange(pictures[0.0]) + 250  # hatched: half of it
    assert abs(orange(pictures[1.0]) - orange(pictures[0.0])) < 100


def test_the_colour_stands_at_the_samples_it_belongs_to() -> None:
    x = np.zeros((12, 600), np.float32)
    figure = twelve_lead_figure(x, window(1.0), "")
    bare = pixels(twelve_lead_figure(x, window(0.0), ""))
    changed = np.abs(pixels(figure) - bare).sum(-1) > 30
    down, across = np.nonzero(changed)
    axes = figure.axes[0]
    millimetres = axes.transData.inverted().transform(
        np.column_stack([across, changed.shape[0] - down])
    )
    # V5 is in the fourth column, from 15 + 3 · 35 mm; sample 150 is 7.5 mm and 200 is 10 mm on.
    assert millimetres[:, 0].min() == pytest.approx(120 + 7.5, abs=0.2)
    assert millimetres[:, 0].max() == pytest.approx(120 + 10.0, abs=0.2)


def test_a_millimetre_is_as_wide_as_high() -> None:
    axes = twelve_lead_figure(beats(1)[0], window(1.0), "").axes[0]
    origin, across, down = axes.transData.transform([(0, 0), (10, 0), (0, 10)])
    assert across[0] - origin[0] == pytest.approx(origin[1] - down[1])


def test_averaged_maps_are_drawn_once_per_method() -> None:
    maps = {"saliency": window(1.0), "random": window(-1.0)}
    x = beats(1)[0]
    key = violet(pixels(averaged_figure(x, {"random": window(0.0)}, "")))
    once = violet(pixels(averaged_figure(x, {"random": window(1.0)}, ""))) - key
    twice = violet(pixels(averaged_figure(x, maps, ""))) - key
    assert once > 300
    assert twice == pytest.approx(2 * once, rel=0.05)


def test_a_map_of_zeros_says_so_in_its_panel_alone() -> None:
    maps = {"saliency": window(1.0), "guided_gradcam": window(0.0)}
    (axes,) = averaged_figure(beats(1)[0], maps, "").axes
    places = {text.get_text(): text.get_position() for text in axes.texts}
    assert [text.get_text() for text in axes.texts].count("all zero") == 1
    assert places["Saliency"][0] < places["Guided Grad-CAM"][0] <= places["all zero"][0]


@pytest.mark.parametrize("panels", [3, 4])
def test_a_long_title_leaves_room_for_the_colour_key(panels: int) -> None:
    title = "Mean over the leads, on V5 · output 0 · ECG 0123456789abcdef (network 163.4 ms)"
    x, maps = beats(1)[0], dict.fromkeys("abcd"[:panels], window(1.0))
    for figure in (averaged_figure(x, maps, title), twelve_lead_figure(x, window(1.0), title)):
        figure.draw_without_rendering()
        drawn, key = (text.get_window_extent() for text in figure.axes[0].texts[:2])
        assert figure.axes[0].texts[0].get_text().replace("\n", " ") == title
        assert drawn.x1 < key.x0
        assert drawn.y1 < figure.bbox.height


def test_names_with_dollar_signs_are_not_taken_for_formulas() -> None:
    twelve_lead_figure(beats(1)[0], window(1.0), r"$\nonsense$ a$b").canvas.draw()


def test_every_method_has_a_look_of_its_own_and_controls_are_grey() -> None:
    looks = [(s.colour, s.dash, s.marker) for s in STYLES.values()]
    assert len(set(looks)) == len(looks)
    # Without colour, dash and marker alone tell them apart.
    assert len({(s.dash, s.marker) for s in STYLES.values()}) == len(STYLES)
    assert set(methods()) | set(controls()) == set(STYLES)
    assert {STYLES[name].colour for name in controls()} == {GREY}
    assert style("someone's own") == style("someone's own")
    others = {(s.dash, s.marker) for s in map(style, map(str, range(500)))}
    assert not others & {(s.dash, s.marker) for s in STYLES.values()}


def test_every_method_is_written_as_a_paper_prints_it() -> None:
    labels = [style(name).label for name in (*methods(), *controls())]
    assert len(set(labels)) == len(labels)
    assert not any(label in STYLES or "_" in label for label in labels)
    printed = [style(name).label for name in ("smoothgrad_squared", "lrp_epsilon", "kernel_shap")]
    assert printed == ["SmoothGrad²", "LRP-ε", "KernelSHAP"]


def test_the_ranking_figure_draws_the_interval_of_every_row(
    make_finding: Callable[..., Finding],
) -> None:
    table = rank(make_finding()).table
    axes = ranking_figure(table, "area", "title").axes[0]
    drawn = {tuple(np.asarray(line.get_xdata()).tolist()) for line in axes.lines}
    for row in table.to_dict("records"):
        assert (row["low"], row["high"]) in drawn
    assert [text.get_text() for text in axes.get_yticklabels()] == [
        style(name).label for name in table["method"]
    ]


def test_a_long_title_stays_inside_the_figure() -> None:
    title = "V5 R-amplitude · 10-s strips · rules of Storås 2025 · seed 0, model reference"
    mean = {name: np.arange(26) * 0.1 for name in CONTROLS}
    figure = curves_figure([DrawnCurves(title, "ms", mean, CONTROLS, 15)] * 2)
    figure.draw_without_rendering()
    for axes, right in zip(figure.axes, (0.5, 1.0), strict=True):
        assert axes._left_title.get_window_extent().x1 <= right * figure.bbox.width  # pyright: ignore


def test_the_curves_figure_has_a_panel_per_network_and_a_line_per_method() -> None:
    mean = {name: np.arange(26) * 0.1 for name in ("saliency", *CONTROLS)}
    panels = [DrawnCurves(str(place), "ms", mean, CONTROLS, 15) for place in range(4)]
    figure = curves_figure(panels)
    assert [axes.get_title(loc="left") for axes in figure.axes] == list("0123")
    long = [line for line in figure.axes[0].lines if len(np.asarray(line.get_xdata())) == 26]
    assert len(long) == 4


@pytest.mark.parametrize("panels", [1, 2])
def test_every_curve_of_many_is_named_once_inside_the_figure(panels: int) -> None:
    mean = {name: np.arange(26) * 0.01 * place for place, name in enumerate(STYLES)}
    figure = curves_figure([DrawnCurves("t", "ms", mean, CONTROLS, 15)] * panels)
    figure.draw_without_rendering()
    (legend,) = figure.legends
    listed = [text.get_text() for text in legend.get_texts()]
    for axes in figure.axes:
        beside = [text.get_text() for text in axes.texts]
        assert sorted(beside + listed) == sorted(look.label for look in STYLES.values())
        assert {STYLES[name].label for name in CONTROLS} <= {*beside}
        places = [text.get_window_extent() for text in axes.texts]
        heights = sorted((place.y0, place.y1) for place in places)
        assert all(low[1] < high[0] for low, high in pairwise(heights))
    every = [text for axes in figure.axes for text in axes.texts]
    for place in (text.get_window_extent() for text in (*every, *legend.get_texts())):
        assert figure.bbox.x0 <= place.x0
        assert place.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= place.y0
        assert place.y1 <= figure.bbox.y1


def test_the_same_figure_gives_the_same_bytes() -> None:
    def drawn() -> list[str | bytes]:
        figure = curves_figure([DrawnCurves("t", "ms", {"saliency": np.arange(26) * 0.1}, (), 15)])
        return [png(figure), inline_svg(figure, "key")]

    first, second = drawn(), drawn()
    assert min(map(len, first)) > 3000
    assert first == second


def test_a_figure_of_a_page_has_no_bytes_that_the_page_does_not_read() -> None:
    figure = curves_figure([DrawnCurves("t", "ms", {"saliency": np.arange(26) * 0.1}, (), 15)])
    drawn = inline_svg(figure, "key")
    for unread in ("<g id=", "font-family", "rotate(-0", "\n"):
        assert unread not in drawn
    inside = set(re.findall(r' id="([^"]+)"', drawn))
    assert inside
    assert {*re.findall(r'(?:href="#|url\(#)([^")]+)', drawn)} <= inside
    assert len(drawn) < 0.6 * len(vector(figure, "svg"))


def test_ecg_paper_keeps_its_dark_ink_on_a_dark_page() -> None:
    x = beats(1)[0]
    drawn = inline_svg(twelve_lead_figure(x, x, "Saliency"), "b")
    assert '<svg class="paper"' in drawn
    assert ">V5<" in drawn
    curves = curves_figure([DrawnCurves("t", "ms", {"saliency": np.arange(26) * 0.1}, (), 15)])
    assert 'class="paper"' not in inline_svg(curves, "c")


def test_a_picture_gets_less_sharp_until_it_fits_and_is_left_out_otherwise() -> None:
    picture = png(twelve_lead_figure(beats(1)[0], window(1.0), ""))
    roomy, tight = small_png(picture, 10**6), small_png(picture, 45_000)
    assert roomy is not None
    assert tight is not None
    assert len(tight) <= 45_000 < len(roomy)
    assert small_png(picture, 100) is None


def test_in_grey_what_lowers_is_striped_and_what_raises_is_not() -> None:
    flat = np.zeros((12, 600))
    for sign, striped in ((1.0, False), (-1.0, True)):
        picture = Image.open(BytesIO(png(twelve_lead_figure(flat, np.full((12, 600), sign), ""))))
        grey = np.asarray(picture.convert("L")).astype(int)
        across = grey.shape[1] // 5
        # A line through the colour above the second row's trace, without its name and the paper's.
        rows = [row[across - 60 : across + 60] for row in grey]
        coloured = [row for row in rows if np.median(row) < 225 and row.min() > 40]
        spread = np.median([np.percentile(row, 85) - np.percentile(row, 15) for row in coloured])
        assert (spread > 40) == striped


def test_a_small_picture_keeps_the_hues_of_the_few_strong_points() -> None:
    heatmap = np.zeros((12, 600))
    heatmap[10, 250:254], heatmap[4, 250:254] = 1.0, -1.0
    full = png(twelve_lead_figure(beats(1)[0], heatmap, ""))
    text = small_png(full, 10**6)
    assert text is not None
    small = Image.open(BytesIO(base64.b64decode(text))).convert("RGB")
    large = Image.open(BytesIO(full)).convert("RGB")
    header = large.height // 10  # the colour key would do for the hues
    for hue in (blue, orange):
        counts = [
            hue(np.asarray(picture).astype(int)[header * picture.height // large.height :])
            / (picture.width * picture.height)
            for picture in (large, small)
        ]
        assert counts[0] > 0
        assert counts[1] == pytest.approx(counts[0], rel=0.5)


def test_signs_of_a_name_are_read_neither_as_mathematics_nor_as_a_template():
    mean = {f"$x^$ {n}": np.linspace(0, n, 9) for n in range(14)}
    png(curves_figure([DrawnCurves("t", "ms", mean, (), 4)]))
    png(cascade_figure(of_weights().details["stages"], "cost $x^$ day"))
    assert printed(r"my\1 is best.", [r"my\1"]) == r"my\1 is best."


def test_a_share_has_a_true_minus_sign():
    assert [percent(each) for each in (-0.03, -0.004, 0.2)] == [
        "−3\u00a0%",
        "0\u00a0%",
        "20\u00a0%",
    ]
