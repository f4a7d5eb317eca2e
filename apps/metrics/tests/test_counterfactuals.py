import pytest
from ecglens.eval import Networks, NotApplicable, load_finding, save_finding
from ecglens_metrics import Counterfactuals

from tests.eval.evaluations.sanity.networks import made_subject, trained
from tests.eval.networks import Window

LINEAR = ("saliency", "input_x_gradient", "integrated_gradients")


def test_maps_of_a_linear_network_say_exactly_how_it_moves(tmp_path):
    finding = Counterfactuals(ecgs=4)(Networks([Window().eval()]), made_subject(tmp_path, LINEAR))
    for method in LINEAR:
        assert finding.scores["cosine"][method] == pytest.approx(1.0, abs=1e-5)
        assert finding.scores["sign"][method] == pytest.approx(1.0)
    assert finding.scores["cosine"]["random"] == pytest.approx(0.0)
    assert finding.scores["sign"]["random"] == pytest.approx(0.5)
    sizes = finding.details["sizes"].set_index(["method", "label"])
    moved = finding.details["changes"].set_index("label")["mean_size"]
    assert moved["t"] > 10  # it reads T in V5
    for method, label in ((name, label) for name in LINEAR for label in ("t", "j")):
        assert sizes.loc[(method, label), "slope"] == pytest.approx(1.0, abs=1e-3)
        assert sizes.loc[(method, label), "error"] < 1e-3
    assert list(sizes.loc["saliency", "unit"].unique()) == ["slope"]
    assert list(sizes.loc["input_x_gradient", "unit"].unique()) == ["contribution"]


def test_the_gradient_of_a_trained_network_beats_the_signal(tmp_path):
    finding = Counterfactuals(ecgs=6)(Networks([trained(0)]), made_subject(tmp_path))
    values = finding.table.set_index(["measure", "method"])["value"]
    assert values["cosine", "saliency"] > 0.95
    assert values["cosine", "saliency"] > values["cosine", "abs_x"]
    again = load_finding(save_finding(finding, tmp_path / "finding"))
    assert again.table.equals(finding.table)
    assert len(finding.about.records) == 6


@pytest.mark.heavy
def test_numbers_of_an_ecg_do_not_depend_on_the_others(tmp_path):
    networks, subject = Networks([trained(0)]), made_subject(tmp_path)
    four, two = (Counterfactuals(ecgs=ecgs)(networks, subject) for ecgs in (4, 2))
    for measure, methods in two.scores.items():
        for name, values in methods.items():
            whole = four.scores[measure][name][..., :2]
            assert values == pytest.approx(whole, rel=1e-4, abs=1e-6, nan_ok=True)


def test_ecgs_that_are_not_exact_are_refused(tmp_path):
    subject = made_subject(tmp_path)
    foreign = subject.ecgs._replace(record=[f"ptb-{number}" for number in range(6)])
    with pytest.raises(NotApplicable, match="exact ECGs as drawn"):
        Counterfactuals()(Networks([trained(0)]), made_subject(tmp_path, ecgs=foreign))
    with pytest.raises(ValueError, match="at least 1 ECG"):
        Counterfactuals(ecgs=0)
