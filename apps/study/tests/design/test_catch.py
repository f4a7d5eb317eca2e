"""A planted map lies in the region that decides the target; the maps beside it do not."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.ecg import LEADS
from ecglens.eval import TargetRegion
from ecglens.eval.evaluation import NotApplicable
from ecglens_metrics import relevance_mass
from ecglens_study.known import RANDOM, maps_of, planted, shown_beside
from ecglens_study.settings import Item
from scipy.ndimage import binary_dilation, binary_erosion

from .inputs import AF, PR, QT, R, exact


@pytest.mark.parametrize("target", [PR, R, QT])
def test_a_planted_map_is_one_in_the_region_and_fades_within_10_ms(target):
    study_input = exact(target, 4)
    region = TargetRegion("both", target.edges, target.waves, target.lead)
    for place, points in enumerate(region.points(study_input.segments)):
        found = planted(study_input, place)
        near = np.ones((1, 11), bool)  # 5 samples to both sides
        outside = np.asarray(binary_dilation(points, near)) == 0
        core = np.asarray(binary_erosion(points, near), bool)
        assert not found[outside].any()
        np.testing.assert_allclose(found[core], 1, atol=1e-6)
        assert np.abs(np.diff(found)).max() < 0.2  # no hard edge
        assert found.sum() == pytest.approx(points.sum(), rel=1e-5)
        inside = relevance_mass(found.reshape(1, -1), points.reshape(1, -1))[0]
        assert inside > 0.9
        leads = [LEADS[lead] for lead in np.flatnonzero(found.any(1))]
        assert leads == ([target.lead] if target.lead else [*LEADS])


def test_no_map_can_be_planted_where_nothing_is_known():
    with pytest.raises(NotApplicable):
        planted(replace(exact(PR, 2), target=AF), 0)
    study_input = exact(PR, 2)
    study_input = replace(study_input, segments=np.zeros_like(study_input.segments))
    with pytest.raises(ValueError, match="expected an ECG with 20 ms around P onset"):
        planted(study_input, 0)


def test_a_control_that_lies_in_the_region_is_not_shown_beside_a_planted_map():
    pr, qt, r = exact(PR, 4), exact(QT, 4), exact(R, 4)
    assert shown_beside(pr, 0, "full", 4) == ("random", "abs_x", "abs_dx", "random 2")
    assert shown_beside(qt, 0, "full", 3) == ("random", "random 2", "random 3")
    # One lead has little of |dx/dt|; summed over leads, nearly all of it is in QRS.
    assert "abs_dx" in shown_beside(r, 0, "full", 3)
    assert "abs_dx" not in shown_beside(r, 0, "averaged", 3)
    assert shown_beside(pr, 0, "full", 1) == ("random",)


def item_of(study_input, *methods: str, ecg: str = "E001") -> Item:
    return Item(0, study_input.target.name, "full", ecg, methods, "PR interval")


def test_each_name_brings_the_map_of_its_own_ecg():
    study_input = exact(PR, 4)
    place = study_input.ecgs.index("E001")
    names = ("a", "abs_x", "planted", "random", "random 2", "random 3")
    maps = maps_of(study_input, item_of(study_input, *names))
    assert tuple(maps) == names
    np.testing.assert_array_equal(maps["a"], study_input.heatmaps["a"][place])
    np.testing.assert_array_equal(maps["abs_x"], np.abs(study_input.x[place]))
    np.testing.assert_array_equal(maps["planted"], planted(study_input, place))
    drawn = [maps[name].ravel() for name in names[3:]]
    # The correlation of 7200 independent values has an SD of 0.012.
    assert np.abs(np.corrcoef(drawn) - np.eye(3)).max() < 0.05
    for one in drawn:
        assert one.std() == pytest.approx(1, abs=0.05)


def test_a_random_map_is_the_same_at_each_drawing_and_another_on_another_ecg():
    study_input = exact(PR, 4)
    name = f"{RANDOM} 2"
    first = maps_of(study_input, item_of(study_input, name))[name]
    np.testing.assert_array_equal(first, maps_of(study_input, item_of(study_input, name))[name])
    other = maps_of(study_input, item_of(study_input, name, ecg="E002"))[name]
    assert not np.array_equal(first, other)


def test_a_name_that_is_no_map_is_refused():
    study_input = exact(PR, 2)
    with pytest.raises(ValueError, match=r"expected a map of random, .*got 'saliency'"):
        maps_of(study_input, item_of(study_input, "saliency"))
