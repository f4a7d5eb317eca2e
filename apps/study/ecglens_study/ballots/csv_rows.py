"""Checks that all CSV files of a study share; each fault is one line of the error message."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ecglens.store import as_was

SHOWN = 20  # faults that are printed; a column in a wrong unit would fail on every line


def check_header(path: Path, got: Sequence[str], expected: Sequence[str]) -> None:
    """Raise ValueError if the columns differ from the expected ones; their order is free."""
    missing = [name for name in expected if name not in got]
    unknown = [name for name in got if name not in expected]
    if missing or unknown or len(got) != len(expected):
        raise ValueError(
            f"{path.name} line 1: expected the columns {','.join(expected)}; "
            f"missing {', '.join(missing) or 'none'}, unknown {', '.join(unknown) or 'none'}"
        )


def raise_faults(path: Path, faults: Sequence[str]) -> None:
    """Raise ValueError with one line per fault, if there are any."""
    if faults:
        more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        raise ValueError("\n".join(f"{path.name} {each}" for each in [*faults[:SHOWN], *more]))


def whole_row(row: dict[Any, Any]) -> dict[str, str]:
    """Cells without surrounding spaces; ValueError if their number differs from the columns'."""
    if None in row or None in row.values():
        raise ValueError("expected one cell per column, got more or fewer")
    return {name: as_was(cell).strip() for name, cell in row.items()}
