"""Pages of ECGs that may not leave this machine name nobody, and rank as before."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ecglens.datamodules import Excluded, Group
from ecglens.eval import Finding, rank
from ecglens.report import Pseudonyms, write_report
from ecglens.report.privacy import shareable
from ecglens.report.text.differences import differences
from ecglens.report.text.facts import details, exclusions, shown_facts
from ecglens_prepare import Flow, Label, Looks, write_preparation

from ..conftest import PR, build, changed, of_network

RECORDS = tuple(f"ward7/Okonkwo_{n:02d}.xml" for n in range(24))
NAMES = ("Okonkwo", "Lindqvist", "ward7", "harrison", "1957-03-04")
BROKEN = "expected in Okonkwo_99.xml a waveform Rhythm, got Lindqvist, born 1957-03-04"
DATA = {"name": "muse", "path": "/data/harrison", "may_leave_machine": False}


def hospital(**facts: Any) -> Finding:
    given: dict[str, Any] = {
        "source": "muse",
        "excluded": [["ward7/Okonkwo_99.xml", BROKEN]],
        "without_label": [["ward7/Okonkwo_98.xml", "no row in harrison.csv"]],
        "settings": {"data": DATA, "store": "/home/harrison/store"},
        "may_leave_machine": False,
    }
    return build(methods=("saliency",), records=RECORDS, **{"shown": 2, **given, **facts})


def told(folder: Path) -> str:
    """All text of a report but the table of its pseudonyms."""
    files = [file for file in folder.rglob("*") if file.suffix in {".html", ".csv"}]
    texts = [file.read_text("utf-8") for file in files if file.name != "pseudonyms.csv"]
    return "\n".join([*texts, *(file.name for file in folder.rglob("*"))])


def test_a_page_has_pseudonyms_and_says_that_their_table_must_stay(tmp_path: Path) -> None:
    write_report([hospital()], tmp_path)
    text = told(tmp_path)
    assert [name for name in NAMES if name.lower() in text.lower()] == []
    table = pd.read_csv(tmp_path / "pseudonyms.csv", dtype=str).set_index("name")
    shown = table.loc[RECORDS[0], "pseudonym"]
    assert f"ECG {shown} in twelve leads" in text
    left_out = table.loc["ward7/Okonkwo_99.xml"]
    assert f'{left_out["pseudonym"]},"expected in … a waveform Rhythm, got …"' in text
    assert left_out["reason"] == BROKEN
    assert "that file must stay on this machine" in " ".join(text.split())


def test_ecgs_that_may_leave_keep_their_names(tmp_path: Path) -> None:
    finding = hospital(may_leave_machine=True)
    assert shareable(finding, Pseudonyms()) is finding
    write_report([finding], tmp_path)
    assert "Okonkwo_00.xml" in told(tmp_path)
    assert "pseudonyms" not in told(tmp_path)


def said(finding: Finding) -> str:
    """What a page says of a finding in words."""
    plain = shareable(finding, Pseudonyms())
    reasons = [(each.reason, each.shown) for each in exclusions(plain)]
    return str(
        [reasons, shown_facts(plain), details(plain), plain.curves[0].records, plain.about.target]
    )


def test_ecgs_of_which_nothing_is_said_are_taken_to_stay() -> None:
    finding = hospital()
    data = {key: v for key, v in finding.about.data.items() if key != "may_leave_machine"}
    text = said(changed(finding, {"data": data}))
    assert [name for name in NAMES if name.lower() in text.lower()] == []


def test_pseudonyms_change_no_number_of_the_ranking() -> None:
    patients = tuple(f"Lindqvist {9 - n // 3}" for n in range(24))
    finding = hospital()
    finding = changed(finding, patients=patients)
    plain = shareable(finding, Pseudonyms())
    assert "Lindqvist" not in str(plain.curves[0].patients)
    pd.testing.assert_frame_equal(rank(plain).table, rank(finding).table)


def test_of_two_sets_each_goes_by_its_own_word() -> None:
    beside = {
        "source": "philips",
        "ecgs": 1,
        "test": 0,
        "label_source": "pr",
        "excluded": [["Lindqvist.xml", "expected a rate, got 1957"]],
    }
    text = said(hospital(may_leave_machine=True, external=beside))
    assert "Okonkwo_00.xml" in text
    assert "Okonkwo_99.xml" in text
    assert "external (philips): expected a rate, got …" in text
    assert "Lindqvist.xml" not in text
    assert "/home/harrison" not in text
    open_beside = beside | {"may_leave_machine": True}
    text = said(hospital(external=open_beside))
    assert "Okonkwo" not in text
    assert "Lindqvist.xml" in text


def test_networks_of_two_folders_are_told_apart_without_their_paths() -> None:
    names = Pseudonyms()
    one, other = (
        shareable(hospital(settings={"data": DATA | {"path": f"/data/harrison{n}"}}), names)
        for n in range(2)
    )
    words = differences([one, of_network(other, "f" * 16)])
    assert len({*words}) == 2
    assert all(text.startswith("data path withheld") for text in words)


def test_a_table_of_labels_is_not_named() -> None:
    finding = hospital(label_source="pr in harrison.csv, joined by id (sha256 0 …)")
    text = said(changed(finding, {"target": replace(PR, table="/data/harrison.csv")}))
    assert "pr in withheld" in text
    assert "harrison" not in text


def test_a_preparation_names_nobody_either(tmp_path: Path) -> None:
    paced = Group("expected a P wave in ward7, got none", RECORDS[:2])
    flow = Flow(
        source="muse",
        input="median",
        usable=98,
        patients=90,
        excluded=(Excluded("ward7/Okonkwo_99.xml", BROKEN), Excluded("Lindqvist", "too short")),
        labels=(Label("pr", np.linspace(120, 200, 96), 0, (paced,)),),
        faults=(Group("lead V3 is flat", RECORDS[2:3]),),
    )
    beats = 1000.0 * np.sin(np.arange(2 * 12 * 600).reshape(2, 12, 600) / 50.0)
    frequency = np.fft.rfftfreq(600, 1 / 500)
    looks = Looks(RECORDS[:2], beats, frequency, np.ones((12, len(frequency))))
    write_preparation(flow, looks, DATA, tmp_path)
    text = told(tmp_path)
    assert [name for name in NAMES if name.lower() in text.lower()] == []
    table = pd.read_csv(tmp_path / "pseudonyms.csv", dtype=str).set_index("name")
    assert {*RECORDS[:3], "Lindqvist", "/data/harrison"} <= {*table.index}
    assert all(table.loc[record, "pseudonym"] in text for record in RECORDS[:3])
    assert "that file must stay on this machine" in " ".join(text.split())
    assert "lead V3 is flat" in text
