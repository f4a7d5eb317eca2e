"""Links in a store, a run or a folder of results: nothing is written or removed behind them."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from ecglens.eval import chunks
from ecglens.jobs import begin
from ecglens.models import load_weights, weights
from ecglens.store import Step, Store
from torch import nn

from .conftest import renamed

BEATS = Step("beats", 1)


def beside(tmp_path: Path) -> Path:
    """A folder of somebody else, two levels deep as a store."""
    (mine := tmp_path / "elsewhere" / "letters" / ("0" * 16)).mkdir(parents=True)
    (mine / "will.txt").write_text("all to my cat")
    return mine


def test_prune_removes_no_folder_that_the_store_did_not_make(tmp_path: Path, command) -> None:
    mine = beside(tmp_path)
    mine.rename(mine.with_name("2026"))
    status, said = command("store", "prune", "--yes", "--store", tmp_path / "elsewhere")
    assert (status, "removed 0 of 0" in said) == (0, True)
    assert (mine.with_name("2026") / "will.txt").is_file()


@pytest.mark.parametrize("linked", ["a step", "a result", "a part", "a file"])
def test_prune_removes_nothing_behind_a_link(linked: str, tmp_path: Path, command) -> None:
    mine, root = beside(tmp_path), tmp_path / "store"
    made = Store(root).folder(BEATS, {}, lambda part: None)
    if linked == "a step":
        (root / "curves").symlink_to(mine.parent)
    elif linked == "a file":
        (made / "will.txt").symlink_to(mine / "will.txt")
        (made / "all").symlink_to(mine)
        os.link(mine / "will.txt", made / "hard.txt")
    else:
        ending = ".part" if linked == "a part" else ""
        (root / "beats" / f"{'1' * 16}{ending}").symlink_to(mine)
    command("store", "prune", "--yes", "--store", root)
    assert not made.exists()
    assert (mine / "will.txt").read_text() == "all to my cat"


def test_a_repeated_job_removes_no_finding_behind_a_link(tmp_path: Path) -> None:
    finding = beside(tmp_path) / "finding.json"
    finding.touch()
    (tmp_path / "run" / "findings").mkdir(parents=True)
    (tmp_path / "run" / "findings" / "default").symlink_to(finding.parent)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "findings").symlink_to(finding.parent.parent)
    for name in ("run", "other"):
        begin(tmp_path / name, None)
    assert finding.is_file()


def test_a_result_is_not_built_behind_a_link(tmp_path: Path) -> None:
    mine, store = beside(tmp_path), Store(tmp_path / "store")
    (mine / ".part-letter").write_text("kept")
    part = store.unfinished(store.path(BEATS, {}))
    part.parent.mkdir(parents=True)
    part.symlink_to(mine)

    def build(part: Path) -> None:
        (part / "a").write_text("1")

    store.folder(BEATS, {}, build)
    assert sorted(each.name for each in mine.iterdir()) == [".part-letter", "will.txt"]
    assert (store.path(BEATS, {}) / "a").read_text() == "1"


def test_collected_files_replace_links_and_names_stay_in_their_folder(
    foreign: Path, finding: Path, tmp_path: Path, command
) -> None:
    made = finding / "finding.json"
    evil = {"saliency": "../a", "default": "../b", "pr": "../c"}
    made.write_text(json.dumps(renamed(json.loads(made.read_text("utf-8")), evil)))
    mine = beside(tmp_path) / "will.txt"
    (tmp_path / "collected").mkdir()
    names = ("jobs.csv", "scores.csv", "scores.parquet", "report.html")
    for name in names:
        (tmp_path / "collected" / name).symlink_to(mine)
    (foreign / "report.html").write_text("")
    before = {each for each in tmp_path.rglob("*") if "collected" not in each.parts}
    status, said = command("collect", foreign)
    assert status == 0, said
    assert mine.read_text() == "all to my cat"
    assert not any((tmp_path / "collected" / name).is_symlink() for name in names)
    after = {each for each in tmp_path.rglob("*") if "collected" not in each.parts}
    assert {each.relative_to(tmp_path).parts[0] for each in after - before} <= {"store"}


@pytest.mark.parametrize("name", ["findings/default/finding.json", ".hydra/hydra.yaml"])
@pytest.mark.parametrize("kind", ["a device", "a pipe", "a folder"])
def test_what_is_no_file_is_refused_before_it_is_read(
    kind: str, name: str, foreign: Path, finding: Path, command
) -> None:
    file = foreign / name
    file.unlink()
    if kind == "a pipe":
        os.mkfifo(file)  # reading it would wait for ever
    elif kind == "a folder":
        file.mkdir()
    else:
        file.symlink_to("/dev/zero")
    status, said = command("collect", foreign)
    assert (status, said.count("\n")) == (2, 1)


def swapped(path: Path, other: Path, check):
    """The check, behind which another process puts another file in the place of this one."""

    def checked(*given: object) -> None:
        check(*given)
        other.replace(path)

    return checked


def test_weights_that_are_swapped_behind_their_check_are_those_that_were_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (nn.Linear(2, 1) for _ in range(2))
    file, other = tmp_path / "a.pt", tmp_path / "b.pt"
    torch.save(one.state_dict(), file)
    torch.save(two.state_dict(), other)
    monkeypatch.setattr(weights, "check_unpacked", swapped(file, other, weights.check_unpacked))
    assert torch.equal(load_weights(nn.Linear(2, 1), file).weight, one.weight)


def test_arrays_that_are_swapped_behind_their_check_are_those_that_were_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, other = tmp_path / "a.npz", tmp_path / "b.npz"
    np.savez(file, x=np.zeros(3))
    np.savez(other, x=np.ones(3))
    monkeypatch.setattr(chunks, "check_unpacked", swapped(file, other, chunks.check_unpacked))
    with chunks.opened_arrays(file) as kept:
        assert not kept["x"].any()
