"""The figures of relevance, for a page and for a journal."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from ecglens.ecg import LEADS
from ecglens.report.figures.pictures import png, vector
from ecglens.report.style import STYLES
from ecglens_relevance.drawing import (
    MeanTrace,
    average_beat_figure,
    by_lead_figure,
    by_output_figure,
    strength,
    twelve_leads_of,
    wave_table_figure,
)
from ecglens_relevance.view import CAPTIONS, RelevanceView, own_figures
from matplotlib.figure import Figure
from PIL import Image

from tests.report.conftest import beats
from tests.report.findings import of_measures


def rows(of_t: float, spread: float = 0.1) -> pd.DataFrame:
    """An exact beat in 12 leads with relevance in the T wave of V5 alone."""
    x = beats(1)[0]
    ms = (np.arange(600) - 250) * 2.0
    relevance = np.zeros((12, 600))
    relevance[LEADS.index("V5"), 350:420] = of_t
    return pd.concat(
        pd.DataFrame(
            {
                "lead": lead,
                "ms": ms,
                "x": x[place],
                "relevance": relevance[place],
                "low": relevance[place] - spread,
                "high": relevance[place] + spread,
            }
        )
        for place, lead in enumerate(LEADS)
    )


def drawn(of_t: float, spread: float = 0.1) -> Figure:
    return average_beat_figure(twelve_leads_of(rows(of_t, spread)), "af", full=1.0, unit="logit")


def pixels(figure: Figure) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png(figure))).convert("RGB")).astype(int)


def counted(figure: Figure) -> tuple[int, int]:
    """Blue and orange points below the heading, where the colour key is."""
    picture = pixels(figure)[80:]
    hue = picture[..., 2] - picture[..., 0]
    return int((hue > 60).sum()), int((hue < -60).sum())


def test_relevance_that_raises_is_blue_and_what_lowers_is_orange():
    none = counted(drawn(0.0))
    blue, orange = counted(drawn(1.0))
    assert blue > 400 + none[0]
    assert orange == none[1]
    blue, orange = counted(drawn(-1.0))
    assert orange > 400 + none[1]
    assert blue == none[0]


def test_without_colour_the_side_of_the_line_tells_the_sign():
    up, down, none = (
        np.asarray(Image.fromarray(pixels(drawn(t)).astype(np.uint8)).convert("L")).astype(int)
        for t in (1.0, -1.0, 0.0)
    )
    darker = [np.flatnonzero((none - each > 60).any(1)) for each in (up, down)]
    assert darker[0].max() < darker[1].max()
    assert len(darker[0]) > 15


def test_a_trace_is_coloured_only_where_its_relevance_is_sure():
    sure, unsure = counted(drawn(0.9))[0], counted(drawn(0.9, spread=1.0))[0]
    assert unsure < 0.75 * sure


def test_it_is_in_true_size_and_fits_a_journals_page():
    figure = drawn(1.0)
    width, _ = figure.get_size_inches()
    assert width <= 7
    axes = figure.axes[0]
    assert axes.get_xlim()[1] == pytest.approx(width * 25.4)  # a millimetre of paper is one
    across = max((np.asarray(line.get_xdata()) for line in axes.lines), key=len)
    assert np.ptp(across) == pytest.approx((600 - 2) * 2 * 0.025)  # 25 mm/s


def test_what_is_for_papers_is_vector_and_the_same_each_time():
    svg = vector(drawn(1.0), "svg")
    assert svg.count(b"<image") == 1  # the colour key
    assert b">aVF<" in svg  # text is text
    assert svg == vector(drawn(1.0), "svg")
    assert vector(drawn(1.0), "pdf").startswith(b"%PDF")


def test_full_strength_is_the_largest_mean():
    nothing = np.zeros(5)
    some = MeanTrace(nothing, nothing, np.array([0, -3.0, 1, 0, 0]), nothing, nothing)
    assert strength([some, MeanTrace(*[nothing] * 5)]) == 3
    assert strength([MeanTrace(*[nothing] * 5)]) == 1


def test_a_cell_has_its_share_with_the_sign_of_its_mean():
    cells = [
        {"group": "af", "lead": lead, "segment": segment, "share": share}
        | {"mean": mean, "mean_low": mean - 1, "mean_high": mean + 1}
        for lead, segment, share, mean in (
            ("I", "P", 0.123, -2.0),
            ("I", "T", 0.05, 0.5),
            ("II", "P", np.nan, np.nan),
            ("II", "T", 0.0001, 3.0),
        )
    ]
    texts = wave_table_figure(pd.DataFrame(cells), "af").axes[0].texts
    assert [text.get_text() for text in texts] == ["−12.3", "+5.0", "0"]
    assert [text.get_fontweight() for text in texts] == ["bold", "normal", "bold"]


@pytest.mark.parametrize(("excess", "lines", "unit"), [(0.1, 1, "logit"), (np.nan, 0, "")])
def test_line_and_unit_are_drawn_where_the_map_is_in_that_of_the_output(excess, lines, unit):
    table = pd.DataFrame(
        {
            "method": "deeplift",
            "outcome": ["TN", "TP"],
            "output": [0.2, 0.8],
            "change": [-1.0, 1.0],
            "excess": excess,
            **{f"relevance{end}": [-1.0, 1.0] for end in ("", "_low", "_high")},
        }
    )
    axes = by_output_figure(table, "af", "probability", "logit").axes[0]
    dashed = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert len(dashed) == lines
    assert axes.get_ylabel() == unit


def test_the_names_of_groups_lie_beside_no_interval():
    rows = pd.DataFrame(
        {"leads": 12, "lead": lead, "group": group, "mean": 1.0, "mean_low": -9.0, "mean_high": 9.0}
        for lead in LEADS
        for group in ("below 144 ms", "144 to 161 ms", "161 to 172 ms", "from 172 ms")
    )
    figure = by_lead_figure(rows, "PR")
    figure.draw_without_rendering()
    (legend,) = figure.legends
    drawn = figure.axes[0].get_tightbbox()
    assert drawn is not None
    assert not legend.get_window_extent().overlaps(drawn)


@pytest.mark.parametrize("methods", [2, 5, 21])
def test_the_lowest_panel_of_each_column_has_numbers_below(methods):
    table = pd.concat(
        pd.DataFrame(
            {
                "method": name,
                "outcome": "",
                "output": [140.0, 180.0],
                "change": np.nan,
                "excess": np.nan,
                **{f"relevance{end}": [-1.0, 1.0] for end in ("", "_low", "_high")},
            }
        )
        for name in [*STYLES][:methods]
    )
    figure = by_output_figure(table, "PR", "prediction, ms", "ms")
    assert figure.get_size_inches()[1] * 25.4 <= 247
    lowest = figure.axes[-min(len(figure.axes), 3 if methods < 12 else 4) :]
    assert all(any(each.label1.get_visible() for each in a.xaxis.get_major_ticks()) for a in lowest)


@pytest.mark.parametrize(
    ("name", "key"), [("average-beat-af-normal", "average-beat"), ("waves-af", "waves")]
)
def test_a_figure_has_the_caption_its_name_begins_with(name, key):
    view = RelevanceView("relevance", of_measures())
    assert view.caption(name) == CAPTIONS[key].replace("{sampled}", "patients")


def test_the_figure_by_output_names_the_target_as_other_pages_do():
    rows = pd.DataFrame(
        {
            "explained": "pr", "method": "deeplift", "kind": "method", "outcome": "",
            "output": [150.0, 180.0], "change": [1.0, 2.0], "excess": 0.1,
            "relevance": [1.1, 2.1], "relevance_low": [1.0, 2.0], "relevance_high": [1.2, 2.2],
        }
    )  # fmt: skip
    details = {"findings": rows.loc[:, ["explained"]], "by_output": rows}
    (figure,) = own_figures(replace(of_measures(), details=details)).values()
    assert figure.get_suptitle() == "PR"
    assert figure.axes[0].get_ylabel() == "ms"
    assert figure.get_supxlabel() == "prediction, ms"
