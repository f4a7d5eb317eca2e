"""Return test: closed form of a linear network, known answers, refusals."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ecglens.datamodules import Target
from ecglens.ecg import BIT
from ecglens.eval import Networks, NotApplicable, finding_or_reason, load_finding, save_finding
from ecglens.eval.answer.this_ecg import this_ecg
from ecglens.eval.chunks import Keeper
from ecglens.eval.evaluations.return_test import (
    DEVIATION,
    FILLS,
    NULLS,
    PATIENTS,
    STEPS,
    ReturnTest,
    largest_p,
    level,
    return_chunks,
    shown,
    template_p,
    typical_of,
)
from ecglens.eval.heatmaps.folding import Marks, beat_marks, laid_by_waves
from ecglens.eval.statistics import sampling
from ecglens.report.page import outcome
from scipy import stats
from torch import Tensor, nn

from ..networks import Window, exact_ecgs
from .sanity.networks import made_subject

NET = Window().eval()


def returns(subject: Any, net: nn.Module, maps: np.ndarray) -> np.ndarray:
    typical = typical_of(net, subject)
    keeper = Keeper(subject.store, len(typical.probe.chunks), lambda count: None)
    return return_chunks(typical, maps.astype(np.float32), "mine", keeper).all("returns")


def before_qrs(x: Tensor, segments: Tensor) -> Tensor:
    found = level(x, segments)
    assert found is not None
    return found[:, None]


def test_a_linear_network_returns_by_the_contributions_of_the_segments(tmp_path: Path) -> None:
    """The contributions against the mean beat in decreasing order are the return, step by step."""
    subject = made_subject(tmp_path)
    x, segments = subject.ecgs.x, subject.ecgs.segments
    weights = NET.weights.detach()
    raised = torch.stack([one - before_qrs(one, s) for one, s in zip(x, segments, strict=True)])
    contributions, own_sums = [], []
    typical = typical_of(NET, subject)
    for ecg in range(len(x)):
        others = [other for other in range(len(x)) if other != ecg]
        mean = raised[others].mean(0) + before_qrs(x[ecg], segments[ecg])
        each = weights * (x[ecg] - mean)
        contributions.append(each.numpy())
        units = typical.units[ecg]
        sums = np.array([[float(each[k][units == u].sum()) for u in range(int(units.max()) + 1)]
                         for k in range(12)])  # fmt: skip
        side = np.sign(sums.sum())
        own_sums.append(np.cumsum(np.sort((side * sums).ravel())[::-1][:STEPS]))
    found = returns(subject, NET, np.stack(contributions))
    assert found.shape == (len(x), 1 + len(NULLS), len(FILLS), STEPS + 1)
    assert found[:, 0, 0, 0] == pytest.approx(0)
    assert found[:, 0, 0, 1:] == pytest.approx(np.stack(own_sums), abs=2e-2)


def test_a_patient_with_many_ecgs_counts_once(tmp_path: Path) -> None:
    """The mean beat and the means of maps are those of the patients' means."""
    one = made_subject(tmp_path)
    count = len(one.ecgs.x)
    own, often = [*range(count)], [*range(count), 0, 0, 0]
    maps = np.random.default_rng(0).normal(size=one.ecgs.x.shape)
    each = []
    for places in (own, often):
        x, y, segments = (values[places] for values in one.ecgs[:3])
        ecgs = one.ecgs._replace(x=x, y=y, segments=segments, record=[*map(str, range(len(x)))])
        folder, patients = tmp_path / str(len(x)), tuple(map(str, places))
        subject = made_subject(folder, ecgs=ecgs, patients=patients)
        each.append(returns(subject, NET, maps[places])[1:count, :, FILLS.index("mean beat")])
    np.testing.assert_allclose(*each, atol=1e-3)


class Sum(nn.Module):
    """Reads the sum of all leads in the 30 ms from sample 303 on: one segment of each."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, 303:318].mean(2).sum(1, keepdim=True)


def unusual(count: int, *, lead: int | None) -> tuple[Any, np.ndarray]:
    """Flat ECGs with a wave that is unusual in one lead, and the true contributions.

    It is the same lead in all, or without `lead` another one in each.
    """
    ecgs = exact_ecgs(count)
    rng = np.random.default_rng(1)
    x = np.zeros((count, 12, 600), np.float32)
    for ecg in range(count):
        at = int(rng.integers(12)) if lead is None else lead
        x[ecg, at, 303:318] = rng.uniform(100, 1000) * rng.choice([-1, 1])
    marks = ecgs.segments[:1].expand(count, -1)
    return ecgs._replace(x=torch.from_numpy(x), segments=marks), x - x.mean(0)


@pytest.mark.heavy
@pytest.mark.parametrize("lead", [None, 6])
def test_true_maps_are_about_the_ecg_where_it_is_unusual_and_not_where_all_are_alike(
    lead: int | None, tmp_path: Path
) -> None:
    ecgs, maps = unusual(48, lead=lead)
    net = Sum().eval()
    subject = made_subject(tmp_path, ecgs=ecgs, methods=("saliency",))
    found = returns(subject, net, maps)
    table = shown({"saliency": found}, np.abs(typical_of(net, subject).away), subject)
    assert table["shown"].tolist() == [lead is None] * len(FILLS)
    assert (table["share_15"] > 0.9).all()
    if lead is not None:
        assert table["nearest"].tolist() == pytest.approx([1, 1], abs=0.05)
    templates = {*table["template"]}
    assert templates == {"none"} if lead is None else templates <= {null.name for null in NULLS}


@pytest.mark.parametrize(("sign", "null"), [(1, 0.2), (-1, 1.0), (-1, 0.2)])
def test_a_map_that_moves_readings_further_away_is_not_shown(sign: int, null: float) -> None:
    own = sign * np.random.default_rng(0).normal(100, 10, (64, 1, 2))
    drawn = sampling(1, 1, [str(number) for number in range(64)], 0)
    p = largest_p(np.concatenate([own, null * own], axis=1), drawn)
    assert p < 0.05 if sign == 1 else p == 1


@pytest.mark.parametrize(
    ("share", "spread", "explained"),
    [
        (1.0, 1.0, True),
        (0.95, 1.0, True),
        (0.85, 1.0, False),
        (1.15, 1.0, False),
        (1.0, 60.0, False),  # too few ECGs to tell
    ],
)
def test_a_template_explains_a_map_where_it_returns_as_much(share, spread, explained):
    random = np.random.default_rng(0)
    own = random.normal(100, 10, (64, 1, 2))
    nulls = np.concatenate([share * own, 0.2 * own], axis=1)
    nulls += random.normal(0, spread, nulls.shape)
    drawn = sampling(1, 1, [str(number) for number in range(64)], 0)
    p = template_p(np.concatenate([own, nulls], axis=1), drawn)
    assert (p[0] < 0.05) == explained
    assert p[1] == 1


def test_the_p_of_a_template_is_that_of_two_one_sided_tests():
    random = np.random.default_rng(1)
    own = random.normal(100, 20, (200, 1, 1)).repeat(2, axis=2)
    null = 0.93 * own + random.normal(0, 25, own.shape)
    drawn = sampling(1, 1, [str(number) for number in range(200)], 0)
    sides = [*np.moveaxis(null - 0.9 * own, 2, 0), *np.moveaxis(1.1 * own - null, 2, 0)]
    # Student's two-sided p, which the bootstrap-t is near to for 200 ECGs.
    t = [each.mean() / each.std(ddof=1) * np.sqrt(len(each)) for each in sides]
    expected = float(2 * stats.t.sf(min(t), 199))
    assert template_p(np.concatenate([own, null], axis=1), drawn)[0] == pytest.approx(
        expected, abs=0.03
    )


def test_another_beat_is_laid_wave_by_wave() -> None:
    def marks(p: int, qrs: int, t: int) -> Marks:
        found = torch.zeros(600, dtype=torch.int8)
        for wave, begin, length in (("P", p, 50), ("QRS", qrs, 45), ("T", t, 90)):
            found[begin : begin + length] |= BIT[wave]
        return beat_marks(found)

    here, there = marks(100, 230, 350), marks(60, 230, 400)
    at = laid_by_waves(here, there, 600)
    assert at[[100, 149, 230, 274, 350, 439]].tolist() == [60, 109, 230, 274, 400, 489]
    assert (at.diff() >= 0).all()
    assert laid_by_waves(here, here, 600).tolist() == list(range(600))
    # Another order of waves: from R alone.
    assert laid_by_waves(here, marks(300, 230, 400), 600).tolist() == list(range(600))


def test_the_finding_has_every_method_control_and_typical_ecg(tmp_path: Path) -> None:
    subject = made_subject(tmp_path, ("input_x_gradient", "smoothgrad_squared"))
    finding = ReturnTest()(Networks([NET]), subject)
    table = finding.details["shown"]
    assert {*table["method"]} == {*subject.every_method, DEVIATION}
    assert {*table["typical"]} == {*FILLS}
    assert any("smoothgrad_squared: its maps have no sign" in note for note in finding.notes)
    again = load_finding(save_finding(finding, tmp_path / "finding"))
    assert again.details["shown"].equals(table)
    # A page marks what was shown, not what beats the controls.
    for so, said in ((False, "no map passes"), (True, "a map passes")):
        table["shown"] = so
        assert outcome(finding) == said


class Farness(nn.Module):
    """Squared distance of V5's T from a middle one: only the mean beat itself reads less."""

    def __init__(self, middle: Tensor) -> None:
        super().__init__()
        self.middle = middle

    def forward(self, x: Tensor) -> Tensor:
        return (x[:, 10, 290:350].mean(1, keepdim=True) - self.middle) ** 2 / 100


def test_an_ecg_alone_on_its_side_is_told_and_not_counted(tmp_path: Path) -> None:
    subject = made_subject(tmp_path, ("input_x_gradient",))
    t = subject.ecgs.x[:, 10, 290:350].mean(1)
    net = Farness(t[(t - t.mean()).abs().argmin()]).eval()
    finding = ReturnTest()(Networks([net]), subject)
    per_ecg, table = finding.details["returns"], finding.details["shown"]
    alone = per_ecg["same_side"].isna().groupby(per_ecg["typical"]).sum()
    assert alone.max() == 1
    ecgs = len(subject.records)
    assert {*table["ecgs"]} == {ecgs - 1}
    assert any(f"1 of {ecgs} ECGs were left out" in note for note in finding.notes)
    found = this_ecg("input_x_gradient", finding.about.networks, [finding])
    assert found.ecgs == ecgs - 1


class Logit(nn.Module):
    """One segment of V1 in µV less 100: above 0 where its wave is high."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, 6, 303:318].mean(1, keepdim=True) - 100


def test_typical_of_a_class_are_those_without_it_nearest_their_median_logit(tmp_path: Path) -> None:
    count = 24
    x = torch.zeros(count, 12, 600)
    x[:, 6, 303:318] = torch.linspace(0, 230, count)[:, None]
    marks = exact_ecgs(1).segments.expand(count, -1)
    y = (torch.arange(count) >= count // 2).float()[:, None]
    ecgs = exact_ecgs(count)._replace(x=x, y=y, segments=marks)
    target = Target("af", "", "af", kind="binary")
    subject = made_subject(tmp_path, ("input_x_gradient",), ecgs=ecgs, target=target)
    net = Logit().eval()
    typical = typical_of(net, subject)
    readings = typical.readings
    without = np.flatnonzero(readings < 0)
    assert 0 < len(without) < count
    assert typical.others(count - 1).tolist() == without.tolist()
    near = np.abs(readings[without] - np.median(readings[without])).argsort(kind="stable")
    assert {*typical.nearest_typical(count - 1)} == {*without[near[:PATIENTS]]}
    assert (typical.away[:, readings >= 0] > 0).all()
    table = ReturnTest()(Networks([net]), subject).details["shown"].set_index("method")
    # All ECGs are read at one place: the whole deviation returns, by any patient's map as well.
    assert table.loc["input_x_gradient", "share_15"].to_numpy() == pytest.approx(1, abs=0.05)
    assert {*table["shown"].tolist()} == {False}


def test_strips_and_few_patients_are_refused_in_words(tmp_path: Path) -> None:
    few = made_subject(tmp_path, patients=("a", "a", "b", "b", "c", "c"))
    with pytest.raises(NotApplicable, match=f"at least {PATIENTS + 1} patients, got 3"):
        ReturnTest().check(lambda: few)
    with pytest.raises(NotApplicable, match="at least 4 patients"):
        ReturnTest()(Networks([NET]), few)


def test_the_methods_to_test_are_chosen_by_name_and_refused_where_none_is_there(tmp_path: Path):
    subject = made_subject(tmp_path, ("saliency", "smoothgrad"))
    some = ReturnTest(methods=["saliency", "unknown"])
    found = some(Networks([NET]), subject)
    assert {*found.details["shown"]["method"]} & {*subject.methods} == {"saliency"}
    assert found.sentence.startswith("No map tested returns a reading significantly further than")
    none = ReturnTest(methods=["unknown"])
    with pytest.raises(NotApplicable, match="tests unknown alone"):
        none.check(lambda: subject)
    # In a run beside others that apply, too.
    assert "tests unknown alone" in finding_or_reason(none, Networks([NET]), subject).sentence
