"""The ladder where the answer is known: maps about this ECG, and maps that are a template."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
import torch
from ecglens.engine import sample_ids
from ecglens.eval import POINTS, Curves, Noise, Protocol, Subject, perturbation_curve, score
from ecglens.eval.curves import (
    ANOTHER_BY_WAVES,
    ANOTHER_PATIENT,
    FROM_R,
    MEAN_BY_WAVES,
    MEAN_OF_OTHERS,
    template_key,
)
from ecglens.eval.heatmaps.folding import beat_marks, laid_by_waves
from ecglens.eval.ranking.ladder import climb
from ecglens.eval.subject import donors
from ecglens.explain import Context, Method
from ecglens_benchmark.meta_evaluation.ladder import KNOWN, LEAD, Above, Known
from torch import Tensor, nn

ECGS = 24
QUICK = replace(POINTS, draws=2, ladder=2)
# One place in one beat of a strip, not in all of its beats.
IN_STRIPS = Protocol("in strips", draws=2, unit="segment", folded=False)


@dataclass(frozen=True)
class Given(Method):
    """Maps that are there already, found by the samples of their ECGs."""

    name: str
    kept: ClassVar[dict[tuple[str, str], Tensor]] = {}

    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        return torch.stack([self.kept[self.name, own] for own in sample_ids(x)])


def given(name: str, x: Tensor, maps: Tensor) -> Given:
    Given.kept.update({(name, own): one for own, one in zip(sample_ids(x), maps, strict=True)})
    return Given(name)


def scored(known: Known, protocol: Protocol, template: bool, count: int = ECGS) -> Curves:
    """Curves of the true map, and of the mean of the other ECGs' true maps."""
    ecgs = known.ecgs(count)
    truth = known.net.truth(ecgs.x)
    methods = {"truth": given("truth", ecgs.x, truth)}
    if template:
        sizes = truth.abs()  # an ECG a patient
        mean = (sizes.sum(0) - sizes) / (len(sizes) - 1)
        methods["template"] = given("template", ecgs.x, mean)
    return score(known.net, Subject(ecgs, methods, progress=False), protocol)


def reached(known: Known, protocol: Protocol, template: bool) -> Mapping[str, int]:
    return climb([scored(known, protocol, template)]).reached


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["a wave that moves", "an event in half of the ECGs"])
def test_a_true_map_is_about_its_ecg_where_the_wave_moves_and_a_template_is_not(name):
    levels = reached(KNOWN[name], QUICK, template=True)
    assert levels["truth"] == 3
    assert levels["template"] < 3


@pytest.mark.heavy
def test_a_premature_beat_is_found_in_the_beat_that_it_is():
    assert reached(KNOWN["one premature beat of a strip"], IN_STRIPS, template=False)["truth"] == 3


def test_a_true_map_that_is_a_template_is_not_called_specific():
    assert reached(KNOWN["a wave at one place"], QUICK, template=False)["truth"] == 1


@pytest.mark.heavy
def test_a_template_at_a_wave_takes_other_maps_laid_by_waves_to_be_found_out():
    """Aligned on the R peaks alone, as it was, another patient's P lies elsewhere."""
    gentle = replace(QUICK, noise=0.1)
    scores = scored(KNOWN["a wave at P onset"], gentle, template=False, count=64)
    assert climb([scores]).reached["truth"] == 1
    from_r = {
        name: each
        for name, each in scores.references.items()
        if name.removesuffix(" truth") in FROM_R
    }
    assert climb([replace(scores, references=from_r)]).reached["truth"] == 3


@pytest.mark.parametrize("name", KNOWN)
def test_the_event_alone_makes_the_output_and_the_truth_adds_up_to_it(name):
    net, ecgs = KNOWN[name].net, KNOWN[name].ecgs(6)
    said, truth = net(ecgs.x)[:, 0].detach(), net.truth(ecgs.x)
    assert truth.sum((1, 2)) == pytest.approx(said.numpy(), rel=1e-4, abs=1e-2)
    for one in truth[said > 0]:
        places = torch.nonzero(one[LEAD]).flatten()
        # One event: the places that are read lie within twice its width.
        assert int(places.max() - places.min()) < 3 * net.width
    other = [lead for lead in range(12) if lead != LEAD]
    assert (truth[:, other] == 0).all()


def test_the_truth_is_the_mean_gradient_on_the_line_from_0():
    net = Above(20, 100.0)
    x = KNOWN["a wave that moves"].ecgs(2).x
    steps = (torch.arange(400) + 0.5) / 400
    mean = torch.zeros_like(x)
    for step in steps:
        scaled = (step * x).requires_grad_()
        mean += torch.autograd.grad(net(scaled).sum(), scaled)[0] / len(steps)
    assert torch.allclose(mean * x, net.truth(x), atol=0.02 * float((mean * x).abs().max()))


def test_the_rungs_are_walked_along_other_patients_maps():
    """The slow way: another patient's map and the mean of all others, each in its own noise."""
    known = KNOWN["a wave that moves"]
    ecgs = known.ecgs(5)
    truth = known.net.truth(ecgs.x)
    protocol = replace(QUICK, draws=2, ladder=2)
    methods = {"truth": given("truth", ecgs.x, truth)}
    scores = score(known.net, Subject(ecgs, methods, progress=False), protocol)
    shares = truth.abs() / truth.abs().sum((1, 2), keepdim=True)
    marks = [beat_marks(each) for each in ecgs.segments]
    usual = np.mean(marks, 0)
    length = ecgs.x.shape[2]
    with_usual = torch.stack(
        [one[:, laid_by_waves(usual, own, length)] for one, own in zip(shares, marks, strict=True)]
    )
    others = [[k for k in range(5) if k != ecg] for ecg in range(5)]
    by_waves = [laid_by_waves(own, usual, length) for own in marks]
    means = torch.stack([shares[each].mean(0) for each in others])
    usual_means = [
        with_usual[each].mean(0)[:, places] for each, places in zip(others, by_waves, strict=True)
    ]
    for draw in range(protocol.draws):
        donor = donors(ecgs.record, ecgs.record, 0, draw)
        partner = [donor[each] for each in donor]  # the next but one: an ECG a patient
        pairs = list(zip(range(5), partner, strict=True))
        laid = [shares[b][:, laid_by_waves(marks[a], marks[b], length)] for a, b in pairs]
        every = {
            MEAN_OF_OTHERS: means,
            MEAN_BY_WAVES: torch.stack(usual_means),
            ANOTHER_PATIENT: shares[partner],
            ANOTHER_BY_WAVES: torch.stack(laid),
        }
        for rung, maps in every.items():
            noise = Noise(records=ecgs.record, draw=draw)
            slow = perturbation_curve(known.net, ecgs.x, maps, steps=15, noise=noise)
            found = scores.references[template_key(rung, "truth")][draw]
            assert np.allclose(found, slow.detach(), rtol=1e-4, atol=1e-2)
