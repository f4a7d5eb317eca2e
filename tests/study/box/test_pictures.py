"""Pictures are kept once, under names that say nothing."""

import pytest

from .conftest import METHODS, draw_all


def test_pictures_are_drawn_once_and_a_create_goes_on(make, tmp_path):
    box = make()
    item = box.items[1]
    assert not box.has_sheet(item.ecg, item.view)
    with pytest.raises(ValueError, match="a sheet of ecg1 in the view full, it was not drawn"):
        box.sheet(item.ecg, item.view)
    with pytest.raises(ValueError, match="a map by saliency of ecg1 for pr"):
        box.map(item, "saliency")
    draw_all(box)
    kept = {path: path.read_bytes() for path in (tmp_path / "study" / "assets").iterdir()}
    draw_all(box)
    assert {*kept} == {*(tmp_path / "study" / "assets").iterdir()}
    assert box.has_map(item.target, item.ecg, item.view, "saliency")
    path, geometry = box.sheet(item.ecg, item.view)
    assert (path.read_bytes(), geometry) == (b"sheet", {"width_mm": 210.5})
    assert box.map(item, "saliency").read_text() == "pr ecg1 full saliency"


def test_a_file_name_says_nothing_of_its_method(make, tmp_path):
    box = make()
    draw_all(box)
    names = [path.name for path in (tmp_path / "study" / "assets").iterdir()]
    assert all(len(name) == 36 and int(name[:32], 16) for name in names)
    maps = {method: box.map(box.items[1], method).name for method in METHODS}
    assert len({*maps.values()}) == len(METHODS)
