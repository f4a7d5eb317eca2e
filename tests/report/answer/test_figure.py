"""The figure of an answer draws what the run has kept, with equal ink for every map."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ecglens.datamodules import Target
from ecglens.ecg import BIT, LEADS, draw_exact, exact_record
from ecglens.engine import NEVER
from ecglens.eval import Finding, Networks, Perturbation, ShownSteps, Subject, rank
from ecglens.eval.curves import BY_WAVES, FROM_R, template_key
from ecglens.explain import find_all
from ecglens.models import InUnits, SmallResNet
from ecglens.report import Pseudonyms, run_views, write_report
from ecglens.report.answer.figure import BUDGET, AnswerFigure, answer_figures
from ecglens.report.answer.lanes import Lanes, ticks_of, ticks_over
from ecglens.report.text.numerals import MINUS
from ecglens.report.text.words import record_words
from scipy.signal import find_peaks

from ...eval.networks import exact_ecgs
from ..conftest import CONTROLS, METHODS, changed, with_rungs

Make = Callable[..., Finding]
T = Target("t", "µV", "t", waves=("T",), lead="V5")
SHORT = Perturbation(steps=8, draws=2, until=4, cutoffs=(2, 6), ladder=1)
PROTOCOLS = [
    SHORT,
    replace(SHORT, name="noise", unit="point", fill="noise"),
    replace(SHORT, name="lerf", order="lerf", fill="mean", draws=1),
]
CLASS = Target("af", "", "af", kind="binary")
NAMES = [each.name for each in PROTOCOLS]


def found(evaluation: Perturbation, target: Target = T) -> Finding:
    """The finding of an untrained network on exact ECGs, three of which are shown."""
    torch.manual_seed(0)
    net = InUnits(SmallResNet(), 0.0, 2.0 if target is CLASS else 200.0).eval()
    ecgs = exact_ecgs(4)
    if target is CLASS:
        ecgs = ecgs._replace(y=(ecgs.y > ecgs.y.median()).float())
    methods = find_all(["saliency", "input_x_gradient"])
    subject = Subject(ecgs, methods, target, gallery=3, progress=False, workers=1)
    return evaluation(Networks([net]), subject)


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    """A finding per protocol, and one of a class."""
    made = {each.name: found(each) for each in PROTOCOLS}
    return made | {"class": found(PROTOCOLS[0], CLASS)}


def figure_of(*given: Finding) -> AnswerFigure:
    (figure,) = answer_figures(run_views(given, Pseudonyms()).groups)
    return figure


def data_of(finding: Finding, budget: int = BUDGET) -> Mapping[str, Any]:
    """What the script of the page is given."""
    return json.loads(json.dumps(figure_of(finding).shown(budget)["data"]))


@pytest.mark.heavy
@pytest.mark.parametrize("name", [*NAMES, "class"])
def test_the_needle_is_at_the_predictions_that_the_scores_were_made_from(findings, name):
    figure = figure_of(findings[name])
    data = json.loads(json.dumps(figure.shown()["data"]))
    finding = figure.finding  # under pseudonyms: nobody says that these ECGs may leave
    (curves,) = finding.curves
    every = {**curves.references, **curves.predictions}
    assert len(data["ecgs"]) == 3
    for place, own in zip(figure.order, data["ecgs"], strict=True):
        ecg = curves.records.index(curves.gallery.records[place])
        assert own["name"] == f"ECG {curves.records[ecg]}"
        for row, read in zip(figure.names, own["read"], strict=True):
            kept = every[row][0, ecg, : curves.protocol.until + 1].astype(float)
            if name == "class":
                kept = 1 / (1 + np.exp(-kept))
            shown = own["low"] + np.array(read) * own["width"]
            np.testing.assert_allclose(shown, kept, atol=0.51e-4 * own["width"])
        if name == "class":
            assert (own["low"], own["width"]) == (0.0, 1.0)


@pytest.mark.heavy
@pytest.mark.parametrize("name", NAMES)
def test_every_map_has_as_many_blocks_where_its_steps_hit(findings, name):
    finding, figure = findings[name], figure_of(findings[name])
    (curves,) = finding.curves
    steps, until = curves.gallery.steps, curves.protocol.until
    assert steps is not None
    slot = max(curves.protocol.width(), 15)  # samples of 30 ms
    for place in figure.order:
        cells = figure.lanes(place).cells
        assert {*cells} == {*curves.methods, *curves.controls}
        assert {len(row) for row in cells.values()} == {until}  # equal ink
        for row, own in cells.items():
            hit = steps.hit(row, place)
            for k, cell in enumerate(own, 1):
                (samples,) = np.nonzero(hit[cell.lead] == k)
                assert len(samples) > 0
                drawn = np.concatenate([np.arange(*span) for span in cell.spans])
                assert {*samples} <= {*drawn}
                assert len(drawn) <= slot
            # No two blocks of a row lie on each other.
            assert len({(cell.spans, cell.height) for cell in own}) == until
            assert (hit[hit != NEVER] >= 1).all()


@pytest.mark.heavy
def test_waves_have_no_names_where_these_would_stand_on_each_other(findings):
    finding = findings[NAMES[0]]
    assert [name for name, _ in figure_of(finding).lanes(0).waves] == ["P", "QRS", "T"]
    (curves,) = finding.curves
    close = np.zeros_like(curves.gallery.segments)  # as the first beat of a strip
    for name, at in (("P", 100), ("QRS", 112), ("T", 130)):
        close[:, at : at + 10] = BIT[name]
    shown = replace(curves.gallery, segments=close)
    near = replace(finding, curves=(replace(curves, gallery=shown),))
    assert figure_of(near).lanes(0).waves == ()


@pytest.mark.parametrize("strongest", [*FROM_R, *BY_WAVES])
def test_others_are_the_strongest_of_their_maps_and_every_null_is_on_the_scale(
    make_finding: Make, strongest: str
):
    finding = make_finding(methods=("saliency",), shown=1)
    own, random = (finding.curves[0].predictions[name] for name in ("saliency", "random"))
    ladder = with_rungs(finding, own[:2] + 9 * (own[:2] - own[:2, :, :1]), saliency=random)
    laid = {template_key(each, "saliency"): random[:2, :, :16] for each in (*FROM_R, *BY_WAVES)}
    laid[template_key(strongest, "saliency")] = own[:2, :, :16]
    references = {**ladder.curves[0].references, **laid}
    figure = figure_of(changed(ladder, references=references))
    row = figure.rows[0]
    assert row.others == pytest.approx(row.score.value)
    assert row.others < row.region <= figure.ticks[-1]


@pytest.mark.heavy
@pytest.mark.parametrize("name", NAMES)
def test_scores_and_nulls_are_those_of_the_ranking_a_step(findings, name):
    finding, figure = findings[name], figure_of(findings[name])
    table, until = rank(finding).table.set_index("method"), finding.curves[0].protocol.until
    rungs = rank(finding).ladder.rungs.set_index(["method", "rung"])
    for row in figure.rows:
        if row.name in table.index:
            ends = table.loc[row.name, ["value", "low", "high"]].to_numpy(float) / until
            shown = [row.score.value, row.score.low, row.score.high]
            np.testing.assert_allclose(shown, ends)
        if row.use:
            assert row.region * until == pytest.approx(rungs.loc[(row.name, "target_prior"), "auc"])
            beyond = rungs.loc[row.name].query("level == 3")["difference"].min()
            assert (row.score.value - row.others) * until == pytest.approx(beyond)
    (region,) = [row for row in figure.rows if row.name.startswith("target_prior")]
    assert region.label == "V5 T-amplitude region"
    assert region.score.value * until == pytest.approx(
        rungs.loc[("saliency", "target_prior"), "auc"]
    )


@pytest.mark.parametrize(
    "ends", [(0, 7), (0, 0.7), (0, 4), (-3e4, 5e6), (0, 0), (160, 160), (0, 3e-10), (1e-12, 2e-12)]
)
def test_a_printed_tick_is_the_number_where_it_stands(ends):
    ticks = ticks_over(*map(float, ends))
    width = ticks[-1] - ticks[0]
    assert ticks[0] <= ends[0]
    assert ticks[-1] >= ends[1]
    assert width > 0.5 if ends[0] == ends[1] else width < 3 * (ends[1] - ends[0])
    shown = [float(text.replace(MINUS, "-")) for _, text in ticks_of(ticks)]
    assert all(len(text) <= len("−30000000") for _, text in ticks_of(ticks))
    assert shown == pytest.approx([ticks[0] + share * width for share, _ in ticks_of(ticks)])


def test_readings_that_differ_by_rounding_alone_are_equal_around_zero_too():
    assert ticks_over(-1e-17, 1e-17) == ticks_over(0.0, 0.0)


def test_maps_to_use_come_first_and_what_knows_no_network_last(make_finding: Make):
    good = with_rungs(make_finding(methods=("deeplift", "saliency")), None)
    rows = figure_of(good).rows
    uses = [row.use for row in rows]
    assert uses == sorted(uses, key=["use", "not shown", "do not use", ""].index)
    controls = [row for row in rows if not row.use]
    assert {row.name for row in controls} == {*CONTROLS}
    assert [row.score.value for row in controls] == sorted(
        (row.score.value for row in controls), reverse=True
    )
    assert {row.sign for row in controls} == {""}


def test_what_moves_less_than_the_network_errs_looks_small(make_finding: Make):
    def scale(mae: float) -> tuple[float, ...]:
        made = with_steps(make_finding(shown=3, fit={"mae": mae}))
        lanes = figure_of(made).lanes(0)
        read = np.concatenate([*lanes.readings.values()])
        assert lanes.scale[0] <= read.min()
        assert read.max() <= lanes.scale[-1]
        return lanes.scale

    small, large = scale(0.001), scale(300.0)
    assert large[-1] - large[0] >= 600.0
    assert small[-1] - small[0] < 600.0


def test_the_ecg_first_shown_moves_most_like_the_mean(make_finding: Make):
    finding = with_steps(make_finding(shown=3))
    (curves,) = finding.curves
    until = curves.protocol.until
    like = {}
    for name, kept in curves.predictions.items():
        moved = kept - kept[..., :1]
        # The third ECG moves by the mean of all others, the rest far off.
        own = moved.copy()
        own[:, 2] = np.abs(moved).mean((0, 1))
        own[:, :2] += 500.0 * (np.arange(own.shape[-1]) > 0)
        like[name] = (kept[..., :1] + own).astype(np.float32)
    assert figure_of(changed(finding, predictions=like)).order[0] == 2
    assert until < curves.protocol.steps


@pytest.mark.heavy
@pytest.mark.parametrize("length", [600, 5000])
@pytest.mark.parametrize("budget", [BUDGET, 60_000, 12_000])
def test_a_figure_keeps_within_its_budget(make_finding: Make, length: int, budget: int):
    data = data_of(with_steps(make_finding(length=length, shown=3)), budget)
    assert len(data["ecgs"]) >= 1
    if budget > 12_000:
        assert len(json.dumps(data)) <= budget
    else:
        assert (len(data["ecgs"]), len(data["leads"])) == (1, 1)


@pytest.mark.heavy
def test_traces_are_the_ecg_in_256_heights(findings):
    finding, figure, data = (
        findings["default"],
        figure_of(findings["default"]),
        data_of(findings["default"]),
    )
    x = finding.curves[0].gallery.x[figure.order[0]]
    assert data["leads"] == [*LEADS]
    assert LEADS[data["numbers"][data["lead"]]] == "V5"  # defines the target
    for lead, text in enumerate(data["ecgs"][0]["traces"]):
        heights = np.frombuffer(base64.b64decode(text), np.uint8) / 255
        scale = np.ptp(x[lead]) / np.ptp(heights)
        drawn = x[lead].min() + scale * (heights.max() - heights)  # heights go down the page
        blocks = x[lead].reshape(150, 1, 4)  # of which two samples are drawn
        away = np.abs(drawn.reshape(150, 2, 1) - blocks).min(2)
        assert away.max() < 2 * scale / 255
        assert heights.min() > 0
        assert heights.max() < 1


@pytest.mark.parametrize(("index", "lead", "sign"), [(3, "II", 1), (4, "V4", 1), (4, "V4", -1)])
def test_r_and_s_waves_of_a_strip_are_drawn_as_high_as_they_are(
    make_finding: Make, index: int, lead: str, sign: int
):
    finding = make_finding(length=5000, shown=1)
    (curves,) = finding.curves
    strip = exact_record(draw_exact(0, index)).signal  # every R wave of a lead has one height
    gallery = replace(curves.gallery, x=strip[None])
    finding = replace(finding, curves=(replace(curves, gallery=gallery),))
    points = -sign * Lanes(finding, 0, METHODS, None).trace(LEADS.index(lead)).points
    beats = find_peaks(sign * strip[LEADS.index(lead)], height=500, distance=150)[0]
    drawn = [points[max(at // 16 - 2, 0) : at // 16 + 4].max() for at in beats]
    assert len(points) == 313
    assert len(beats) > 5
    np.testing.assert_allclose(drawn, points.max(), atol=1e-3)


def with_steps(finding: Finding) -> Finding:
    """The finding with steps that hit segments of the leads in turn."""
    (curves,) = finding.curves
    gallery, steps = curves.gallery, curves.protocol.steps
    ecgs, leads, length = gallery.x.shape
    order = np.tile(np.arange(steps) * (length // 15 + 1) % (leads * (length // 15)), (ecgs, 1))
    kept = ShownSteps(
        np.tile(np.arange(length) // 15, (ecgs, 1)),
        np.full(gallery.x.shape, 100, np.float32),
        {name: order + place for place, name in enumerate((*METHODS, *CONTROLS))},
    )
    gallery = replace(gallery, steps=kept)
    return replace(finding, curves=(replace(curves, gallery=gallery),))


@pytest.mark.heavy
def test_of_several_networks_the_first_is_played(findings, tmp_path: Path):
    one = findings["default"]
    fits = [({"settings": {"seed": seed}},) for seed in range(2)]
    both = [
        replace(one, about=replace(one.about, networks=(key,), fits=fit))
        for key, fit in zip("ab", fits, strict=True)
    ]
    page = write_report(both, tmp_path).read_text(encoding="utf-8")
    assert page.count("data-figure>") == 1
    assert page.count("first draw, first network") == 1


@pytest.mark.heavy
def test_the_figure_stands_below_the_answer_and_has_no_lanes_where_no_steps_were_kept(
    findings, tmp_path: Path
):
    page = write_report([findings["default"]], tmp_path).read_text(encoding="utf-8")
    assert page.count('<figure class="maps"') == 1
    assert (
        page.index('class="headline"')
        < page.index('<figure class="maps"')
        < page.index(">Ranking</summary>")
    )
    assert len(re.findall(r"data-row", page.partition("<script>")[0])) == 2 + 3 + 1
    assert re.search(r">Top \d+ segments replaced by another patient’s\s*<", page)
    (curves,) = findings["default"].curves
    none = replace(curves, gallery=replace(curves.gallery, steps=None))
    without = write_report([replace(findings["default"], curves=(none,))], tmp_path / "none")
    text = without.read_text(encoding="utf-8")
    assert 'class="lane"' not in text
    assert "</svg> region at map’s resolution, to beat</span>" in text
    assert text.count('class="score"') == 2 + 3 + 1


def test_a_generated_ecg_is_printed_by_its_number_and_a_recorded_one_by_its_name():
    assert record_words("deepfake-0-002197", {"source": "deepfake"}) == "generated ECG 2197"
    assert record_words("exact-3-17", {"source": "exact"}) == "generated ECG 17"
    assert record_words("00042_hr", {"source": "ptbxl"}) == "ECG 00042_hr"
    assert record_words("my-file", {"source": "deepfake_files"}) == "ECG my-file"
