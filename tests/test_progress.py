"""Progress is a bar on a terminal, and in a log a line a minute."""

import sys
import time

import pytest
from ecglens import progress
from ecglens.progress import progress_bar


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that a clock shows, in a process without a bar yet."""
    now = [1000.0]
    monkeypatch.setattr("tqdm.std.time", lambda: now[0])
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress._Log, "last", 0.0)
    monkeypatch.setattr(progress, "LINE_S", 60.0)
    return now


def run(clock: list[float], doing: str, steps: int, seconds: float) -> None:
    with progress_bar(steps, doing) as bar:
        for _ in range(steps):
            clock[0] += seconds
            bar.update()


def test_a_log_gets_a_line_a_minute(clock, capsys):
    run(clock, "scoring", 10, 25.0)
    lines = capsys.readouterr().err.splitlines()
    assert [line.rpartition(",")[0] for line in lines] == [
        "scoring: 3 of 10, 01:15 so far",
        "scoring: 6 of 10, 02:30 so far",
        "scoring: 9 of 10, 03:45 so far",
    ]


def test_the_minute_is_that_of_all_work_of_the_process(clock, capsys):
    for doing in ("maps", "curves", "copies"):
        run(clock, doing, 5, 5.0)  # none of them takes a minute
    assert capsys.readouterr().err == "copies: 2 of 5, 00:10 so far, 00:15 left\n"


def test_work_of_less_than_a_minute_and_what_is_not_to_be_shown_leave_a_log_empty(clock, capsys):
    run(clock, "maps", 5, 10.0)
    with progress_bar(2, "hidden", shown=False) as bar:
        clock[0] += 600.0
        bar.update(2)
    assert capsys.readouterr() == ("", "")


def test_a_bar_within_a_bar_leaves_whole_lines(clock, capsys):
    with progress_bar(2, "outer") as outer:
        for _ in range(2):
            run(clock, "inner", 2, 40.0)
            outer.update()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("inner: 2 of 2, 01:20 so far") for line in lines)


def test_a_terminal_gets_a_bar(clock, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    run(clock, "scoring", 4, 25.0)
    said = capsys.readouterr().err
    assert "\r" in said
    assert "scoring: 100%|" in said
