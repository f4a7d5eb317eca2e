"""`ecglens store`: what is kept, and what of it may go."""

import os
import sys
import time
from pathlib import Path

import pytest
from ecglens.cli import commands
from ecglens.store import FINISHED, Entry, Step, Store
from ecglens.store.folder import locked
from ecglens_prepare.store_command import _total


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two steps, one result of them unused for ten days, and a build that was interrupted."""
    store = Store(tmp_path / "store")

    def build(part: Path) -> None:
        (part / "a.bin").write_bytes(b"1" * 500)

    for step, n in (("beats", 1), ("curves", 1), ("curves", 2)):
        store.folder(Step(step, 1), {"n": n}, build)
    old = time.time() - 10 * 86400
    os.utime(store.path(Step("curves", 1), {"n": 2}), (old, old))
    (store.path(Step("beats", 1), {"n": 7}).with_suffix(".part")).mkdir()
    return store.root


@pytest.mark.parametrize(
    ("size", "said"),
    [(999, "999 B"), (999_400, "999 kB"), (999_600, "1 MB"), (1_230_000_000_000, "1.23 TB")],
)
def test_a_size_has_three_digits_and_a_unit(size: int, said: str) -> None:
    assert _total([Entry("beats", Path(), size=size, state=FINISHED, used=0.0)]) == said


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Status and lines of a command."""

    def call(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["ecglens", "store", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            commands.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return call


def test_list_counts_results_by_step(root: Path, run):
    status, said = run("list", "--store", root)
    assert status == 0
    rows = [line.split()[:3] for line in said.splitlines()[1:-1]]
    assert rows == [
        ["beats", "finished", "1"],
        ["beats", "unfinished", "1"],
        ["curves", "finished", "2"],
    ]
    assert said.splitlines()[-1].startswith("4 results")


def test_show_has_the_settings_and_takes_the_first_digits(root: Path, run):
    name = Store(root).path(Step("beats", 1), {"n": 1}).name
    status, said = run("show", f"beats/{name[:7]}", "--store", root)
    assert status == 0
    assert '"n": 1' in said
    status, said = run("show", "curves/", "--store", root)
    assert status == 2
    assert "with which 2 begin" in said


def test_verify_names_what_has_changed(root: Path, run):
    assert run("verify", "--store", root)[0] == 0
    broken = Store(root).path(Step("curves", 1), {"n": 1}) / "a.bin"
    broken.write_bytes(b"2" * 500)
    status, said = run("verify", "--store", root)
    assert status == 1
    assert f"{broken.parent}: a.bin is not what was written" in said
    assert "1 of 4 results are damaged" in said


def test_prune_says_what_it_would_remove_and_removes_that(root: Path, run):
    words = ("prune", "--unused", "5", "--store", root)
    status, said = run(*words)
    assert status == 0
    assert "would remove 1 of 4 results" in said
    assert len(list(root.glob("*/*/"))) == 4
    assert "removed 1 of 4 results" in run(*words, "--yes")[1]
    assert not Store(root).has(Step("curves", 1), {"n": 2})
    assert Store(root).has(Step("curves", 1), {"n": 1})
    assert "removed 1 of 3" in run("prune", "--broken", "--yes", "--store", root)[1]
    assert "removed 1 of 2" in run("prune", "--step", "curves", "--yes", "--store", root)[1]
    assert Store(root).has(Step("beats", 1), {"n": 1})


def test_what_a_process_is_building_stays(root: Path, run):
    building = Store(root).path(Step("beats", 1), {"n": 7})
    with locked(building.with_suffix(".lock")):
        said = run("prune", "--broken", "--yes", "--store", root)[1]
    assert "1 are in use" in said
    assert building.with_suffix(".part").is_dir()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("list", "--store", "nowhere"), "expected a store in nowhere"),
        (("prune", "--step", "cuvres"), "expected a step of beats, curves, got 'cuvres'"),
        (("prune", "--unused", "-1"), "expected 0 or more days for --unused, got -1"),
        (("prune", "--unused", "nan"), "expected 0 or more days for --unused, got nan"),
    ],
)
def test_a_slip_is_one_line(words, reason, root: Path, run):
    status, said = run(*words, *(() if "--store" in words else ("--store", root)))
    assert status == 2
    assert reason in said
    assert len(said.splitlines()) == 1
