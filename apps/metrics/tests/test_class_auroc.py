"""AUROC over deletions: closed forms, the control beside it, and what has none."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.eval import POINTS, Subject, score
from ecglens.explain import find
from ecglens_metrics.class_auroc import deletions, tells_classes

from tests.eval.networks import Smooth, exact_ecgs, made_curves

ECGS = 24
Y = np.arange(ECGS) % 2.0
PROTOCOL = replace(POINTS, draws=2)


def told(place_of_ill: int = 0):
    """A network that is right until step 5, from where it says one thing of all ECGs."""
    names = ("saliency", "random", "abs_x", "abs_dx")
    steps = np.arange(PROTOCOL.steps + 1)
    curve = np.where(steps < 5, 2 * Y[:, None] - 1, 0.0)
    places = np.tile(np.arange(PROTOCOL.steps), (ECGS, 1))
    leaking = places + np.where(Y == 1, place_of_ill, 0)[:, None]
    return made_curves(
        dict.fromkeys(names, np.ones(ECGS)),
        PROTOCOL,
        y=Y,
        predictions=dict.fromkeys(names, np.tile(curve, (PROTOCOL.draws, 1, 1))),
        places=dict.fromkeys(names, places) | {"saliency": leaking},
    )


def row(found, method: str) -> dict:
    return found.table.set_index("method").loc[method].to_dict()


def test_start_end_and_fall_are_those_of_the_curve():
    found = deletions([told()])
    here = row(found, "saliency")
    assert (here["start"], here["auroc"]) == (1.0, 0.5)
    # 0 at steps 0…4, one half at 5…15: trapezoids give 0.25 + 10 · 0.5 over 15 steps.
    assert here["fall"] == pytest.approx((0.25 + 5) / 15)
    assert found.curves["saliency"].tolist() == [1.0] * 5 + [0.5] * 11
    assert (found.positive, found.negative) == (12, 12)


@pytest.mark.heavy
def test_no_auroc_without_that_of_the_mask():
    honest, leaking = deletions([told()]), deletions([told(place_of_ill=100)])
    assert row(honest, "saliency")["mask"] == 0.5
    assert not row(honest, "saliency")["mask_tells"]
    assert row(leaking, "saliency")["mask"] == 1.0
    assert row(leaking, "saliency")["mask_tells"]
    assert not row(leaking, "random")["mask_tells"]
    assert leaking.masks["saliency"][0] == 0.5  # before anything is deleted


def test_values_that_are_all_alike_have_no_interval():
    scores = told()
    one_wrong = scores.predictions["random"].copy()
    one_wrong[:, 0] = 3.0  # an ECG without the class that looks like one with it
    whole = {
        name: np.repeat(each[..., :1], each.shape[-1], -1)
        for name, each in scores.predictions.items()
    }
    found = deletions([replace(scores, predictions=whole | {"random": one_wrong})])
    certain, other = row(found, "saliency"), row(found, "random")
    assert certain["auroc"] == 1.0
    assert np.isnan([certain[name] for name in ("auroc_low", "auroc_high", "fall_low")]).all()
    assert other["auroc_low"] < other["auroc"] < other["auroc_high"]


@pytest.mark.heavy
def test_several_networks_are_averaged():
    one, other = told(), told()
    still = {
        name: np.repeat(each[..., :1], each.shape[-1], -1)
        for name, each in other.predictions.items()
    }
    found = deletions([one, replace(other, predictions=still)])
    assert row(found, "saliency")["auroc"] == 0.75
    assert row(found, "saliency")["fall_low"] <= row(found, "saliency")["fall"]


def test_ecgs_without_a_label_are_left_out():
    scores = told()
    found = deletions([replace(scores, y=np.where(np.arange(ECGS) < 4, np.nan, Y))])
    assert (found.positive, found.negative) == (10, 10)


def test_what_has_no_classes_has_no_auroc():
    scores = told()
    lonely = tuple("p" if y else f"q{number}" for number, y in enumerate(Y))
    for other in (
        replace(scores, y=np.full(ECGS, 160.0)),
        replace(scores, y=np.ones(ECGS)),
        replace(scores, patients=lonely),
        replace(scores, places={}),
    ):
        assert not tells_classes(other)
        with pytest.raises(ValueError, match="labels 0 and 1, each of at least 2 patients"):
            deletions([other])


def test_a_score_knows_what_each_step_hit():
    net, ecgs = Smooth().eval(), exact_ecgs(6)
    ecgs = ecgs._replace(y=(ecgs.y > ecgs.y.median()).float())
    subject = Subject(ecgs, {"saliency": find("saliency")})
    scores = score(net, subject, replace(PROTOCOL, unit="segment"))
    assert scores.places["abs_x"].shape == (6, PROTOCOL.steps)
    # A step hits each segment of a lead once: 12 leads × 41 segments of 15 samples.
    assert all(len({*one}) == PROTOCOL.steps for one in scores.places["abs_x"])
    assert scores.places["random"].max() < 12 * 41
    assert len(deletions([scores]).table) == 4
