"""Evaluations of a network that keeps the statistics of the ECG, against slow loops by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from ecglens.engine import noise_field
from ecglens.eval import Networks, Noise, Protocol, Subject, perturbation_curve, rank_points, score
from ecglens.eval.heatmaps.explained import explained
from ecglens.explain import attribute, find
from ecglens.models import Adapted, InputSpec, InUnits, Normalisation, network_key
from ecglens.store import Store
from ecglens_metrics import Axioms
from ecglens_metrics.axiom_numbers import Baselines, removed, windows
from ecglens_metrics.axioms import noisy
from ecglens_metrics.wave_swaps import measured
from ecglens_relevance.output import at_zero
from torch import Tensor, nn

from ..models.spec import by_hand
from .networks import Smooth, exact_ecgs

EIGHT = ("aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
SPEC = InputSpec(leads=EIGHT, samples=500, unit="mV", normalisation=Normalisation("z-score"))


class Body(nn.Module):
    """A network whose values are near 1, as normalised ones are."""

    def __init__(self) -> None:
        super().__init__()
        self.smooth = Smooth(leads=8)

    def forward(self, z: Tensor) -> Tensor:
        return self.smooth(100 * z)


BODY = Body()


def net(spec: InputSpec = SPEC) -> Adapted:
    return spec.adapt(BODY).eval()


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    ecgs = exact_ecgs(3)
    methods = {name: find(name) for name in ("saliency", "integrated_gradients")}
    store = Store(tmp_path_factory.mktemp("store"))
    return Subject(ecgs, methods, patients=["a", "b", "c"], store=store, progress=False)


def output(copy: np.ndarray, own: np.ndarray) -> float:
    """First output for a copy of an ECG, prepared in numpy by the statistics of the ECG."""
    (z,) = by_hand.prepared(copy, SPEC, 500.0, like=own)
    with torch.no_grad():
        return float(BODY(torch.from_numpy(z).float()[None])[0, 0])


def test_curves_equal_a_slow_loop_with_the_statistics_of_each_ecg(subject: Subject):
    x, records = subject.ecgs.x, list(subject.records)
    heatmap = attribute("saliency", net(), x)
    found = perturbation_curve(net(), x, heatmap, steps=6, noise=Noise(records=records))
    order = rank_points(heatmap, 6, 0, records)
    field = noise_field(0, records, 0, (12, 600))
    for ecg, one in enumerate(x.numpy()):
        copy, expected = one.copy(), [output(one, one)]
        for point in order[ecg]:
            place = divmod(int(point), 600)
            copy[place] += 0.2 * (one.max() - one.min()) * float(field[ecg][place])
            expected.append(output(copy, one))
        np.testing.assert_allclose(found[ecg], expected, rtol=1e-4, atol=1e-3)
        # Normalised anew, the copies would give another curve.
        assert abs(output(copy, copy) - expected[-1]) > 1e-2


@pytest.mark.heavy
def test_scores_within_other_modules_are_the_same(subject: Subject):
    protocol = Protocol(steps=6, until=4, cutoffs=(2, 6), draws=2, ladder=0)
    within = InUnits(net(), [0.0, 0.0], [1.0, 1.0], x_scale=1.0).eval()
    for name, curves in score(net(), subject, protocol).predictions.items():
        other = score(within, subject, protocol).predictions[name]
        np.testing.assert_allclose(curves, other, rtol=1e-4, atol=1e-4, err_msg=name)


def test_swapped_waves_and_removed_windows_keep_the_statistics(subject: Subject):
    x = subject.ecgs.x.numpy()
    away = windows(12, 600).numpy()
    change = removed(net(), subject)
    for ecg, one in enumerate(x):
        for number in (0, 20, 55):
            expected = output(one, one) - output(np.where(away[number], 0, one), one)
            assert change[ecg, number] == pytest.approx(expected, abs=1e-3)
    effect = measured(net(), subject, 1)
    assert not effect[:, 0, :4, :].any()  # I, II, III and aVR are not read
    assert np.abs(effect[:, 0, 6:12, 4]).min() > 1e-3


def test_baselines_are_those_of_each_ecg(subject: Subject):
    expected = [output(np.zeros_like(one), one) for one in subject.ecgs.x.numpy()]
    assert np.ptp(expected) > 1e-3
    found = Baselines(net(), subject).of(find("integrated_gradients"))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)
    zero = at_zero(net(), subject)
    np.testing.assert_allclose(zero, expected, rtol=1e-4, atol=1e-3)


@pytest.mark.heavy
def test_integrated_gradients_keep_completeness(subject: Subject):
    found = Axioms(ecgs=3, copies=1)(Networks([net()]), subject).scores
    assert found["completeness"]["integrated_gradients"] == pytest.approx(0.0, abs=1e-3)
    assert found["shift"]["saliency"] == pytest.approx(1.0, abs=1e-4)
    assert found["lead_off"]["integrated_gradients"] == pytest.approx(0.0, abs=1e-6)


def test_maps_and_outputs_of_copies_keep_the_statistics_of_the_ecg(subject: Subject):
    x = subject.ecgs.x
    copies = noisy(x, subject.records, 0, 0)
    found = explained(net(), subject.changed(copies), "copies")
    expected = [output(*pair) for pair in zip(copies.numpy(), x.numpy(), strict=True)]
    np.testing.assert_allclose(found.outputs, expected, rtol=1e-4, atol=1e-3)
    as_new = explained(net(), subject.changed(copies).changed(copies), "copies")
    np.testing.assert_array_equal(as_new.maps["saliency"], found.maps["saliency"])
    own = attribute("saliency", net(), copies)
    assert np.abs(own.numpy() - found.maps["saliency"]).max() > 1e-5


def test_the_store_tells_frozen_from_live_statistics():
    live = SPEC.changed(normalisation=Normalisation("z-score", statistics="live"))
    assert network_key(net()) != network_key(net(live))
    assert network_key(net()) == network_key(net(SPEC.changed(samples=500)))


class Plain(nn.Module):
    """No statistics: it is read in batches as before."""

    def forward(self, x: Tensor) -> Tensor:
        return BODY(x[:, 4:])


def test_a_network_without_statistics_is_read_in_batches(subject: Subject):
    sizes: list[int] = []
    plain = Plain().eval()
    plain.register_forward_pre_hook(lambda _, given: sizes.append(len(given[0])))
    attribute("saliency", plain, subject.ecgs.x)
    assert sizes == [3]


def test_evaluations_that_count_samples_refuse_another_rate(subject: Subject):
    with pytest.raises(ValueError, match="ECGs at 500 Hz for axioms, got 100 Hz; resample"):
        Axioms(ecgs=2)(Networks([net()]), replace(subject, fs=100.0))
