"""Tables of the top of a page, as they are written beside it."""

from collections.abc import Sequence

import pandas as pd

from ..views.perturbation import PerturbationView
from ..views.view import View
from .agreements import agreements_table
from .heat_table import measures_table
from .overview import standings_table
from .verdicts import verdicts_table


def answer_tables(
    ranked: Sequence[PerturbationView], others: Sequence[View] = ()
) -> dict[str, pd.DataFrame]:
    """Every table with rows by the name of its file."""
    every = {
        "measures": measures_table([*ranked, *others]),
        "standings": standings_table(ranked) if len(ranked) > 1 else pd.DataFrame(),
        "verdicts": verdicts_table(ranked, others),
        "agreements": agreements_table(ranked),
    }
    return {name: table for name, table in every.items() if len(table)}
