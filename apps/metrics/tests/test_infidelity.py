import captum.metrics
import pytest
import torch
from ecglens_metrics.axiom_numbers import infidelity, predicted_change, scaled, windows

from tests.eval.networks import Smooth, Window

X = 100 * torch.randn(3, 12, 600, generator=torch.Generator().manual_seed(0)).double()
AWAY = windows(12, 600)


def outputs(net, x):
    with torch.no_grad():
        return net(x)[:, 0].double()


def found(net):
    """f(x) − f(x − I) of every window, one at a time."""
    rows = [[one.masked_fill(away, 0.0) for away in AWAY] for one in X]
    return torch.stack(
        [outputs(net, one[None]) - outputs(net, torch.stack(row))
         for one, row in zip(X, rows, strict=True)]
    )  # fmt: skip


def said(maps, slope):
    return torch.stack([predicted_change(a, x, AWAY, slope) for a, x in zip(maps, X, strict=True)])


def gradient(net):
    x = X.clone().requires_grad_()
    return torch.autograd.grad(net(x)[:, 0].sum(), x)[0]


def remove(x, *_):
    """Every window of every ECG once, as captum wants it: I and x − I."""
    away = AWAY.repeat(len(X), 1, 1)
    return x * away, x.masked_fill(away, 0.0)


def test_windows_are_every_100_ms_of_every_lead_once():
    assert AWAY.shape == (12 * 12, 12, 600)
    assert (AWAY.sum((1, 2)) == 50).all()
    assert (AWAY.sum(0) == 1).all()
    assert windows(2, 120).sum((1, 2)).tolist() == [50, 50, 20, 50, 50, 20]


@pytest.mark.parametrize("normalize", [False, True])
def test_it_is_captums_infidelity(normalize):
    net = Smooth().eval().double()
    maps = gradient(net)
    theirs = captum.metrics.infidelity(
        lambda x: outputs(net, x), remove, X, maps, n_perturb_samples=len(AWAY), normalize=normalize
    )
    moved = found(net)
    if normalize:
        ours = scaled(said(maps, True), moved) * moved.square().mean(-1)
    else:
        ours = infidelity(said(maps, True), moved)
    assert ours.numpy() == pytest.approx(theirs.numpy(), rel=1e-5)


def test_a_contribution_is_read_as_captum_divides_by_the_input():
    net = Smooth().eval().double()
    maps = gradient(net)
    assert said(X * maps, False).numpy() == pytest.approx(said(maps, True).numpy(), rel=1e-5)


def test_it_is_0_on_a_linear_network_and_1_for_a_map_of_nothing():
    net = Window().eval().double()
    moved, maps = found(net), gradient(net)
    assert infidelity(said(maps, True), moved).abs().max() < 1e-9
    assert infidelity(said(X * maps, False), moved).abs().max() < 1e-9
    assert scaled(said(maps, True), moved).abs().max() < 1e-9
    assert scaled(-3 * said(maps, True), moved).abs().max() < 1e-9  # β takes scale and sign away
    assert scaled(said(0 * maps, True), moved).numpy() == pytest.approx(1.0)


def test_it_is_the_mean_squared_error_of_a_slow_loop():
    net = Smooth().eval().double()
    maps, moved, total = gradient(net), found(net), 0.0
    for window, away in enumerate(AWAY):
        inner = sum(float(a) * float(b) for a, b in zip(maps[0][away], X[0][away], strict=True))
        total += (inner - float(moved[0, window])) ** 2
    ours = infidelity(said(maps, True), moved)[0]
    assert float(ours) == pytest.approx(total / len(AWAY), rel=1e-6)
