"""A changed file is named in one line, or made again: never a stale page, never a traceback."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ecglens.eval import load_finding
from ecglens.jobs import finished_page, note_finished
from ecglens.store import Step, Store
from ecglens.store import folder as folders

from .conftest import edited


def doubled(path: Path) -> None:
    with np.load(path) as kept:
        arrays = {name: 2 * kept[name] for name in kept}
    np.savez(path, **arrays)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("scores.npz", doubled),
        ("curves-0.npz", doubled),
        ("table.csv", lambda path: path.write_text(path.read_text() + "\n")),
        ("scores.csv", Path.unlink),
        ("nonzero-7.npz", Path.touch),
    ],
)
def test_a_changed_file_of_a_finding_is_named(finding, foreign, command, name, change):
    change(finding / name)
    with pytest.raises(ValueError, match=rf"finding.* {name}"):
        load_finding(finding)
    status, said = command("collect", foreign)
    assert status == 2
    assert name in said.strip().splitlines()[-1]


MARKS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no names": dict.clear,
    "no files": lambda mark: mark.update(files={}),
    "files as text": lambda mark: mark.update(files="x"),
    "names as a number": lambda mark: mark.update(used=1),
    "numbers as names": lambda mark: mark.update(used=[1]),
    "not known what decided": lambda mark: mark.update(decided=None),
}


@pytest.mark.parametrize("name", MARKS)
@pytest.mark.parametrize("bare", [False, True])
def test_an_edited_mark_shows_no_stale_page(tmp_path, name, bare):
    (tmp_path / "findings").mkdir()
    page = tmp_path / "report.html"
    page.write_text("old")
    note_finished(tmp_path, "decided", tmp_path / "store")
    assert finished_page(tmp_path, "decided", tmp_path / "store") == page
    edited(tmp_path / "finished.json", MARKS[name])
    if bare:
        page.unlink()
    for decided in ("decided", None):
        assert finished_page(tmp_path, decided, tmp_path / "store") is None


def test_a_result_whose_checksums_were_removed_is_made_again(tmp_path, monkeypatch, capsys):
    store, step = Store(tmp_path), Step("things", version=1)

    def build(part: Path) -> None:
        (part / "x.txt").write_text("ours")

    folder = store.folder(step, {}, build)
    monkeypatch.setattr(folders, "_SOUND", set())
    (folder / "x.txt").write_text("theirs")
    edited(folder / "settings.json", lambda kept: kept.update(files={}))
    assert (store.folder(step, {}, build) / "x.txt").read_text() == "ours"
    assert "x.txt is not what was written" in capsys.readouterr().err


def test_what_is_no_list_of_checksums_is_one_line(finding):
    for wrong in ([], 1, {"scores.npz": 1}):
        edited(finding / "finding.json", lambda kept, wrong=wrong: kept.update(files=wrong))
        with pytest.raises(ValueError, match="finding"):
            load_finding(finding)
    plain = json.loads((finding / "finding.json").read_text())
    del plain["files"]  # as saved by 0.1
    (finding / "finding.json").write_text(json.dumps(plain))
    assert load_finding(finding).methods
