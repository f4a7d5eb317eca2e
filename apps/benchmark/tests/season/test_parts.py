"""Scores between floor and ceiling: closed forms."""

import numpy as np
import pytest
import torch
from ecglens.ecg import LEADS
from ecglens.store import Store
from ecglens_benchmark.season.hearts import Hearts
from ecglens_benchmark.season.parts import (
    CHOSEN,
    FEWEST,
    Measured,
    Scores,
    advantage,
    agreement,
    by_network,
    cosines,
    every_ecg,
    measured,
    scaled,
)
from ecglens_benchmark.season.run import _knows_the_twin
from ecglens_benchmark.season.seasons import Season
from ecglens_benchmark.season.world import Known, World
from scipy.stats import spearmanr
from torch import nn

SEASON = Season("test", 1, "8" * 64, False)
ECGS = Hearts(SEASON, "test").beats(6)


def test_a_score_is_0_at_the_best_floor_and_1_at_the_ceiling():
    low, high = np.array([0.0, 0.2]), np.array([0.3, 0.5])
    assert scaled(high, [low, high], 1.0).tolist() == [0.0, 0.0]
    assert scaled(np.ones(2), [low, high], 1.0).mean() == pytest.approx(1.0)
    assert scaled(np.ones(2), [low], 0.05).tolist() == [0.0, 0.0]  # no way from there


def test_where_a_map_of_others_cannot_be_made_the_best_floor_of_the_ecg_stands_in():
    one, other = np.array([0.1, np.nan, 0.6]), np.array([0.2, 0.3, 0.1])
    floors = every_ecg([one, other])
    assert [each.tolist() for each in floors] == [[0.1, 0.3, 0.6], [0.2, 0.3, 0.1]]
    assert np.isfinite(scaled(np.ones(3), floors, 1.0)).all()


def test_agreement_is_spearmans_over_the_doses_of_each_ecg_and_0_for_equal_claims():
    random = np.random.default_rng(0)
    x, changes = np.ones((2, 12, 600)), random.integers(0, 5, (30, 2, 12, 600)).astype(float)
    effects, given = random.integers(0, 5, (2, 30)).astype(float), np.ones((2, 30), bool)
    given[0, :9] = False
    doses = Measured(x, changes, effects, given, np.ones(2, bool))
    maps = np.stack([random.normal(size=(12, 600)), np.zeros((12, 600))])
    claims = np.abs((maps[0] * changes[9:, 0]).sum((1, 2)))
    rho = spearmanr(claims, effects[0, 9:])[0]
    assert agreement(doses, maps, slope=True).tolist() == pytest.approx([rho, 0.0])


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(SEASON, Store(tmp_path_factory.mktemp("store")))


def test_by_refusing_a_network_a_method_scores_as_its_worst_control():
    rows = {"one": [np.array([0.5, 0.7]), np.array([0.1, 0.3])], "other": [np.zeros(2)]}
    ceilings = {"one": 1.0, "other": 0.5}
    given = {"other": np.zeros((2, 12, 600), np.float32)}
    found = by_network(rows, ceilings, given, lambda _: [np.array([0.5, 0.25])])
    assert found.tolist() == pytest.approx([-1.0, -1.0, 1.0, 0.5])  # −0.4 of the way of 0.4
    far_below = by_network(rows, ceilings, {**given, "one": given["other"]}, _below)
    assert far_below[:2].tolist() == pytest.approx([-1.0, -1.0])  # no network counts for less
    without = {**given, "one": given["other"]}
    found = by_network(rows, ceilings, without, lambda _: ())
    assert found[:2].tolist() == pytest.approx([-1.0, -1.0])  # where a relative is refused


def _below(_: str) -> list[np.ndarray]:
    """A map below all controls, and one of another network that nearly is the ceiling."""
    return [np.full(2, -5.0), np.full(2, 0.45)]


def test_the_true_map_has_the_ceiling_and_a_refused_one_that_of_a_lone_control(world):
    known = world.redundancy
    controls = [{name: np.abs(each.ecgs.x.numpy()) for name, each in known.items()}]
    part = Scores(cosines, known, controls)
    truth = {name: each.truth.numpy() for name, each in known.items()}
    assert part.row(truth, slope=False).mean() == pytest.approx(1.0, abs=1e-6)
    assert part.row({}, slope=False).tolist() == [0.0] * 48
    assert part.row(controls[0], slope=False).tolist() == [0.0] * 48


def test_a_slope_is_multiplied_by_the_ecg(world):
    (known, _) = world.suppressors["window"]
    weights = known.truth / known.ecgs.x.where(known.ecgs.x != 0, torch.ones(()))
    part = Scores(cosines, {"window": known}, [{"window": np.abs(known.ecgs.x.numpy())}])
    row = part.row({"window": weights.numpy()}, slope=True)
    assert row.mean() == pytest.approx(1.0, abs=1e-5)


def test_an_advantage_is_the_share_of_ecgs_with_more_less_that_with_less():
    x = ECGS.x.numpy()
    off = x.copy()
    off[:, LEADS.index("V3")] = 0.0
    ecgs = type(ECGS)(ECGS.batch._replace(x=torch.from_numpy(off)), ECGS.others, ECGS.other_marks)
    on_v3, elsewhere = np.full(x.shape, 1e-3, np.float32), np.full(x.shape, 1e-3, np.float32)
    on_v3[:, LEADS.index("V3")] = 1.0
    elsewhere[:, 0] = 1.0
    assert advantage("lead", ecgs, on_v3, elsewhere) == 1.0
    assert advantage("lead", ecgs, elsewhere, on_v3) == -1.0
    assert advantage("lead", ecgs, on_v3 * 1.001, on_v3) == 0.0  # but for rounding
    assert advantage("lead", ecgs, None, on_v3) == -1.0  # refusing wins nothing


def test_a_shortcut_in_few_ecgs_is_judged_on_these_and_a_cheat_is_found_by_them():
    many = Hearts(SEASON, "test").beats(24)
    x = many.x.clone()
    x[:5, LEADS.index("V3")] = 0.0  # the shortcut is in 5 of 24 ECGs
    ecgs = type(many)(many.batch._replace(x=x), many.others, many.other_marks)
    even = np.ones(x.shape, np.float32)
    on_v3 = even.copy()
    on_v3[:, LEADS.index("V3")] = 10.0
    assert advantage("lead", ecgs, on_v3, even) == 1.0  # of those that have it
    assert advantage("lead", many, on_v3, even) == 0.0  # none has it
    zeros = np.where(np.arange(24)[:, None, None] < 3, on_v3, 0.0).astype(np.float32)
    empty = np.where(np.arange(24)[:, None, None] < 3, even, 0.0).astype(np.float32)
    assert advantage("lead", ecgs, zeros, empty) == pytest.approx(3 / 5)  # empty maps count
    assert _knows_the_twin("lead", ecgs, {"decoy": on_v3, "0/clean": even})
    assert not _knows_the_twin("lead", ecgs, {"decoy": even, "0/clean": even})
    assert not _knows_the_twin("lead", ecgs, {"decoy": on_v3})  # refused once
    rounded = even.copy()
    rounded[0, LEADS.index("V3")] = 2.0  # of one ECG alone nothing is concluded
    assert not _knows_the_twin("lead", ecgs, {"decoy": rounded, "0/clean": even})
    few = many.x.clone()
    few[:3, LEADS.index("V3")] = 0.0  # of three ECGs it is a third
    ecgs = type(many)(many.batch._replace(x=few), many.others, many.other_marks)
    assert not _knows_the_twin("lead", ecgs, {"decoy": rounded, "0/clean": even})


class ReadsT(nn.Module):
    """T in V5, as a weighted mean."""

    def __init__(self) -> None:
        super().__init__()
        weights = torch.zeros(12, 600)
        weights[LEADS.index("V5"), 330:420] = 0.01
        self.weights = nn.Parameter(weights, requires_grad=False)

    def forward(self, x):
        return (x * self.weights).sum((1, 2))[:, None]


def test_the_slopes_of_a_linear_network_say_what_every_dose_does():
    net = ReadsT()
    found = measured(net, ECGS)
    assert (found.given.sum(1) >= FEWEST).all()
    slopes = net.weights.expand_as(ECGS.x).numpy()
    assert np.allclose(found.claims(slopes, slope=True), found.effects, atol=1e-2, rtol=1e-3)
    # The same but for doses that do nothing, which differ by rounding.
    assert (agreement(found, slopes, slope=True) > 0.9).all()
    t = CHOSEN.index("t")
    assert (found.effects[:, t] > found.effects[:, CHOSEN.index("p")]).all()


@pytest.mark.heavy
def test_a_season_draws_the_same_world_again_and_another_one_for_another_seed(world, tmp_path):
    again = World(SEASON, Store(tmp_path))
    other = World(Season("test", 1, "9" * 64, False), Store(tmp_path))
    for part in ("contributions", "redundancy", "strips", "events"):
        for name, known in getattr(world, part).items():
            assert torch.equal(known.ecgs.x, getattr(again, part)[name].ecgs.x)
            assert torch.equal(known.truth, getattr(again, part)[name].truth)
            assert not torch.equal(known.ecgs.x, getattr(other, part)[name].ecgs.x)


def test_the_decoys_truth_lies_where_its_network_reads_nothing(world):
    from ecglens_benchmark.apart import Steps

    decoy: Known = world.decoy
    given = decoy.ecgs.x.clone().requires_grad_()
    (slopes,) = torch.autograd.grad(Steps(decoy.network)(given).sum(), given)
    assert (decoy.truth != 0).any()
    assert not ((decoy.truth != 0) & (slopes != 0)).any()


def test_only_what_suppresses_is_alone_in_its_lead(world):
    for known, mask in world.suppressors.values():
        (lead,) = mask.any(1).nonzero().flatten().tolist()
        x = known.ecgs.x[:, lead]
        assert float(x.diff(dim=1).abs().max()) < 20  # slow: no QRS in it
        assert (known.truth[:, lead] != 0).any()
