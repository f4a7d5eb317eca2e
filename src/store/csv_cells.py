"""Tables as CSV in which no cell is a formula for a spreadsheet."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# The place before a formula: at the beginning of a cell, or of what may become one. Excel takes the
# signs of full width too, where its language has them.
SIGNS = "[=+@＝＋＠－-]"
FORMULA = re.compile(rf"(^|[;,\t\r\n])(?= *{SIGNS})")
RETURN = re.compile(r"\r(?!\n)")
GUARD = re.compile(rf"(^|[;,\t\r\n]) (?= *{SIGNS})")


def inert(cell: Any) -> Any:
    """Cell with a space before whatever a spreadsheet would run as a formula; numbers stay numbers.

    Spreadsheets of many countries split at semicolons, whatever the quotes say: there too, after
    tabs, commas and new lines. A carriage return alone becomes a new line: Python does not quote
    it, and readers would end the row there.
    """
    return FORMULA.sub(r"\1 ", RETURN.sub("\n", cell)) if isinstance(cell, str) else cell


def as_was(cell: Any) -> Any:
    """The cell before `inert`, but for carriage returns."""
    return GUARD.sub(r"\1", cell) if isinstance(cell, str) else cell


def csv_text(table: "pd.DataFrame") -> str:
    """The table as CSV with every digit its numbers have, without a formula."""
    guarded = table.rename(columns=inert)
    for place, kind in enumerate(guarded.dtypes):
        if kind.kind == "O":
            cells = guarded.iloc[:, place].to_numpy(object, copy=True)
            for row, cell in enumerate(cells):
                cells[row] = inert(cell)
            guarded.isetitem(place, cells)
    return guarded.to_csv(index=False)
