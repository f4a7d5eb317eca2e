"""The pages of what was learned have the numbers of the kept results."""

import pandas as pd
from ecglens_reproductions.sources import rules

from benchmarks.findings import STORAS, pages
from benchmarks.page import DOCS, markers


def test_every_table_of_a_page_is_that_of_the_kept_results():
    for page, tables in pages().items():
        text = page.read_text(encoding="utf-8")
        for name, table in tables.items():
            begin, end = markers(name)
            assert f"{begin}\n{table}\n{end}" in text, f"python -m benchmarks.findings ({name})"


def test_every_conclusion_that_was_judged_is_in_the_table():
    judged = {*pd.read_csv(STORAS / "survival.csv")["conclusion"]}
    assert judged <= {*rules()["conclusions"]}
    for name in judged:
        assert rules()["conclusions"][name]["label"] in pages()[DOCS / "findings.md"]["conclusions"]
