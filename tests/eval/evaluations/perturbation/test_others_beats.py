"""Maps of other patients: laid from R and by waves, read a few at a time as all at once."""

import numpy as np
import pytest
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import Segments, segment_mask
from ecglens.eval import Protocol, Subject
from ecglens.eval.chunks import Keeper
from ecglens.eval.curves import ANOTHER_BY_WAVES, ANOTHER_PATIENT, MEAN_BY_WAVES, MEAN_OF_OTHERS
from ecglens.eval.evaluations.perturbation import others_maps
from ecglens.eval.evaluations.perturbation.others_maps import Laying
from ecglens.eval.evaluations.perturbation.rung_curves import Rungs
from ecglens.eval.heatmaps.attributions import kept_attributions
from ecglens.eval.heatmaps.folding import wave_marks
from ecglens.eval.heatmaps.probe import probe_of
from ecglens.explain import find_all
from torch import nn

from ...networks import Smooth, exact_ecgs

pytestmark = pytest.mark.heavy

ECGS = 40  # in three chunks
PATIENTS = [f"patient {number % 17}" for number in range(ECGS)]  # of two or three ECGs, far apart
DRAWS = range(2)


def slowly(here: np.ndarray, there: np.ndarray, length: int) -> np.ndarray:
    """The sample of a beat with marks `there` for each of one with marks `here`, one by one."""
    pairs = sorted({(-1.0, -1.0), (250.0, 250.0), *zip(here, there, strict=True), (length, length)})
    found = []
    for sample in range(length):
        after = next(k for k, (at, _) in enumerate(pairs) if at >= sample and k > 0)
        (a, to_a), (b, to_b) = pairs[after - 1], pairs[after]
        found.append(round(to_a + (sample - a) * (to_b - to_a) / (b - a)))
    return np.clip(found, 0, length - 1)


@pytest.mark.parametrize("held", [1, 4])
def test_maps_of_others_are_those_of_all_maps_at_once(monkeypatch, held):
    monkeypatch.setattr(others_maps, "HELD", held)
    x, y, segments, _ = exact_ecgs(4)
    rows = torch.arange(ECGS) % 4
    names = [f"ecg {row}" for row in range(ECGS)]
    ecgs = Batch(x[rows] + torch.arange(ECGS)[:, None, None], y[rows], segments[rows], names)
    methods = find_all(["input_x_gradient"])
    subject = Subject(ecgs, methods, patients=PATIENTS, progress=False)
    probe = probe_of(Smooth().eval(), subject)
    keeper = Keeper(subject.store, len(probe.chunks), lambda count: None)
    kept = kept_attributions(probe, methods["input_x_gradient"], 1, keeper)
    beats = Rungs(probe, Protocol("default"), None).beats(kept)

    maps = np.abs(kept.all("maps").astype(float))
    maps /= maps.sum((1, 2), keepdims=True)
    # Exact beats have their R peaks at one sample: a beat is the whole map, a mark a sample.
    marks = np.stack([wave_marks(each)[0, 1:] for each in ecgs.segments]) + 250
    usual = marks.mean(0)
    of = np.array(PATIENTS)
    with_usual = np.stack(
        [each[:, slowly(usual, own, 600)] for each, own in zip(maps, marks, strict=True)]
    )
    for ecg in range(ECGS):
        patients = sorted({*PATIENTS} - {PATIENTS[ecg]})
        mean, mean_with_usual = (
            np.mean([every[of == each].mean(0) for each in patients], 0)
            for every in (maps, with_usual)
        )
        found = {name: each.numpy() for name, each in beats.laid_on(ecg, DRAWS).items()}
        expected = mean_with_usual[:, slowly(marks[ecg], usual, 600)]
        for draw in DRAWS:
            partner = beats.partner(ecg, draw)
            donor = probe.donors(draw)[ecg]
            assert len({PATIENTS[ecg], PATIENTS[partner], PATIENTS[donor]}) == 3
            laid = {
                MEAN_OF_OTHERS: mean,
                MEAN_BY_WAVES: expected,
                ANOTHER_PATIENT: maps[partner],
                ANOTHER_BY_WAVES: maps[partner][:, slowly(marks[ecg], marks[partner], 600)],
            }
            for rung, one in laid.items():
                np.testing.assert_allclose(found[rung][draw], one, rtol=1e-4, atol=1e-9)
    assert len(beats._held) <= held
    partners = [[beats.partner(ecg, draw) for ecg in range(ECGS)] for draw in DRAWS]
    assert np.mean(np.array(partners[0]) == partners[1]) < 0.3  # another one in each draw


def strip(marks: Segments, *peaks: int) -> torch.Tensor:
    return torch.from_numpy(segment_mask(marks, 2500, peaks))


def test_each_beat_of_a_strip_is_stretched_by_its_own_marks():
    here = strip(Segments(180.0, 220.0, 235.0, 270.0, 320.0, 400.0), 100, 600, 1150, 1700, 2480)
    here |= strip(Segments(160.0, 220.0), 600)  # a longer P in the second beat
    there = strip(Segments(150.0, 220.0, 235.0, 270.0, 340.0, 400.0), 300, 900, 1500, 2100)
    marks = wave_marks(here)
    # R, then P, QRS and T; the end of the strip cuts off the last QRS and T.
    assert marks[0].tolist() == [0, -70, -30, -15, 20, 70, 150]
    assert marks[1].tolist() == [0, -90, -30, -15, 20, 70, 150]
    assert np.isnan(marks[4]).tolist() == [False] * 3 + [True] * 4
    x = torch.randn(2, 12, 2500)
    ecgs = Batch(x, torch.zeros(2, 1), torch.stack([here, there]), ["a", "b"])
    laying = Laying(probe_of(nn.Flatten(), Subject(ecgs, {}, progress=False)))
    moments = laying.by_waves(0, laying.marks[1]) + laying.frame.first
    for peak, on in ((600, -90), (1150, -70), (1700, -70)):
        assert moments[peak + on] == -100  # its P begins where the other one's does
        own = torch.tensor([-30, -15, 0, 20, 70, 150])
        assert moments[peak + own].tolist() == [-30, -15, 0, 20, 90, 150]


def test_without_marks_of_waves_there_is_one_way_to_lay_a_map():
    x, y, segments, names = exact_ecgs(4)
    bare = Batch(x, y, segments & 32, names)  # the R peak alone
    laying = Laying(probe_of(Smooth().eval(), Subject(bare, {}, progress=False)))
    assert laying.rungs == (MEAN_OF_OTHERS, ANOTHER_PATIENT)
    assert torch.equal(laying.by_waves(0, laying.marks[1]), laying.from_r(0))
