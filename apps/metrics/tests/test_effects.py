import numpy as np
import pytest
import torch
from ecglens.ecg import WAVES
from ecglens.eval import Networks, NotApplicable, Subject, load_finding, save_finding
from ecglens.eval.subject import donors
from ecglens_metrics import Effects
from ecglens_metrics.wave_swaps import TYPICAL, measured, to_donor, weights

from tests.eval.evaluations.sanity.networks import made_subject, rho
from tests.eval.networks import Window

NET = Window().eval()
NETWORKS = Networks([NET])


def slow_effect(subject: Subject, ecg: int, draw: int) -> np.ndarray:
    """(lead and all, wave) of the linear network: the sum of its weights times the change."""
    x, segments = subject.ecgs.x, subject.ecgs.segments
    donor = donors(subject.ecgs.record, subject.patients, subject.seed, draw)[ecg]
    change = to_donor(x[ecg], segments[ecg], x[donor], segments[donor]).double().numpy()
    by_lead = (NET.weights.detach().double().numpy() * change) @ weights(segments[ecg].numpy()).T
    return np.concatenate([by_lead, by_lead.sum(0, keepdims=True)])


def test_the_effect_on_a_linear_network_is_its_weights_times_the_change(tmp_path):
    subject = made_subject(tmp_path)
    found = measured(NET, subject, 2)
    assert found.shape == (6, 2, 13, 5)
    for ecg, draw in ((0, 0), (3, 1)):
        assert found[ecg, draw] == pytest.approx(slow_effect(subject, ecg, draw), abs=1e-3)


def test_effects_are_kept(tmp_path, monkeypatch):
    subject = made_subject(tmp_path)
    before = measured(NET, subject, 1)
    monkeypatch.setattr("ecglens_metrics.wave_swaps.predictions", None)
    assert np.array_equal(measured(NET, subject, 1), before)


def test_the_measures_are_slow_loops_over_parts(tmp_path):
    subject = made_subject(tmp_path, ("input_x_gradient",))
    finding = Effects(donors=2)(NETWORKS, subject)
    x, segments = subject.ecgs.x.numpy(), subject.ecgs.segments.numpy()
    maps = x * NET.weights.detach().numpy()
    for ecg in (0, 4):
        size = np.mean([np.abs(slow_effect(subject, ecg, draw)) for draw in range(2)], 0)
        adds = -np.mean([slow_effect(subject, ecg, draw) for draw in range(TYPICAL)], 0)[:12]
        waves = weights(segments[ecg])
        own, signed = np.abs(maps[ecg]) @ waves.T, maps[ecg] @ waves.T
        expected = {
            "leads": rho(size[:12].ravel(), own.ravel()),
            "adds": (signed * adds).sum() / np.linalg.norm(signed) / np.linalg.norm(adds),
            "waves": rho(size[12], own.sum(0)),
        }
        for measure, value in expected.items():
            found = finding.scores[measure]["input_x_gradient"][0, 0, ecg]
            # Sums that are 0 but for float32's rounding may swap their ranks.
            assert found == pytest.approx(value, abs=2e-2 if measure == "leads" else 1e-6)


def test_what_the_network_reads_moves_it(tmp_path):
    finding = Effects(donors=2)(NETWORKS, made_subject(tmp_path, ("input_x_gradient",)))
    moved = dict(zip(WAVES, finding.details["waves"]["mean_size"], strict=True))
    assert max(moved, key=lambda wave: moved[wave]) == "T"
    assert moved["P"] < 1e-3  # the network reads samples 290 … 349 alone
    values = finding.table.set_index(["measure", "method"])["value"]
    assert values["leads", "input_x_gradient"] > values["leads", "abs_x"] + 0.1
    again = load_finding(save_finding(finding, tmp_path / "finding"))
    assert again.table.equals(finding.table)


def test_ecgs_of_one_patient_and_no_donors_are_refused_in_words(tmp_path):
    with pytest.raises(NotApplicable, match="all ECGs are of one"):
        Effects()(NETWORKS, made_subject(tmp_path, patients=("a",) * 6))
    with pytest.raises(ValueError, match="at least 1 donor"):
        Effects(donors=0)


def test_an_ecg_without_a_p_wave_has_no_effect_of_it(tmp_path):
    subject = made_subject(tmp_path)
    segments = subject.ecgs.segments.clone()
    segments[0] &= ~3  # neither P nor PQ
    subject = made_subject(tmp_path, ecgs=subject.ecgs._replace(segments=segments))
    found = torch.from_numpy(measured(NET, subject, 1))
    assert found[0, :, :, :2].isnan().all()
    assert found[0, :, :, 2:].isfinite().all()
    assert found[1].isfinite().all()
