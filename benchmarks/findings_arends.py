"""What the laptop scale of Arends 2026 found, as a table of docs/findings.md."""

from pathlib import Path
from statistics import fmean

from ecglens.report import style

from .findings_cells import Row, grouped, number, read


def sanity(results: Path) -> list[list[str]]:
    """ρ of retrained networks and of redrawn weights for each method, means over classes.

    In brackets: maps of two different ECGs. A star: in the printed range.
    """
    redrawn = {method: own for (method,), own in grouped(read(results / "weights.csv"), "method")}
    redrawn_heads = ("weights redrawn, absolute", r"beyond \|x\|")
    rows = [["Method", "retrained, absolute", "retrained, signed", *redrawn_heads]]
    for row in read(results / "consistency-methods.csv"):
        own = redrawn[row["method"]]
        absolute, signed = (
            _retrained(row, "value", "other_ecg"),
            _retrained(row, "signed", "signed_other_ecg"),
        )
        kept = [number(fmean(each[name] for each in own), 2) for name in ("value", "beyond_x")]
        rows.append([style(row["method"]).label, absolute, signed, *kept])
    return rows


def _retrained(row: Row, name: str, other: str) -> str:
    star = "*" if row[f"{name}_in_range"] else ""
    return f"{number(row[name], 2)}{star} ({number(row[other], 2)})"
