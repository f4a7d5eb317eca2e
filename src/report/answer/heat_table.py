"""Every method by every measure: the heat table on top of a page, and its numbers as one table."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from ...eval import Measure
from ..text.numerals import counted, decimals, fixed
from ..text.words import auc_unit, heading
from ..views.perturbation import PerturbationView
from ..views.view import View

ARROWS = {True: " ↑", False: " ↓", None: ""}
# Columns of a finding's table; those before them name target, input and evaluation.
NUMBERS = ("measure", "method", "kind", "value", "low", "high", "beats_controls")


def measures_table(views: Sequence[View]) -> pd.DataFrame:
    """A row per target, input, evaluation, measure and method: the numbers of the heat table."""
    return pd.DataFrame([row for view in views for row in _rows(view)])


def _rows(view: View) -> list[dict[str, Any]]:
    about, own = view.finding.about, {each.name: each for each in _measures(view)}
    table = view.finding.table.reindex(columns=[*NUMBERS]).astype(object)
    return [
        {
            "target": about.target.explained,
            "input": about.input,
            "evaluation": about.evaluation,
            "differing": view.differing,
            "unit": own[row["measure"]].unit,
            "higher_is_better": own[row["measure"]].higher_is_better,
            **row,
        }
        for row in table.to_dict("records")
    ]


def heat_tables(views: Sequence[View]) -> list[dict[str, Any]]:
    """A table for each target and input: methods as rows, measures as columns.

    Measures without a direction come last, as there is nothing to shade. A method without a number
    has a dash.
    """
    by_target: dict[str, list[View]] = {}
    for view in views:
        if not view.finding.reason:
            by_target.setdefault(view.of, []).append(view)
    return [_heat_table(of, together) for of, together in by_target.items()]


def _heat_table(title: str, views: Sequence[View]) -> dict[str, Any]:
    every = [(view, measure) for view in views for measure in _measures(view)]
    every.sort(key=lambda pair: not _group(pair)[1])
    groups = [[*group] for _, group in groupby(every, key=_group)]
    columns = [_column(*pair) for group in groups for pair in group]
    kinds = {name: kind for view in views for name, kind in _kinds(view).items()}
    methods = sorted(kinds, key=lambda name: kinds[name] == "control")
    return {
        "title": title,
        "measures": counted(len(columns), "measure"),
        "groups": [
            {"key": key, "name": _evaluation(group[0][0]), "span": len(group), "shaded": shaded}
            for group in groups
            for key, shaded in [_group(group[0])]
        ],
        "columns": [
            {
                "label": measure.label,
                "unit": measure.unit,
                "arrow": ARROWS[measure.higher_is_better],
                "first": place == 0,
            }
            for group in groups
            for place, (_, measure) in enumerate(group)
        ],
        "rows": [
            {"method": name, "cells": [column.get(name, _cell(np.nan, 2)) for column in columns]}
            for name in methods
        ],
    }


def _group(pair: tuple[View, Measure]) -> tuple[str, bool]:
    """Key of the view, and whether a value of the measure is better than another."""
    return pair[0].key, pair[1].higher_is_better is not None


def _column(view: View, measure: Measure) -> dict[Hashable, dict[str, Any]]:
    """A cell for each method that has a row of this measure."""
    table = view.finding.table
    rows = table.loc[table["measure"] == measure.name].set_index("method")
    values = rows["value"].astype(float)
    places = max(decimals(values) - 1, 2 if values.abs().max() <= 1 else 0)
    beats = rows.reindex(columns=["beats_controls"])["beats_controls"]
    better = {name for name, yes in beats.items() if pd.notna(yes) and yes}
    # By place and not by value: one map far off would make all others look alike.
    order = values if measure.higher_is_better else -values
    depth = (order.rank() - 1) / max(values.count() - 1, 1)
    shaded = measure.higher_is_better is not None
    return {
        name: _cell(value, places, depth[name] if shaded else np.nan, beats=name in better)
        for name, value in values.items()
    }


def _cell(
    value: float, places: int, depth: float = np.nan, *, beats: bool = False
) -> dict[str, Any]:
    return {
        "text": fixed(value, places),
        "depth": None if np.isnan(depth) else f"{depth:.2f}",
        "beats": beats,
    }


def _measures(view: View) -> list[Measure]:
    """The measures of a view, an area with the unit that it has there."""
    if isinstance(view, PerturbationView):
        return [replace(each, unit=auc_unit(view.first)) for each in view.finding.measures]
    return [*view.finding.measures]


def _kinds(view: View) -> Mapping[str, str]:
    """Method or control, for each row in the order of the table."""
    return dict(zip(view.finding.table["method"], view.finding.table["kind"], strict=True))


def _evaluation(view: View) -> str:
    name = view.finding.about.evaluation.replace("_", " ")
    if isinstance(view, PerturbationView):
        name = heading(view.first)[2]
    return " · ".join(filter(None, [name, view.differing]))
