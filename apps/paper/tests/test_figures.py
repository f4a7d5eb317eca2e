"""Figures and tables of a run as an article needs them."""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ecglens.report import Pseudonyms
from ecglens_paper.figures import Choice, Form, Offered, offered, write_figure, write_table_of
from ecglens_paper.figures.column import DOUBLE_MM, SINGLE_MM, TooNarrow
from matplotlib.figure import Figure

from tests.report.conftest import build
from tests.report.findings import of_weights

TWO = ("saliency", "deeplift")
MAPS, RANKING = "pr-median-heatmaps", "pr-median-default-ranking"


@pytest.fixture(scope="module")
def run() -> Offered:
    counts: dict[str, Any] = {"ecgs": 90, "usable": 89, "train": 40, "val": 20, "test": 28}
    return offered([build(methods=TWO, shown=3, **counts), of_weights()], Pseudonyms())


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def traces(figure: Figure) -> list[np.ndarray]:
    lines = [line for axes in figure.axes for line in axes.lines]
    return [np.asarray(line.get_ydata()) for line in lines if np.size(line.get_xdata()) == 600]


def test_a_pdf_has_the_width_of_a_column_and_its_type_as_truetype(run: Offered, tmp_path: Path):
    write_figure(run, RANKING, tmp_path, Form(("pdf", "svg")))
    pdf = (tmp_path / f"{RANKING}.pdf").read_bytes()
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ", pdf)
    assert box
    assert float(box[1]) == pytest.approx(SINGLE_MM / 25.4 * 72, abs=0.1)
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    svg = (tmp_path / f"{RANKING}.svg").read_text("utf-8")
    assert ">Saliency</text>" in svg
    caption = (tmp_path / f"{RANKING}.caption.txt").read_text("utf-8")
    assert caption.startswith("PR · median beats · default protocol. Mean area under the curve")
    assert caption.endswith("24 ECGs, 1 network.\n")


def test_a_figure_that_cannot_be_read_in_a_column_has_the_width_of_a_page(
    run: Offered, tmp_path: Path
):
    name = "pr-median-default-twelve-leads"
    write_figure(run, name, tmp_path, Form(("svg",)))
    found = re.search(r'width="([\d.]+)pt"', (tmp_path / f"{name}.svg").read_text("utf-8"))
    assert found
    assert float(found[1]) / 72 * 25.4 == pytest.approx(DOUBLE_MM, abs=0.1)
    with pytest.raises(TooNarrow, match="got 85 mm"):
        write_figure(run, name, tmp_path, Form(width_mm=SINGLE_MM))


def test_every_figure_of_a_run_can_be_read_on_a_whole_page(run: Offered):
    for name in run.figures:
        figure, caption = run.figure(name, DOUBLE_MM, Choice())
        assert figure.get_size_inches()[0] == pytest.approx(DOUBLE_MM / 25.4)
        assert caption
        assert "?." not in caption


def test_methods_and_ecgs_of_choice_stand_side_by_side(run: Offered):
    choice = Choice(TWO, ("ecg-0", "ecg-2"), "V2")
    figure, caption = run.figure(MAPS, SINGLE_MM, choice)
    assert {"a  Saliency", "b  Saliency", "c  DeepLIFT", "d  DeepLIFT"} <= {*texts(figure)}
    assert {"Lead V2", "ECG ecg-0", "ECG ecg-2", "25 mm/s, 10 mm/mV"} <= {*texts(figure)}
    first, second, third, fourth = (np.ptp(each) for each in traces(figure))
    assert second == pytest.approx(first * 1.4)  # of these ECGs the third is 1.4 times the first
    assert (third, fourth) == pytest.approx((first, second))
    assert "a–b Saliency, c–d DeepLIFT" in caption
    assert "Lead V2 of ECG ecg-0 (network " in caption


@pytest.mark.parametrize(("lead", "per_map"), [("all", 12), ("mean", 1), ("", 1)])
def test_a_map_is_shown_in_one_lead_in_twelve_or_as_their_mean(run: Offered, lead, per_map):
    figure, _ = run.figure(MAPS, DOUBLE_MM, Choice(TWO, (), lead))
    assert len(traces(figure)) == 2 * per_map


def test_a_wrong_choice_is_answered_with_the_valid_ones(run: Offered):
    for choice, said in (
        (Choice(("lime",)), "expected methods of this run .*saliency.*, got lime"),
        (Choice((), ("x",)), r"expected ECGs of the galleries \(ecg-0, ecg-1, ecg-2\), got x"),
        (Choice((), (), "V9"), "expected --lead as one of I, II, .*, all, mean, got V9"),
    ):
        with pytest.raises(ValueError, match=said):
            run.figure(MAPS, SINGLE_MM, choice)
    with pytest.raises(ValueError, match=f"expected figures or tables .*{RANKING}.*, got nothing"):
        run.found(["nothing"])
    with pytest.raises(ValueError, match="expected formats of pdf, svg, png, got gif"):
        Form(("gif",))


def test_more_ecgs_than_paper_has_room_for_are_refused(run: Offered):
    with pytest.raises(TooNarrow, match="expected at least 60 mm for 120 mm of ECG paper, got 50"):
        run.figure(MAPS, 50.0, Choice(TWO, ("ecg-0", "ecg-1", "ecg-2")))


def test_more_maps_than_a_page_has_room_for_are_refused(run: Offered):
    with pytest.raises(TooNarrow, match="taller than a page"):
        run.figure(
            MAPS, SINGLE_MM, Choice(TWO, run.ranked[0].first.curves[0].gallery.records, "all")
        )


def test_the_end_of_a_name_stands_for_all_that_end_so(run: Offered):
    assert run.found(["ranking"]) == ([RANKING], [RANKING])
    assert run.found([RANKING, "curves"])[0] == [RANKING, "pr-median-default-curves"]


def test_a_table_is_written_with_every_digit_and_as_latex(run: Offered, tmp_path: Path):
    write_table_of(run, RANKING, tmp_path)
    lines = (tmp_path / f"{RANKING}.tex").read_text("utf-8").splitlines()
    assert lines[1] == r"\toprule"
    assert lines[2].startswith("measure & method & kind & value & low & high & difference &")
    assert any(line.startswith("auc & Saliency & method & ") for line in lines)
    assert r"& $|$dx/dt$|$ (control) & control &" in "\n".join(lines)
    assert len((tmp_path / f"{RANKING}.csv").read_text("utf-8").splitlines()) == len(lines) - 5


def test_ecgs_that_may_not_leave_have_pseudonyms_in_private_files(tmp_path: Path):
    before = os.umask(0o022)
    try:
        names = Pseudonyms()
        names_of_patients = tuple(f"jones-{n}" for n in range(24))
        secret = build(methods=TWO, shown=2, records=names_of_patients, may_leave_machine=False)
        private = offered([secret], names)
        shown = names.of("deepfake", "jones-1")
        choice = Choice(TWO, (shown,))
        for path in write_figure(private, MAPS, tmp_path, Form(("svg",)), choice):
            assert "jones" not in path.read_text("utf-8")
            assert shown in path.read_text("utf-8")
            assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(ValueError, match="got jones-1"):
            private.figure(MAPS, SINGLE_MM, Choice(TWO, ("jones-1",)))
    finally:
        os.umask(before)
