"""Start of the server, its messages and addresses, and its end."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import httpx
import pytest
from ecglens_study.web.security import Buckets, Rate
from ecglens_study.web.server import hosts, serve, unencrypted
from ecglens_study.web.wording import time_left

from .conftest import WAIT_S, running, study_in

START = "import sys; from pathlib import Path; from ecglens_study.web import serve; "


@pytest.mark.heavy
def test_it_says_its_address_and_stops_cleanly_at_ctrl_c(tmp_path):
    study_in(tmp_path).invite_organiser()
    command = [sys.executable, "-c", START + "serve(Path(sys.argv[1]), port=0)", str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        address = run.stdout.readline().removeprefix("Which map?: ").strip()
        run.stdout.readline()
        assert httpx.get(f"{address}/static/icon.svg", timeout=WAIT_S).status_code == 200
        run.send_signal(signal.SIGINT)
        said, errors = run.communicate(timeout=60)
    assert (run.returncode, errors) == (0, "")
    assert said == "Stopped.\n"


def test_a_port_in_use_is_named(tmp_path):
    storage = study_in(tmp_path)
    storage.invite_organiser()
    with (
        running(storage, tmp_path) as study,
        pytest.raises(ValueError, match=f"free port.*:{study.port}"),
    ):
        serve(tmp_path, port=study.port)


def test_a_number_that_is_no_port_is_told(tmp_path):
    study_in(tmp_path).invite_organiser()
    with pytest.raises(ValueError, match="from 0, a free one, to 65535, got 70000"):
        serve(tmp_path, port=70_000)


def test_an_open_study_that_an_earlier_version_drew_is_not_served(tmp_path):
    storage = study_in(tmp_path)
    with pytest.raises(ValueError, match="not complete: its study create was interrupted"):
        serve(tmp_path)
    storage.invite_organiser()
    with closing(sqlite3.connect(tmp_path / "study.sqlite")) as file:
        file.execute("PRAGMA user_version = 5")
    with running(storage, tmp_path) as study:  # a port in use: no server starts
        with pytest.raises(ValueError, match="version 6, got 5: its maps look different now"):
            serve(tmp_path, port=study.port)
        storage.lock()  # nobody votes any more
        with pytest.raises(ValueError, match="free port"):
            serve(tmp_path, port=study.port)


def test_a_server_for_all_addresses_needs_the_one_that_experts_open():
    with pytest.raises(ValueError, match="expected the address that experts open"):
        hosts("0.0.0.0", "")
    with pytest.raises(ValueError, match="expected an address such as https"):
        hosts("127.0.0.1", "study.example.org")
    assert hosts("0.0.0.0", "https://study.example.org") == (("study.example.org",), True)
    assert hosts("10.0.0.5", "") == (("10.0.0.5",), False)


@pytest.mark.parametrize(
    ("host", "address", "warned"),
    [
        ("127.0.0.1", "", False),
        ("localhost", "http://127.0.0.1:9000", False),
        ("127.0.0.1", "https://study.example.org", False),
        ("127.0.0.1", "http://study.example.org", True),
        ("0.0.0.0", "https://study.example.org", True),
        ("10.0.0.5", "", True),
    ],
)
def test_links_in_clear_text_are_warned_of_whoever_sends_them(host, address, warned):
    assert unencrypted(host, *hosts(host, address)) == warned


def test_a_bucket_is_emptied_at_once_and_filled_by_time():
    now = [0.0]
    buckets = Buckets(Rate(2.0, 0.5), clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [True, True, False]
    assert buckets.take("b")
    now[0] = 2.0
    assert [buckets.take("a") for _ in range(2)] == [True, False]
    now[0] = 1000.0
    assert buckets.left("a") == 2


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(float("nan"), ""), (30.0, "less than a minute"), (61.0, "about 1 min"),
     (3590.0, "about 1 h"), (7830.0, "about 2 h 10 min")],
)  # fmt: skip
def test_the_time_left_is_said_as_well_as_it_is_known(seconds, said):
    assert time_left(seconds) == said
