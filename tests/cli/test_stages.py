"""Stages of a job as lines on a terminal."""

import re
import sys
import time

import pytest
from ecglens.jobs.loggers import Stages
from ecglens.jobs.runs import made_whole
from ecglens.store import Step, Store, begin_job


def job(stages: Stages) -> None:
    with stages.stage("networks"):
        time.sleep(0.2)
    with stages.stage("report"):
        pass
    stages.total()


def test_a_terminal_has_each_stage_with_its_time_and_the_total(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    job(Stages())
    said = capsys.readouterr()
    names, times = zip(*re.findall(r"^(.+): (\d+\.\d) s$", said.err, re.MULTILINE), strict=True)
    assert names == ("networks", "report", "total")
    networks, report, total = map(float, times)
    assert networks >= 0.2 > report
    assert total >= networks
    assert said.err.count("\n") == 3
    assert said.out == ""  # where the findings are


def test_a_time_of_a_minute_or_more_is_in_minutes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    stages = Stages(_clock=time.monotonic() - 90)
    stages.total()
    assert capsys.readouterr().err == "total: 1.5 min\n"
    assert stages.minutes == pytest.approx(1.5, abs=0.1)


def test_a_stage_that_fails_has_no_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with pytest.raises(ValueError, match="no ECGs"), Stages().stage("ECGs"):
        raise ValueError("no ECGs")
    assert capsys.readouterr().err == ""


def test_nothing_is_said_where_stderr_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    job(Stages())
    assert capsys.readouterr() == ("", "")


def test_the_time_of_a_job_says_something_of_the_next_where_it_found_nothing(tmp_path) -> None:
    store = Store.at(str(tmp_path))

    def made(kind: str) -> None:
        store.folder(Step(kind, version=1), {"seed": 0}, lambda part: None)

    begin_job()
    first = time.time() - 1
    made("networks")
    made("attributions")
    assert made_whole(store.root, first, may_fit=True)
    second = time.time() + 1
    assert not made_whole(store.root, second, may_fit=False)
    begin_job()
    made("networks")  # is found
    assert not made_whole(store.root, second, may_fit=True)
    assert made_whole(store.root, second, may_fit=False)
