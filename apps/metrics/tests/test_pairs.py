import numpy as np
import pytest
import torch
from ecglens.ecg import KINDS, draw_exact, exact_beat, exact_record, segment_mask
from ecglens.eval import NotApplicable
from ecglens_metrics.counterfactuals import CHANGES, exact_parameters, pairs

from tests.eval.networks import exact_ecgs


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_exact_ecg_is_made_of_is_found_again(kind):
    parameters = draw_exact(
        -5 if kind == "af" else 5, 3, kind, "varied" if kind == "rbbb" else "plain"
    )
    beat = exact_beat(parameters)
    found = exact_parameters(beat.id, beat.signal)
    assert np.array_equal(found.waves, parameters.waves)
    assert np.array_equal(found.field, parameters.field)


@pytest.mark.parametrize("kind", ["af", "avb3"])
def test_the_rate_of_the_strip_tells_apart_two_kinds_that_have_the_same_beat(kind):
    for index in range(8):
        parameters = draw_exact(3, index, kind)
        beat, rate = exact_beat(parameters), exact_record(parameters).labels["rate"]
        found = exact_parameters(beat.id, beat.signal, rate)
        assert (found.kind, found.rr_samples) == (kind, parameters.rr_samples)


def test_every_pair_differs_in_its_label_alone_and_has_its_own_marks():
    ecgs = exact_ecgs(4)
    made = pairs(ecgs, seed=0)
    assert [each.label for each in made] == [*CHANGES]
    for each in made:
        assert np.abs(each.by) == pytest.approx(CHANGES[each.label])
        assert (each.x != ecgs.x).flatten(1).any(1).all()
    assert len({float(by) for each in made for by in np.sign(each.by)}) == 2  # both ways
    pr = made[0]
    for ecg in range(4):
        was, now = (int(torch.nonzero(one[ecg] & 1)[0]) for one in (ecgs.segments, pr.segments))
        assert (was - now) * 2 == pr.by[ecg]  # P begins earlier by as much as PR is longer


def test_pairs_of_an_ecg_depend_on_it_alone():
    four, one = pairs(exact_ecgs(4), seed=0), pairs(exact_ecgs(1, start=2), seed=0)
    for whole, alone in zip(four, one, strict=True):
        assert torch.equal(whole.x[2], alone.x[0])
        assert torch.equal(whole.segments[2], alone.segments[0])


def test_fibrillation_has_no_pr_pair():
    beat = exact_beat(draw_exact(5, 0, "af"))
    assert beat.marks is not None
    ecgs = exact_ecgs(1)._replace(
        x=torch.from_numpy(beat.signal)[None],
        segments=torch.from_numpy(segment_mask(beat.marks, 600))[None],
        record=[beat.id],
    )
    made = pairs(ecgs, seed=0)
    assert np.isnan(made[0].by).all()
    assert torch.equal(made[0].x, ecgs.x)
    assert np.isfinite([each.by[0] for each in made[1:]]).all()


def test_other_ecgs_are_refused_in_one_line():
    ecgs = exact_ecgs(1)
    foreign = ecgs._replace(record=["00001_hr"])
    noisy = ecgs._replace(x=ecgs.x + 1.0)
    strip = ecgs._replace(x=ecgs.x.repeat(1, 1, 2))
    for other in (foreign, noisy, strip):
        with pytest.raises(NotApplicable, match="data=exact input=median") as refused:
            pairs(other, seed=0)
        assert "\n" not in str(refused.value)
        assert other.record[0] not in str(refused.value)  # it is printed where ECGs have pseudonyms
