"""Exact ECGs of every kind: the truth holds, and what is drawn is independent."""

from dataclasses import astuple
from math import isnan, sqrt

import numpy as np
import pytest
from ecglens.ecg import (
    INDEPENDENT_INDEX,
    KINDS,
    LEADS,
    V5,
    Record,
    Recording,
    disturbance,
    draw_exact,
    draw_kind,
    exact_beat,
    exact_record,
)
from ecglens.ecg.synthetic.draw import LIMBS, direction, turned, with_pr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, rankdata

LEADING = [name for name, kind in KINDS.items() if kind.atria == "leading"]
morphologies = st.sampled_from(["plain", "varied"])
numbers = st.integers(0, 10_000)


@settings(max_examples=200, deadline=None)
@given(index=numbers, kind=st.sampled_from(list(KINDS)), morphology=morphologies)
def test_the_amplitudes_of_every_kind_are_read_exactly_at_its_marks(index, kind, morphology):
    parameters = draw_exact(5, index, kind, morphology)
    record, marks = exact_beat(parameters), parameters.marks
    v5 = record.signal[V5].astype(float)
    on, j = int(marks.qrs_on), int(marks.qrs_off)
    above = v5 - v5[on - 8 : on].mean()
    t_piece = above[j + 30 : int(marks.t_off) + 1]
    assert above[on : j + 1].max() == pytest.approx(record.labels["r"], abs=1e-3)
    assert above[j] == pytest.approx(record.labels["j"], abs=1e-3)
    assert t_piece[np.argmax(np.abs(t_piece))] == pytest.approx(record.labels["t"], abs=1e-3)


@settings(max_examples=200, deadline=None)
@given(index=numbers, kind=st.sampled_from(list(KINDS)), morphology=morphologies)
def test_every_kind_is_at_rest_at_its_marks_and_nowhere_inside_its_waves(index, kind, morphology):
    parameters = draw_exact(6, index, kind, morphology)
    size = np.abs(exact_beat(parameters).signal[list(INDEPENDENT_INDEX)]).max(axis=0)
    p_on, p_off, qrs_on, qrs_off, t_on, t_off = astuple(parameters.marks)[:6]
    if kind in LEADING:
        assert size[int(p_on)] == 0.0
        assert size[int(p_on) + 1 : int(p_off)].min() > 0.0
        assert not size[int(p_off) : int(qrs_on) + 1].any()
    else:
        assert isnan(p_on)
        assert isnan(p_off)
        assert not size[int(qrs_on) - 65 : int(qrs_on) + 1].any()  # the shortest PR is 130 ms
    assert size[int(qrs_on) + 1 : int(qrs_off)].min() > 0.0
    assert size[int(t_on) + 1 : int(t_off)].min() > 0.0
    assert size[int(t_off)] == 0.0
    assert qrs_off + 40 <= t_off


def test_pr_is_nan_exactly_where_no_p_leads_the_complex():
    for kind in KINDS:
        labels = exact_record(draw_exact(0, 1, kind)).labels
        assert isnan(labels["pr"]) == (kind not in LEADING)
        assert not any(isnan(value) for name, value in labels.items() if name != "pr")


def drawn(kind: str, count: int) -> dict[str, np.ndarray]:
    """Everything that an ECG draws by itself, a row per ECG."""
    recording = Recording(wander_uv=1.0, mains_uv=1.0, dropped=0.5)
    rows = []
    for index in range(count):
        ecg = draw_exact(9, index, kind, "varied")
        off = disturbance(recording, 9, index)
        p, t = (ecg.waves[[row for row, part in enumerate(ecg.parts) if part == w]] for w in "PT")
        rows.append(
            {
                **ecg.labels,
                "p_ms": p[:, 2].max() - p[:, 0].min(),
                "t_ms": t[0, 2] - t[0, 0],
                "p_uv": ecg.field[0, 1],
                "second_p": ecg.field[6, 1] / ecg.field[0, 1],
                "terminal_v1": ecg.field[6, 2]
                / ecg.field[0, 2]
                * ecg.field[0, 1]
                / ecg.field[6, 1],
                "notch": -ecg.field[7, 6] / ecg.field[5, 6],
                "v2_of_r": ecg.field[2, 3] / ecg.field[2, 6],
                "wander_uv": off.wander_uv,
                "wander_hz": off.wander_hz,
                "mains_uv": off.mains_uv,
                "dropped": float(off.dropped != ""),
            }
        )
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


@pytest.mark.heavy
def test_all_that_is_drawn_is_independent_pair_by_pair():
    count = 5000
    values = drawn("sinus", count)
    ranks = np.array([rankdata(column) for column in values.values()])
    correlation = np.corrcoef(ranks) - np.eye(len(ranks))
    pairs = len(ranks) * (len(ranks) - 1) / 2
    # No pair of independent quantities is beyond this in 99 of 100 tests (Bonferroni).
    assert np.abs(correlation).max() < norm.isf(0.01 / 2 / pairs) / sqrt(count - 1)


def test_the_kind_is_drawn_by_its_share_and_apart_from_all_else():
    shares, count = {"lbbb": 0.2, "sinus": 0.7, "af": 0.1}, 2000
    kinds = [draw_kind(3, index, shares) for index in range(count)]
    for kind, share in shares.items():
        # Four standard errors of a share.
        assert abs(kinds.count(kind) / count - share) < 4 * sqrt(share * (1 - share) / count)
    again = [draw_kind(3, index, dict(reversed(shares.items()))) for index in range(count)]
    assert kinds == again
    r = np.array([draw_exact(3, index).labels["r"] for index in range(count)])
    of_af = r[[kind == "af" for kind in kinds]]
    assert abs(of_af.mean() - r.mean()) < 4 * r.std() / sqrt(len(of_af))


def test_an_unknown_kind_or_morphology_is_refused_with_those_that_exist():
    with pytest.raises(ValueError, match=r"a kind of sinus, af, .*, got 'flutter'"):
        draw_exact(0, 0, "flutter")
    with pytest.raises(ValueError, match="a morphology of plain, varied, got 'odd'"):
        draw_exact(0, 0, "sinus", "odd")


def lead(record: Record, name: str) -> np.ndarray:
    return record.signal[LEADS.index(name)]


def r_peaks(record: Record) -> np.ndarray:
    assert record.r_peaks is not None
    return record.r_peaks


@settings(max_examples=50, deadline=None)
@given(index=numbers)
def test_each_kind_meets_its_criterion(index):
    beats = {kind: exact_beat(draw_exact(7, index, kind, "varied")) for kind in KINDS}
    marks = {kind: draw_exact(7, index, kind, "varied").marks for kind in KINDS}
    qrs = {kind: slice(int(of.qrs_on), int(of.qrs_off) + 1) for kind, of in marks.items()}
    assert beats["avb1"].labels["pr"] > 200
    assert beats["lbbb"].labels["qrs"] >= 130
    assert beats["rbbb"].labels["qrs"] >= 120
    left = beats["lbbb"]
    v6 = lead(left, "V6")[qrs["lbbb"]]
    assert v6.min() > min(v6[-1], 0) - 50  # no q; no S below J
    v1 = lead(left, "V1")[qrs["lbbb"]]
    assert -v1.min() > 3 * v1[: 250 - qrs["lbbb"].start].max()
    right = beats["rbbb"]
    late = slice(250 + 10, qrs["rbbb"].stop)
    assert lead(right, "V1")[late].max() > 0
    assert lead(right, "V6")[late].min() < 0
    big = beats["lvh"]
    assert lead(big, "V5")[qrs["lvh"]].max() - lead(big, "V1")[qrs["lvh"]].min() >= 3500
    for kind, where, opposite in (("ami_st", "V3", "V6"), ("imi_st", "III", "aVL")):
        j = int(marks[kind].qrs_off)
        plain = exact_beat(draw_exact(7, index, "sinus", "varied"))
        raised = lead(beats[kind], where)[j] - lead(plain, where)[j]
        assert raised > 100
        assert lead(beats[kind], opposite)[j] - lead(plain, opposite)[j] < raised / 2
    for kind, where in (("ami_q", "V2"), ("imi_q", "III")):
        # 30 ms at least, and deep.
        q = lead(beats[kind], where)[qrs[kind].start : 251]
        assert (q < 0).sum() >= 15
        assert q.min() < -100


def test_fibrillation_is_irregular_has_waves_and_its_own_rate():
    rates = []
    for index in range(50):
        record = exact_record(draw_exact(2, index, "af"))
        peaks = r_peaks(record)
        rr, inside = np.diff(peaks), peaks[(peaks >= 0) & (peaks < 5000)]
        assert record.labels["rate"] == pytest.approx(30_000 / np.diff(inside).mean())
        # No beat meets the next.
        assert rr.min() * 2 >= record.labels["qt"]
        # The strip is full to its end.
        assert peaks[-1] >= 5000
        rates.append(rr.std() / rr.mean())
        v1 = lead(record, "V1")
        power = np.abs(np.fft.rfft(v1 - ventricles(record, "V1"))) ** 2
        assert 4.0 <= 0.1 * np.argmax(power) <= 10.0
    assert 0.17 < np.mean(rates) < 0.22


def ventricles(record: Record, name: str) -> np.ndarray:
    """A lead without its atria: the given beat laid at each R peak."""
    assert record.beat is not None
    assert record.marks is not None
    on, off = int(record.marks.qrs_on), int(record.marks.t_off)
    beat, laid = record.beat[LEADS.index(name), on : off + 1], np.zeros(5000)
    for peak in r_peaks(record):
        start = peak - 250 + on
        low, high = max(start, 0), min(start + len(beat), 5000)
        if low < high:
            laid[low:high] += beat[low - start : high - start]
    return laid


def test_in_complete_block_the_atria_keep_their_own_rate():
    for index in range(30):
        parameters = draw_exact(2, index, "avb3")
        record = exact_record(parameters)
        atria = lead(record, "II") - ventricles(record, "II")
        p = parameters.field[0, 1]
        tops = np.flatnonzero(np.abs(atria - p) < 1e-3 * p)
        pp = np.diff(tops)
        assert 1000 * 60 / 100 - 2 <= 2 * pp.min() <= 2 * pp.max() <= 1000 * 60 / 60 + 2
        assert np.ptp(pp) <= 1


def test_the_axis_is_that_of_r_in_the_frontal_plane():
    for index in range(50):
        parameters = draw_exact(8, index, "sinus", "varied")
        assert direction(parameters.field[2, :2]) == pytest.approx(parameters.labels["axis"])
    # Lead I looks along 0°, II along 60°, aVF along 90°.
    assert direction(LIMBS[0]) == pytest.approx(0.0)
    i_ii = np.array([[1.0, 0.5]])
    np.testing.assert_allclose(turned(i_ii, 60.0), [[0.5, 1.0]])
    i, ii = turned(i_ii, 90.0)[0]
    assert i == pytest.approx(0.0, abs=1e-12)
    assert ii - i / 2 == pytest.approx(sqrt(3) / 2)  # aVF, as Goldberger has it


def test_another_pr_moves_p_and_nothing_else():
    for index in range(50):
        for morphology in ("plain", "varied"):
            parameters = draw_exact(8, index, "sinus", morphology)
            for pr in (65, 80, 100):
                moved = with_pr(parameters, pr)
                assert moved.labels == parameters.labels | {"pr": 2.0 * pr}
                assert moved.marks.p_off + 8 < moved.marks.qrs_on
