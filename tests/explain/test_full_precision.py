"""TF32 and bf16 are off while a map is made, and what the caller had set is back afterwards."""

from typing import Any

import pytest
import torch
from ecglens.engine import full_precision
from ecglens.explain import attribute

from .networks import Residual, ecgs, filled

backends: Any = torch.backends  # what its properties are, no type checker sees
OPERATIONS = [
    backends.cuda.matmul,
    backends.cudnn.conv,
    backends.cudnn.rnn,
    backends.mkldnn.matmul,
    backends.mkldnn.conv,
    backends.mkldnn.rnn,
]


def precisions():
    everywhere = [backends, backends.cudnn, *OPERATIONS]
    return [switch.fp32_precision for switch in everywhere]


@pytest.fixture(autouse=True)
def _as_it_was():
    before = [(switch, switch.fp32_precision) for switch in OPERATIONS]
    yield
    backends.fp32_precision = "none"
    for switch, precision in before:
        switch.fp32_precision = precision


def nothing():
    pass


def everything():
    backends.fp32_precision = "tf32"


def each_operation():
    backends.cuda.matmul.fp32_precision = "tf32"
    backends.cudnn.conv.fp32_precision = "tf32"
    backends.mkldnn.matmul.fp32_precision = "bf16"


@pytest.mark.parametrize("choose", [nothing, everything, each_operation])
def test_a_map_is_made_in_full_precision_and_the_choice_put_back(choose):
    seen = []

    class Watched(Residual):
        def forward(self, x):
            seen.append(precisions())
            return super().forward(x)

    choose()
    before = precisions()
    attribute("saliency", filled(Watched()), ecgs())
    assert all(precision == "ieee" for once in seen for precision in once)
    assert precisions() == before


def test_the_choice_is_put_back_after_an_exception_too():
    each_operation()
    before = precisions()
    with pytest.raises(KeyError), full_precision():
        raise KeyError
    assert precisions() == before


def test_an_operation_that_inherited_its_precision_goes_on_inheriting():
    with full_precision():
        pass
    backends.fp32_precision = "ieee"
    assert backends.cuda.matmul.fp32_precision == "ieee"
    backends.fp32_precision = "tf32"
    assert backends.cuda.matmul.fp32_precision == "tf32"


def test_torchs_older_switch_can_still_be_read_after_a_map():
    backends.cuda.matmul.allow_tf32 = True
    attribute("saliency", filled(Residual()), ecgs())
    assert backends.cuda.matmul.allow_tf32
    backends.cuda.matmul.allow_tf32 = False


@pytest.mark.parametrize("choose", [nothing, everything, each_operation])
def test_a_network_can_be_exported_inside(choose):
    choose()
    before = precisions()
    with full_precision():
        torch.export.export(filled(Residual()), (ecgs(),))
    assert precisions() == before


def test_an_operation_inherits_after_an_export_too():
    with full_precision():
        torch.export.export(filled(Residual()), (ecgs(),))
    backends.fp32_precision = "tf32"
    assert backends.cuda.matmul.fp32_precision == "tf32"


def test_torchs_older_switch_for_cudnn_is_as_before():
    for allowed in (True, False, True):
        backends.cudnn.allow_tf32 = allowed
        before = precisions()
        with full_precision(), full_precision():
            assert not backends.cudnn.allow_tf32
        assert backends.cudnn.allow_tf32 is allowed
        assert precisions() == before
