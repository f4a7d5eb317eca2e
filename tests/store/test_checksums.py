"""A file of the store that has changed is never read."""

from pathlib import Path

import pytest
from ecglens.store import Step, Store, entries
from ecglens.store import folder as folders

STEP = Step("things", version=1)


@pytest.fixture(autouse=True)
def _another_process(monkeypatch: pytest.MonkeyPatch):
    """Nothing is verified yet, as in a process that has just begun."""
    monkeypatch.setattr(folders, "_SOUND", set())
    monkeypatch.setattr(folders, "_SAID", set())


def build(part: Path) -> None:
    (part / "below").mkdir(exist_ok=True)
    (part / "x.npy").write_bytes(bytes(range(256)) * 64)
    (part / "below" / "table.csv").write_text("id,pr\na,160\n")


def kept(root: Path) -> Path:
    found = Store(root).folder(STEP, {"n": 1}, build)
    folders._SOUND.clear()
    return found


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


TABLE = Path("below") / "table.csv"
DAMAGES = {
    "a bit of an array": lambda folder: flip(folder / "x.npy", 80_001),
    "a digit of a table": lambda folder: (folder / TABLE).write_text("id,pr\na,161\n"),
    "a shorter table": lambda folder: (folder / TABLE).write_text("id,pr\n"),
    "a missing file": lambda folder: (folder / "x.npy").unlink(),
    "other settings": lambda folder: (folder / "settings.json").write_text(
        (folder / "settings.json").read_text().replace('"n": 1', '"n": 2')
    ),
    "half of the settings": lambda folder: (folder / "settings.json").write_text("{"),
    "no settings": lambda folder: (folder / "settings.json").unlink(),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_it_is_named_moved_aside_and_computed_again(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = kept(tmp_path)
    whole = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    DAMAGES[name](folder)
    store = Store(tmp_path)
    assert not store.has(STEP, {"n": 1})
    assert store.folder(STEP, {"n": 1}, build) == folder
    (line,) = capsys.readouterr().err.splitlines()  # once
    assert str(folder) in line
    assert "not used but computed again" in line
    again = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert again == whole
    assert [each.state for each in entries(tmp_path)] == ["finished", "damaged"]


def test_any_flipped_bit_is_found(tmp_path: Path):
    folder = kept(tmp_path)
    for path in folder.rglob("*.*"):
        if not path.is_file() or path.name == "settings.json":
            continue
        for bit in range(0, 8 * path.stat().st_size, 997 if path.suffix == ".npy" else 7):
            flip(path, bit)
            folders._SAID.clear()
            assert not folders.is_sound(folder)
            flip(path, bit)
    folders._SAID.clear()
    assert folders.is_sound(folder)


def test_files_are_read_once_in_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    kept(tmp_path)
    read = []
    monkeypatch.setattr(folders, "damage", lambda folder: read.append(folder))
    for _ in range(3):
        Store(tmp_path).folder(STEP, {"n": 1}, build)
    assert len(read) == 1


def test_settings_with_several_numbers_as_keys_are_known_again(tmp_path: Path):
    settings = {"gain of lead": {2: 1.0, 10: 2.0}}
    Store(tmp_path).folder(STEP, settings, build)
    folders._SOUND.clear()
    assert Store(tmp_path).has(STEP, settings)


def test_a_second_damage_has_a_folder_of_its_own(tmp_path: Path):
    flip(kept(tmp_path) / "x.npy", 5)
    flip(kept(tmp_path) / "x.npy", 5)
    kept(tmp_path)
    assert sorted(each.folder.suffix for each in entries(tmp_path)) == [
        "",
        ".damaged",
        ".damaged-2",
    ]
