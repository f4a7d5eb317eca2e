import numpy as np
import pytest
from ecglens.ecg import BIT, R_PEAK
from ecglens.eval.evaluations.sanity import SIGNS, Resolution, at_resolution

MAPS = np.arange(2 * 12 * 23, dtype=np.float32).reshape(2, 12, 23) * (-1) ** np.arange(23)
NO_WAVES = np.zeros((2, 23), np.int8)


def test_a_sample_is_what_the_map_has_there():
    assert np.array_equal(
        at_resolution(MAPS, Resolution("sample", "signed"), NO_WAVES), MAPS.reshape(2, -1)
    )
    magnitude = at_resolution(MAPS, Resolution("sample", "absolute"), NO_WAVES)
    assert np.array_equal(magnitude, np.abs(MAPS).reshape(2, -1))


@pytest.mark.parametrize(("scale", "width"), [("10 ms", 5), ("20 ms", 10), ("40 ms", 20)])
def test_a_window_is_summed_within_its_lead(scale, width):
    for sign, values in zip(SIGNS, (np.abs(MAPS), MAPS), strict=True):
        slow = [
            [lead[at : at + width].sum() for lead in one for at in range(0, 23, width)]
            for one in values
        ]
        assert at_resolution(MAPS, Resolution(scale, sign), NO_WAVES) == pytest.approx(
            np.array(slow)
        )


def test_a_wave_is_summed_over_all_beats_and_tp_is_what_is_left():
    segments = np.zeros((2, 23), np.int8)
    segments[:, 2:5] = BIT["P"]
    segments[:, [8, 9, 18, 19]] = BIT["QRS"]
    segments[:, 9] |= BIT["ST"] | R_PEAK
    table = at_resolution(MAPS, Resolution("wave × lead", "signed"), segments).reshape(2, 12, 6)
    assert table[..., 0] == pytest.approx(MAPS[..., 2:5].sum(-1))
    assert table[..., 2] == pytest.approx(MAPS[..., [8, 9, 18, 19]].sum(-1))
    assert table[..., 3] == pytest.approx(MAPS[..., 9])
    rest = [at for at in range(23) if at not in (2, 3, 4, 8, 9, 18, 19)]
    assert table[..., 5] == pytest.approx(MAPS[..., rest].sum(-1))
    assert np.isnan(table[..., [1, 4]]).all()  # no PQ, no T


def test_an_r_peak_alone_is_no_wave():
    segments = np.full((2, 23), R_PEAK, np.int8)
    table = at_resolution(MAPS, Resolution("wave × lead", "signed"), segments).reshape(2, 12, 6)
    assert table[..., 5] == pytest.approx(MAPS.sum(-1))
