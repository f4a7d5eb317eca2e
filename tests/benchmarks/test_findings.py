"""The page of what was learned has the numbers of the kept results."""

import pandas as pd

from benchmarks.findings import PAGE, RESULTS, tables
from benchmarks.findings_words import STATEMENTS
from benchmarks.page import markers


def test_every_table_of_the_page_is_that_of_the_kept_results():
    text = PAGE.read_text(encoding="utf-8")
    for name, table in tables(RESULTS).items():
        begin, end = markers(name)
        assert f"{begin}\n{table}\n{end}" in text, f"python -m benchmarks.findings ({name})"


def test_every_conclusion_that_was_judged_is_in_the_table():
    judged = {*pd.read_csv(RESULTS / "survival.csv")["conclusion"]}
    assert judged <= {*STATEMENTS}
    for name in judged:
        assert STATEMENTS[name] in tables(RESULTS)["conclusions"]
