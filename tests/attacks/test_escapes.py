"""What a foreign file says reaches a terminal without a character that the terminal obeys."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import open_records
from ecglens.ecg import LEADS
from ecglens.store import printable

from .conftest import renamed

# A title of the window, a colour, text from right to left, a cleared line, a bell, another line.
EVIL = "\x1b]0;owned\x07\x1b[31m\u202egnp\x9b2K\r\nnothing"


def assert_no_escape(said: str) -> None:
    assert [each for each in said if each != "\n" and printable(each) != each] == []


def test_names_that_a_terminal_would_obey_are_shown_as_escapes() -> None:
    assert printable("µV, 1\u202f000 ECGs — é") == "µV, 1\u202f000 ECGs — é"
    shown = printable(EVIL)
    assert shown == r"\x1b]0;owned\x07\x1b[31m\u202egnp\x9b2K\r\nnothing"
    assert_no_escape(shown)


def test_the_error_of_a_foreign_job_is_printed_and_tabled_without_escapes(foreign, command) -> None:
    (foreign / "failed.json").write_text(json.dumps({"error": EVIL, "traceback": ""}))
    status, said = command("collect", foreign)
    assert (status, "owned" in said) == (1, True)
    assert_no_escape(said)
    assert_no_escape(Path("collected/jobs.csv").read_text("utf-8"))


def test_the_name_of_a_foreign_folder_is_printed_without_escapes(foreign, command) -> None:
    (foreign / "failed.json").write_text('{"error": "no"}')
    foreign.rename(evil := foreign.parent / EVIL.replace("\n", ""))
    status, said = command("collect", evil)
    assert (status, "owned" in said) == (1, True)
    assert_no_escape(said)


def test_names_in_a_foreign_finding_are_listed_without_escapes(foreign, finding, command) -> None:
    file = finding / "finding.json"
    names = {name: EVIL + name for name in ("saliency", "default", "pr")}
    file.write_text(json.dumps(renamed(json.loads(file.read_text("utf-8")), names)))
    status, said = command("figure", foreign)
    assert (status, "owned" in said) == (0, True)
    assert_no_escape(said)


@pytest.mark.parametrize("name", ["a\nb", EVIL.replace("/", ""), "\u202egpj.a"])
def test_an_ecg_whose_name_a_terminal_would_obey_is_left_out_with_a_reason(
    name: str, tmp_path: Path
) -> None:
    strip = pd.DataFrame(np.zeros((5000, 12)), columns=pd.Index(LEADS))
    strip.to_csv(tmp_path / f"{name}.csv", index=False)
    strip.to_csv(tmp_path / "b.csv", index=False)
    records = open_records("columns", tmp_path, fs_hz=500, unit="uV")
    assert [record.id for record in records] == []
    reasons = dict(records.excluded)
    assert "expected a file name in UTF-8, no control signs" in reasons[printable(name)]
    assert_no_escape("".join([*reasons, *reasons.values()]))


def test_what_a_damaged_file_says_is_a_reason_without_escapes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",".join(LEADS) + "\n" + ",".join(["\x1b[31mred"] * 12) + "\n")
    records = open_records("columns", tmp_path, fs_hz=500, unit="uV")
    assert list(records) == []
    (reason,) = dict(records.excluded).values()
    assert "red" in reason
    assert_no_escape(reason)
