from importlib import import_module

import numpy as np
import pytest
import torch
from ecglens.ecg import LEADS
from ecglens.eval import Networks, load_finding, save_finding
from ecglens.explain import find
from ecglens.models import WithEach
from ecglens_metrics import Axioms
from ecglens_metrics.axiom_numbers import Baselines, removed
from ecglens_metrics.axioms import Unshifted, baseline_shift, leads_off, noisy, without

from tests.eval.evaluations.sanity.networks import few, made_subject, trained
from tests.eval.networks import Window

METHODS = ("saliency", "input_x_gradient", "gradient_shap")


def test_a_linear_network_keeps_every_axiom(tmp_path):
    networks, subject = Networks([Window().eval()]), made_subject(tmp_path, METHODS)
    found = Axioms(ecgs=4, copies=1)(networks, subject).scores
    assert found["completeness"]["input_x_gradient"] == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(found["completeness"]["saliency"]).all()  # a slope promises no sum
    for method in METHODS[:2]:
        assert found["infidelity"][method] == pytest.approx(0.0, abs=1e-6)
    assert found["infidelity"]["random"].mean() > 0.9
    assert found["sensitivity"]["saliency"] == pytest.approx(0.0)
    assert found["shift"]["saliency"] == pytest.approx(1.0)
    assert (found["shift"]["input_x_gradient"] < 1 - 1e-7).all()  # 0 µV is another baseline
    assert found["lead_off"]["input_x_gradient"] == pytest.approx(0.0)
    assert found["runs"]["saliency"] == pytest.approx(1.0)


def test_contributions_against_others_move_with_the_data(tmp_path):
    methods = ("saliency", "expected_gradients", "deeplift_shap")
    subject = made_subject(tmp_path, methods, background=few().x[:3] + 40.0)
    found = Axioms(ecgs=2, copies=1)(Networks([trained(0)]), subject).scores
    for method in methods[1:]:
        assert found["shift"][method] == pytest.approx(1.0, abs=1e-4)
        assert np.isfinite(found["completeness"][method]).all()


class Aged(torch.nn.Module):
    """A network that adds a year's millisecond."""

    def __init__(self) -> None:
        super().__init__()
        self.beat = Window()

    def forward(self, x, age):
        return self.beat(x) + age[:, None]


def test_a_network_with_values_beside_the_ecg_keeps_every_axiom(tmp_path):
    subject = made_subject(tmp_path, METHODS[:2])
    x = subject.ecgs.x
    net = WithEach(Aged().eval(), x, {"age": torch.arange(len(x)) * 1.0}).eval()
    found = Axioms(ecgs=len(x), copies=1)(Networks([net]), subject).scores
    assert found["shift"]["saliency"] == pytest.approx(1.0)
    assert found["completeness"]["input_x_gradient"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.heavy
def test_what_each_axiom_tells_apart_on_a_trained_network(tmp_path):
    finding = Axioms(ecgs=4)(Networks([trained(0)]), made_subject(tmp_path, METHODS))
    found = finding.scores
    assert found["shift"]["saliency"] == pytest.approx(1.0, abs=1e-6)
    assert found["shift"]["input_x_gradient"].mean() < 0.9
    assert (found["lead_off"]["saliency"] > 0).all()
    assert (found["lead_off"]["input_x_gradient"] == 0).all()
    assert (found["runs"]["gradient_shap"] < 0.99).all()
    assert found["runs"]["saliency"] == pytest.approx(1.0)
    assert (found["sensitivity"]["saliency"] > 0).all()
    # As robust as a map can be: what ignores the network and draws its own numbers.
    assert found["noise"]["random"] == pytest.approx(1.0)
    assert abs(found["runs"]["random"].mean()) < 0.1
    again = load_finding(save_finding(finding, tmp_path / "finding"))
    assert again.table.equals(finding.table)


def test_a_method_that_cannot_explain_the_shifted_network_keeps_its_other_axioms(tmp_path):
    subject = made_subject(tmp_path, ("saliency", "lrp_composite"))
    finding = Axioms(ecgs=2, copies=1)(Networks([trained(0)]), subject)
    found = finding.scores
    assert np.isnan(found["shift"]["lrp_composite"]).all()
    assert np.isfinite(found["noise"]["lrp_composite"]).all()
    assert np.isfinite(found["shift"]["saliency"]).all()
    assert any(note.startswith("no shift is tested on lrp_composite: ") for note in finding.notes)
    assert not any("left out" in note for note in finding.notes)


def test_what_is_removed_is_read_once(tmp_path, monkeypatch):
    subject = made_subject(tmp_path)
    net = Window().eval()
    before = removed(net, subject)
    x = subject.ecgs.x[2].clone()
    x[LEADS.index("V5"), 300:350] = 0.0
    with torch.no_grad():
        fall = float(net(subject.ecgs.x[2:3]) - net(x[None]))
    assert before[2, LEADS.index("V5") * 12 + 6] == pytest.approx(fall, abs=1e-3)
    module = import_module("ecglens_metrics.axiom_numbers")
    monkeypatch.setattr(module, "predictions", None)
    assert np.array_equal(removed(net, subject), before)


def test_the_baseline_is_the_methods_own(tmp_path):
    background = few().x[:3] + 100.0
    subject, net = made_subject(tmp_path, background=background), trained(0)
    baselines = Baselines(net, subject)
    with torch.no_grad():
        zero, mean = float(net(torch.zeros(1, 12, 600))), float(net(background).mean())
    assert baselines.of(find("input_x_gradient")) == pytest.approx(zero, rel=1e-5)

    assert baselines.of(find("expected_gradients")) == pytest.approx(mean, rel=1e-5)
    with torch.no_grad():
        of_mean = float(net(background.mean(0, keepdim=True)))
    against_mean = find("deeplift_shap", against="mean")
    assert baselines.of(against_mean) == pytest.approx(of_mean, rel=1e-5)
    lines = baselines.of(find("shapley_sampling"))
    assert len({*lines.tolist()}) == 6  # each ECG's own level and ends


def test_a_shift_is_taken_off_again_and_obeys_einthovens_law():
    net, x, shift = trained(0), few().x, baseline_shift()
    with torch.no_grad():
        moved = Unshifted(net, shift).eval()(x + shift)
        assert moved.numpy() == pytest.approx(net(x).numpy(), rel=1e-5)
    one, two, three = (float(shift[LEADS.index(lead)]) for lead in ("I", "II", "III"))
    assert (one, two, three) == (100.0, 100.0, 0.0)


def test_noise_is_that_of_the_ecg_and_the_copy():
    x, names = few().x, few().record
    made = noisy(x, names, 0, 0)
    chest = made[:, 6:] - x[:, 6:]
    assert 9 < chest.abs().max() <= 10.001
    assert torch.equal(noisy(x[2:3], names[2:3], 0, 0), made[2:3])
    assert not torch.equal(noisy(x, names, 0, 1), made)
    limbs = made - x
    assert (limbs[:, 2] - limbs[:, 1] + limbs[:, 0]).abs().max() < 1e-2


def test_a_chest_lead_of_each_ecg_is_off():
    x, names = few().x, few().record
    off = leads_off(names, 0)
    assert set(off) <= {*range(6, 12)}
    assert len({*leads_off([str(number) for number in range(60)], 0)}) == 6
    made = without(x, off)
    for ecg, lead in enumerate(off):
        assert not made[ecg, lead].any()
        rest = [each for each in range(12) if each != lead]
        assert torch.equal(made[ecg, rest], x[ecg, rest])


def test_wrong_settings_are_refused():
    with pytest.raises(ValueError, match="at least 1 ECG and 1 copy"):
        Axioms(copies=0)
