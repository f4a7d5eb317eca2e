"""`ecglens prepare`: what was there, what was left out and why, and the same again after a stop."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

Prepare = Callable[..., tuple[int, str, str]]
LUDB = Path(__file__).parents[3] / "tests" / "data" / "ludb"


def begun(folder: Path, *words: str) -> subprocess.Popen[str]:
    """The command as a process of its own, which can be stopped."""
    return subprocess.Popen(
        [sys.executable, "-m", "ecglens", "prepare", "hydra.run.dir=run", *words],
        cwd=folder,
        env={**os.environ, "ECGLENS_STORE": str(folder / "store"), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done(running: subprocess.Popen[str]) -> tuple[int, str, str]:
    printed, errors = running.communicate(timeout=1800)
    return running.returncode, printed, errors


@pytest.fixture
def prepare(door: Callable[..., "subprocess.CompletedProcess[str]"], tmp_path: Path) -> Prepare:
    """Run the command with an empty store: its exit status, what it printed and its errors."""

    def prepared(*words: str) -> tuple[int, str, str]:
        given = ("prepare", "hydra.run.dir=run", *words)
        found = door("ecglens", *given, ECGLENS_STORE=str(tmp_path / "store"))
        return found.returncode, found.stdout, found.stderr

    return prepared


@pytest.fixture
def ludb(tmp_path: Path) -> Path:
    """Six records: one without its signal, one of another gain, one in atrial fibrillation."""
    folder = tmp_path / "ludb"
    (folder / "data").mkdir(parents=True)
    names = ("1", "9", "27", "38", "52", "109")
    (folder / "RECORDS").write_text("".join(f"data/{name}\n" for name in names))
    for name in names:
        for file in (LUDB / "data").glob(f"{name}.*"):
            shutil.copyfile(file, folder / "data" / file.name)
    (folder / "data" / "9.dat").unlink()
    header = folder / "data" / "27.hea"
    header.write_text(header.read_text().replace("/mV", "/V"))
    return folder


@pytest.mark.heavy
def test_it_says_who_was_left_out_and_how_the_labels_spread(
    prepare: Prepare, tmp_path: Path, ludb: Path
) -> None:
    words = ("data=ludb", f"data.path={ludb}")
    status, printed, errors = prepare(*words)
    assert status == 0, errors
    page = Path(printed.splitlines()[-1])
    run = page.parent
    assert page.name == "preparation.html"
    assert "ludb: 6 ECGs" in printed
    excluded = pd.read_csv(run / "excluded.csv", dtype=str).set_index("record")["reason"]
    assert "9.dat" in excluded["9"]
    assert f"  {len(excluded)} left out" in printed
    assert all(f"1 × {reason}: {name}" in printed for name, reason in excluded.items())
    labels = pd.read_csv(run / "labels.csv").set_index("label")
    usable = 6 - len(excluded)
    assert set(labels["n"] + labels["missing"]) == {usable}
    missing = pd.read_csv(run / "missing.csv", dtype=str)
    lacking = labels["missing"][labels["missing"] > 0]
    assert dict(missing["label"].value_counts()) == dict(lacking)
    assert "3 × not in the labels that came with the record: 38, 52, 109" in printed
    text = page.read_text(encoding="utf-8")
    assert f"ludb: {usable} usable ECGs of 6" in text
    assert "http" not in text.replace("http://www.w3.org", "")
    for name in ("labels", "beats", "spectrum"):
        assert (run / f"{name}.png").stat().st_size > 10_000

    blocks = {path: path.stat().st_mtime_ns for path in (tmp_path / "store/beats").iterdir()}
    status, again, errors = prepare(*words)
    assert again == printed
    assert blocks == {
        path: path.stat().st_mtime_ns for path in (tmp_path / "store/beats").iterdir()
    }


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("~data", "got none for data; leave out ~"),
        ("~input", "got none for input.name, input.samples; leave out ~"),
        ("~gallery", "got none for gallery; leave out ~"),
        ("gallery=few", "gallery to be an int, got 'few'"),
    ],
)
def test_a_setting_that_is_left_out_or_of_another_type_gets_one_line(
    prepare: Prepare, word: str, said: str
) -> None:
    status, _, errors = prepare(word)
    (line,) = errors.strip().splitlines()
    assert (status, said in line) == (2, True), line


@pytest.mark.heavy
def test_a_page_may_be_without_beats(prepare: Prepare) -> None:
    status, printed, errors = prepare("data=exact", "data.n=8", "gallery=0")
    assert status == 0, errors
    run = Path(printed.splitlines()[-1]).parent
    assert (run / "spectrum.png").is_file()
    assert not (run / "beats.png").is_file()
    status, _, errors = prepare("data=exact", "data.n=8", "gallery=-3")
    assert (status, "expected a gallery of 0 or more, got -3" in errors) == (2, True), errors


def test_a_source_of_which_nothing_can_be_used_still_says_why(
    prepare: Prepare, tmp_path: Path, ludb: Path
) -> None:
    for file in (ludb / "data").glob("*.dat"):
        file.write_bytes(b"")
    status, printed, errors = prepare("data=ludb", f"data.path={ludb}")
    assert status == 2
    assert "6 left out" in printed
    assert (tmp_path / "run/preparation.html").is_file()
    assert errors.splitlines()[-1] == (
        "ecglens: expected usable ECGs, got none of 6; the reasons are above"
    )


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("how", "status"),
    [
        pytest.param(signal.SIGINT, 130, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, 143, marks=pytest.mark.long, id="SIGTERM"),
    ],
)
def test_a_stopped_preparation_ends_at_once_and_goes_on(
    prepare: Prepare, tmp_path: Path, how: signal.Signals, status: int
) -> None:
    words = ("data=exact", "data.n=512", "data.noise_uv=5.0", "input=rhythm")
    running = begun(tmp_path, *words)
    while not list((tmp_path / "store").glob("strips/*/x.npy")):
        assert running.poll() is None, "it ended before it could be stopped"
        time.sleep(0.05)
    running.send_signal(how)
    ended, _, errors = done(running)
    assert (ended, "Traceback" in errors) == (status, False)
    assert "stopped; the same command resumes from here" in errors
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("store/strips/*/x.npy")}
    assert len(kept) <= 4  # of 8 blocks: a worker may end the one it has begun
    ended, printed, errors = prepare(*words)
    assert ended == 0, errors
    assert "512 usable" in printed
    assert all(path.stat().st_mtime_ns == at for path, at in kept.items() if path.exists())


def test_a_rate_that_was_not_given_is_asked_for_by_its_name(
    prepare: Prepare, tmp_path: Path
) -> None:
    words = ("data=columns", f"data.path={tmp_path}", "data.unit=mV")
    status, _, errors = prepare(*words)
    assert status == 2
    assert "the setting data.fs_hz, got none; give it as data.fs_hz=…" in errors.splitlines()[-1]
