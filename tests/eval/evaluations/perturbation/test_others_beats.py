"""Beats of other patients' maps are the means of all maps at once, read a few at a time."""

import numpy as np
import pytest
import torch
from ecglens.datamodules import Batch
from ecglens.eval import Protocol, Subject
from ecglens.eval.chunks import Keeper
from ecglens.eval.curves import ANOTHER_PATIENT, MEAN_OF_OTHERS
from ecglens.eval.evaluations.perturbation import rung_curves as others_beats
from ecglens.eval.evaluations.perturbation.rung_curves import Rungs
from ecglens.eval.heatmaps.attributions import kept_attributions
from ecglens.eval.heatmaps.probe import probe_of
from ecglens.explain import find_all

from ...networks import Smooth, exact_ecgs

ECGS = 40  # in three chunks
PATIENTS = [f"patient {number % 17}" for number in range(ECGS)]  # of two or three ECGs, far apart


@pytest.mark.parametrize("held", [1, 4])
def test_the_mean_of_others_is_that_of_all_maps_at_once(monkeypatch, held):
    monkeypatch.setattr(others_beats, "HELD", held)
    x, y, segments, _ = exact_ecgs(4)
    rows = torch.arange(ECGS) % 4
    names = [f"ecg {row}" for row in range(ECGS)]
    ecgs = Batch(x[rows] + torch.arange(ECGS)[:, None, None], y[rows], segments[rows], names)
    methods = find_all(["input_x_gradient"])
    subject = Subject(ecgs, methods, patients=PATIENTS, progress=False)
    probe = probe_of(Smooth().eval(), subject)
    keeper = Keeper(subject.store, len(probe.chunks), lambda count: None)
    kept = kept_attributions(probe, methods["input_x_gradient"], 1, keeper)
    rungs = Rungs(probe, Protocol("default"), None)
    beats = rungs.beats(kept)

    maps = np.abs(kept.all("maps").astype(float))
    maps /= maps.sum((1, 2), keepdims=True)
    of = np.array(PATIENTS)
    for ecg in range(ECGS):
        others = [maps[of == each].mean(0) for each in sorted({*PATIENTS} - {PATIENTS[ecg]})]
        found = beats.of(MEAN_OF_OTHERS, ecg).numpy()
        # Exact beats have their R peaks at one sample: a beat is the whole map.
        np.testing.assert_allclose(found, np.mean(others, 0), rtol=1e-4, atol=1e-9)
        partner = beats.partner(ecg)
        assert PATIENTS[partner] != PATIENTS[ecg]
        assert torch.equal(beats.of(ANOTHER_PATIENT, ecg), beats.beat(partner))
    assert len(beats._held) <= held
