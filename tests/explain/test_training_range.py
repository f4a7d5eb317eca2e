"""ECGs far outside the training data, by each source that knows what these were like."""

import pytest
import torch
from ecglens.ecg import draw_exact, exact_beat
from ecglens.explain import lint, methods
from ecglens.models import InputSpec, Normalisation, SmallResNet
from torch import Tensor, nn

from .networks import Residual, ecgs, filled

BEATS = torch.stack([torch.from_numpy(exact_beat(draw_exact(7, n)).signal) for n in range(4)])
MEAN, SD = ([float(one) for one in numbers] for numbers in (BEATS.mean((0, 2)), BEATS.std((0, 2))))


def by_background(x: Tensor):
    return lint(filled(Residual()), x, background=ecgs(6, seed=3))


def by_spec(x: Tensor):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = SmallResNet().eval()
    wants = InputSpec(normalisation=Normalisation("fixed", mean=MEAN, sd=SD))
    return lint(wants.adapt(net), x)


def with_statistics(batches: int) -> nn.Module:
    """A network whose BatchNorms have seen batches of these ECGs."""
    net = filled(Residual())
    for norm in (net.norm1, net.norm2):
        norm.reset_running_stats()
    net.train()
    with torch.no_grad():
        for _ in range(batches):
            net(ecgs(6, seed=3))
    return net.eval()


def by_batch_norm(x: Tensor):
    return lint(with_statistics(60), x)


SOURCES = {
    "the ECGs of others": (by_background, ecgs()),
    "the spec's mean and SD": (by_spec, BEATS),
    "a BatchNorm": (by_batch_norm, ecgs()),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("times", [1e-3, 1e-2, 100, 1000])
def test_a_wrong_unit_is_named_with_its_size_and_its_source(source, times):
    find, x = SOURCES[source]
    findings = find(times * x)
    (remark,) = [one for one in findings.remarks if "times as large as" in one.measured]
    assert source in remark.measured
    told = float(remark.measured.split()[3])
    assert 0.2 < told / times < 5  # some ECGs are larger than others
    assert set(remark.wrong) == set(methods())
    assert "check the unit, which is µV here" in remark.advice


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("times", [0.33, 1, 3])
def test_low_and_high_voltages_are_not(source, times):
    find, x = SOURCES[source]
    assert not any("times as large as" in note for note in find(times * x).notes)


def test_a_batch_norm_that_has_seen_few_batches_knows_nothing():
    assert lint(with_statistics(20), 1000 * ecgs()).notes == ()


def test_a_fixed_unit_is_no_statistic():
    net = InputSpec(normalisation=Normalisation("fixed", mean=0.0, sd=1.0)).adapt(SmallResNet())
    assert not net.standardises
