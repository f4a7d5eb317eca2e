"""Checks of honesty find methods that are not what they say, and pass those that are."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from ecglens.explain import find, find_all
from ecglens_benchmark import checks
from ecglens_benchmark.honesty import one_map

from tests.eval.evaluations.sanity.networks import made_subject, trained
from tests.eval.networks import exact_ecgs

from .methods import (
    KEPT,
    Centred,
    Comparing,
    Copied,
    DataOnly,
    Drawn,
    FromCallers,
    FromGlobal,
    FromMemory,
    Honest,
    Marked,
    NearlyDataOnly,
    Neighbourly,
    Noisy,
    Remembering,
    RememberingMarks,
    RememberingNoise,
    RememberingOthers,
    Restless,
    Squared,
    Threaded,
)

OTHERS = find_all(["saliency", "input_x_gradient", "random"])


@pytest.fixture
def found(tmp_path):
    """Names of the checks that find something in a method, with their sentences."""

    def of(method, others=OTHERS, name="mine"):
        background = exact_ecgs(4, start=50).x
        subject = made_subject(tmp_path, background=background)
        subject = replace(subject, methods={name: method})
        KEPT[:] = [subject.ecgs.y]
        before = subject.ecgs.y.clone()
        nets = [trained(0), trained(1)]
        named = {each.name: each.said for each in checks(nets, subject, others) if each.said}
        torch.testing.assert_close(subject.ecgs.y, before, rtol=0, atol=0)
        return named

    return of


@pytest.mark.heavy
@pytest.mark.parametrize("method", [Honest(), Drawn()], ids=str)
def test_an_honest_method_is_left_alone(found, method):
    assert found(method) == {}


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["saliency", "smoothgrad", "feature_ablation", "random"])
def test_a_built_in_method_is_no_copy_of_itself(found, name):
    others = OTHERS | {name: find(name)}
    said = found(find(name), others, name)
    assert {*said} == ({"network"} if name == "random" else set())


def test_a_built_in_method_is_a_copy_under_another_name(found):
    assert "those of saliency but for a factor" in found(find("saliency"))["copies"]


def test_the_original_is_compared_with_a_copy_of_its_name(found):
    assert "those of saliency but for a factor" in found(Copied(), name="saliency")["copies"]


@pytest.mark.heavy
@pytest.mark.parametrize("method", [DataOnly(), NearlyDataOnly()], ids=str)
def test_a_method_that_looks_at_the_ecg_alone_is_found(found, method):
    said = found(method)
    assert {*said} == {"network"}
    assert "not at the network" in said["network"]


def test_a_copy_is_found_under_another_scale_and_sign(found):
    assert found(Copied())["copies"].startswith("The maps are those of saliency but for a factor")


def test_a_copy_in_the_same_order_is_found(found):
    assert found(Squared()) == {
        "copies": "The maps order the points of every ECG as those of saliency do."
    }


def test_a_copy_with_a_little_noise_is_named(found):
    assert found(Noisy())["copies"].startswith("The maps are nearly those of saliency: ")


@pytest.mark.heavy
@pytest.mark.parametrize("method", [Centred(), Neighbourly()], ids=str)
def test_a_method_that_looks_at_the_batch_is_found(found, method):
    said = found(method)
    assert {*said} == {"batch"}
    assert "which other ECGs are explained with it" in said["batch"]


def test_ecgs_of_others_that_are_read_have_to_be_declared(found):
    assert {*found(Comparing())} == {"background"}


def test_the_number_of_threads_is_no_look_at_the_label(found):
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert found(Threaded()) == {}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


LABEL_READERS = [FromCallers(), FromMemory(), FromGlobal(), Remembering()]


@pytest.mark.heavy
@pytest.mark.parametrize("method", LABEL_READERS, ids=str)
def test_a_method_that_looks_at_the_label_is_found_wherever_it_finds_it(found, method):
    assert "looks at the label" in found(method)["label"]


def test_wave_marks_that_are_read_have_to_be_declared(found):
    assert {*found(Marked())} == {"marks"}


REMEMBERED = [
    (RememberingMarks(), "marks"),
    (RememberingOthers(), "background"),
    (RememberingNoise(), "repeats"),
]


@pytest.mark.heavy
@pytest.mark.parametrize(("method", "check"), REMEMBERED, ids=str)
def test_a_first_map_that_is_remembered_hides_nothing(found, method, check):
    assert check in found(method)


def test_a_map_that_differs_from_call_to_call_is_found_and_is_no_look_at_the_label(found):
    assert {*found(Restless())} == {"repeats"}


def test_constant_maps_are_one_map_as_are_empty_ones():
    maps = np.random.default_rng(0).normal(size=(3, 12, 600))
    assert one_map(np.ones_like(maps), np.ones_like(maps))
    assert not one_map(np.ones_like(maps), maps**3)
    assert one_map(np.zeros_like(maps), np.zeros_like(maps))
    assert not one_map(np.zeros_like(maps), maps)
