"""Sources of labels (a column, a table or a class of the user) and their makers."""

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from ...store import DIGITS, check_types, class_at, class_path, own_source, sha256_of
from ..formats.tables import check_some_row, read_labels
from ..preparation.blocks import SEPARATOR, UNITS, implausible
from ..preparation.prepared import Prepared
from ..records import COMPUTED, ECGLENS, MAKERS, TABLE, UNKNOWN_MAKER, Excluded, Reader

# Words for one value: only an exact one is called true.
VALUES: Mapping[str, str] = {
    ECGLENS: "ECGLens measured {}",
    "12sl": "12SL measured {}",
    "recorder": "the electrocardiograph reported {}",
    "hand": "{} by hand",
    "exact": "true {}",
}


def maker_of(reader: Reader, label: str) -> str:
    """Maker of a label that came with the ECGs of this reader; the first pattern that fits."""
    patterns: Mapping[str, str] = getattr(reader, "labels_by", {})
    return next((who for like, who in patterns.items() if fnmatchcase(label, like)), UNKNOWN_MAKER)


def maker_words(makers: Mapping[str, int]) -> str:
    """Makers of a label in words, with their numbers of ECGs if there are several."""
    most_first = sorted(makers.items(), key=lambda item: -item[1])
    if len(most_first) == 1:
        return MAKERS[most_first[0][0]]
    return ", ".join(f"{MAKERS[who]} (n = {count})" for who, count in most_first)


def value_words(value: str, makers: Mapping[str, int]) -> str:
    """Words for one value of a label; "label" unless one known maker is named."""
    [*known] = makers
    form = VALUES.get(known[0], "label {}") if len(known) == 1 else "label {}"
    return form.format(value)


@dataclass(frozen=True)
class ColumnLabels:
    """Labels of one column: see target.Labels.

    An ECG whose SD in the column `<column>_sd` is above `max_sd` (in `unit`) has no label. None
    sets no limit; an unknown SD passes.
    """

    column: str
    max_sd: float | None = None
    unit: str = ""

    @property
    def settings(self) -> dict[str, Any]:
        """Largest uncertainty of a label, if there is a limit."""
        return {} if self.max_sd is None else {"max_sd": self.max_sd}

    def of(self, prepared: Prepared) -> Float[np.ndarray, "row 1"]:
        """Labels of the column; ValueError for an unknown one, or `max_sd` without its SDs."""
        known = prepared.label(self.column)
        return np.where(self._uncertain(prepared), np.nan, known)[:, None]

    def without(self, prepared: Prepared) -> list[Excluded]:
        """ECGs whose label is missing or too uncertain, with the reason."""
        if self.max_sd is None:
            return prepared.without(self.column)
        reason = f"{self.column} is uncertain: SD above {self.max_sd:g} {self.unit}".rstrip()
        ids = prepared.table["id"][self._uncertain(prepared)]
        return [*prepared.without(self.column), *(Excluded(name, reason) for name in ids)]

    def came(self, prepared: Prepared, name: str) -> Bool[np.ndarray, " row"]:
        """Rows whose label came with the record; the others are measured."""
        return np.array([name in each.split(SEPARATOR) for each in prepared.table["given"]])

    def maker(self, prepared: Prepared, name: str, reader: Reader) -> str:
        """Maker of the labels that came with the records."""
        return maker_of(reader, name)

    def _uncertain(self, prepared: Prepared) -> Bool[np.ndarray, " row"]:
        """Rows with a label that is too uncertain."""
        if self.max_sd is None:
            return np.zeros(len(prepared), bool)
        sd = prepared.label(f"{self.column}_sd")
        return (sd > self.max_sd) & ~np.isnan(prepared.label(self.column))


@dataclass(frozen=True)
class TableLabels:
    """Columns `names` of the file `table`, whose column `id` has the ids of the ECGs.

    `unit` is theirs; "" means our own for a name of ours.
    """

    table: str
    id: str
    names: tuple[str, ...]
    unit: str

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Hash of the content of the table, not its path; errors as in `_joined`."""
        # Read before anything is prepared, so that a wrong table is found at once.
        return {"id": self.id, "rows": len(self._joined), "table": self._hash}

    def of(self, prepared: Prepared) -> Float[np.ndarray, "row output"]:
        """Labels, NaN for an ECG without a row or value; ValueError when no ECG has a row."""
        ids = list(prepared.table["id"])
        check_some_row(self._joined, ids, self.id, self._path.name)
        return self._joined.reindex(ids).to_numpy()

    def without(self, prepared: Prepared) -> list[Excluded]:
        """ECGs without a row or with an empty one, with the reason."""
        ids = prepared.table["id"][np.isnan(self.of(prepared)).all(axis=1)]
        where, all_of = self._path.name, " and ".join(self.names)
        reasons = {True: f"{all_of} is empty in {where}", False: f"no row in {where}"}
        return [Excluded(id, reasons[id in self._joined.index]) for id in ids]

    def maker(self, prepared: Prepared, name: str, reader: Reader) -> str:
        return TABLE

    def words(self, prepared: Prepared) -> str:
        names = ", ".join(self.names)
        return f"{names} in {self._path.name}, joined by {self.id} (sha256 {self._hash} …)"

    @cached_property
    def _path(self) -> Path:
        return Path(self.table).expanduser()

    @cached_property
    def _joined(self) -> pd.DataFrame:
        """Labels by the ids of the ECGs; ValueError for one that nobody can have in our unit."""
        if not self._path.is_file():
            raise ValueError(f"expected in target.table a csv or parquet file, got {self._path}")
        found = read_labels(self._path, self.id, {name: name for name in self.names})
        ours = [name for name in self.names if self.unit in ("", UNITS.get(name))]
        for name in ours:
            for value in found[name].unique():
                if wrong := implausible(name, value):
                    raise ValueError(
                        f"{wrong} in {self._path.name}; leave it empty where it is unknown, or "
                        "give its unit in target.unit if that is another one"
                    )
        return found

    @cached_property
    def _hash(self) -> str:
        return sha256_of(self._path)[:DIGITS]


WHERE = "target.label"


@runtime_checkable
class Labeller(Protocol):
    """A frozen dataclass whose fields are its settings, called on prepared ECGs.

    `version` is raised whenever its labels change: networks are kept under it.
    """

    version: ClassVar[int]

    def __call__(self, prepared: Prepared) -> Float[np.ndarray, "row *output"]:
        """Labels (row,), or (row, class) for several classes; NaN where there is none.

        `prepared.table` has ids, patients, measurements and marks, `prepared.x(rows)` the signals
        (row, 12, time) in µV.
        """
        ...


@dataclass(frozen=True)
class ComputedLabels:
    """Labels by the class `_target_` of `label`, whose other keys are its settings.

    `names` are the outputs: see target.Labels.
    """

    label: Mapping[str, Any]
    names: tuple[str, ...]

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Class path, version and settings of the labeller; errors as in `labeller`."""
        labeller = self.labeller
        own = {key: value for key, value in self.label.items() if key != "_target_"}
        code = {"version": labeller.version, **own_source(type(labeller))}
        return {"label": self._path, **code, "settings": own}

    @cached_property
    def labeller(self) -> Labeller:
        """Labeller with its settings; ValueError for a class or a setting that does not exist."""
        own = dict(self.label)
        path = own.pop("_target_", None)
        if not isinstance(path, str):
            raise ValueError(
                f"expected in {WHERE}._target_ the import path of a class, got {path!r}; give it "
                "as in my_package.MyLabels"
            )
        kind = class_at(path, f"{WHERE}._target_")
        if not (is_dataclass(kind) and callable(kind) and hasattr(kind, "version")):
            raise ValueError(
                f"expected in {WHERE}._target_ a dataclass with a version and __call__, got "
                f"{path!r}; ecglens.datamodules.Labeller describes both"
            )
        check_types(kind, own, WHERE)
        return kind(**own)

    def of(self, prepared: Prepared) -> Float[np.ndarray, "row output"]:
        """A column for each output; ValueError for labels of another shape or infinite ones."""
        if prepared not in self._known:
            self._known[prepared] = self._computed(prepared)
        return self._known[prepared]

    def without(self, prepared: Prepared) -> list[Excluded]:
        """ECGs without any label."""
        ids = prepared.table["id"][np.isnan(self.of(prepared)).all(axis=1)]
        return [Excluded(id, f"no label from {self._path}") for id in ids]

    def maker(self, prepared: Prepared, name: str, reader: Reader) -> str:
        return COMPUTED

    def words(self, prepared: Prepared) -> str:
        return f"{', '.join(self.names)}, by {self._path}, version {self.labeller.version}"

    @property
    def _path(self) -> str:
        return class_path(type(self.labeller))

    @cached_property
    def _known(self) -> dict[Prepared, Float[np.ndarray, "row output"]]:
        return {}

    def _computed(self, prepared: Prepared) -> Float[np.ndarray, "row output"]:
        found = np.asarray(self.labeller(prepared), float)
        y = found[:, None] if found.ndim == 1 else found
        if y.shape != (len(prepared), len(self.names)):
            raise ValueError(
                f"expected from {self._path} labels of shape ({len(prepared)}, {len(self.names)}) "
                f"for {', '.join(self.names)}, got {found.shape}"
            )
        if np.isinf(y).any():
            raise ValueError(
                f"expected finite labels from {self._path}, got an infinite one; give NaN where a "
                "label is unknown"
            )
        return y
