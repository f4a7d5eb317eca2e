"""The page of a preparation: all that was left out is said, pictures show what the numbers say."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Excluded, Group
from ecglens.report.figures import png
from ecglens.report.text import percent
from ecglens_prepare import Flow, Label, Looks, spoken, write_preparation
from ecglens_prepare.page import beats_figure, labels_figure, spectrum_figure
from matplotlib.patches import Rectangle
from PIL import Image

PACED = Group("ventricular pacing", ("7", "<b>8</b>"))
FLOW = Flow(
    source="ward",
    input="median",
    usable=100,
    patients=90,
    excluded=(Excluded("x1", "too short: 2 s"), Excluded("x2", "too short: 3 s")),
    labels=(
        Label("pr", np.linspace(120, 200, 98), 0, (PACED,)),
        Label("qrs", np.linspace(80, 120, 98), 0, (PACED,)),
        Label("lbbb", np.repeat([0.0, 1.0], [75, 25]), 100, ()),
        Label("wpw", np.zeros(100), 100, ()),
        Label("empty", np.empty(0), 0, (Group("did not come with the record", ("1",)),)),
    ),
    faults=(
        Group("lead V1 is missing", ("3", "4")),
        Group("lead V5 is flat", ("3",)),
        Group("jump of 10.1 mV at 3.2 s", ("3",)),
        Group("jump of 9.0 mV at 0.5 s", ("5",)),
        Group("jump of 9.3 mV at 7.1 s", ("5",)),
    ),
)
OPEN = {"may_leave_machine": True}
FREQUENCY = np.fft.rfftfreq(600, 1 / 500)


def looks(amplitude: float = 1.0) -> Looks:
    beats = 1000.0 * np.sin(np.arange(2 * 12 * 600).reshape(2, 12, 600) / 50.0)
    spectrum = np.full((12, len(FREQUENCY)), amplitude)
    return Looks(("1", "a/very/long/name/of/a/record"), beats, FREQUENCY, spectrum)


def test_a_terminal_is_told_counts_reasons_and_who_lacks_what() -> None:
    text = spoken(FLOW)
    for line in (
        "ward: 102 ECGs",
        "  2 left out",
        "    2 × too short: x1, x2",
        "  100 usable, of 90 patients",
        f"lbbb: {percent(0.25)} (25 of 100)",
        "2 other labels, mostly of one value: labels.csv",
        "  pr, qrs: 2 × ventricular pacing: 7, <b>8</b>",
        "  2 × lead V1 is missing: 3, 4",
        "  1 × lead V5 is flat: 3",
        "  2 × jump of … mV at … s: 3, 5",
    ):
        assert line in text.splitlines()


def test_what_a_program_made_has_no_patients(tmp_path):
    made = replace(FLOW, source="exact")
    assert "  100 usable, generated" in spoken(made)
    page = write_preparation(made, None, OPEN, tmp_path).read_text("utf-8")
    assert "Generated, prepared as" in page
    assert "patient" not in page


def test_the_page_is_self_contained_and_escapes_what_files_say(tmp_path: Path) -> None:
    page = write_preparation(FLOW, looks(), OPEN | {"path": "<ward>"}, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert "ward: 100 usable ECGs of 102" in text
    assert "<b>8</b>" not in text
    assert "&lt;ward&gt;" in text
    for outside in ('src="http', 'href="http', "url(http"):
        assert outside not in text
    assert {path.name for path in tmp_path.iterdir()} == {
        "preparation.html", "labels.png", "shares.png", "beats.png", "spectrum.png",
        "labels.csv", "excluded.csv", "missing.csv", "leads.csv",
    }  # fmt: skip


def test_the_tables_name_every_ecg_with_its_own_reason(tmp_path: Path) -> None:
    write_preparation(FLOW, looks(), OPEN, tmp_path)
    excluded = pd.read_csv(tmp_path / "excluded.csv")
    assert excluded.to_numpy().tolist() == [list(item) for item in FLOW.excluded]
    missing = pd.read_csv(tmp_path / "missing.csv", dtype=str)
    assert list(missing["label"]) == ["pr", "pr", "qrs", "qrs", "empty"]
    leads = pd.read_csv(tmp_path / "leads.csv", dtype=str).to_numpy().tolist()
    assert leads == [
        ["3", "lead V1 is missing"],
        ["4", "lead V1 is missing"],
        ["3", "lead V5 is flat"],
        ["3", "jump of 10.1 mV at 3.2 s"],
        ["5", "jump of 9.0 mV at 0.5 s"],
        ["5", "jump of 9.3 mV at 7.1 s"],
    ]
    labels = pd.read_csv(tmp_path / "labels.csv").set_index("label")
    assert labels.loc["pr", "50 %"] == pytest.approx(160.0)
    assert np.isnan(labels.loc["empty", "mean"])


def test_a_source_without_a_usable_ecg_has_a_page(tmp_path: Path) -> None:
    nothing = Flow("ward", "rhythm", 0, 0, FLOW.excluded, ())
    text = write_preparation(nothing, None, OPEN, tmp_path).read_text(encoding="utf-8")
    assert "ward: 0 usable ECGs of 2" in text
    assert not list(tmp_path.glob("*.png"))


def bars(values: np.ndarray) -> tuple[float, str]:
    """How many values the histogram shows, and what its axis says."""
    (axes,) = labels_figure([Label("pr", values, 0, ())]).axes
    return sum(bar.get_height() for bar in axes.patches if isinstance(bar, Rectangle)), (
        axes.get_xlabel()
    )


def test_a_histogram_holds_every_value_of_few_and_says_how_many_lie_beyond_of_many() -> None:
    assert bars(np.array([100.0, 150.0, 900.0])) == (3, "ms")
    many = np.append(np.linspace(100, 200, 9995), np.repeat(1e6, 5))
    shown, axis = bars(many)
    assert axis.startswith("ms, ")
    assert axis.endswith(" ECGs beyond")
    assert 5 <= 10_000 - shown == int(axis.split()[1]) <= 20
    assert bars(np.append(np.full(1001, 100.0), 1e6)) == (1001, "ms, 1 ECG beyond")


def test_a_beat_is_drawn_where_its_voltage_is() -> None:
    flat = np.zeros((1, 12, 600))
    flat[0, 1, 300] = 1000.0  # 1 mV in lead II is 10 mm of paper
    figure = beats_figure(["1"], flat, "a beat")
    (axes,) = figure.axes
    lead_ii = [line for line in axes.lines if len(np.asarray(line.get_xdata())) == 600][1]
    down = np.asarray(lead_ii.get_ydata(), float)
    assert down.max() - down.min() == pytest.approx(10.0)
    assert Image.open(BytesIO(png(figure))).width > 500


def test_the_spectrum_has_a_line_per_lead() -> None:
    (axes,) = spectrum_figure(FREQUENCY, looks(3.0).amplitude).axes
    lines = [line for line in axes.lines if len(np.asarray(line.get_xdata())) > 2]
    assert len(lines) == 12
    assert {float(np.asarray(line.get_ydata()).max()) for line in lines} == {3.0}
