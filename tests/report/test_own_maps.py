"""Heatmaps that were computed elsewhere are scored, ranked and drawn like those of a method."""

import re

import numpy as np
import pytest
import torch
from ecglens import evaluate, rank_methods
from ecglens.engine import sample_ids
from ecglens.eval.evaluations.sanity import Weights
from ecglens.explain import GivenMaps, attribute, find
from ecglens.models import as_network
from ecglens.report import twelve_lead_figure
from torch import nn

from .conftest import beats
from .test_library import Window

AGAIN = "somebody else's map"


@pytest.fixture(scope="module")
def net() -> nn.Module:
    torch.manual_seed(0)
    return Window().eval()


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return beats(8)


@pytest.fixture(scope="module")
def theirs(net: nn.Module, x: np.ndarray) -> np.ndarray:
    """Input × gradient by autograd alone."""
    own = torch.from_numpy(x).requires_grad_()
    net(own)[:, 0].sum().backward()
    assert own.grad is not None
    return own.grad.numpy() * x


@pytest.mark.heavy
def test_given_maps_score_as_the_method_that_made_them(net, x, theirs, tmp_path):
    ranked = rank_methods(net, x, methods=["input_x_gradient"], maps={AGAIN: theirs})
    table = ranked.table.set_index("method")
    assert table.loc[AGAIN, "value"] == pytest.approx(
        table.loc["input_x_gradient", "value"], rel=1e-6
    )
    assert table.loc[AGAIN, "kind"] == "method"
    assert any("the same maps" in each for each in ranked.cautions)
    shown = ranked.finding.curves[0].gallery.heatmaps[AGAIN]
    np.testing.assert_array_equal(shown, theirs[: len(shown)])
    assert "somebody else&#39;s map" in ranked.save(tmp_path / "page.html").read_text()


def test_given_maps_can_be_ranked_alone_on_a_function_without_gradients(net, x, theirs):
    def closed(z: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return net(torch.as_tensor(z)).numpy()

    ranked = rank_methods(as_network(closed), x, methods=[], maps={"theirs": theirs})
    assert {*ranked.table["method"]} == {"theirs", "random", "abs_x", "abs_dx"}
    assert ranked.ranking.best == "theirs"


@pytest.mark.heavy
def test_maps_belong_to_the_ecgs_at_their_places(net, x, theirs):
    right = rank_methods(net, x, methods=[], maps={"mine": theirs})
    order = np.random.default_rng(0).permutation(len(x))
    moved = rank_methods(net, x[order], methods=[], maps={"mine": theirs[order]})
    one, other = (
        dict(zip(each.finding.about.records, each.finding.scores["auc"]["mine"][0].T, strict=True))
        for each in (right, moved)
    )
    assert one.keys() == other.keys()
    for record, scores in one.items():
        np.testing.assert_allclose(other[record], scores, rtol=1e-5)
    ecg = attribute(GivenMaps(dict(zip(right.finding.about.records, torch.from_numpy(theirs),
                                       strict=True))), net, torch.from_numpy(x[order]))  # fmt: skip
    np.testing.assert_array_equal(ecg, theirs[order])


def test_given_maps_are_not_compared_with_themselves_as_those_of_a_twin(net, x, theirs):
    names = sample_ids(torch.from_numpy(x))
    given = GivenMaps(dict(zip(names, torch.from_numpy(theirs), strict=True)))
    methods = {"theirs": given, "saliency": find("saliency")}
    (found,) = evaluate(net, x, [Weights(stages=0, copies=1)], methods)
    assert {*found.table["method"]} == {"saliency", "random", "abs_x", "abs_dx"}


def test_an_ecg_without_a_map_is_refused(net, x, theirs):
    given = GivenMaps({"another": torch.from_numpy(theirs[0])})
    with pytest.raises(ValueError, match="got none for 8 of 8"):
        attribute(given, net, torch.from_numpy(x))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda maps: {"mine": maps[:4]}, r"maps['mine'] of the shape of x, (8, 12, 600)"),
        (lambda maps: {"mine": maps.transpose(0, 2, 1)}, "got (8, 600, 12)"),
        (lambda maps: {"mine": np.where(maps == maps.max(), np.nan, maps)}, "NaN or infinity in"),
        (lambda maps: {"abs_x": maps}, "or a control already, got 'abs_x'"),
        (lambda maps: {"input_x_gradient": maps}, "already, got 'input_x_gradient'"),
        (lambda _: {}, "expected maps by the name of their method"),
        (lambda _: {"mine": "no numbers"}, "expected maps['mine'] as an array"),
    ],
)
def test_maps_that_do_not_fit_are_one_line(net, x, theirs, change, words):
    with pytest.raises(ValueError, match=re.escape(words)) as problem:
        rank_methods(net, x, methods=["input_x_gradient"], maps=change(theirs))
    assert "\n" not in str(problem.value)


def test_one_ecg_under_two_maps_is_refused(net, x, theirs):
    twice = np.concatenate([x[:2], x[:1]])
    with pytest.raises(ValueError, match="got two of the same ECG"):
        rank_methods(net, twice, methods=[], maps={"mine": theirs[:3]})


def test_given_maps_are_told_apart_by_their_content(theirs):
    first, other = (GivenMaps({"ecg": torch.from_numpy(theirs[k])}) for k in range(2))
    assert first.digest != other.digest
    assert find("input_x_gradient") != first


@pytest.mark.heavy
def test_a_ranking_draws_itself_and_any_map_can_be_drawn_on_its_ecg(net, x, theirs, tmp_path):
    ranked = rank_methods(net, x, methods=[], maps={"theirs": theirs})
    figure = ranked.plot()
    labels = {text.get_text() for axes in figure.axes for text in axes.get_yticklabels()}
    assert {"theirs", "Random (control)"} <= labels
    drawn = twelve_lead_figure(x[0], theirs[0], "theirs")
    drawn.savefig(tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 10_000
