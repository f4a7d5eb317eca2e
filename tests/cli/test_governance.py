"""ECGs that may not leave this machine: nothing of them is in what W&B would send, or on a page."""

import json
import os
import socket
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from ecglens import registry
from ecglens.datamodules import EcgData, Target, data_sets, open_source
from ecglens.ecg import LEADS, draw_exact, exact_record
from ecglens.store import Store, write_text

from ..offline_runs import read_run
from .conftest import ROOT, SHOWN
from .test_front_doors import last_line

OPEN = {"exact", "deepfake", "deepfake_files", "ludb", "ptbxl", "cinc", "cpsc2018", "code15"}
OPEN |= {"mimic_iv_ecg"}
# Of an ECG, a patient, a folder, a table and a file that cannot be read: each is there alone.
SECRETS = ("Okonkwo", "Lindqvist", "Ward7", "outcomes", "Harrison")
N = 40


@pytest.mark.parametrize("name", data_sets())
def test_every_source_says_whether_it_may_leave_and_why(name: str) -> None:
    places = (folder / "data" / f"{name}.yaml" for folder in registry.folders())
    (text,) = (file.read_text("utf-8") for file in places if file.is_file())
    (line,) = [line for line in text.splitlines() if line.startswith("may_leave_machine:")]
    assert yaml.safe_load(text)["may_leave_machine"] is (name in OPEN)
    assert len(line.partition("#")[2].split()) > 2


def test_saying_so_changes_no_fingerprint(tmp_path: Path) -> None:
    target = Target("pr", "ms", "pr")
    source = {"name": "exact", "n": 4}
    kept = [
        EcgData(source | said, "median", target, 4, 0, Store(tmp_path)).settings
        for said in ({}, {"may_leave_machine": True}, {"may_leave_machine": False})
    ]
    assert kept[0] == kept[1] == kept[2]


@pytest.mark.parametrize(("leaves", "mode"), [(True, 0o644), (False, 0o600)])
def test_files_are_private_once_ecgs_came_in_that_have_to_stay(
    tmp_path: Path, leaves: bool, mode: int
) -> None:
    before = os.umask(0o022)
    try:
        open_source({"name": "exact", "n": 1, "may_leave_machine": leaves})
        assert write_text(tmp_path / "page.html", "").stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)


@pytest.fixture
def ward(tmp_path: Path) -> list[str]:
    """Files of a hospital; the words of the command line that name them."""
    folder = tmp_path / "Ward7"
    folder.mkdir()
    for n in range(N):
        np.save(folder / f"Okonkwo{n}.npy", exact_record(draw_exact(0, n)).signal)
    np.save(folder / "Harrison.npy", np.full((12, 5000), np.nan))
    rows = [f"Okonkwo{n},Lindqvist{n}" for n in range(N)]
    (folder / "outcomes.csv").write_text("\n".join(["id,who", *rows]))
    leads = ",".join(LEADS)
    files = ["data.pattern=*.npy", "data.fs_hz=500", "data.unit=uV", f"data.leads=[{leads}]"]
    table = ["data.leads_in=rows", "data.table=outcomes.csv", "data.patient_column=who"]
    return ["data=columns", f"data.path={folder}", *files, *table]


def contents(*places: Path) -> dict[Path, bytes]:
    files = [file for place in places for file in [place, *place.rglob("*")] if file.is_file()]
    return {file: file.read_bytes() for file in files}


def others_may_open(folder: Path) -> list[Path]:
    """Files below a folder that others than their owner may open."""
    files = [each for each in folder.rglob("*") if each.is_file()]
    # Hydra's settings keep the mode of any file, in a folder that is closed.
    shut = [each.parent if each.parent.name == ".hydra" else each for each in files]
    return [each for each in shut if each.stat().st_mode & 0o077]


def found(words: list[bytes], files: dict[Path, bytes]) -> list[tuple[bytes, str]]:
    return [
        (word, file.name)
        for file, content in files.items()
        for word in words
        if word.lower() in content.lower()
    ]


def samples(signal: np.ndarray) -> list[bytes]:
    """Six samples in a row, as bytes of each kind and as text."""
    cut = signal[1, 248:254]
    kinds = [cut.astype(kind).tobytes() for kind in ("<f4", "<f8", "<i2")]
    texts = [", ".join(f"{value:.{digits}f}" for value in cut[:2]) for digits in (1, 3)]
    return [*kinds, *(text.encode() for text in texts), repr(float(cut[0])).encode()]


def protobuf_text(text: str) -> bytes:
    """As a field of W&B's own record holds it: its length, then its letters."""
    return bytes([len(text)]) + text.encode()


@pytest.mark.heavy
def test_nothing_of_a_wards_ecgs_leaves_and_its_pages_have_pseudonyms(door, tmp_path, ward):
    small = [word for word in SHOWN if not word.startswith("data")]
    run, store = tmp_path / "run", tmp_path / "store"
    words = (*small, *ward, "logger=default", f"hydra.run.dir={run}")
    page = last_line(door("train.py", *words, ECGLENS_STORE=str(store)))
    assert others_may_open(run) == others_may_open(store) == []
    (offline,) = (run / "wandb").glob("offline-run-*")
    names = [word.encode() for word in SECRETS]
    shown = np.load(run / "findings/default/gallery-0.npz")["x"]

    kept = contents(run / "wandb")
    assert found(names + samples(shown[0]), kept) == []
    # What `wandb sync` sends: not even where the run lies, on which machine, started how.
    sent = contents(offline / "files", next(offline.glob("*.wandb")))
    words = [str(tmp_path), str(ROOT), "hydra.run.dir", "output.log"]
    assert found([word.encode() for word in words], sent) == []
    assert protobuf_text(socket.gethostname()) not in b"".join(sent.values())
    # The same search finds them in what stays.
    local = contents(run / "findings", run / "pseudonyms.csv")
    assert {word for word, _ in found([*names, samples(shown[0])[0]], local)} >= {
        b"Okonkwo",
        b"Harrison",
        b"Ward7",
        samples(shown[0])[0],
    }
    logged = read_run(run / "wandb")
    pictures = {key for key, kind in logged.panels.items() if kind == "image-file"}
    figures = ("curves", "ranking", "ladder")
    assert pictures == {f"default/figure-{name}" for name in figures}
    assert {*logged.panels.values()} == {"image-file", "html-file"}
    assert logged.artifacts == {}
    assert logged.summary["fit_error"] > 0
    ranking = pd.read_csv(run / "findings/default/table.csv")
    (path,) = [each[key] for each in logged.history if (key := "default/ranking.path") in each]
    text = (logged.files / path).read_text("utf-8")
    assert all(f"<td>{value:.6g}</td>" in text for value in ranking["value"])

    report = contents(page, *run.glob("*.png"), *run.glob("pr-*.csv"))
    assert found(names, report) == []
    rows = pd.read_csv(run / "pseudonyms.csv")
    table = dict(zip(rows["name"], rows["pseudonym"], strict=True))
    (curves,) = json.loads((run / "findings/default/finding.json").read_text())["curves"]
    record = curves["gallery"]["records"][0]
    assert table[record] in page.read_text("utf-8")
    assert table["Harrison"] in page.read_text("utf-8")
