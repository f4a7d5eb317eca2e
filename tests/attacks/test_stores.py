"""A stranger's run does not choose where the key of pseudonyms and results are kept."""

import pytest
from ecglens.eval import load_finding
from ecglens.jobs import Job, names_of
from ecglens.store import secret
from ecglens.trust import sign

from .crafted import run, settings


@pytest.fixture
def evil(tmp_path):
    """Store of the stranger, who knows the key in it."""
    (tmp_path / "evil").mkdir()
    secret(tmp_path / "evil")
    return tmp_path / "evil"


@pytest.fixture
def opened(theirs, evil):
    """Finding of a run that names that store."""
    found = run(theirs / "run", settings(f"store={evil}")) / "findings" / "default"
    (theirs / "run" / ".hydra").mkdir(exist_ok=True)
    (theirs / "run" / ".hydra" / "config.yaml").write_text(f"store: {evil}\n")
    return found


def test_the_store_of_a_strangers_run_is_not_used(opened, evil, theirs, tmp_path, capsys):
    own = tmp_path / "store"
    names = names_of(theirs / "run")
    assert names.of("ludb", "1")
    assert names.key == secret(own) != secret(evil)
    assert Job.of_finding(load_finding(opened)).store.root == own
    (line,) = capsys.readouterr().err.splitlines()  # once
    assert f"{evil} is not used, but {own}" in line


def test_ones_own_run_keeps_its_store_in_any_folder(opened, evil, theirs, tmp_path, monkeypatch):
    sign(opened / "finding.json")
    monkeypatch.chdir(tmp_path)
    assert names_of(theirs / "run").key == secret(evil)
    found = load_finding(opened)
    assert (found.own, found.trusted) == (True, False)
    assert Job.of_finding(found).store.root == evil


@pytest.mark.parametrize("there", [False, True])
def test_a_run_by_the_default_store_uses_the_one_that_the_environment_names(
    theirs, tmp_path, monkeypatch, there
):
    found = run(theirs / "run", settings("store=store")) / "findings" / "default"
    sign(found / "finding.json")
    moved = tmp_path / "moved"
    (tmp_path / "elsewhere" / "store" if there else moved).mkdir(parents=True)
    monkeypatch.setenv("ECGLENS_STORE", str(moved))
    monkeypatch.chdir((tmp_path / "elsewhere") if there else tmp_path)
    assert Job.of_finding(load_finding(found)).store.root == moved


def test_a_run_by_a_relative_store_of_its_own_keeps_it_where_it_is(theirs, tmp_path, monkeypatch):
    found = run(theirs / "run", settings("store=other")) / "findings" / "default"
    sign(found / "finding.json")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ECGLENS_STORE", str(tmp_path / "moved"))
    assert Job.of_finding(load_finding(found)).store.root == tmp_path / "other"
    (tmp_path / "other").rmdir()
    assert Job.of_finding(load_finding(found)).store.root == tmp_path / "moved"


def test_a_run_whose_store_has_moved_is_found_there(theirs, tmp_path, monkeypatch):
    monkeypatch.delenv("ECGLENS_STORE", raising=False)
    named = tmp_path / "named"
    found = run(theirs / "run", settings(f"store={named}")) / "findings" / "default"
    sign(found / "finding.json")
    assert Job.of_finding(load_finding(found)).store.root == named
    monkeypatch.setenv("ECGLENS_STORE", str(tmp_path / "moved"))
    assert Job.of_finding(load_finding(found)).store.root == tmp_path / "moved"
    named.mkdir()
    assert Job.of_finding(load_finding(found)).store.root == named


def test_a_word_of_trust_takes_the_store_as_it_is_named(opened, evil):
    assert Job.of_finding(load_finding(opened, trust=True)).store.root == evil
