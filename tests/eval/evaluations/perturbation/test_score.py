from dataclasses import replace

import numpy as np
import pytest
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import R_PEAK
from ecglens.eval import (
    DEFAULT,
    POINTS,
    STORAS2025,
    Curves,
    Networks,
    Noise,
    Perturbation,
    Protocol,
    ReturnTest,
    Subject,
    answers_of,
    areas_of_first,
    finding_of,
    load_finding,
    merge,
    perturbation_curve,
    rank,
    save_finding,
)
from ecglens.eval import score as score_subject
from ecglens.eval.evaluations.perturbation import orders as kept_curves
from ecglens.eval.evaluations.sanity import Weights
from ecglens.eval.heatmaps import attributions
from ecglens.eval.ranking.outcome import areas, draw_outcomes
from ecglens.explain import Inputs, attribute, find
from ecglens.store import Store
from torch import nn

from ...networks import CONTROLS, Contribution, NoiseMap, Smooth, Window, column, exact_ecgs
from ...test_finding_files import about

QUICK = Protocol("quick", unit="point", fill="noise", steps=6, draws=2, until=3, cutoffs=(2, 4))
SALIENCY = {"saliency": find("saliency")}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def score(net, ecgs, methods, protocol=DEFAULT, **settings) -> Curves:
    """The curves of these methods on these ECGs."""
    return score_subject(net, Subject(ecgs, methods, **settings), protocol)


def part(ecgs, which):
    return Batch(ecgs.x[which], ecgs.y[which], ecgs.segments[which], ecgs.record[which])


@pytest.mark.heavy
def test_the_exact_contribution_beats_random_and_the_size_of_the_signal():
    scores = score(
        Window().eval(), exact_ecgs(32), {"contribution": Contribution(), "noise": NoiseMap()}
    )
    ranking = rank(scores)
    assert ranking.best == "contribution"
    assert column(ranking, "beats_random")["contribution"]
    assert column(ranking, "beats_data_controls")["contribution"]
    assert not column(ranking, "beats_random")["noise"]
    assert column(ranking, "tier")["noise"] == 3


@pytest.mark.parametrize("protocol", [POINTS, replace(STORAS2025, steps=40)], ids=lambda p: p.name)
def test_the_auc_is_the_one_of_a_slow_loop_over_ecgs_and_draws(protocol):
    net, ecgs = Smooth().eval(), exact_ecgs(3)
    scores = score(net, ecgs, SALIENCY, protocol, output=0, seed=4)
    auc = column(rank(scores), "value")
    for name in ("saliency", "abs_x"):
        heatmap = attribute(name, net, ecgs.x, 0, 4, inputs=Inputs(records=ecgs.record))
        areas = []
        for draw in range(protocol.draws):
            curve = perturbation_curve(
                net,
                ecgs.x,
                heatmap,
                steps=protocol.steps,
                noise=Noise(seed=4, records=ecgs.record, draw=draw),
            ).double()
            assert np.allclose(scores.predictions[name][draw], curve, rtol=1e-5)
            for f, y in zip(curve.tolist(), ecgs.y[:, 0].tolist(), strict=True):
                if protocol.outcome == "change":
                    errors = [abs(each - f[0]) for each in f]
                else:
                    errors = [abs(each - round(y)) / round(y) for each in f]
                areas.append(sum((errors[k] + errors[k + 1]) / 2 for k in range(15)))
        assert auc[name] == pytest.approx(np.mean(areas), rel=1e-5)


@pytest.mark.heavy
def test_scores_do_not_depend_on_the_company_an_ecg_is_in():
    net, ecgs = Smooth().eval(), exact_ecgs(20)
    methods = SALIENCY | {"smoothgrad": find("smoothgrad", copies=3)}
    together = score(net, ecgs, methods, QUICK)
    for which in (slice(0, 1), slice(5, 12)):
        alone = score(net, part(ecgs, which), methods, QUICK)
        for name, curve in alone.predictions.items():
            assert np.allclose(curve, together.predictions[name][:, which], rtol=1e-5)


class Mean(nn.Module):
    """The mean of two long convolutions: Deconvolution's map of it is a plateau."""

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3)
            self.first = nn.Conv1d(12, 16, 51, padding=25)
            self.second = nn.Conv1d(16, 16, 51, padding=25)
            self.relu, self.head = nn.ReLU(), nn.Linear(16, 1)
        for weight in (self.first.weight, self.second.weight, self.head.weight):
            weight.data.abs_()  # so that the plateau is above the ends

    def forward(self, x):
        return self.head(self.relu(self.second(self.relu(self.first(x)))).mean(-1))


@pytest.mark.heavy
def test_rounding_that_changes_with_the_batch_does_not_change_an_auc():
    net, ecgs = Mean().eval(), exact_ecgs(20)
    methods = {"deconvolution": find("deconvolution")}
    many = score(net, ecgs, methods, QUICK)
    few = score(net, part(ecgs, slice(17)), methods, QUICK)
    last = score(net, part(ecgs, slice(19, 20)), methods, QUICK)  # elsewhere in its batch
    for name, curve in many.predictions.items():
        assert np.array_equal(curve[:, :17], few.predictions[name])
        assert np.array_equal(curve[:, 19:], last.predictions[name])


def test_what_is_in_the_store_is_not_computed_again(store, monkeypatch):
    net, ecgs = Smooth().eval(), exact_ecgs(3)
    once = score(net, ecgs, SALIENCY, QUICK, store=store)
    monkeypatch.setattr(attributions, "attribute", None)
    monkeypatch.setattr(kept_curves, "predictions", None)
    again = score(net, ecgs, SALIENCY, QUICK, store=store, gallery=2)
    for name, curve in once.predictions.items():
        assert np.array_equal(curve, again.predictions[name])
        assert np.array_equal(once.gallery.heatmaps[name][:2], again.gallery.heatmaps[name])
    # True values and the way of reading the curve are not part of what is kept.
    otherwise = Batch(ecgs.x, 2 * ecgs.y, ecgs.segments, ecgs.record)
    # The rungs of the null ladder go to the last step of the area alone.
    read = replace(QUICK, outcome="relative_error", until=4, ladder=0)
    assert score(net, otherwise, SALIENCY, read, store=store).y[0] == 2 * once.y[0]


@pytest.mark.heavy
def test_areas_of_the_first_ecgs_are_those_of_all_and_leave_the_store_to_them(store):
    net, ecgs = Smooth().eval(), exact_ecgs(40)
    first = areas_of_first(net, Subject(ecgs, SALIENCY, store=store), 16, protocol=QUICK)
    curves = score(net, ecgs, SALIENCY, replace(QUICK, ladder=0), store=store)
    for name, found in first.items():
        expected = areas(draw_outcomes(curves)[name], QUICK.until).mean(0)
        assert np.allclose(found, expected[:16], rtol=1e-9, atol=0)


@pytest.mark.heavy
@pytest.mark.parametrize(
    "changed",
    ["network", "method", "seed", "steps", "noise", "noise_scope", "draws", "samples", "record"],
)
def test_whatever_changes_the_numbers_is_computed_again(store, monkeypatch, changed):
    def scored():
        method = find("smoothgrad", copies=3 if changed == "method" else 2)
        return score(net, ecgs, {"smoothgrad": method}, protocol, seed=seed, store=store)

    net, ecgs, protocol, seed = Smooth().eval(), exact_ecgs(1), QUICK, 0
    changed, wanted = "", changed
    scored()
    changed = wanted
    if changed == "network":
        net.linear.bias.data += 1
    elif changed == "samples":
        ecgs = Batch(ecgs.x + 1, *ecgs[1:])
    elif changed == "record":
        ecgs = Batch(*ecgs[:3], ["another"])
    elif changed == "seed":
        seed = 1
    elif changed != "method":
        value = {"steps": 7, "noise": 0.1, "noise_scope": "lead", "draws": 3}[changed]
        protocol = replace(QUICK, **{changed: value})
    monkeypatch.setattr(kept_curves, "predictions", None)
    with pytest.raises(TypeError, match="'NoneType' object is not callable"):
        scored()


@pytest.mark.heavy
@pytest.mark.parametrize("stage", ["attribute", "predictions"])
def test_a_killed_run_resumes_at_its_chunk_with_the_same_numbers(store, monkeypatch, stage):
    net, ecgs, calls = Smooth().eval(), exact_ecgs(36), []
    room = attributions if stage == "attribute" else kept_curves
    whole = getattr(room, stage)

    def interrupted(*arguments):
        calls.append(len(calls))
        if len(calls) == stop:
            raise KeyboardInterrupt
        return whole(*arguments)

    # 36 ECGs are chunks of 16, 16 and 4; the second is interrupted.
    stop, kept, total = (2, 1, 12) if stage == "attribute" else (20, 16, (4 + 1) * 36)
    monkeypatch.setattr(room, stage, interrupted)
    with pytest.raises(KeyboardInterrupt):
        score(net, ecgs, SALIENCY, QUICK, store=store)
    stop, done = 0, len(calls)
    resumed = score(net, ecgs, SALIENCY, QUICK, store=store)
    assert len(calls) - done == total - kept
    fresh = score(net, ecgs, SALIENCY, QUICK)
    for name, curve in fresh.predictions.items():
        assert np.array_equal(curve, resumed.predictions[name])


class Squared(nn.Module):
    """A product of what depends on the ECG with itself: DeepLIFT has no rule for it."""

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(2)
            self.convolution = nn.Conv1d(12, 16, 5)
            self.linear = nn.Linear(16, 1)

    def forward(self, x):
        return self.linear((self.convolution(x) ** 2).mean(-1))


def test_a_method_that_is_wrong_here_is_left_out_by_name():
    methods = SALIENCY | {"deeplift": find("deeplift")}
    scores = score(Squared().eval(), exact_ecgs(2), methods, QUICK)
    assert scores.methods == ("saliency",)
    assert scores.left_out.keys() == {"deeplift"}
    assert "ReLU" in scores.left_out["deeplift"]
    assert scores.gallery.heatmaps.keys() == {"saliency", *CONTROLS}


def test_a_method_without_the_ecgs_that_it_compares_with_has_a_reason_and_no_verdict(tmp_path):
    chosen = {**SALIENCY, "expected_gradients": find("expected_gradients")}
    scores = score(Window().eval(), exact_ecgs(8), chosen)
    finding = finding_of((scores,), about(scores))
    finding = load_finding(save_finding(finding, tmp_path / "run"))
    assert "got none" in finding.curves[0].left_out["expected_gradients"]
    (answer,) = answers_of([finding])
    assert [*answer.of] == ["saliency"]


def test_with_no_method_left_the_controls_come_back_and_join_those_of_other_jobs():
    net, ecgs = Squared().eval(), exact_ecgs(4)
    alone = score(net, ecgs, {"deeplift": find("deeplift")}, QUICK)
    assert (alone.methods, alone.left_out.keys()) == ((), {"deeplift"})
    ranking = rank(alone)
    assert ranking.best is None
    assert "deeplift was left out: " in ranking.sentence
    assert alone.left_out["deeplift"] in ranking.sentence
    jobs = [finding_of((each,), about(each)) for each in (alone, score(net, ecgs, SALIENCY, QUICK))]
    together = score(net, ecgs, SALIENCY | {"deeplift": find("deeplift")}, QUICK)
    for order in (jobs, jobs[::-1]):
        merged = merge(order)
        assert merged.curves[0].methods == ("saliency",)
        assert merged.curves[0].left_out == together.left_out
        assert merged.sentence == rank(merged).sentence == rank(together).sentence


def test_an_impossible_control_or_seed_ends_a_run(monkeypatch):
    def impossible(method, *_):
        raise ValueError(f"{type(method).__name__} has no map here")

    monkeypatch.setattr(attributions, "attribute", impossible)
    with pytest.raises(ValueError, match=r"expected every control, got random: .* no map here"):
        score(Smooth().eval(), exact_ecgs(2), SALIENCY, QUICK)
    with pytest.raises(ValueError, match="expected a seed of 0 or more, got -1"):
        score(nn.Identity(), exact_ecgs(2), SALIENCY, QUICK, seed=-1)


def test_what_cannot_be_scored_is_refused_in_one_line():
    net, ecgs = Smooth().eval(), exact_ecgs(2)
    refused = {
        "evaluation mode": lambda: score(Smooth(), ecgs, SALIENCY),
        "seed of 0 or more, got -1": lambda: score(net, ecgs, SALIENCY, seed=-1),
        "at most 16 ECGs, got 17": lambda: score(net, ecgs, SALIENCY, gallery=17),
        "a patient for each of 2 ECGs, got 1": lambda: score(net, ecgs, SALIENCY, patients=["a"]),
        "at most 7200 steps": lambda: score(net, ecgs, SALIENCY, replace(POINTS, steps=7201)),
        "a true value for output 1, got 1 of them": lambda: score(net, ecgs, SALIENCY, output=1),
        "got 0, 0, 0, 0": lambda: score(net, part(ecgs, slice(0)), SALIENCY),
    }
    for words, call in refused.items():
        with pytest.raises(ValueError, match=words) as refusal:
            call()
        assert "\n" not in str(refusal.value)


class Undefined(nn.Module):
    """Smooth, but NaN where the largest sample of an ECG is one of these."""

    def __init__(self, largest: torch.Tensor) -> None:
        super().__init__()
        self.net, self.largest = Smooth(), largest

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        undefined = torch.isin(x.amax((1, 2)), self.largest)
        return torch.where(undefined[:, None], torch.nan, self.net(x))


def test_an_ecg_without_a_finite_output_is_named_by_every_evaluation():
    ecgs = exact_ecgs(24)
    net = Undefined(ecgs.x[[18, 20]].amax((1, 2))).eval()  # after those that are linted
    subject = Subject(ecgs, SALIENCY)
    for evaluation in (Perturbation(), Weights(), ReturnTest()):
        with pytest.raises(
            ValueError, match=r"expected finite outputs.*NaN or infinity"
        ) as refusal:
            evaluation(Networks([net]), subject)
        assert f"{ecgs.record[18]} (index 18)" in str(refusal.value)
    with pytest.raises(ValueError, match="infinity for index 18"):
        perturbation_curve(net, ecgs.x, ecgs.x, steps=3)


def test_the_gallery_shows_ecgs_with_the_maps_that_were_ranked():
    net, ecgs = Smooth().eval(), exact_ecgs(4)
    ecgs = ecgs._replace(y=torch.cat([ecgs.y, 7 * ecgs.y], dim=1))
    methods = {"smoothgrad": find("smoothgrad", copies=3)}
    scores = score(net, ecgs, methods, QUICK, output=1, seed=3, gallery=2)
    gallery = scores.gallery
    places = [ecgs.record.index(record) for record in gallery.records]
    assert len(places) == 2
    assert places[0] == 0
    assert np.array_equal(gallery.x, ecgs.x[places].numpy())
    assert np.array_equal(gallery.segments, ecgs.segments[places].numpy())
    maps = attribute(methods["smoothgrad"], net, ecgs.x, 1, 3, inputs=Inputs(records=ecgs.record))
    assert np.allclose(gallery.heatmaps["smoothgrad"], maps[places], rtol=1e-4, atol=1e-9)
    assert scores.y.tolist() == ecgs.y[:, 1].tolist()
    assert scores.patients == scores.records == tuple(ecgs.record)


def test_maps_with_too_few_points_are_counted_and_kept():
    ecgs = exact_ecgs(2)
    scores = score(
        Window().eval(), ecgs, {"contribution": Contribution()}, replace(STORAS2025, steps=120)
    )
    nonzero = (ecgs.x * Window().weights.detach() != 0).sum((1, 2))
    assert nonzero.max() < 120
    assert scores.nonzero["contribution"].tolist() == nonzero.tolist()
    assert scores.short == {"contribution": 2, **dict.fromkeys(CONTROLS, 0)}
    assert scores.zero_share["contribution"] == pytest.approx(1 - nonzero.double().mean() / 7200)
    assert scores.zero_share["random"] == 0


def strips(count):
    """Four beats of an exact median beat, 500 samples each, with its R peak in each."""
    beats = exact_ecgs(count)
    peaks = torch.zeros(count, 2000, dtype=torch.int8)
    peaks[:, [250, 750, 1250, 1750]] = R_PEAK
    return Batch(beats.x[:, :, :500].repeat(1, 1, 4), beats.y, peaks, beats.record)


def test_on_strips_a_step_hits_every_beat_unless_the_protocol_says_single_points(store):
    net, ecgs = Smooth().eval(), strips(3)
    folded = score(net, ecgs, SALIENCY, QUICK, store=store)
    plain = score(net, ecgs, SALIENCY, replace(QUICK, folded=False), store=store)
    heatmap = attribute("saliency", net, ecgs.x, 0, 0, inputs=Inputs(records=ecgs.record))
    curve = perturbation_curve(net, ecgs.x, heatmap, steps=6, noise=Noise(records=ecgs.record))
    assert np.allclose(plain.predictions["saliency"][0], curve, rtol=1e-5)
    changes = [
        np.abs(each.predictions["saliency"] - each.predictions["saliency"][..., :1])[..., -1].mean()
        for each in (folded, plain)
    ]
    assert changes[0] > 1.5 * changes[1]
    assert folded.notes == ()
    assert plain.notes == (
        "unfolded strip: the area covers 3 of 24 000 points, underpowered; "
        "methods that differ may look alike",
    )
    # Long ECGs: only the first chunk's maps are kept whole, and the gallery comes from it.
    assert folded.gallery.heatmaps["saliency"].shape == (3, 12, 2000)


def test_scoring_works_where_gradients_are_switched_off():
    net, ecgs = Smooth().eval(), exact_ecgs(2)
    with torch.no_grad():
        assert score(net, ecgs, SALIENCY, QUICK).methods == ("saliency",)
