"""Methods whose maps are the same are named in one note."""

import numpy as np
import pytest
from ecglens.eval import Networks, Perturbation, Subject
from ecglens.eval.heatmaps.explained import same_maps
from ecglens.explain import InputXGradient, IntegratedGradients, Saliency, SmoothGrad

from ..networks import Smooth, Window, exact_ecgs

MAP = np.random.default_rng(0).normal(size=(2, 3, 5))


def test_maps_that_differ_by_rounding_alone_are_the_same():
    (note,) = same_maps({"a": MAP, "b": -MAP, "c": MAP * (1 + 1e-6), "d": MAP})
    assert note.startswith("a, c and d give the same maps")


@pytest.mark.parametrize("other", [-MAP, MAP + 1e-3, np.where(MAP[1, 0, 0] == MAP, 0, MAP)])
def test_maps_that_differ_in_one_point_of_one_ecg_are_not(other):
    assert same_maps({"a": MAP, "b": other}) == ()


def test_controls_are_compared_with_methods_but_not_with_each_other():
    assert same_maps({"a": MAP, "b": MAP}, controls={"a", "b"}) == ()
    assert len(same_maps({"a": MAP, "b": MAP}, controls={"b"})) == 1


@pytest.mark.parametrize(("net", "notes"), [(Window, 2), (Smooth, 0)])
def test_a_ranking_names_methods_that_are_one_on_a_linear_network(net, notes):
    methods = {
        "saliency": Saliency(),
        "smoothgrad": SmoothGrad(copies=2),
        "input_x_gradient": InputXGradient(),
        "integrated_gradients": IntegratedGradients(steps=3),
    }
    subject = Subject(exact_ecgs(4), methods, progress=False)
    finding = Perturbation(draws=1, steps=3, until=2, cutoffs=(1, 3))(
        Networks([net().eval()]), subject
    )
    found = [note for note in finding.notes if "same maps" in note]
    assert len(found) == notes
    assert [note.split(" give")[0] for note in found] == [
        "saliency and smoothgrad",
        "input_x_gradient and integrated_gradients",
    ][:notes]
