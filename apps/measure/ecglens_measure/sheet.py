"""Data sheet of a network: measurements side by side, as tables, a page and plain JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from ecglens.datamodules import Target
from ecglens.eval import Reading
from ecglens.report import environment
from ecglens.report.figures import inline_svg
from ecglens.report.text import fixed, target_words
from ecglens.store import atomic_path, write_json, write_text
from matplotlib.backends.backend_pdf import PdfPages

from .content import (
    answer,
    curves_of,
    disturbance_lines,
    holds,
    is_bent,
    is_shown,
    limits,
    lines,
    moved_most,
    own_rows,
    reads,
    rows_of,
)
from .drawing import gains_figure, pages
from .measurement import Measurement, measurable
from .words import PLACES, printed, step_of, stepped

TABLES = ("table", "gains", "disturbances", "flips", "measurable")
DISTURBING = {"disturbance": "Disturbance", "fault": "Fault"}


def check_alike(one: Target, another: Target) -> None:
    """Raise ValueError for targets whose outputs cannot stand side by side."""
    if (one.outputs, one.unit) != (another.outputs, another.unit):
        raise ValueError(
            f"expected networks of one target side by side, got {target_words(one)} and "
            f"{target_words(another)}; make a sheet of each"
        )


@dataclass(frozen=True, eq=False, repr=False)
class DataSheet:
    """What networks answer to known changes; the first measurement is the sheet's own."""

    measurements: tuple[Measurement, ...]

    @property
    def first(self) -> Measurement:
        """The measurement that the sheet is about."""
        return self.measurements[0]

    @property
    def table(self) -> pd.DataFrame:
        """A row per dose and size: response with its interval, n, number of ECGs refused."""
        return self._joined("table")

    @property
    def gains(self) -> pd.DataFrame:
        """A row per graded dose: gain per measured unit, with interval, form and tests."""
        return self._joined("gains")

    @property
    def selectivity(self) -> pd.DataFrame:
        """Gains by dose (rows) and output (columns)."""
        return self.first.selectivity

    @property
    def disturbances(self) -> pd.DataFrame:
        """A row per disturbance or fault and size: how far it moves the reading."""
        return self._joined("disturbances")

    @property
    def flips(self) -> pd.DataFrame:
        """A row per dose and size: the share of ECGs whose class is another."""
        return self._joined("flips")

    @cached_property
    def measurable(self) -> pd.DataFrame:
        """Gains on recordings and exact ECGs, with the reason where they disagree."""
        own = [each for each in self.measurements if each.keys == self.first.keys]
        exact = [each for each in own if each.known.exact]
        if not exact or exact[0] is self.first:
            return pd.DataFrame(columns=pd.Index(["change", "output", "reason"]))
        return measurable(self.first, exact[0])

    @property
    def answer(self) -> str:
        """First sentence of the sheet."""
        return answer(self.first)

    def named(self, network: str) -> "DataSheet":
        """The sheet with the name of its network beside the ECGs."""
        return DataSheet(tuple(replace(each, network=network) for each in self.measurements))

    def judged(self, gate: Reading | None) -> "DataSheet":
        """The same with the test of the networks' run of whether they read their target."""
        first, *others = self.measurements
        return DataSheet((replace(first, gate=gate), *others))

    def beside(self, other: "DataSheet") -> "DataSheet":
        """The measurements of both, of another network or on other ECGs, side by side.

        Networks without a name are called by their keys where the words of their ECGs are the same;
        ECGs whose words are the same even so are numbered.
        Raises ValueError for another target, whose outputs have another meaning or unit.
        """
        check_alike(self.first.target, other.first.target)
        both = [*self.measurements, *other.measurements]
        if len({each.words for each in both}) < len(both):
            both = [replace(each, network=each.network or each.keys[0][:8]) for each in both]
        return DataSheet(_numbered(both))

    def save(self, path: str | Path) -> Path:
        """Write the page to `path` (.html), the same as PDF (.pdf), or every number (.json).

        Raises ValueError for another ending.
        """
        file = Path(path)
        if file.suffix == ".json":
            return write_json(file, self.plain()) or file
        if file.suffix == ".pdf":
            return self._save_pdf(file)
        if file.suffix != ".html":
            raise ValueError(f"expected a file that ends in .html, .pdf or .json, got {file.name}")
        return write_text(file, self.html())

    def html(self) -> str:
        """The page as text; it asks for nothing outside itself."""
        page = environment("ecglens_measure").get_template("data_sheet.html")
        figure = gains_figure(*self._curves(), self.first.target.unit)
        return page.render(
            **self._said(), figure=None if figure is None else inline_svg(figure, "gains")
        )

    def _said(self) -> dict[str, Any]:
        """Values of the template, but for the figure."""
        first = self.first
        return {
            "title": f"Data sheet: {target_words(first.target)}",
            "answer": self.answer,
            "reads": [
                reads(first),
                *([*reads(each), answer(each)] for each in self.measurements[1:]),
            ],
            "lines": lines(first),
            "holds": holds(first),
            "columns": self._columns(),
            "matrix": self.matrix(),
            "compared": self.measurable["reason"].ne("").any(),
            "own": bool(own_rows(first)),
            "disturbances": [
                (name, rows)
                for kind, name in DISTURBING.items()
                if (rows := disturbance_lines(first, kind))
            ],
            "moved_most": moved_most(first),
            "limits": limits(self.measurements),
            "unit": first.target.unit,
        }

    def _curves(self) -> tuple[dict[str, pd.DataFrame], list[tuple[str, str]], list[str]]:
        """Tables by the words of their ECGs, the doses to draw, and the network's own."""
        own = [row["change"] for row in own_rows(self.first)]
        tables = {each.words: each.table for each in self.measurements}
        return tables, curves_of(self.first.gains, own), own

    def _save_pdf(self, file: Path) -> Path:
        """Write the pages as PDF, with text as text."""
        with (
            mpl.rc_context({"pdf.fonttype": 42}),
            atomic_path(file) as path,
            PdfPages(path, metadata={"CreationDate": None}) as kept,
        ):
            for page in pages(self._said(), *self._curves()):
                kept.savefig(page)
        return file

    def matrix(self) -> list[dict[str, Any]]:
        """A row for each graded dose, with a cell for each measurement and output."""
        known, compared = [_cells(each) for each in self.measurements], self.measurable
        reasons = compared.set_index(["change", "output"])["reason"].to_dict()
        rows = []
        for name, dose in self.first.doses.items():
            cells = [
                of.get((name, output), NOT_MEASURED)
                for of, each in zip(known, self.measurements, strict=True)
                for output in each.outputs
            ]
            if all(cell["depth"] is None for cell in cells):
                continue  # measured nowhere: the limits say why
            said = [reasons.get((name, output), "") for output in self.first.outputs]
            rows.append(
                {
                    "name": f"{printed(name)}, {stepped(dose.unit)}",
                    "how": dose.how,
                    "cells": cells,
                    "disagrees": next(filter(None, said), ""),
                }
            )
        return rows

    def _columns(self) -> list[str]:
        several = len(self.first.outputs) > 1
        return [
            f"{each.words}\n{output}" if several else each.words
            for each in self.measurements
            for output in each.outputs
        ]

    def plain(self) -> dict[str, Any]:
        """Every number and sentence as plain JSON."""
        return {
            "answer": self.answer,
            "target": self.first.target.name,
            "unit": self.first.target.unit,
            "networks": [*dict.fromkeys(key for each in self.measurements for key in each.keys)],
            "reads": [reads(each) for each in self.measurements],
            "answers": [answer(each) for each in self.measurements],
            "moved_most": [moved_most(each) for each in self.measurements],
            "limits": limits(self.measurements),
            **{name: _records(getattr(self, name)) for name in TABLES},
        }

    def _joined(self, name: str) -> pd.DataFrame:
        every = [getattr(each, name).assign(ecgs=each.words) for each in self.measurements]
        return pd.concat([each for each in every if len(each)] or every[:1], ignore_index=True)

    def __repr__(self) -> str:
        columns = ["change", "unit", "gain", "low", "high", "form", "n", "refused"]
        return f"{self.answer}\n{self.first.gains[columns].to_string(index=False)}"

    def _repr_html_(self) -> str:
        return f"<p>{self.answer}</p>{self.first.gains.to_html(index=False, border=0)}"


def _numbered(measurements: Sequence[Measurement]) -> tuple[Measurement, ...]:
    """The measurements; the ECGs of one whose words another has before it get a number."""
    found: dict[str, Measurement] = {}
    for each in measurements:
        own, number = each, 1
        while own.words in found:
            number += 1
            known = replace(each.known, words=f"{each.known.words} ({number})")
            own = replace(each, known=known)
        found[own.words] = own
    return tuple(found.values())


NOT_MEASURED = {"text": "–", "depth": None, "shown": False}


def _cells(found: Measurement) -> dict[tuple[str, str], dict[str, Any]]:
    """Cell of the matrix by dose and output."""
    rows, digits = rows_of(found), PLACES.get(found.target.unit, 1)
    largest = max((abs(row["reach"]) for row in rows), default=0.0) or 1.0
    return {
        (row["change"], row["output"]): {
            "text": "bent" if is_bent(row) else fixed(row["gain"] * step_of(row["unit"]), digits),
            "depth": round(abs(row["reach"]) / largest, 2),
            "shown": is_shown(row),
        }
        for row in rows
    }


def _records(table: pd.DataFrame) -> Sequence[Mapping[str, Any]]:
    plain = table.astype(object).where(table.notna(), None)
    return [
        {str(key): value.item() if isinstance(value, np.generic) else value
         for key, value in row.items()}
        for row in plain.to_dict("records")
    ]  # fmt: skip
