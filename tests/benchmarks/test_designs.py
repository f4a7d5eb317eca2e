"""The table of designs: its command works, and the page says what the engine does now."""

import re
from pathlib import Path

import pytest
from ecglens.engine import Walker

from benchmarks.designs import DESIGNS, measured, network, rows, signals

pytestmark = pytest.mark.heavy

PAGE = Path(__file__).parents[2] / "docs" / "networks.md"


def page_rows() -> dict[str, list[str]]:
    """Cells of the page's table by design."""
    (table,) = re.findall(r"<!-- designs -->\n(.*?)<!-- end of designs -->", PAGE.read_text(), re.S)
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    return {row[0]: row for row in cells}


def test_a_design_is_measured_into_a_row_of_the_table():
    found = measured("SmallResNet, beat", seconds=0.0)
    assert (found.runs, found.left_out, found.engine) == (21, "–", "windows")
    assert found.differs < 1e-5
    head, _, row = rows([found])
    assert head.count("|") == row.count("|")
    assert row.startswith("| SmallResNet, beat | 21 | – | windows |")


@pytest.mark.parametrize(
    "name", ["SmallResNet, beat", "reference ResNet (Storås 2025), beat", "xresnet1d101, 100 Hz"]
)
def test_the_page_says_how_copies_are_predicted_now(name):
    design = DESIGNS[name]
    way = Walker(network(design), signals(design, 1)[0]).way
    assert page_rows()[name][3] == way
