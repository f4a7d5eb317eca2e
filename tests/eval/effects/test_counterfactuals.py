import pytest
from ecglens.eval import Panel
from ecglens.eval.evaluation import NotApplicable
from ecglens.eval.evaluations.effects import Counterfactuals, counterfactuals

from ..networks import Window
from ..sanity.networks import setup, trained

LINEAR = ("saliency", "input_x_gradient", "integrated_gradients")


def test_maps_of_a_linear_network_say_exactly_how_it_moves(tmp_path):
    panel = counterfactuals([Window().eval()], setup(tmp_path, LINEAR), ecgs=4)
    for method in LINEAR:
        assert panel.scores["cosine"][method] == pytest.approx(1.0, abs=1e-5)
        assert panel.scores["sign"][method] == pytest.approx(1.0)
    assert panel.scores["cosine"]["random"] == pytest.approx(0.0)
    assert panel.scores["sign"]["random"] == pytest.approx(0.5)
    sizes = panel.details["sizes"].set_index(["method", "label"])
    moved = panel.details["changes"].set_index("label")["mean_size"]
    assert moved["t"] > 10  # it reads T in V5
    for method, label in ((name, label) for name in LINEAR for label in ("t", "j")):
        assert sizes.loc[(method, label), "slope"] == pytest.approx(1.0, abs=1e-3)
        assert sizes.loc[(method, label), "error"] < 1e-3
    assert list(sizes.loc["saliency", "unit"].unique()) == ["slope"]
    assert list(sizes.loc["input_x_gradient", "unit"].unique()) == ["contribution"]


def test_the_gradient_of_a_trained_network_beats_the_signal(tmp_path):
    panel = Counterfactuals(ecgs=6)([trained(0)], setup(tmp_path), None)
    values = panel.table.set_index(["measure", "method"])["value"]
    assert values["cosine", "saliency"] > 0.95
    assert values["cosine", "saliency"] > values["cosine", "abs_x"]
    assert panel.save(tmp_path / "panel")
    assert Panel.load(tmp_path / "panel").table.equals(panel.table)
    assert len(panel.records) == 6


def test_numbers_of_an_ecg_do_not_depend_on_the_others(tmp_path):
    net, asked = trained(0), setup(tmp_path)
    four, two = (counterfactuals([net], asked, ecgs=ecgs) for ecgs in (4, 2))
    for measure, methods in two.scores.items():
        for name, values in methods.items():
            whole = four.scores[measure][name][:, :2]
            assert values == pytest.approx(whole, rel=1e-4, abs=1e-6, nan_ok=True)


def test_ecgs_that_are_not_exact_are_refused(tmp_path):
    asked = setup(tmp_path)
    foreign = asked.ecgs._replace(record=[f"ptb-{number}" for number in range(6)])
    with pytest.raises(NotApplicable, match="exact ECGs as drawn"):
        counterfactuals([trained(0)], setup(tmp_path, ecgs=foreign))
    with pytest.raises(ValueError, match="at least 1 ECG"):
        Counterfactuals(ecgs=0)
