"""Labels that a class of the user's own computes from the prepared ECGs."""

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from functools import cached_property
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float

from ...store import check_types, class_at, class_path
from ..preparation.prepared import Prepared
from ..records import Excluded, Reader
from .provenance import COMPUTED

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

    `names` are the outputs: see target_labels.Labels.
    """

    label: Mapping[str, Any]
    names: tuple[str, ...]

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Class path, version and settings of the labeller; errors as in `labeller`."""
        labeller = self.labeller
        own = {key: value for key, value in self.label.items() if key != "_target_"}
        return {"label": self._path, "version": labeller.version, "settings": own}

    @cached_property
    def labeller(self) -> Labeller:
        """The labeller itself; ValueError for a class or a setting that does not exist."""
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

    def given(self, prepared: Prepared) -> int:
        """Number of labels that came with their ECG: none."""
        return 0

    def came(self, prepared: Prepared, name: str) -> Bool[np.ndarray, " row"]:
        """Rows that ECGLens did not measure: all."""
        return np.ones(len(prepared), bool)

    def maker(self, prepared: Prepared, name: str, reader: Reader) -> str:
        """A class of the user."""
        return COMPUTED

    def words(self, prepared: Prepared) -> str:
        """Class and version."""
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
