"""The organiser's commands while experts vote."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from ecglens.cli.commands import main
from ecglens_study import Item, Refused, Settings, StudyStorage, Vote, read_guesses, read_votes

METHODS = ("saliency", "deeplift")
SETTINGS = Settings("my study", views=("full",), showings=1, practice=0, catch=0)


@pytest.fixture
def storage(tmp_path) -> StudyStorage:
    """Study of three ECGs; Ada has voted on all, Bob on one."""
    items = [
        Item(number, "pr", "full", f"ecg{number}", METHODS, "PR interval") for number in range(3)
    ]
    made = StudyStorage.create(tmp_path / "my_study", SETTINGS, items, METHODS)
    for expert, votes in (("Ada", 3), ("Bob", 1)):
        made.invite(expert)
        made.consent(expert)
        for order in range(1, votes + 1):
            made.shown(expert, order)
            made.vote(expert, order, Vote(1))
    return made


@pytest.fixture
def study(monkeypatch, capsys, storage, tmp_path) -> Callable[..., str]:
    """Output of `ecglens study COMMAND FOLDER` with these words."""

    def said(command: str, *words: object) -> str:
        given = [command, tmp_path / "my_study", *words]
        monkeypatch.setattr(sys, "argv", ["ecglens", "study", *map(str, given)])
        main()
        return capsys.readouterr().out

    return said


def test_a_new_link_ends_the_old_one(study, storage):
    storage.invite_organiser()
    old = storage.invite("Ada")
    said = study("invite", "--expert", "Ada", "--address", "https://study.example.org/")
    new = re.fullmatch(r"https://study\.example\.org/enter/(\S+)\n", said)
    assert new
    assert storage.session(storage.enter(new[1])).expert == "Ada"
    with pytest.raises(Refused, match="revoked"):
        storage.enter(old)


def test_an_expert_who_is_new_is_told_to_be(study, storage):
    storage.invite_organiser()
    assert study("invite", "--expert", "Cleo").startswith("new expert: Cleo\n")
    assert [each.expert for each in storage.overview()] == ["Ada", "Bob", "Cleo"]


def test_a_study_that_is_not_complete_has_no_new_links(study, storage):
    for words in (("--expert", "Cleo"), ("--organiser",)):
        with pytest.raises(SystemExit):
            study("invite", *words)
    assert [each.expert for each in storage.overview()] == ["Ada", "Bob"]
    assert not storage.is_complete


def test_the_organiser_gets_a_link_too(study, storage):
    storage.invite_organiser()
    token = study("invite", "--organiser").strip().rpartition("/")[2]
    assert storage.session(storage.enter(token)).organiser


def test_who_is_revoked_stays_counted_and_who_withdraws_does_not(study, storage):
    token = storage.invite("Ada")
    study("revoke", "--expert", "Ada")
    with pytest.raises(Refused, match="revoked"):
        storage.enter(token)
    assert {ballot.expert for ballot in storage.ballots()} == {"Ada", "Bob"}
    study("withdraw", "--expert", "Ada")
    assert {ballot.expert for ballot in storage.ballots()} == {"Bob"}


def test_the_log_says_who_did_it_and_how(study, storage, tmp_path, monkeypatch):
    storage.invite_organiser()
    monkeypatch.setenv("LOGNAME", "grace")
    study("invite", "--expert", "Ada")
    study("revoke", "--expert", "Ada")
    study("withdraw", "--expert", "Bob")
    study("export", "--to", tmp_path / "out")
    said = [f"{each.who} {each.action} {each.detail}" for each in storage.log()][-4:]
    assert said == [
        "Ada invited by grace, command line",
        "Ada revoked by grace, command line",
        "Bob withdrew by grace, command line",
        "organiser exported votes.csv and guesses.csv by grace, command line",
    ]


def test_an_erased_expert_is_in_no_byte_of_the_study(study, storage, tmp_path):
    storage.invite("Zacharias")
    storage.consent("Zacharias")
    storage.shown("Zacharias", 1)
    storage.vote("Zacharias", 1, Vote(1, comment="an opinion of his own"))
    storage.undo("Zacharias")
    storage.vote("Zacharias", 1, Vote(2))
    storage.note("organiser", "refused 422", "expected an expert, but 'Zacharias' has withdrawn")
    folder = tmp_path / "my_study"
    kept = len(storage.ballots())
    assert "would delete" in study("erase", "--expert", "Zacharias")
    assert len(storage.ballots()) == kept
    storage.close()
    assert "Zacharias is now called erased 3" in study("erase", "--expert", "Zacharias", "--yes")
    found = StudyStorage(folder)
    assert [each.expert for each in found.overview()] == ["Ada", "Bob", "erased 3"]
    assert len(found.ballots()) == kept - 1
    assert found.log()[-1].action == "erased"
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):  # guarded again
        sqlite3.connect(folder / "study.sqlite").execute("DELETE FROM votes")
    found.close()
    content = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert b"Zacharias" not in content
    assert b"an opinion" not in content


@pytest.mark.parametrize("command", ["revoke", "withdraw"])
def test_an_unknown_expert_is_one_clear_line(study, capsys, command):
    with pytest.raises(SystemExit):
        study(command, "--expert", "Eve")
    assert capsys.readouterr().err == (
        "ecglens: expected an expert of this study, one of Ada, Bob; got 'Eve'\n"
    )


def test_an_export_can_be_read_back_and_says_that_it_unblinds(study, storage, tmp_path):
    storage.finish("Ada")
    storage.guess("Ada", {"1": "saliency", "2": "unknown"})
    said = study("export", "--to", tmp_path / "out")
    assert read_votes(tmp_path / "out" / "votes.csv") == storage.ballots()
    assert len(read_guesses(tmp_path / "out" / "guesses.csv")) == 2
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}
    assert "name the methods" in said
    assert "the study is not locked" in said
    storage.lock()
    assert "the study is not locked" not in study("export", "--to", tmp_path / "out")


def test_an_export_without_votes_is_told(study, storage, tmp_path):
    for expert in ("Ada", "Bob"):
        storage.withdraw(expert)
    assert "0 votes" in study("export", "--to", tmp_path / "out")


def test_a_served_study_is_analysed_as_it_stands(study, tmp_path):
    page = Path(study("analyse", "--to", tmp_path / "analysis").strip())
    assert "my study" in page.read_text("utf-8")


def test_a_folder_without_a_study_is_one_clear_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["ecglens", "study", "serve", str(tmp_path)])
    with pytest.raises(SystemExit):
        main()
    (line,) = capsys.readouterr().err.splitlines()
    assert "run study create first" in line


def test_a_file_that_is_no_study_is_one_clear_line(study, capsys, storage, tmp_path):
    storage.lock()
    storage.close()
    (tmp_path / "my_study" / "study.sqlite").write_bytes(b"no database " * 100)
    with pytest.raises(SystemExit):
        study("export", "--to", tmp_path / "out")
    (line,) = capsys.readouterr().err.splitlines()
    assert "expected an undamaged study in" in line
    assert "got file is not a database" in line


@pytest.mark.heavy
def test_a_study_is_served_until_ctrl_c(storage, tmp_path):
    storage.invite_organiser()
    token = storage.invite("Ada")
    words = ("-m", "ecglens", "study", "serve", "my_study", "--port", "0")
    with subprocess.Popen(
        [sys.executable, *words],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as served:
        try:
            assert served.stdout
            address = served.stdout.readline().split()[-1]
            answer = httpx.get(f"{address}/enter/{token}", timeout=60)
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
        finally:
            served.send_signal(signal.SIGINT)
            assert served.wait(60) == 0
