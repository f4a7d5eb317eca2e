"""Drawings are stored once, under random names."""

import pytest

from .conftest import METHODS, draw_all


def test_pictures_are_drawn_once_and_a_create_goes_on(make, tmp_path):
    storage = make()
    item = storage.items[1]
    assert not storage.drawings.has_sheet(item.ecg, item.view)
    with pytest.raises(ValueError, match="a sheet of ecg1 in view full, but it was not drawn"):
        storage.drawings.sheet(item.ecg, item.view)
    with pytest.raises(ValueError, match="a map by saliency of ecg1 for pr"):
        storage.drawings.map(item, "saliency")
    draw_all(storage)
    kept = {path: path.read_bytes() for path in (tmp_path / "study" / "assets").iterdir()}
    draw_all(storage)
    assert {*kept} == {*(tmp_path / "study" / "assets").iterdir()}
    assert storage.drawings.has_map(item.target, item.ecg, item.view, "saliency")
    path, geometry = storage.drawings.sheet(item.ecg, item.view)
    assert (path.read_bytes(), geometry) == (b"sheet", {"width_mm": 210.5})
    assert storage.drawings.map(item, "saliency").read_text() == "pr ecg1 full saliency"


def test_a_file_name_says_nothing_of_its_method(make, tmp_path):
    storage = make()
    draw_all(storage)
    names = [path.name for path in (tmp_path / "study" / "assets").iterdir()]
    assert all(len(name) == 36 and int(name[:32], 16) for name in names)
    maps = {method: storage.drawings.map(storage.items[1], method).name for method in METHODS}
    assert len({*maps.values()}) == len(METHODS)
