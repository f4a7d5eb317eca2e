"""Tables of a page, as text and as LaTeX."""

import numpy as np
import pandas as pd
from ecglens_reproductions.experiments import Table
from ecglens_reproductions.storas_tables import INDENT


def test_cells_are_text_numbers_and_answers():
    frame = pd.DataFrame(
        {"a": ["x_1", f"{INDENT}printed"], "b": [0.12345, np.nan], "c": [True, False]}
    )
    table = Table("name", "", frame)
    assert table.rows == [["x_1", "0.123", "yes"], [f"{INDENT}printed", "–", "no"]]
    assert table.latex.splitlines() == [
        r"\begin{tabular}{lrr}", r"\toprule", r"a & b & c \\", r"\midrule",
        r"x\_1 & 0.123 & yes \\", r"\quad printed & -- & no \\", r"\bottomrule",
        r"\end{tabular}",
    ]  # fmt: skip
