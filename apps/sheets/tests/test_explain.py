"""`ecglens explain`: from files to sheets with the network of a finished run."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens.cli.commands import main
from ecglens.datamodules import open_records
from ecglens.ecg import LEADS, median_beat
from ecglens.explain import find
from ecglens.trust import sign
from ecglens_sheets import EcgSheet, Supported, known_of, open_files, opened_run, write_sheets
from ecglens_sheets.ecgs import sheet_of

from tests.axe import findings
from tests.cli.conftest import ROOT

# Hydra still uses the mappings of `typing`.
pytestmark = pytest.mark.filterwarnings("ignore:.*PEP 585")
DATA = ROOT / "tests" / "data"
EXAMPLE = ROOT / "apps" / "formats" / "tests" / "data" / "dicom" / "Example.dcm"
ONE = DATA / "ludb" / "data" / "1.hea"
PASSED = Supported("saliency", "It passed.", "beats the controls", 1)


class Said(NamedTuple):
    """Exit status and output of a command."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(sweep) -> Path:
    """Folder of a finished run on the PR interval."""
    return sweep / "0"


@pytest.fixture
def explain(monkeypatch, capsys, tmp_path, run) -> Callable[..., Said]:
    """What `ecglens explain` says with these words, and its exit status."""

    def said(*words: object, of: Path = run) -> Said:
        given = ["ecglens", "explain", *map(str, words), "--run", str(of)]
        monkeypatch.setattr(sys, "argv", given)
        monkeypatch.chdir(tmp_path)
        status = 0
        try:
            main()
        except SystemExit as stopped:
            status = int(stopped.code or 0)
        return Said(status, *capsys.readouterr())

    return said


def plain(folder: Path, key: str) -> dict:
    """The numbers of a sheet."""
    return json.loads((folder / f"{key}.json").read_text())


@pytest.mark.heavy
def test_a_sheet_has_the_output_of_the_network_for_the_median_beat(explain, run, tmp_path):
    other = ONE.with_name("41.hea")
    leaves = ("--set", "may_leave_machine=true")
    said = explain(ONE, other, *leaves, "--to", "out", "--fhir", "--dicom")
    assert said.status == 0, said.err
    written = {each.name for each in (tmp_path / "out").iterdir()}
    assert {"1.fhir.json", "1.dcm", "41.fhir.json", "41.dcm"} <= written
    table = pd.read_csv(tmp_path / "out" / "sheets.csv")
    assert len(table) == 2
    records = {record.id: record for record in open_records("ludb", DATA / "ludb")}
    net = opened_run(run).net
    for name in ("1", "41"):
        x = torch.from_numpy(median_beat(records[name]).signal[None])
        with torch.no_grad():
            expected = float(net(x)[0, 0])
        found = plain(tmp_path / "out", name)
        assert found["outputs"] == {"pr": pytest.approx(expected, rel=1e-5)}
        assert found["test"].keys() == {"mae", "rmse", "bias", "r2"}
        assert table.loc[table["ecg"].astype(str) == name, "value"].item() == pytest.approx(
            expected
        )


def test_axe_finds_nothing_on_the_pages_of_sheets(explain, browser, tmp_path):
    assert explain(ONE, "--to", "out").status == 0
    pages = sorted((tmp_path / "out").glob("*.html"))
    assert len(pages) == 2
    for each in pages:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(each.as_uri())
        assert findings(page) == []
        page.close()


@pytest.mark.heavy
def test_every_ecg_of_a_wfdb_archive_has_the_sheet_of_its_record(explain, tmp_path):
    with zipfile.ZipFile(tmp_path / "ward.wfdb", "w") as archive:
        for name in ("1.hea", "1.dat", "41.hea", "41.dat"):
            archive.write(ONE.with_name(name), name)
    leaves = ("--set", "may_leave_machine=true")
    assert explain(tmp_path / "ward.wfdb", *leaves, "--to", "packed").status == 0
    assert explain(ONE, ONE.with_name("41.hea"), *leaves, "--to", "loose").status == 0
    packed, loose = (
        pd.read_csv(tmp_path / to / "sheets.csv").set_index("ecg")["value"]
        for to in ("packed", "loose")
    )
    assert [*packed.index] == ["ward/1", "ward/41"]
    assert [*packed] == [*loose]


@pytest.mark.heavy
def test_a_method_that_was_not_tested_enough_is_not_drawn_and_the_sheet_says_why(explain, tmp_path):
    said = explain(ONE, "--set", "may_leave_machine=true")
    assert said.status == 0, said.err
    assert said.out.splitlines()[-1] == str(tmp_path / "sheets" / "sheets.html")
    found = plain(tmp_path / "sheets", "1")
    assert found["heatmap"] is None
    assert "Do not use its maps" in found["heatmap_reason"]  # 4 ECGs show no reading
    page = (tmp_path / "sheets" / "1.html").read_text()
    assert "No heatmap." in page
    assert "not for diagnosis" in page


@pytest.mark.heavy
def test_sheets_of_a_call_that_was_stopped_are_listed(run, tmp_path, monkeypatch, capsys):
    known = known_of(opened_run(run))
    leaves = {"may_leave_machine": True}
    write_sheets(open_files([ONE], "", leaves), known, tmp_path)
    given = open_files([ONE, ONE.with_name("41.hea")], "", leaves)
    made = []

    def stopped(*about: Any) -> EcgSheet:
        if made:
            raise KeyboardInterrupt
        made.append(sheet_of(*about))
        return made[0]

    monkeypatch.setattr("ecglens_sheets.write.sheet_of", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_sheets(given, known, tmp_path)
    assert [*pd.read_csv(tmp_path / "sheets.csv", dtype=str)["ecg"]] == ["1"]
    assert "1.html, in place of an earlier sheet of this name" in capsys.readouterr().out


@pytest.mark.heavy
def test_a_supported_method_is_drawn_as_it_explains_the_beat(run, tmp_path):
    found = known_of(opened_run(run))
    shown = replace(found, supported=PASSED, method=find("saliency"))
    given = open_files([ONE], "", {"may_leave_machine": True})
    assert write_sheets(given, shown, tmp_path).left_out == 0
    sheet = plain(tmp_path, "1")
    x = torch.tensor([sheet["x_uv"]], dtype=torch.float32, requires_grad=True)
    found.net(x)[0, 0].backward()
    assert x.grad is not None
    assert sheet["heatmap_method"] == "saliency"
    # Values of a sheet have six digits, and so has the ECG that this gradient is of.
    scale = x.grad.abs().max().item()
    np.testing.assert_allclose(sheet["heatmap"], x.grad[0], atol=1e-3 * scale)
    assert find("saliency").facts.form == "slope"


@pytest.mark.heavy
def test_an_ecg_that_cannot_be_read_is_named_and_the_others_have_sheets(explain, tmp_path):
    ward = tmp_path / "ward"
    ward.mkdir()
    whole = EXAMPLE.read_bytes()
    (ward / "whole.dcm").write_bytes(whole)
    (ward / "broken.dcm").write_bytes(whole[:2000])
    flat = np.zeros((5000, 12))
    np.savetxt(ward / "flat.csv", flat, delimiter=",", comments="",
               header="I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6")  # fmt: skip
    words = ("--set", "may_leave_machine=true", "--set", "fs_hz=500", "--set", "unit=mV")
    said = explain(ward, *words)
    assert said.status == 1
    assert "left out: broken.dcm: " in said.out
    assert "left out: flat: " in said.out
    table = pd.read_csv(tmp_path / "sheets" / "sheets.csv").set_index("ecg")
    assert [*table.index[table["left_out"].isna()]] == ["whole.dcm"]
    page = (tmp_path / "sheets" / "sheets.html").read_text()
    assert "<h1>PR of 3 ECGs</h1>" in page
    assert "1 ECG with a sheet, 2 left out" in page


@pytest.mark.heavy
def test_a_lead_that_is_off_has_no_colour_and_a_rate_outside_the_training_ecgs_a_flag(
    run, tmp_path
):
    record = next(iter(open_records("ludb", DATA / "ludb")))  # number 1
    signal = record.signal.copy()
    signal[8] = 0.0  # V3
    np.savetxt(tmp_path / "off.csv", signal.T, delimiter=",", comments="",
               header="I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6")  # fmt: skip
    known = replace(known_of(opened_run(run)), supported=PASSED, method=find("saliency"))
    settings = {"may_leave_machine": True, "fs_hz": 500, "unit": "uV"}
    given = open_files([tmp_path / "off.csv"], "", settings, known.reading)
    assert write_sheets(given, known, tmp_path / "sheets").left_out == 0
    sheet = plain(tmp_path / "sheets", "off")
    strength = np.abs(sheet["heatmap"]).max(axis=1)
    assert [LEADS[row] for row in np.flatnonzero(strength == 0)] == ["V3"]
    flags = sheet["flags"]
    assert flags[0] == "lead V3 is missing"
    assert any(flag.startswith("rate 45.4 /min is below all training ECGs") for flag in flags)


@pytest.mark.heavy
def test_an_ecg_in_which_the_target_does_not_exist_is_flagged_and_has_no_map(run, tmp_path):
    file = DATA / "ludb" / "data" / "38.hea"  # atrial fibrillation
    shown = replace(known_of(opened_run(run)), supported=PASSED, method=find("saliency"))
    write_sheets(open_files([file], "", {"may_leave_machine": True}), shown, tmp_path)
    sheet = plain(tmp_path, "38")
    assert any(flag.startswith("PR has no meaning here: ") for flag in sheet["flags"])
    assert sheet["measured"] is sheet["heatmap"] is None
    assert sheet["heatmap_reason"].startswith("PR has no meaning here: ")


@pytest.mark.heavy
def test_numbers_in_the_wrong_unit_are_flagged(explain, tmp_path):
    record = next(iter(open_records("ludb", DATA / "ludb")))  # number 1
    np.savetxt(tmp_path / "mv.csv", record.signal.T / 10, delimiter=",", comments="",
               header="I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6")  # fmt: skip
    words = ("--set", "may_leave_machine=true", "--set", "fs_hz=500", "--set", "unit=mV")
    assert explain(tmp_path / "mv.csv", *words).status == 0  # a hundred times too high
    flags = plain(tmp_path / "sheets", "mv")["flags"]
    assert any(flag.startswith("unit or gain may be wrong") for flag in flags)
    assert not any(flag.startswith("amplitude") for flag in flags)  # said once


@pytest.mark.heavy
def test_ecgs_of_a_hospital_have_pseudonyms_on_their_sheets(explain, tmp_path):
    file = tmp_path / "Jane-Doe.dcm"
    file.write_bytes(EXAMPLE.read_bytes())
    said = explain(file)
    assert said.status == 0, said.err
    folder = tmp_path / "sheets"
    (row,) = pd.read_csv(folder / "pseudonyms.csv").to_dict("records")
    assert row["name"] == "Jane-Doe.dcm"
    key = str(row["pseudonym"])
    assert f"Jane-Doe.dcm ({key})" in said.out
    written = [each for each in folder.iterdir() if each.name != "pseudonyms.csv"]
    assert key.lower() in {each.stem for each in written}
    for each in written:
        assert b"Jane" not in each.read_bytes(), each
        assert "Jane" not in each.name


def test_a_run_without_its_network_names_the_command_that_makes_it(explain, run, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(run, moved, ignore=shutil.ignore_patterns("*.png", "wandb"))
    for file in moved.rglob("finding.json"):
        finding = json.loads(file.read_text())
        for fit in finding["about"]["fits"]:
            fit["settings"]["store"] = str(tmp_path / "another store")
        file.write_text(json.dumps(finding))
        sign(file)
    said = explain(ONE, of=moved)
    assert said.status == 2
    (line,) = said.err.splitlines()
    assert "ECGLENS_STORE=FOLDER, or `ecglens train target=pr data=exact data.n=160" in line
    assert line.endswith("trains it again")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((DATA / "ludb" / "README",), "got README"),
        ((ONE, "--set", "fs"), "expected --set KEY=VALUE"),
        ((ONE, "--set", "unit=mV"), "got unit"),
    ],
)
def test_wrong_use_is_one_line_and_status_2(words, expected, explain, tmp_path):
    said = explain(*words)
    assert said.status == 2
    (line,) = said.err.splitlines()
    assert expected in line
    assert not (tmp_path / "sheets").exists()


def test_a_folder_that_is_no_run_or_several_is_one_line(explain, sweep, tmp_path):
    said = explain(ONE, of=sweep)
    assert said.status == 2
    assert "2 (pr, qrs)" in said.err
    assert f"such as {sweep / '0'}" in said.err
    said = explain(ONE, of=tmp_path)
    assert "expected the folder of a finished run" in said.err


def test_help_is_answered_before_torch_is_loaded(tmp_path):
    code = (
        "import sys; from ecglens.cli.commands import main\n"
        "sys.argv = ['ecglens', 'explain', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'torch', 'pandas', 'matplotlib', 'scipy'} & {*sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
    assert "exit status: 0 every ECG has a sheet" in done.stdout
