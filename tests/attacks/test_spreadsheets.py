"""No CSV file has a cell that a spreadsheet would run, and what is read back is what was there."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import load_finding, save_finding
from ecglens.store import as_was, csv_text, inert
from hypothesis import given
from hypothesis import strategies as st

from ..eval.test_finding_files import MASS, of_maps
from .conftest import renamed

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "a;=1", "a,+1", "b\n-1", "＝1")
SIGNS = "=+-@＝＋－＠"


def assert_inert(text: str) -> None:
    """No cell begins with a sign, whichever separator the spreadsheet splits at."""
    for row in csv.reader(text.splitlines()):
        for cell in row:
            numbers = cell.replace(".", "").replace("e", "").lstrip("-").isdecimal()
            assert numbers or not cell.startswith(tuple(SIGNS)), cell


@given(st.text(alphabet=[*"a 1;,\t\r\n", *SIGNS]))
def test_a_guarded_cell_begins_with_no_sign_and_comes_back_as_it_was(cell: str) -> None:
    guarded = inert(cell)
    assert as_was(guarded) == re.sub(r"\r(?!\n)", "\n", cell)
    parts = guarded.replace("\t", ";").replace("\r", ";").replace("\n", ";").replace(",", ";")
    assert not any(part.startswith(tuple(SIGNS)) for part in parts.split(";"))


def test_numbers_in_a_table_stay_numbers() -> None:
    table = pd.DataFrame({"a": [-1.5, np.nan], "b": [-2, 3], "c": ["=1", None], "=d": [-1, "x"]})
    assert csv_text(table) == "a,b,c, =d\n-1.5,-2, =1,-1\n,3,,x\n"
    assert table["c"][0] == "=1"


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_files_of_a_finding_run_nothing_and_are_read_back(formula: str, tmp_path: Path) -> None:
    read = formula.replace("\r", "\n")
    lists = pd.DataFrame({"name": [formula, "NA"], formula: [-0.1, np.nan]})
    saved = save_finding(of_maps(details={"lists": lists}), tmp_path)
    assert MASS.name in (saved / "scores.csv").read_text()
    for file in (saved / "details" / "lists.csv", saved / "scores.csv", saved / "table.csv"):
        assert_inert(file.read_text("utf-8"))
    pd.testing.assert_frame_equal(
        load_finding(tmp_path).details["lists"],
        lists.replace(formula, read).rename(columns={formula: read}),
    )


def test_what_is_collected_of_a_foreign_run_runs_nothing(
    foreign: Path, finding: Path, command
) -> None:
    (foreign / "failed.json").write_text(json.dumps({"error": "=HYPERLINK(1)"}))
    made = finding / "finding.json"
    names = {name: f"=cmd|{name}" for name in ("saliency", "pr", "default")}
    made.write_text(json.dumps(renamed(json.loads(made.read_text("utf-8")), names)))
    status, said = command("collect", foreign)
    assert status == 1, said  # a job failed
    files = [*Path("collected").rglob("*.csv")]
    assert files
    for file in files:
        assert_inert(file.read_text("utf-8"))
