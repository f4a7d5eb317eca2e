"""Numbers, paper and words of a sheet."""

import base64
import json
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Target
from ecglens.ecg import LEADS
from ecglens.eval import Finding
from ecglens.report import GREY, Pseudonyms
from ecglens.store import Store
from ecglens_sheets import EcgSheet, SheetWriter, TrainingRange
from ecglens_sheets.content import Supported, limits_of_agreement, probability_of
from ecglens_sheets.ecgs import of_set
from ecglens_sheets.measured import Measured
from ecglens_sheets.page import (
    AXIS,
    CAPTION,
    EDGE,
    FOOT,
    HEIGHT,
    TOP,
    WIDTH,
    beat_panel,
    clinical_panel,
    first_page,
    panels,
    rhythm_panel,
    second_page,
    strip_page,
)
from ecglens_sheets.words import blocks, flags_of, reading, side_by_side, to_test
from ecglens_sheets.write import PICTURES
from PIL import Image

from tests.report.conftest import beats, build, changed, segments

EDGES = {"p_on": 143.0, "qrs_on": 222.0, "qrs_off": 268.0, "t_off": 422.0}
NONE = Supported("", "No method was judged.", command="ecglens train target=qt")
SHOWN = Supported(
    "saliency", "It passed.", "beats the controls", 1, "", "24 ECGs (default protocol)"
)


def sheet_of(length: int = 600, heatmap: bool = False, **fields: Any) -> EcgSheet:
    """A sheet of one made ECG under an invented network."""
    x = beats(1, length)[0]
    given: dict[str, Any] = {
        "name": "ecg <7>",
        "reader": "ludb",
        "x": x,
        "segments": segments(1, length)[0],
        "strip": beats(1, 5000)[0],
        "fs": 500.0,
        "outputs": np.array([161.5]),
        "finding": build(test=24, source="exact"),
        "supported": SHOWN if heatmap else NONE,
        "heatmap": np.gradient(x, axis=1).astype(np.float32) if heatmap else None,
        "why_none": "" if heatmap else NONE.reason,
    }
    return EcgSheet(**(given | fields))


def text_of(figure):
    """Every text of a page."""
    return "\n".join(text.get_text() for axes in figure.axes for text in axes.texts)


def test_limits_of_agreement_are_those_of_the_differences():
    difference = np.random.default_rng(0).normal(-3.0, 8.0, 40)
    facts = {
        "fit": {"bias": difference.mean(), "rmse": np.sqrt((difference**2).mean())},
        "test": 40,
    }
    spread = 1.96 * difference.std(ddof=1)
    expected = (difference.mean() - spread, difference.mean() + spread)
    assert limits_of_agreement(facts) == pytest.approx(expected)
    assert limits_of_agreement({"fit": {"auroc": 0.8}, "test": 40}) is None


def test_a_probability_is_the_logistic_function_of_its_logit():
    assert [probability_of(logit) for logit in (-1e4, 0.0, 1e4)] == [0.0, 0.5, 1.0]
    assert probability_of(1.2) == pytest.approx(1 / (1 + np.exp(-1.2)))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.0, ""),
        (np.nan, ""),
        (0.4, "amplitude 0.400 mV is below all training ECGs (0.500 to 3.00 mV)"),
        (3.1, "amplitude 3.10 mV is above all training ECGs (0.500 to 3.00 mV)"),
        (900.0, "amplitude 900 mV is above all training ECGs (0.500 to 3.00 mV); is the unit "
         "right?"),
    ],
)  # fmt: skip
def test_values_outside_the_training_ecgs_are_flagged(value, words):
    assert TrainingRange("amplitude", "mV", 0.5, 3.0).words(value) == words


def test_paper_is_in_true_size_on_an_a4_page():
    figure = first_page(sheet_of(heatmap=True))
    assert figure.get_size_inches() * 25.4 == pytest.approx((WIDTH, HEIGHT))
    per_mm = figure.dpi / 25.4
    paper = [axes for axes in figure.axes if axes.get_xlim() != (0.0, WIDTH)]
    assert len(paper) == 2  # the record as a clinical print, lead II
    for axes in paper:
        # Axes are in millimetres of paper: a millimetre of them is one of the page.
        (x0, y0), (x1, y1) = axes.transData.transform([(0, 0), (10, 10)])
        assert (x1 - x0, y0 - y1) == pytest.approx((10 * per_mm, 10 * per_mm))
    # Ten seconds of lead II are 250 mm, 1 mV of the calibration pulse is 10 mm.
    lines = [np.asarray(line.get_xydata()) for line in paper[-1].lines]
    trace = max(lines, key=len)
    assert np.ptp(trace[:, 0]) == pytest.approx(250.0, abs=0.1)
    pulse = next(line for line in lines if len(line) == 5)
    assert np.ptp(pulse[:, 1]) == 10.0


def test_a_clinical_print_has_consecutive_quarters_of_each_lead():
    x = np.arange(12 * 5000, dtype=float).reshape(12, 5000) % 997
    panel = clinical_panel(x, 500.0, None, "")
    for place, cell in enumerate(panel.sheet.cells):
        row, start = LEADS.index(cell.name), place % 4 * 1250
        shown = panel.traces[place].x + np.median(x[row])
        np.testing.assert_allclose(shown, x[row, start : start + 1250])


def test_columns_of_a_print_follow_each_other_on_one_time_axis():
    figure = first_page(sheet_of())
    (paper, *_) = (axes for axes in figure.axes if axes.get_xlim() != (0.0, WIDTH))
    said = [each.get_text() for each in paper.texts]
    starts = [said.index(second) for second in ("0.5", "3", "5.5", "8")]
    assert starts == sorted(starts)
    assert "400" not in said
    assert said[-1] == "s"


def test_the_scale_of_the_print_is_said_of_the_page_alone():
    sheet = sheet_of()
    assert "25 mm/s" in text_of(first_page(sheet))
    for panel in panels(sheet):
        assert "mm/s" not in panel.caption
    assert "200 ms and 0.5 mV" in panels(sheet)[0].caption


def test_no_trace_runs_through_the_name_of_a_lead():
    x = beats(1, 5000)[0]
    for start in range(0, 5000, 1250):
        x[:, start + 10 : start + 40] += 1500.0 * np.hanning(30)  # R at the beginning of a column
    panel = clinical_panel(x, 500.0, None, "")
    for cell in panel.sheet.cells:
        for each, trace in zip(panel.sheet.cells, panel.traces, strict=True):
            if each.left == cell.left:
                down = each.zero - trace.x[:90] / 100.0  # mm
                assert np.abs(down - cell.label).min() > 1.5


def test_an_offset_of_the_electrodes_needs_no_paper():
    x = beats(1, 5000)[0]
    panel, moved = (rhythm_panel(each, 500.0, None, "") for each in (x, x + 40_000.0))
    assert panel.sheet == moved.sheet


def test_the_heatmap_of_a_strip_lies_around_its_own_samples():
    x = beats(1, 5000)[0]
    heatmap = np.zeros_like(x)
    heatmap[LEADS.index("V4"), 4000] = 1.0  # in the last quarter, which shows V4 to V6
    panel = clinical_panel(x, 500.0, heatmap, "")
    lit = {cell.name: np.flatnonzero(trace.levels).tolist()
           for cell, trace in zip(panel.sheet.cells, panel.traces, strict=True)}  # fmt: skip
    assert {name: at for name, at in lit.items() if at} == {
        "V4": [*range(240, 255)]  # the segment of 30 ms around sample 250
    }


def test_a_segment_has_the_colour_of_its_sum():
    heatmap = np.zeros((12, 600))
    heatmap[0, :15], heatmap[0, 15:30:2], heatmap[0, 30] = 1.0, 1.0, -15.0
    levels = beat_panel(beats(1)[0], heatmap, 250, "").traces[0].levels
    assert levels[:45:15] == pytest.approx([1.0, 8 / 15, -1.0])
    assert all(len({*levels[start : start + 15]}) == 1 for start in range(0, 600, 15))


@pytest.mark.parametrize("kind", ["regression", "binary"])
@pytest.mark.parametrize("output", [np.nan, np.inf])
def test_a_reading_that_is_no_number_is_flagged_and_null_in_json(kind, output):
    finding = changed(build(test=24, source="ludb"), {"target": Target("af", "", "af", kind=kind)})
    sheet = sheet_of(finding=finding, outputs=np.array([output]))
    assert flags_of(sheet) == ("an output of the network is NaN or infinity",)
    assert sheet.doubt == "not a number"
    assert flags_of(sheet)[0] in text_of(first_page(sheet)).replace("An", "an")
    assert side_by_side(sheet)["limits"] == "95 % limits: –"
    plain = json.loads(json.dumps(sheet.plain()), parse_constant=pytest.fail)
    assert (plain["doubt"], plain["measured_margin"]) == ("not a number", None)
    assert [*plain["outputs"].values()] == [None]
    if kind == "binary":
        assert [*plain["probabilities"].values()] == [None]
        assert reading(sheet) == "Af: probability –"


@pytest.mark.parametrize("read", [600, 5000])
@pytest.mark.parametrize(("length", "said"), [(5000, False), (15000, True)])
def test_a_long_record_is_said_to_be_drawn_in_part(length, said, read):
    sheet = sheet_of(read, strip=beats(1, length)[0])
    found = [panels(sheet)[0].caption]
    found += [text_of(strip_page(sheet))] * (read == 5000)
    assert all(("the first 10 of 30 s" in each) == said for each in found)
    assert ("from 30 s, of which 10 are drawn" in text_of(first_page(sheet))) == said
    part = replace(sheet, read=np.arange(read) < np.full((12, 1), read // 2))
    if read == 5000:
        words = " Drawn: the first 10 of 30 s." * said
        assert f"only 0.0 to 5.0 s of it.{words} A quarter" in panels(part)[0].caption


@pytest.mark.parametrize(("length", "said"), [(5000, "All twelve leads."), (600, "Median beat.")])
def test_the_second_page_has_all_of_what_the_network_reads(length, said):
    sheet = sheet_of(length, heatmap=True)
    assert [len(panel.traces) for panel in panels(sheet)] == [12, 1, 12][: 2 + (length == 600)]
    page = second_page(sheet)
    assert page.get_size_inches() * 25.4 == pytest.approx((WIDTH, HEIGHT))
    assert "200 ms and 0.5 mV" in text_of(page)
    assert said in text_of(page)


def test_intervals_are_drawn_on_both_pages_of_a_median_beat():
    marks = Measured(60.0, 158.0, 92.0, 400.0, edges=EDGES, beats=9)
    for page in (first_page, second_page):
        figure = page(sheet_of(marks=marks))
        said = text_of(figure)
        assert said.count("PR 158 ms") == 2  # in the header and at its bracket
        assert "QTc (Fridericia) 400 ms" in said
        assert figure.get_size_inches()[1] * 25.4 == pytest.approx(HEIGHT)
    fine = [line for axes in figure.axes for line in axes.lines if line.get_linewidth() == 0.4]
    assert len(fine) == 3 * 2 * 4  # both ends of three intervals, in every column
    without = Measured(60.0, qrs=92.0, qt=400.0, edges=EDGES | {"p_on": np.nan})
    said = text_of(second_page(sheet_of(marks=without)))
    assert "PR – ·" in said
    assert said.count("QRS 92 ms") == 2


def test_intervals_stay_on_a_first_page_whose_traces_need_more_paper():
    strip = beats(1, 5000)[0]
    strip[LEADS.index("V4")] *= 3.3e3 / np.abs(strip[LEADS.index("V4")]).max()
    strip[LEADS.index("V3")] *= -2.4e3 / np.abs(strip[LEADS.index("V3")]).max()
    sheet = sheet_of(strip=strip, marks=Measured(60.0, 158.0, 92.0, 400.0, edges=EDGES, beats=9))
    figure = first_page(sheet)
    assert text_of(figure).count("PR 158 ms") == 2
    assert figure.get_size_inches()[1] * 25.4 == pytest.approx(HEIGHT)
    below = figure.axes[-1].get_position().y0 * HEIGHT  # mm
    assert 0.0 < below < FOOT + CAPTION


def test_reading_and_measurement_agree_within_the_limits_alone():
    limits = limits_of_agreement(sheet_of().finding.facts)
    assert limits is not None
    low, high = limits
    for away, verdict in ((low + 0.1, "agree"), (low - 0.1, "disagree"), (high + 0.1, "disagree")):
        sheet = sheet_of(measured=161.5 - away, measured_by="measured by ECGLens")
        assert side_by_side(sheet)["verdict"] == verdict
        assert verdict in text_of(first_page(sheet)).splitlines()
    assert side_by_side(sheet_of(outputs=np.array([np.nan]), measured=150.0))["verdict"] == "–"
    for margin, verdict in ((17.0, "agree"), (68.0, "–"), (np.inf, "–")):
        said = side_by_side(sheet_of(measured=160.0, margin=margin))
        assert said["verdict"] == verdict
        assert ("uncertain" in said["why"]) == (verdict == "–")
    generated = build(test=24, source="exact", generated=True)
    assert side_by_side(sheet_of(finding=generated, measured=160.0))["why"] == (
        "within the limits; error on patients not known"
    )
    doubted = sheet_of(measured=20.0, flags=("unit or gain may be wrong: 15 mV",))
    assert side_by_side(doubted)["why"] == "the unit is in doubt"
    assert flags_of(doubted) == doubted.flags
    unknown = side_by_side(sheet_of(why_unmeasured="no P wave found"))
    assert (unknown["measured"], unknown["by"]) == ("–", "no P wave found")
    assert unknown["verdict"] == "–"


@pytest.mark.parametrize(
    ("labels", "maker", "verdict"),
    [
        (("exact",), "ecglens", "–"),
        (("12sl",), "recorder", "–"),
        (("hand", "ecglens"), "ecglens", "–"),
        (("ecglens",), "ecglens", "disagree"),
        (("hand",), "hand", "disagree"),
        ((), "ecglens", "disagree"),  # of a run whose labels nobody told the maker of
    ],
)
def test_a_measurement_of_another_maker_than_the_labels_gets_no_verdict(labels, maker, verdict):
    finding = build(test=24, source="exact", labels_by={"PR interval": dict.fromkeys(labels, 9)})
    sheet = sheet_of(finding=finding, measured=100.0, measured_by="measured", maker=maker)
    assert side_by_side(sheet)["verdict"] == verdict
    assert len(flags_of(sheet)) == (verdict == "disagree")
    if labels == ("exact",):
        why = "the run's labels are exact by construction; this value is measured by ECGLens"
        assert why in text_of(first_page(sheet)).splitlines()
        assert SheetWriter(Path(), Pseudonyms())._row(sheet, "1")["agreement"] == why
        assert "24 test ECGs of the data set exact, whose labels are exact by construction." in (
            " ".join(blocks(sheet)[0].lines)
        )


def test_a_long_reason_ends_before_the_next_words_of_its_line():
    sheet = sheet_of(why_unmeasured="irregular rhythm " * 5 + "without a steady P wave")
    figure = first_page(sheet)
    found = {each.get_text(): each for axes in figure.axes for each in axes.texts}
    reason, following = found[sheet.why_unmeasured], found["cannot be compared"]
    assert reason.get_window_extent().x1 < following.get_window_extent().x0


def test_a_reading_outside_the_training_ecgs_is_grey_and_says_so():
    for outside in (False, True):
        figure = first_page(sheet_of(outside=outside))
        none = first_page(sheet_of(why_unmeasured="atrial fibrillation"))
        assert GREY in {each.get_color() for axes in none.axes for each in axes.texts}
        (reading_,) = [each for axes in figure.axes for each in axes.texts
                       if each.get_text() == "PR 162 ms"]  # fmt: skip
        assert (reading_.get_color() == GREY) == outside
        assert ("outside the training ECGs" in text_of(figure)) == outside


@pytest.mark.parametrize("length", [600, 5000])
def test_no_words_of_the_header_run_into_others(length: int):
    untested = replace(SHOWN, reason="It is untested.", level="", number=0)
    why = "P wave without clear edges: 218 ms long, too long for one"
    marks = Measured(97.0, np.nan, 186.0, 396.0, beats=13, why={"pr": why})
    fields = {"outputs": np.array([np.nan]), "why_unmeasured": why, "outside": True}
    sheet = sheet_of(length, heatmap=True, supported=untested, marks=marks, **fields)
    figure = second_page(sheet)
    texts = [text for text in figure.axes[0].texts if text.get_position()[1] < TOP]
    said = [text.get_text() for text in texts]
    assert any("not tested" in words for words in said)
    assert any(words.startswith("Network (not a number, not measurable") for words in said)
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    for place, box in enumerate(boxes):
        for other in boxes[place + 1 :]:
            across = min(box.x1, other.x1) - max(box.x0, other.x0)
            down = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert min(across, down) < 0.5 * figure.dpi / 25.4  # mm


@pytest.mark.parametrize(
    ("why", "doubt", "said"),
    [
        ("ventricular pacing", "no meaning here", "PR has no meaning here: ventricular pacing"),
        ("atrial fibrillation", "no meaning here",
         "PR has no meaning here: irregular, no steady P wave (atrial fibrillation?)"),
        ("no P wave found", "not measurable here", "no P wave found"),
    ],
)  # fmt: skip
def test_a_pr_that_the_ecg_does_not_have_gets_no_limits(why: str, doubt: str, said: str):
    pr, qt = (changed(build(test=24, source="exact"), {"target": Target(name, "ms", name)})
              for name in ("pr", "qt"))  # fmt: skip
    sheet = sheet_of(why_unmeasured=why, finding=pr)
    text = text_of(first_page(sheet))
    assert sheet.doubt == doubt
    assert f"Network ({doubt})" in text
    assert said in text.splitlines()
    assert ("95 % limits:" in text) == (doubt == "not measurable here")
    assert said.endswith(sheet.plain()["unmeasured"])
    assert not sheet_of(why_unmeasured=why, finding=qt).meaningless


def test_a_large_artefact_does_not_lengthen_the_page():
    strip = beats(1, 5000)[0]
    strip[3, 2000:2100] = 2e5
    figure = first_page(sheet_of(strip=strip))
    assert figure.get_size_inches()[1] * 25.4 == pytest.approx(HEIGHT)
    found = panels(sheet_of(strip=strip))[:2]
    assert sum(panel.sheet.height for panel in found) < HEIGHT - TOP - EDGE
    assert "Cut at the paper's edge: aVR (up to 200.0 mV)." in text_of(figure)


def test_a_wave_up_to_3_mv_is_drawn_whole_on_one_page_and_clear_of_the_time_axis():
    strip = beats(1, 5000)[0]
    strip[LEADS.index("V4")] *= 3e3 / np.abs(strip[LEADS.index("V4")]).max()
    strip[LEADS.index("V3")] *= -3e3 / np.abs(strip[LEADS.index("V3")]).max()
    sheet = sheet_of(strip=strip)
    figure = first_page(sheet)
    assert figure.get_size_inches()[1] * 25.4 == pytest.approx(HEIGHT)
    assert "Cut" not in text_of(figure)
    (paper, *_) = (axes for axes in figure.axes if axes.get_xlim() != (0.0, WIDTH))
    lines = [np.asarray(line.get_xydata())[:, 1] for line in paper.lines]
    drawn = np.stack([line for line in lines if len(line) == 1250])
    assert drawn.min() > 0.0
    assert drawn.max() < paper.get_ylim()[0] - AXIS


def test_a_sheet_says_the_known_error_and_why_there_is_no_heatmap():
    sheet = sheet_of(flags=("lead V3 is flat",), measured=158.0, measured_by="measured by ECGLens")
    said = text_of(first_page(sheet))
    for words in (
        "PR 162 ms",
        "Mean absolute error 5.10 ms on 24 test ECGs of the data set exact.",
        "95 % limits of agreement",
        "No heatmap. No method was judged.",
        "Lead V3 is flat.",
        "158 ms",
        "measured by ECGLens",
        "not for diagnosis",
    ):
        assert words in said
    assert "ecglens train" not in said  # it is among the settings of the page
    assert to_test(sheet) == ["To test more: ecglens train target=qt"]


def test_what_is_found_in_several_leads_is_said_once():
    flags = (*(f"lead {lead} is noisy" for lead in ("III", "aVL", "aVF")), "lead V3 is flat",
             "T wave without a clear end")  # fmt: skip
    (found,) = (each for each in blocks(sheet_of(flags=flags)) if each.heading.startswith("Signal"))
    assert found.lines[:3] == (
        "Leads III, aVL and aVF are noisy.",
        "Lead V3 is flat.",
        "T wave without a clear end.",
    )


def test_flags_stand_under_the_measurements_of_both_pages():
    flags = ("lead V3 is flat", "lead V4 is flat", "12 pacing spikes")
    for length in (600, 5000):
        sheet = sheet_of(length, heatmap=True, flags=flags)
        for page in (first_page, second_page):
            lines = text_of(page(sheet)).splitlines()
            assert "! Leads V3 and V4 are flat. 12 pacing spikes." in lines
    many = text_of(second_page(sheet_of(flags=tuple(f"finding {each}" for each in range(40)))))
    assert "… (all: page 1)" in many
    assert "!" not in text_of(second_page(sheet_of()))


def test_ecgs_that_a_network_of_others_may_have_learned_from_are_not_called_test_ecgs():
    settings = {"network": {"_target_": "their.Network"}}
    finding = build(test=24, source="ludb", settings=settings)
    (error,) = (each for each in blocks(sheet_of(finding=finding)) if each.heading == "Known error")
    assert error.lines[0] == "Mean absolute error 5.10 ms on 24 ECGs of the data set ludb."
    assert "Whether the network was trained on these ECGs is not known." in error.lines


def test_a_sheet_with_a_heatmap_says_its_level_and_that_it_is_an_average():
    said = text_of(second_page(sheet_of(heatmap=True)))
    assert "Saliency. Level 1 of 3, beats the controls, on 24 ECGs" in said
    assert "signs were not tested" in said.replace("\n", " ")
    assert "average over ECGs" in said


def test_the_level_is_said_in_plain_words():
    level = replace(
        SHOWN, level="beats the PR region itself", tested_on="6 ECGs (default protocol)"
    )
    said = text_of(second_page(sheet_of(heatmap=True, supported=level))).replace("\n", " ")
    assert "beats the PR region marked alone, on 6 ECGs (parts replaced)." in said


@pytest.mark.parametrize(
    ("flag", "dead"),
    [
        ("lead V3 is missing", {"V3": "missing"}),
        ("lead V3 is without a QRS complex", {"V3": "without a QRS complex"}),
        ("lead II is flat", dict.fromkeys(("II", "III", "aVR", "aVL", "aVF"), "flat")),
        ("lead II is missing", dict.fromkeys(("II", "III", "aVR", "aVL", "aVF"), "missing")),
        ("lead aVL is inconsistent with I and II", {}),
    ],
)
def test_leads_without_a_heart_signal_are_named_as_without_colour(flag: str, dead: dict[str, str]):
    sheet = sheet_of(heatmap=True, flags=(flag,))
    assert sheet.dead == dead
    said = f"No colour without a heart signal: {', '.join(dead)}." if dead else ""
    assert (said or "As the network reads it. 0 ms") in panels(sheet)[-1].caption
    assert "No colour" not in panels(sheet_of(flags=(flag,)))[-1].caption
    follow = "III, aVR, aVL and aVF follow from I and II: they have no signal of their own."
    for page in (first_page, second_page):
        assert (follow in text_of(page(sheet))) == (dead.get("II") == "missing")


def test_a_class_has_its_probability_and_auroc():
    target = Target("diagnosis", "", kind="binary", classes=("af", "lbbb"))
    finding = changed(build(test=24, source="ludb"), {"target": target})
    fit = {"auroc/af": 0.91, "positive/af": 8, "negative/af": 16, "auroc/lbbb": 0.7}
    finding = changed(finding, {"fits": ({"fit": fit},)})
    sheet = sheet_of(finding=finding, outputs=np.array([1.5, -2.0]))
    assert reading(sheet) == "Atrial fibrillation (af): probability 82\xa0%"
    said = {block.heading: " ".join(block.lines) for block in blocks(sheet)}
    assert said["Known error"].startswith(
        "AUROC 0.910 on 24 test ECGs of the data set ludb (8 with it, 16 without)."
    )
    assert said["Other classes"] == "left bundle branch block (lbbb) 12\xa0%, AUROC 0.700."


@pytest.mark.parametrize(
    ("logit", "said"), [(-6.0, "below 1\xa0%"), (-5.2, "1\xa0%"), (6.0, "above 99\xa0%")]
)
def test_no_probability_is_said_to_be_none_or_certain(logit: float, said: str):
    target = Target("diagnosis", "", kind="binary", classes=("af",))
    finding = changed(build(test=24, source="ludb"), {"target": target})
    sheet = sheet_of(finding=finding, outputs=np.array([logit]))
    assert reading(sheet) == f"Atrial fibrillation (af): probability {said}"


def test_a_prediction_far_from_the_measurement_is_flagged():
    # Limits of agreement: -0.3 ± 1.96 · 7.35 ms.
    near, far = (sheet_of(measured=ms, measured_by="measured by ECGLens") for ms in (150.0, 140.0))
    assert flags_of(near) == ()
    (flag,) = flags_of(far)
    assert flag.startswith("the prediction is 21.5 ms above the 140 ms measured by ECGLens")


def test_an_error_that_nobody_knows_is_said_to_be_unknown():
    finding = changed(build(), {"fits": ({},)})
    (known, *_) = blocks(sheet_of(finding=finding))
    assert known.lines[0] == "Not known: no test ECG of the run has a label."


def test_the_leads_and_seconds_that_a_network_reads_are_named():
    read = np.zeros((12, 5000), bool)
    read[[1, 6], 1000:2000] = True
    for sheet, words in (
        (sheet_of(5000, read=read), "only the leads II, V1 and 2.0 to 4.0 s of it."),
        (sheet_of(5000, read=np.ones((12, 5000), bool)), "As the network reads it."),
        (sheet_of(5000), "As the network reads it."),
    ):
        assert words in panels(sheet)[0].caption
        assert words in text_of(strip_page(sheet))


def test_a_network_without_an_evaluation_has_no_error_and_its_map_a_caution():
    about = replace(build().about, records=(), patients=())
    finding = Finding(about, sentence="Not evaluated.", reason="Not evaluated.")
    untested = Supported("saliency", "Untested.", command="evaluate(net, ecgs, ['weights'])")
    shown = sheet_of(heatmap=True, finding=finding, supported=untested)
    said = text_of(first_page(shown)) + text_of(second_page(shown))
    assert "PR 162 ms (error unknown)" in said
    assert "Error unknown: this network was not evaluated with ECGLens." in said
    assert "Saliency: not tested on this network" in said
    assert "To test methods: evaluate(net, ecgs, ['weights'])" in said
    assert "Level" not in said
    assert "not tested on" not in text_of(second_page(sheet_of(heatmap=True)))


@pytest.mark.heavy
def test_the_files_of_a_sheet_have_every_number_and_ask_for_nothing_outside(tmp_path):
    writer = SheetWriter(tmp_path, Pseudonyms())
    sheet = sheet_of(heatmap=True, flags=("noise in V1 (60 µV)",))
    page = writer.write(sheet)
    assert {each.name for each in tmp_path.iterdir()} == {
        f"ecg-7{ending}" for ending in (".html", ".pdf", ".png", "-beat.png", ".json")
    }
    html = page.read_text()
    assert "ecg &lt;7&gt;" in html
    assert html.count("scroll sideways") == 2  # the beat fits
    assert not re.findall(r'(?:src|href)="(?!data:|ecg-7\.pdf)', html)
    plain = json.loads((tmp_path / "ecg-7.json").read_text(), parse_constant=pytest.fail)
    np.testing.assert_allclose(plain["x_uv"], sheet.x, rtol=1e-5, atol=1e-9)
    assert sheet.heatmap is not None
    np.testing.assert_allclose(plain["heatmap"], sheet.heatmap, rtol=1e-5, atol=1e-9)
    assert plain["outputs"] == {"PR interval": 161.5}
    assert plain["flags"] == ["noise in V1 (60 µV)"]
    assert (tmp_path / "ecg-7.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.heavy
@pytest.mark.parametrize("length", [600, 5000])
def test_the_pictures_of_a_page_share_one_budget_and_are_equally_sharp(length, tmp_path):
    noise = np.random.default_rng(0).normal(0, 150, (12, length))  # µV
    sheet = sheet_of(length, heatmap=True, x=beats(1, length)[0] + noise)
    page = SheetWriter(tmp_path, Pseudonyms()).write(sheet).read_text(encoding="utf-8")
    texts = re.findall(r"data:image/png;base64,([^\"]+)", page)
    assert len(texts) == 3
    assert sum(map(len, texts)) <= PICTURES
    widths = [Image.open(BytesIO(base64.b64decode(text))).width for text in texts]
    papers = [panel.sheet.width for panel in panels(sheet)]
    whole = papers if length == 600 else [*papers, WIDTH]  # mm
    per_mm = [px / mm for px, mm in zip(widths, whole, strict=True)]
    assert per_mm == pytest.approx([per_mm[0]] * 3, rel=0.01)


@pytest.mark.heavy
def test_two_ecgs_of_one_name_have_files_of_their_own(tmp_path):
    writer = SheetWriter(tmp_path, Pseudonyms())
    pages = [writer.write(sheet_of()) for _ in range(2)]
    assert [page.name for page in pages] == ["ecg-7.html", "ecg-7-2.html"]
    writer.leave_out("dicom", "broken.dcm", True, "it is damaged")
    table = writer.finish("PR").read_text()
    assert "2 ECGs with a sheet, 1 left out" in table
    assert ".reasons td { display: block" in table  # on a phone
    assert "it is damaged" in table
    assert "PR of 3 ECGs" in table


def test_the_table_of_all_ecgs_says_what_is_in_doubt_and_what_was_measured(tmp_path):
    (tmp_path / "old.html").touch()
    (tmp_path / "sheets.csv").write_text("ecg,sheet,reading,heatmap,caution,flags,left_out\n"
                                         "old,old.html,PR 150 ms,none,,,\n")  # fmt: skip
    writer = SheetWriter(tmp_path, Pseudonyms())
    writer.rows = [
        writer._row(each, each.name)
        for each in (
            sheet_of(name="a", why_unmeasured="no P wave found", outside=True),
            sheet_of(name="b", measured=140.0, measured_by="measured by ECGLens"),
        )
    ]
    missing = "missing: V3; data.missing_lead=zero keeps such ECGs where 5 are left"
    writer.leave_out("wfdb", "c", False, of_set(missing))
    page = writer.finish("PR").read_text()
    assert "PR 162 ms (not measurable here, outside the training ECGs)" in page
    assert "<td>– (no P wave found)</td>" in page
    assert "<td>140 ms (disagree: outside the limits)</td>" in page
    assert page.count('class="doubtful"') == 1
    assert "PR 150 ms" in page
    assert "missing: V3; --set missing_lead=zero keeps" in page
    table = pd.read_csv(tmp_path / "sheets.csv").set_index("ecg")
    assert table.loc["b", "measured"] == "140 ms"
    assert table.loc["a", "unmeasured"] == "no P wave found"
    assert [*table["agreement"].dropna()] == ["disagree: outside the limits"]


@pytest.mark.heavy
def test_no_ecg_takes_the_place_of_another_whose_name_is_nearly_alike(tmp_path):
    pages = {}
    for name in ("a_1", "A-1", "Иван", "Пётр", "a_1"):  # each in a call of its own
        writer = SheetWriter(tmp_path, Pseudonyms())
        page = writer.write(sheet_of(name=name))
        assert writer.replaced == [page] * (pages.get(name) == page)
        pages[name] = page
        writer.finish("PR")
    assert [each.stem for each in pages.values()] == ["a-1", "a-1-2", "network", "network-2"]
    assert {*pd.read_csv(tmp_path / "sheets.csv")["ecg"]} == {*pages}
    SheetWriter(tmp_path, Pseudonyms()).leave_out("dicom", "A 1", True, "it is damaged")
    assert all(each.is_file() for each in pages.values())


def test_files_that_are_no_sheet_are_never_removed(tmp_path):
    other = {"collected.json": '{"files": ["collected-1.csv"]}', "collected-1.csv": "1"}
    for name, text in other.items():
        (tmp_path / name).write_text(text)
    writer = SheetWriter(tmp_path, Pseudonyms())
    writer.leave_out("dicom", "collected", True, "it is damaged")
    assert writer.rows[0]["key"] == "collected-2"
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == other


@pytest.mark.heavy
def test_sheets_made_one_after_another_stay_in_the_table_and_in_the_key(tmp_path):
    def made(name, ms=0.0):
        names = Pseudonyms(Store.at(tmp_path / "store"))
        writer = SheetWriter(tmp_path / "sheets", names)
        shown = writer.shown("wfdb", name, may_leave=False)
        writer.write(sheet_of(name=shown, outputs=np.array([160.0 + ms])))
        writer.finish("PR")
        return shown

    first, second = made("one"), made("two")
    assert made("one", 5.0) == first  # read again
    table = pd.read_csv(tmp_path / "sheets" / "sheets.csv")
    assert dict(zip(table["ecg"], table["value"], strict=True)) == {second: 160.0, first: 165.0}
    key = pd.read_csv(tmp_path / "sheets" / "pseudonyms.csv")
    assert dict(zip(key["pseudonym"], key["name"], strict=True)) == {first: "one", second: "two"}
    page = (tmp_path / "sheets" / "sheets.html").read_text(encoding="utf-8")
    assert "PR of 2 ECGs" in page
    assert f"{first.lower()}.html" in page
    assert (tmp_path / "sheets" / "pseudonyms.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.heavy
def test_each_piece_of_paper_has_its_own_caption_and_says_where_the_heatmap_is(tmp_path):
    papers = re.compile(
        r'<figure class="static">.*?alt="(.*?)".*?<figcaption>(.*?)</figcaption>', re.S
    )
    for length, heated in ((600, [False, False, True]), (5000, [True, True])):
        sheet = sheet_of(length, heatmap=True, name=f"of {length}")
        page = SheetWriter(tmp_path, Pseudonyms()).write(sheet).read_text(encoding="utf-8")
        found = papers.findall(page)
        assert ["under its heatmap" in alt for alt, _ in found] == heated
        for (_, caption), panel in zip(found, panels(sheet), strict=True):
            assert caption.endswith(panel.caption)
