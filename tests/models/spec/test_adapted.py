"""What a network reads of a record, and the map in the leads and samples of the record."""

from typing import Any, cast

import numpy as np
import pytest
import torch
from ecglens.ecg import LEADS
from ecglens.engine import unperturbed
from ecglens.explain import attribute
from ecglens.models import Adapted, InputSpec, Normalisation
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from . import by_hand


class Reads(nn.Module):
    """Weighted sum of its input, weights by place, bent by a tanh; keeps what it has read."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = torch.empty(0)

    def forward(self, z: Tensor) -> Tensor:
        self.seen = z.detach()
        weights = torch.sin(torch.arange(z[0].numel()) + 1.0).reshape(z[0].shape).to(z)
        return torch.tanh((weights * z).flatten(1).sum(1, keepdim=True) / 50)


def records(count: int, time: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return 300 * random.normal(size=(count, 12, time)) + 100 * random.normal(size=(count, 12, 1))


EIGHT = ("aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
SPECS: dict[str, tuple[dict[str, Any], float]] = {
    "as it is": ({}, 500.0),
    "eight leads in their own order": ({"leads": EIGHT}, 500.0),
    "one lead": ({"leads": ["V5"]}, 500.0),
    "in mV": ({"unit": "mV"}, 500.0),
    "in units of 100 µV": ({"unit": 100}, 500.0),
    "at another rate": ({"fs": 400}, 500.0),
    "from 100 Hz": ({"fs": 250, "samples": 80}, 100.0),
    "cut to the start": ({"samples": 31, "window": "start"}, 500.0),
    "cut to the centre": ({"samples": 31}, 500.0),
    "cut to the end": ({"samples": 31, "window": "end"}, 500.0),
    "zeros behind": ({"samples": 75, "window": "start"}, 500.0),
    "zeros on both sides": ({"samples": 75}, 500.0),
    "zeros before": ({"samples": 75, "window": "end"}, 500.0),
    "windows averaged": ({"samples": 20, "hop": 13}, 500.0),
    "filtered": ({"band": [5.0, 40.0]}, 500.0),
    "z-score": ({"normalisation": "z-score per lead"}, 500.0),
    "z-score over all": ({"normalisation": "z-score over all"}, 500.0),
    "sample SD": ({"normalisation": Normalisation("z-score", ddof=1)}, 500.0),
    "min-max": ({"normalisation": "min-max per lead"}, 500.0),
    "to ±1 over all": (
        {"normalisation": Normalisation("min-max", per="ecg", to=(-1.0, 1.0))},
        500.0,
    ),
    "fixed numbers": ({"normalisation": Normalisation("fixed", mean=0.1, sd=2.0)}, 500.0),
    "fixed numbers of each lead": (
        {"leads": ["I", "II"], "normalisation": Normalisation("fixed", mean=[1, 2], sd=[3, 4])},
        500.0,
    ),
    "statistics of the record": (
        {"samples": 31, "normalisation": Normalisation("z-score", over="record")},
        500.0,
    ),
    "z-score, then zeros": ({"samples": 75, "normalisation": "z-score per lead"}, 500.0),
    "z-score of each window": (
        {"samples": 20, "hop": 20, "normalisation": "z-score per lead"},
        500.0,
    ),
}


def assert_by_hand(spec: InputSpec, fs: float, x: np.ndarray) -> None:
    """Input and map are those written out, for the record itself and for a copy of it."""
    read = Reads()
    net = Adapted(read, spec, fs).eval()
    given = torch.from_numpy(x)
    with torch.no_grad():
        outputs = net(given)
    by_record = [np.stack(by_hand.prepared(one, spec, fs)) for one in x]
    np.testing.assert_allclose(read.seen, np.concatenate(by_record), atol=1e-6, rtol=1e-6)
    own = [read(torch.from_numpy(windows)).mean(0).numpy() for windows in by_record]
    np.testing.assert_allclose(outputs, np.stack(own), atol=1e-9)

    # A copy keeps the statistics of the record: its map is the gradient at the network's own input,
    # carried back by the matrix of the preparation, found column by column.
    copy = x[:1] + 30 * np.random.default_rng(9).normal(size=x[:1].shape)
    at = torch.from_numpy(copy).requires_grad_()
    with unperturbed(net, given[0]):
        (found,) = torch.autograd.grad(net(at).sum(), at)
    z = torch.from_numpy(np.stack(by_hand.prepared(copy[0], spec, fs, like=x[0]))).requires_grad_()
    (gradient,) = torch.autograd.grad(read(z).mean(0).sum(), z)
    nothing = np.stack(by_hand.prepared(np.zeros_like(x[0]), spec, fs, like=x[0]))
    expected = np.zeros(x[0].size)
    for place in range(x[0].size):
        one = np.zeros(x[0].size)
        one[place] = 1.0
        moved = np.stack(by_hand.prepared(one.reshape(x[0].shape), spec, fs, like=x[0])) - nothing
        expected[place] = (moved * gradient.numpy()).sum()
    size = np.abs(expected).max()
    np.testing.assert_allclose(found[0].flatten(), expected, atol=1e-7 * size)
    unread = [place for place, lead in enumerate(LEADS) if lead not in spec.leads]
    assert not found[0, unread].any()


@pytest.mark.heavy
@pytest.mark.parametrize("name", SPECS)
def test_input_and_map_equal_those_written_out(name: str):
    settings, fs = SPECS[name]
    assert_by_hand(InputSpec(**settings), fs, records(2, 60 if fs == 500 else 40))


@st.composite
def plain_settings(draw: st.DrawFn) -> dict[str, Any]:
    """Settings of a spec as in yaml."""
    kind = draw(st.sampled_from(["z-score", "min-max", "fixed"]))
    numbers = {"mean": draw(st.floats(-5, 5)), "sd": draw(st.floats(0.5, 5))}
    normalisation = {
        "kind": kind,
        "per": draw(st.sampled_from(["lead", "ecg"])),
        "over": draw(st.sampled_from(["window", "record"])),
        "ddof": draw(st.sampled_from([0, 1])),
        **(numbers if kind == "fixed" else {}),
    }
    samples = draw(st.one_of(st.none(), st.integers(5, 60)))
    return {
        "leads": draw(st.permutations(LEADS))[: draw(st.integers(1, 12))],
        "fs": draw(st.sampled_from([250.0, 400.0, 500.0])),
        "samples": samples,
        "window": draw(st.sampled_from(["start", "centre", "end"])),
        "hop": None if samples is None else draw(st.one_of(st.none(), st.integers(1, 30))),
        "unit": draw(st.sampled_from(["µV", "mV", 100])),
        "band": draw(st.sampled_from([None, (5.0, 40.0), (0.0, 60.0)])),
        "order": 2,
        "normalisation": draw(st.sampled_from(["none", normalisation])),
    }


@pytest.mark.heavy
@settings(max_examples=15, deadline=None)
@given(plain=plain_settings(), seed=st.integers(0, 2**16))
def test_any_spec_equals_the_one_written_out(plain: dict[str, Any], seed: int):
    assert_by_hand(InputSpec.from_plain(plain), 500.0, records(2, 44, seed))


def test_with_live_statistics_scale_and_offset_change_nothing():
    spec = InputSpec(normalisation=Normalisation("z-score", statistics="live"))
    net, x = spec.adapt(Reads()), torch.from_numpy(records(3, 60))
    torch.testing.assert_close(net(x / 2 + 40), net(x))
    with unperturbed(net, x[0]):
        torch.testing.assert_close(net(x[:1] / 2), net(x[:1]))
    given = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(net(given).sum(), given)
    # Blind to the scale and to the offset: gradients have no part along either.
    assert (gradient * (x - x.mean(2, keepdim=True))).sum((1, 2)).abs().max() < 1e-12
    assert gradient.sum(2).abs().max() < 1e-12


def test_with_frozen_statistics_the_network_sees_scale_and_offset():
    net = InputSpec(normalisation="z-score per lead").adapt(Reads())
    x = torch.from_numpy(records(1, 60))
    with unperturbed(net, x[0]):
        own, half, nothing = net(torch.cat([x, x / 2, 0 * x]))
        assert (half - own).abs() > 1e-3
        assert (half - nothing).abs() > 1e-3
    torch.testing.assert_close(net(x), own[None])
    assert net.unperturbed is None


def test_a_copy_of_a_copy_keeps_the_statistics_of_the_first():
    net = InputSpec(normalisation="z-score per lead").adapt(Reads())
    x, copy = torch.from_numpy(records(2, 60))
    with unperturbed(net, x):
        expected = net(copy[None])
        with unperturbed(net, copy):
            torch.testing.assert_close(net(copy[None]), expected)
        torch.testing.assert_close(net(copy[None]), expected)
    assert (net(copy[None]) - expected).abs() > 1e-3


def test_a_network_within_others_keeps_what_reaches_it():
    class Halved(nn.Module):
        def __init__(self, net: nn.Module) -> None:
            super().__init__()
            self.net = net

        def forward(self, x: Tensor) -> Tensor:
            return self.net(x / 2)

    net = InputSpec(normalisation="z-score per lead").adapt(Reads())
    x, copy = torch.from_numpy(records(2, 60))
    with unperturbed(net, x):
        expected = net(copy[None])
    halved = Halved(net)
    with unperturbed(halved, 2 * x):
        torch.testing.assert_close(halved(2 * copy[None]), expected)


def test_statistics_are_let_go_after_an_error():
    net = InputSpec(normalisation="z-score per lead").adapt(Reads())
    with pytest.raises(ValueError, match="stop"), unperturbed(net, torch.ones(12, 60)):
        raise ValueError("stop")
    assert net.unperturbed is None


def test_a_flat_lead_is_read_as_its_centre_in_every_copy():
    net = InputSpec(normalisation="z-score per lead").adapt(Reads())
    x = torch.from_numpy(records(1, 60))
    x[0, 4] = 17.3
    given = (x + torch.randn(x.shape, generator=torch.manual_seed(0))).requires_grad_()
    with unperturbed(net, x[0]):
        (gradient,) = torch.autograd.grad(net(given).sum(), given)
    assert not gradient[0, 4].any()
    assert gradient[0, 3].abs().max() > 0


@pytest.mark.usefixtures("untyped")
def test_other_than_twelve_leads_are_refused():
    with pytest.raises(ValueError, match=r"\(batch, 12, time\) in µV .* got \(2, 8, 60\)"):
        InputSpec().adapt(Reads())(torch.zeros(2, 8, 60))
    for fs in (0, "a", None, True):
        with pytest.raises(ValueError, match=f"fs: expected a sampling rate .*, got {fs!r}"):
            InputSpec().adapt(Reads(), cast(Any, fs))
    with pytest.raises(ValueError, match=r"Module or a list of them, got none"):
        InputSpec().adapt([])


def test_a_pass_in_inference_mode_leaves_what_a_gradient_passes_later():
    net = InputSpec(fs=400).adapt(nn.Sequential(nn.Flatten(), nn.Linear(12 * 480, 1)).eval())
    x = torch.from_numpy(records(2, 600)).float()
    with torch.inference_mode():
        net(x)
    assert attribute("saliency", net, x).any()
