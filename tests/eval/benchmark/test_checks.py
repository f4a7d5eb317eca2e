"""Checks of honesty find methods that are not what they say, and pass those that are."""

from dataclasses import replace

import pytest
import torch
from ecglens.eval.benchmark import checks
from ecglens.explain import find, find_all

from ..evaluations.sanity.networks import made_subject, trained
from .methods import (
    KEPT,
    Copied,
    DataOnly,
    FromCallers,
    FromGlobal,
    FromMemory,
    Honest,
    Marked,
    NearlyDataOnly,
    Remembering,
    Restless,
    Squared,
)

OTHERS = find_all(["saliency", "input_x_gradient", "random"])


@pytest.fixture
def found(tmp_path):
    """Names of the checks that find something in a method, with their sentences."""

    def of(method, others=OTHERS):
        subject = replace(made_subject(tmp_path), methods={"mine": method})
        KEPT[:] = [subject.ecgs.y]
        before = subject.ecgs.y.clone()
        nets = [trained(0), trained(1)]
        named = {each.name: each.said for each in checks(nets, subject, others) if each.said}
        torch.testing.assert_close(subject.ecgs.y, before, rtol=0, atol=0)
        return named

    return of


def test_an_honest_method_is_left_alone(found):
    assert found(Honest()) == {}


@pytest.mark.parametrize("name", ["saliency", "smoothgrad", "feature_ablation", "random"])
def test_a_built_in_method_is_no_copy_of_itself(found, name):
    others = OTHERS | {name: find(name)}
    assert {*found(find(name), others)} == ({"network"} if name == "random" else set())


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


LABEL_READERS = [FromCallers(), FromMemory(), FromGlobal(), Remembering()]


@pytest.mark.parametrize("method", LABEL_READERS, ids=str)
def test_a_method_that_looks_at_the_label_is_found_wherever_it_finds_it(found, method):
    assert "looks at the label" in found(method)["label"]


def test_wave_marks_that_are_read_have_to_be_declared(found):
    assert {*found(Marked())} == {"marks"}


def test_a_map_that_differs_from_call_to_call_is_found_and_is_no_look_at_the_label(found):
    assert {*found(Restless())} == {"repeats"}
