"""Twins behind moved inputs: what a move is, that maps follow it, and what the gate says."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from ecglens.ecg import LEADS
from ecglens.engine import BlackBox, generator
from ecglens.eval import (
    DECIDING,
    GATES,
    MOST_KEPT,
    Networks,
    NotApplicable,
    Perturbation,
    answers_of,
)
from ecglens.eval.evaluations.sanity import Weights
from ecglens.eval.evaluations.sanity.moved import Moved, follows, move, moved_twins, moves_of
from ecglens.eval.evaluations.sanity.twins import PROTOCOLS, Twin, judged
from ecglens.eval.heatmaps.probe import probe_of
from ecglens.explain import attribute, find, find_all
from ecglens.models import InputSpec, SmallResNet
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from benchmarks.template_maps import MeanMap, Mottled, OfOneNetwork, OnsetBump, SmoothedAbsX

from ...networks import T_IN, Window, exact_ecgs
from .networks import made_subject, trained

EVERYWHERE = torch.ones(12, 600, dtype=torch.bool)
MOVED = GATES["moved_verdict"]


@given(seed=st.integers(0, 10_000), leads=st.integers(1, 12), span=st.integers(1, 600))
@settings(max_examples=60, deadline=None)
def test_points_are_exchanged_among_those_that_are_read(seed, leads, span):
    read = torch.zeros_like(EVERYWHERE)
    read[:leads, 600 - span :] = True
    source = move(read, 50, generator(seed, "test"))
    assert sorted(source.flatten().tolist()) == list(range(7200))
    assert torch.equal(source[~read], torch.arange(7200).view(12, 600)[~read])
    lead, moment = source[read].view(leads, span) // 600, source[read].view(leads, span) % 600
    assert bool((lead == lead[:, :1]).all())
    if leads > 1:
        assert bool((lead[:, 0] != torch.arange(leads)).all())
    away = (moment - torch.arange(600 - span, 600)) % span
    rolled = away[:, 0]
    assert bool((away == rolled[:, None]).all())
    if span >= 100:
        assert bool(((rolled >= 50) & (rolled <= span - 50)).all())
    else:
        assert not rolled.any()


@pytest.mark.parametrize(
    "method",
    ["saliency", "input_x_gradient", "integrated_gradients", "deeplift", "guided_backprop",
     "lrp_epsilon", "occlusion"],
)  # fmt: skip
def test_a_map_of_the_network_behind_a_move_is_the_map_of_moved_ecgs_moved_back(method):
    net = trained(0)
    # Windows of occlusion are not exchanged as points are: leads alone.
    least = 301 if method == "occlusion" else 50
    source = move(EVERYWHERE, least, generator(0, "test"))
    x = exact_ecgs(3).x
    moved = x.flatten(1)[:, source.flatten()].view_as(x)
    behind = attribute(method, Moved(net, source), x)
    back = torch.empty_like(x).flatten(1)
    back[:, source.flatten()] = attribute(method, net, moved).flatten(1)
    size = behind.abs().amax()
    torch.testing.assert_close(behind / size, back.view_as(x) / size, rtol=1e-4, atol=1e-5)


def test_a_network_behind_its_spec_has_its_own_leads_window_and_frozen_statistics():
    spec = InputSpec(
        leads=("V5", "II"), samples=400, window="end", normalisation="z-score per lead"
    )
    torch.manual_seed(0)
    body = nn.Sequential(nn.Flatten(), nn.Linear(800, 1)).eval()
    net = spec.adapt(body, fs=500.0)
    x = exact_ecgs(4).x
    read = net.reads(600)
    source = move(read, 50, generator(0, "test"))
    assert bool((source[~read] == torch.arange(7200).view(12, 600)[~read]).all())
    behind, moved = Moved(net, source), x.flatten(1)[:, source.flatten()].view_as(x)
    torch.testing.assert_close(behind(x), net(moved))
    found = attribute("input_x_gradient", behind, x)
    assert not found[:, ~read.any(1)].any()
    back = torch.empty_like(x).flatten(1)
    back[:, source.flatten()] = attribute("input_x_gradient", net, moved).flatten(1)
    torch.testing.assert_close(found, back.view_as(x), rtol=1e-4, atol=1e-5)


def test_a_move_that_the_network_does_not_notice_is_passed_over(tmp_path):
    alike = BlackBox(lambda x: x.abs().mean((1, 2))[:, None])
    with pytest.raises(NotApplicable, match="0 of 50 moves change its outputs enough"):
        moves_of(alike, made_subject(tmp_path))
    found = moves_of(T_IN["V5"], made_subject(tmp_path))
    assert len(found) == 5
    assert all(each.agreement["output_r"] ** 2 < 0.5 for each in found)
    constant = BlackBox(lambda x: torch.zeros(len(x), 1))
    assert len(moves_of(constant, made_subject(tmp_path))) == 5


FIXED = {
    "frozen": lambda net, x: torch.jit.freeze(torch.jit.trace(net, x)),
    "exported": lambda net, x: torch.export.export(net, (x,)).module(),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("kind", FIXED)
def test_a_network_whose_mode_is_fixed_has_the_maps_of_the_live_one_behind_a_move(kind):
    layers = (nn.Conv1d(12, 2, 9), nn.ReLU(), nn.Flatten(), nn.Linear(1184, 1))
    net, x = nn.Sequential(*layers).eval(), exact_ecgs(1).x
    source = move(EVERYWHERE, 50, generator(0, "test"))
    expected = attribute("saliency", Moved(net, source), x)
    found = attribute("saliency", Moved(FIXED[kind](net, x), source), x)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-7)
    net.train()
    with pytest.raises(ValueError, match="got the module 'net' training"):
        attribute("saliency", Moved(net, source), x)


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Maps that never look at a hand-set network, and those that do, with all findings."""
    net, other = T_IN["V5"], T_IN["III"]
    methods = {
        "smoothed |x|": SmoothedAbsX(),
        "of another network": OfOneNetwork(find("saliency"), other),
        "mean map, kept": OfOneNetwork(MeanMap(), net),
        "mean map, hash noise": Mottled(OfOneNetwork(MeanMap(), net), "mean map"),
        "bump in T": OnsetBump("T", 60.0, 30.0, ("V5",)),
        "exact contributions": find("integrated_gradients", steps=16),
        "saliency": find("saliency"),
        "feature ablation": find("feature_ablation"),
    }
    background = exact_ecgs(8, start=200).x
    ecgs = exact_ecgs(16)
    ecgs = ecgs._replace(y=torch.full_like(ecgs.y, torch.nan))  # the network reads another T
    subject = made_subject(tmp_path_factory.mktemp("store"), (), ecgs=ecgs, background=background)
    subject = replace(subject, methods=methods)
    networks = Networks([net], permuted=other)
    gates = Weights(stages=0)(networks, subject)
    ranked = [Perturbation(**vars(each))(networks, subject) for each in DECIDING]
    return subject, gates, answers_of([*ranked, gates])[0]


BLIND = ("smoothed |x|", "of another network", "mean map, kept", "mean map, hash noise",
         "bump in T")  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("name", BLIND)
def test_a_map_that_never_looks_at_the_network_fails_whatever_its_shape(asked, name):
    _, gates, answer = asked
    row = gates.table.set_index("method").loc[name]
    assert row["moved_verdict"] == "fails"
    assert not row["moved_kept"] < 0.97  # or no more than random numbers
    assert answer.of[name].use == "do not use"


@pytest.mark.heavy
def test_true_maps_are_to_be_used(asked):
    _, gates, answer = asked
    true = ("exact contributions", "saliency")
    rows = gates.table.set_index("method").loc[[*true, "feature ablation"]]
    assert {*rows["moved_verdict"]} == {"passes"}
    assert (rows["moved_kept_high"] < MOST_KEPT).all()
    assert {*true} <= {*answer.use}
    assert answer.of["saliency"].gates[MOVED] == "passes"
    # A network on permuted labels was given, so that its gate is judged too.
    assert answer.of["saliency"].gates[GATES["labels_verdict"]] == "passes"
    assert GATES["redrawn_verdict"] not in answer.of["saliency"].gates


@pytest.mark.heavy
def test_the_scores_are_those_of_twins_by_hand(asked):
    """The share that is kept, again from maps of networks behind the same moves."""
    subject, gates, _ = asked
    net = T_IN["V5"]
    scored = probe_of(net, subject)
    own = Twin(lambda: net, subject.every_method).areas(scored)
    maps = [each.net for each in moves_of(net, subject)]
    areas = [Twin(lambda one=one: one, subject.every_method).areas(scored) for one in maps]
    row = gates.table.set_index("method").loc["saliency"]
    place = [each.name for each in PROTOCOLS].index(row["moved_why"])
    random = own["random"][place]
    kept = np.mean([each["saliency"][place] - random for each in areas], axis=0)
    share = kept.mean() / (own["saliency"][place] - random).mean()
    assert row["moved_kept"] == pytest.approx(share, rel=1e-6)
    assert gates.scores["kept"]["saliency"].mean() == pytest.approx(share, rel=1e-6)
    assert judged(own, areas, subject.patients)["saliency"].verdict == row["moved_verdict"]


@pytest.mark.heavy
def test_a_layer_that_cannot_be_redrawn_gives_moved_twins_and_dear_methods_fewer(tmp_path):
    subject = made_subject(tmp_path, ("saliency", "lime"))
    net = Window().eval()
    twins = moved_twins(net, subject, moves_of(net, subject))
    assert ["lime" in each.methods for each in twins] == [True, True, True, False, False]
    finding = Weights(stages=0)(Networks([Window().eval()]), subject)
    assert any("the network itself (Window)" in note for note in finding.notes)
    assert [*finding.table["labels_verdict"]] == ["not judged"] * 5


def test_a_black_box_without_gradients_has_moved_twins(tmp_path):
    box = BlackBox(lambda x: x[:, LEADS.index("V5"), 330:380].mean(1)[:, None])
    finding = Weights()(Networks([box]), made_subject(tmp_path, ("occlusion",)))
    row = finding.table.set_index("method").loc["occlusion"]
    assert row["moved_verdict"] == "passes"


@pytest.mark.heavy
def test_the_curve_of_a_layer_does_not_follow_a_move_and_has_no_twin(tmp_path):
    class Scaled(nn.Module):
        """A network with a weight that cannot be redrawn."""

        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.body, self.scale = SmallResNet(), nn.Parameter(torch.ones(1))

        def forward(self, x):
            return self.scale * self.body(x / 1e3)

    assert [*follows(find_all(["gradcam", "guided_gradcam", "saliency"]))] == ["saliency"]
    net, subject = Scaled().eval(), made_subject(tmp_path, ("gradcam", "saliency"))
    finding = Weights(stages=0)(Networks([net]), subject)
    rows = finding.table.set_index("method")
    assert rows["moved_verdict"]["gradcam"] == "not judged"
    assert any(note.startswith("gradcam is the curve of a layer") for note in finding.notes)
    (answer,) = answers_of([Perturbation()(Networks([net]), subject), finding])
    assert answer.of["gradcam"].gates[MOVED] == "cannot be had"
    assert answer.of["gradcam"].use != "use"
