"""The TRIPOD+AI checklist (Collins 2024), filled where the run knows the answer.

tripod.csv has the items in short words, numbered as in the paper.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import groupby

import pandas as pd

from .manuscript import Manuscript
from .tripod_answers import Answer, answers

YOURS = "yours to write"


@cache
def items() -> pd.DataFrame:
    """Number, section and short words of each item."""
    with (files("ecglens.report.manuscript") / "tripod.csv").open(encoding="utf-8") as found:
        return pd.read_csv(found, dtype=str)


def checklist(manuscript: Manuscript, texts: Mapping[str, str], key: str) -> pd.DataFrame:
    """A row per item: what it asks, what this run says, where that is from, and what is yours.

    `texts` are the paragraphs of the methods text by heading, `key` names its files. An item that
    the run knows nothing of has no text.
    """
    found = answers(manuscript, texts, key)
    known = [found.get(number, Answer("", "", YOURS)) for number in items()["item"]]
    return items().assign(
        run=[each.text for each in known],
        source=[each.source for each in known],
        yours=[each.yours for each in known],
    )


def markdown(table: pd.DataFrame, of: str, key: str) -> str:
    """The checklist as a document, a table per section; `of` is what it is about."""
    rows = table.to_dict("records")
    lines = [
        f"# TRIPOD+AI checklist: {of}",
        "",
        "Collins et al. 2024, BMJ 385:e078378, doi:10.1136/bmj-2023-078378. Numbers are those of "
        "the paper, the words of an item are short: the paper says what each asks in full.",
        "",
        f"{standing(table)} Check every answer. Marks such as [1] are the references of {key}.txt.",
    ]
    for section, group in groupby(rows, key=lambda row: row["section"]):
        lines += [
            "",
            f"## {section}",
            "",
            "| Item | Asks for | Here | Source |",
            "|---|---|---|---|",
        ]
        lines += [_line(row) for row in group]
    return "\n".join([*lines, ""])


def standing(table: pd.DataFrame) -> str:
    """How many items are answered, and how many are left."""
    known, left = table["run"] != "", table["yours"] != ""
    return (
        f"This run answers {(known & ~left).sum()} of {len(table)} items, "
        f"{(known & left).sum()} in part; {(~known).sum()} are yours to write."
    )


def _line(row: Mapping[str, str]) -> str:
    here = " ".join(_here(row))
    cells = (row["item"], row["asks"], here, row["source"])
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _here(row: Mapping[str, str]) -> Iterator[str]:
    if row["run"]:
        yield row["run"]
    if row["yours"] == YOURS:
        yield f"*{YOURS}*"
    elif row["yours"]:
        yield f"*Yours to write: {row['yours']}.*"
