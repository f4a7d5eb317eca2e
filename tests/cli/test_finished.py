"""Runs that have finished: by the same command they are neither computed nor drawn again."""

import json
import os
import time
from pathlib import Path

import pytest
from ecglens.jobs.finished import FRESH_S, _beside, decided_by, finished_page, note_finished
from ecglens.jobs.folders import FAILED, MARK, SHARD, begin
from ecglens.store import Step, Store, write_text

from .conftest import SMALL, started

SETTINGS = {"data": {"_target_": "ecglens.datamodules.readers.exact.Exact", "n": 8}, "store": "s"}


@pytest.mark.heavy
def test_the_second_run_of_a_sweep_loads_neither_torch_nor_matplotlib(door, store, tmp_path):
    words = ("-m", "target=pr", *SMALL, "hydra.sweep.dir=sweep")
    first = door("train.py", *words)
    assert first.returncode == 0, first.stderr
    pages = [tmp_path / "sweep/0/report.html", tmp_path / "sweep/report.html"]
    drawn = [page.stat().st_ino for page in pages]
    # Without them there is no network, heatmap, curve or figure.
    imports = {"PYTHONPROFILEIMPORTTIME": "1"}
    again = started("train.py", *words, cwd=tmp_path, store=store, **imports)
    assert again.stdout.splitlines() == [str(page) for page in pages]
    names = {line.rpartition("|")[2].strip() for line in again.stderr.splitlines()}
    assert "hydra" in names
    assert not names & {"torch", "matplotlib", "scipy", "pandas"}
    assert "sweep/0/report.html: finished before, nothing has changed since" in again.stderr
    assert [page.stat().st_ino for page in pages] == drawn
    pages[0].unlink()
    assert door("train.py", *words).returncode == 0
    assert [page.stat().st_ino for page in pages] != drawn


def finished(folder: Path, store: Store) -> Path | None:
    return finished_page(folder, decided_by(SETTINGS, "train"), store.root)


@pytest.fixture
def run(tmp_path: Path) -> tuple[Path, Store, Path]:
    """Folder of a finished run, its store, and the folder in it that the run made."""
    folder, store = tmp_path / "run", Store(tmp_path / "store")
    (folder / "findings" / "default").mkdir(parents=True)
    (folder / "findings" / "default" / "finding.json").write_text("{}")
    (folder / "report.html").write_text("<html>")
    made = store.folder(Step("networks", 1), {}, lambda part: (part / "w").touch() and None)
    note_finished(folder, decided_by(SETTINGS, "train"), store.root)
    assert finished(folder, store) == folder / "report.html"
    return folder, store, made


def test_a_run_is_made_again_where_one_of_its_files_has_changed(run):
    folder, store, _ = run
    (folder / "findings" / "default" / "finding.json").write_text("{ }")
    assert finished(folder, store) is None


def test_a_run_is_made_again_where_the_store_lacks_what_it_used(run):
    folder, store, made = run
    made.rename(made.with_suffix(".damaged"))
    assert finished(folder, store) is None


def test_a_run_that_failed_in_the_end_is_made_again_and_one_that_finished_has_not_failed(run):
    """Two processes in one folder: one of them ends by an error, the other with a page."""
    folder, store, _ = run
    (folder / FAILED).write_text("{}")
    mark = json.loads((folder / MARK).read_text())
    state = (folder / FAILED).stat()
    mark["files"][str(folder / FAILED)] = [
        state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino
    ]  # fmt: skip
    (folder / MARK).write_text(json.dumps(mark))
    assert finished(folder, store) is None
    note_finished(folder, decided_by(SETTINGS, "train"), store.root)
    assert not (folder / FAILED).exists()
    assert finished(folder, store) == folder / "report.html"


def test_a_run_with_a_broken_mark_is_made_again(run):
    folder, store, _ = run
    (folder / MARK).write_text("{")
    assert finished(folder, store) is None


def test_a_run_is_decided_by_its_command_settings_and_files(tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text("id,qt\n")
    settings = SETTINGS | {"target": {"table": str(table)}}
    assert decided_by(settings, "train") is None  # it was written just now
    old = time.time() - 2 * FRESH_S
    os.utime(table, (old, old))
    found = decided_by(settings, "train")
    assert found == decided_by({**settings, "workers": 2, "store": "other"}, "train")
    assert found != decided_by(settings, "evaluate")
    assert found != decided_by({**settings, "ecgs": 8}, "train")
    table.write_text("id,pr\n")
    os.utime(table, (old, old))
    assert found != decided_by(settings, "train")


def test_a_file_in_the_home_folder_decides_a_run_too(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = SETTINGS | {"target": {"table": "~/labels.csv", "about": "~nobody-of-this-name"}}
    assert decided_by(settings, "train") is not None
    (tmp_path / "labels.csv").write_text("id,qt\n")
    assert decided_by(settings, "train") is None  # it was written just now


def test_a_file_that_is_named_from_the_folder_of_the_data_decides_a_run_too(tmp_path):
    (tmp_path / "ecgs").mkdir()
    table = tmp_path / "labels.csv"
    data = SETTINGS["data"] | {"path": str(tmp_path / "ecgs"), "table": "../labels.csv"}
    settings = SETTINGS | {"data": data}
    table.write_text("id,qt\n")
    old = time.time() - 2 * FRESH_S
    os.utime(table, (old, old))
    found = decided_by(settings, "train")
    table.write_text("id,pr\n")
    os.utime(table, (old, old))
    assert None is not found != decided_by(settings, "train")


@pytest.mark.parametrize("decided", ["decided", None])  # None: code of the user's own
def test_a_job_removes_the_tables_of_an_earlier_one_and_nothing_that_was_put_beside_them(
    run, decided
):
    folder, store, _ = run
    (folder / MARK).unlink()
    (folder / ".hydra").mkdir()
    (folder / ".hydra" / "config.yaml").touch()
    (folder / "notes.txt").touch()  # while the job runs, as `| tee run/notes.txt` does
    note_finished(folder, None, store.root)
    assert not (folder / MARK).exists()  # nothing beside the page is of this process
    write_text(folder / "pr-friedman.csv", "chi2")
    note_finished(folder, decided, store.root)
    begin(folder, "1/4")
    assert (folder / "pr-friedman.csv").exists()
    begin(folder, None)
    assert {path.name for path in folder.iterdir()} == {"notes.txt", ".hydra", "findings"}


def test_a_job_forgets_what_an_earlier_one_found_in_its_folder_but_a_shard_does_not(run):
    folder, store, _ = run
    (folder / "findings" / "of_mine").mkdir()
    begin(folder, "1/4")
    write_text(folder / SHARD, "{}")
    note_finished(folder, "decided", store.root)
    assert finished_page(folder, "decided", store.root) is None  # the page is not of the shard
    (folder / SHARD).unlink()
    assert finished(folder, store) == folder / "report.html"
    begin(folder, None)
    left = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert left == {"findings", "findings/of_mine"}


STARTS = ("", "/findings", "/findings/default", "/findings/default/finding.json", "/..")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        *((f"fit.start=run{each}", "expected in fit.start another") for each in STARTS),
        ("ecgs=-1", "expected ecgs above"),
    ],
)
def test_a_wrong_setting_removes_nothing_of_an_earlier_run(door, tmp_path, word, said):
    page = tmp_path / "run" / "report.html"
    page.parent.mkdir()
    page.touch()
    done = door("train.py", *SMALL, "hydra.run.dir=run", word)
    assert done.returncode == 2
    assert said in done.stderr
    assert page.exists()


def test_texts_that_are_no_files_are_settings_like_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = SETTINGS | {"target": {"name": "", "about": "long " * 100}}
    (tmp_path / "new.txt").touch()  # an empty name is not the current folder
    assert decided_by(settings, "train") is not None


def test_a_run_with_code_of_the_users_own_is_never_taken_for_finished():
    assert decided_by(SETTINGS, "train") is not None
    assert decided_by(SETTINGS | {"network": {"_target_": "mine.load"}}, "train") is None
    in_a_list = {
        "network": {"_target_": "ecglens_zoo.Inception", "parts": [{"_target_": "mine.C"}]}
    }
    assert decided_by(SETTINGS | in_a_list, "train") is None


def test_a_run_with_a_class_of_a_package_beside_the_core_is_decided_by_its_files_too(monkeypatch):
    settings = {"model": {"_target_": "ecglens_zoo.Inception"}}
    decided = decided_by(settings, "train")
    assert decided is not None
    assert "ecglens_zoo" in {folder.name for folder in _beside()}
    monkeypatch.setattr("ecglens.jobs.finished._beside", list)
    assert decided_by(settings, "train") != decided


def test_folders_that_link_to_each_other_are_looked_through_once(tmp_path):
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / name).mkdir()
        for number in range(8):  # 2^40 ways before the system refuses to follow more links
            (tmp_path / name / f"to {number}").symlink_to(tmp_path / other)
    (tmp_path / "a" / "ecg.csv").write_text("I")
    old = time.time() - 2 * FRESH_S
    os.utime(tmp_path / "a" / "ecg.csv", (old, old))
    assert decided_by(SETTINGS | {"path": str(tmp_path / "a")}, "train")
