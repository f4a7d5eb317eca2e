"""Marks of a user's own ECGs, and a target that is named: level 2 and the return test there."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from ecglens import evaluate, rank_methods
from ecglens.datamodules import Target
from ecglens.ecg import BIT, R_PEAK, draw_exact, exact_beat, exact_record, resampled, segment_mask
from ecglens.explain import Context, Method
from ecglens.inputs import cautions, ecgs_of, found_marks
from torch import Tensor, nn

ECGS = 24
KNOWN = [exact_beat(draw_exact(5, index), noise_uv=5.0) for index in range(2 * ECGS)]
KNOWN = [one for one in KNOWN if one.marks is not None and np.isfinite(one.marks.p_on)][:ECGS]


class Onsets(nn.Module):
    """Reads where lead II rises after the level: weights over time, behind a bend."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(4)
        self.conv = nn.Conv1d(12, 4, 15, padding=7)
        self.head = nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.relu(self.conv(x / 100)).mean(-1)) + 160.0


@dataclass(frozen=True)
class AroundOnsets(Method):
    """Random numbers around the onsets of P and QRS: nothing of the network."""

    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        found = torch.zeros_like(x)
        for one, own, mask in zip(found, context.generators, found_marks(x), strict=True):
            for wave in ("P", "QRS"):
                on = int(torch.nonzero(mask & BIT[wave])[0])
                values = torch.randn(12, 21, generator=own)
                one[:, on - 10 : on + 11] = values
        return found


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return np.stack([one.signal for one in KNOWN])


@pytest.fixture(scope="module")
def net() -> nn.Module:
    return Onsets().eval()


def test_marks_are_found_in_beats_and_given_ones_are_taken(x):
    true = np.stack([segment_mask(one.marks, 600) for one in KNOWN if one.marks])
    found = found_marks(torch.from_numpy(x)).numpy()
    for wave in ("P", "QRS", "T"):
        on, other = (((each & BIT[wave]) != 0).argmax(1) for each in (true, found))
        # On exact ECGs QRS is marked 14 ms early, P 6 ms (docs/labels.md).
        early = on - other
        usual = np.median(early)
        assert abs(usual) <= 8
        assert np.median(np.abs(early - usual)) <= 4
    assert ((found & R_PEAK) != 0)[:, 250].all()
    np.testing.assert_array_equal(ecgs_of(x, None, 0, marks=true).segments, true)
    without = np.array(true & ~R_PEAK)
    without[3:] = true[3:]
    np.testing.assert_array_equal(ecgs_of(x, None, 0, marks=without).segments, true)


@pytest.mark.parametrize("fs", [100.0, 250.0, 500.0])
def test_marks_of_strips_stand_at_each_r_peak_at_any_rate(fs):
    strips = [exact_record(draw_exact(5, index)).signal for index in range(2)]
    x = torch.from_numpy(np.stack([resampled(one, 500.0, fs) for one in strips]))
    for index, mask in enumerate(found_marks(x, fs).numpy()):
        marks = exact_beat(draw_exact(5, index)).marks
        assert marks is not None
        peaks = np.flatnonzero(mask & R_PEAK)
        onsets = np.flatnonzero(np.diff(((mask & BIT["QRS"]) != 0).astype(int)) == 1) + 1
        assert len(onsets) >= len(peaks) - 1 > 4
        ms = (onsets[1:] - peaks[-len(onsets[1:]) :]) / fs * 1e3
        # 14 ms early (docs/labels.md), and a sample.
        assert np.median(np.abs(ms - (marks.qrs_on - 250) * 2)) <= 14 + 1e3 / fs


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        (np.zeros((ECGS, 599), np.int8), r"shape \(24, 600\)"),
        (np.zeros((ECGS, 600)), "float64"),
        (np.full((ECGS, 600), 64), "0 to 63, got values from 64"),
        ([[0], [0, 1]], "int8 masks"),
    ],
)
def test_what_are_no_marks_is_refused_in_a_line(net, x, marks, message):
    with pytest.raises(ValueError, match=message) as found:
        rank_methods(net, x, methods=["saliency"], marks=marks)
    assert "\n" not in str(found.value)


@pytest.mark.heavy
def test_ecgs_without_waves_are_named_and_stay(net, x):
    odd = x.copy()
    odd[5] = 300 * np.sin(np.arange(600) / 9)
    ecgs = ecgs_of(odd, None, 0)
    (caution,) = cautions(ecgs)
    assert "No waves are marked in 1 of 24 ECGs (index 5: no QRS complex" in caution
    assert len(ecgs.x) == ECGS
    ranked = rank_methods(net, odd, target="pr", methods=["saliency"])
    assert caution in ranked.cautions
    assert any("1 of 24 ECGs lack a part of the region" in each for each in ranked.notes)
    (short,) = cautions(ecgs_of(x[..., :500], None, 0))
    assert "a beat of 500 samples at 500 Hz" in short
    assert "index 0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in short
    assert "and 14 more" in short
    given = cautions(ecgs_of(x, None, 0, marks=np.zeros((ECGS, 600), np.int8)))
    assert "none in the marks that were given" in given[0]


@pytest.mark.heavy
def test_random_numbers_around_the_onsets_are_not_the_best_map(net, x):
    """They are above every control, and no more than random numbers where PR is measured."""
    methods = {"onsets": AroundOnsets()}
    unnamed = rank_methods(net, x, methods=methods)
    assert unnamed.answer.tested == (1, 3)
    named = rank_methods(net, x, target="pr", methods=methods)
    assert named.answer.tested == (1, 2, 3)
    assert named.answer.of["onsets"].level < 2
    for ranked in (unnamed, named):
        assert ranked.best is None
        assert ranked.answer.do_not_use == ("onsets",)
    assert named.ranking.best is None
    assert "ms" in named.finding.about.target.unit


@pytest.mark.heavy
def test_the_return_test_runs_on_one_method_and_on_given_maps(net, x):
    background = np.stack([exact_beat(draw_exact(6, index)).signal for index in range(8)])
    theirs = {"theirs": np.random.default_rng(0).normal(size=x.shape)}
    ranked = rank_methods(
        net, x, target="pr", methods=["saliency", "integrated_gradients", "expected_gradients"],
        background=background, maps=theirs,
    )  # fmt: skip
    tested = {each.name: each.this_ecg.verdict for each in ranked.answer.methods}
    assert tested.pop("theirs") == "not shown"
    assert tested.pop("expected_gradients") in ("shown", "not shown")
    assert {*tested.values()} == {"not tested"}


@pytest.mark.heavy
def test_a_named_target_wants_one_output_and_evaluate_takes_its_name(net, x):
    two = nn.Sequential(nn.Flatten(), nn.Linear(7200, 2)).eval()
    with pytest.raises(ValueError, match=r"one output, for pr, got 2 outputs; name .*column"):
        rank_methods(two, x, target="pr", methods=["saliency"])
    with pytest.raises(ValueError, match="expected a target"):
        rank_methods(net, x, target="nonsense", methods=["saliency"])
    height = Target("height", "cm", "height")
    assert rank_methods(net, x, target=height, methods=["saliency"]).answer.needed == 1
    for place in evaluate(net, (x, None), "localisation", ["saliency"], target="pr"):
        assert place.reason == ""
        assert place.about.target.name == "pr"


@pytest.mark.heavy
def test_what_was_left_out_is_told(net, x):
    ranked = rank_methods(net, x, methods=["saliency", "expected_gradients"])
    assert {*ranked.left_out} == {"expected_gradients"}
    assert "background" in ranked.left_out["expected_gradients"]
