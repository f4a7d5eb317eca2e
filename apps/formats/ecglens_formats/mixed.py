"""Several data sets at once, each split by patient on its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, combinations, product
from math import nan
from typing import Any, ClassVar

import pandas as pd
from ecglens.datamodules import (
    DATA_SET,
    PART,
    PARTS,
    Excluded,
    Folds,
    Reader,
    Split,
    open_source,
    overlap,
    settings_of,
    split_of,
)
from ecglens.datamodules import MEASURED as MEASURABLE
from ecglens.ecg import Record
from ecglens.store import class_path, own_source

TRAIN_ONLY, MEASURED = "train_only", "measured"
SEPARATOR = "/"  # between the name of a data set and that of an ECG or a patient


@dataclass(frozen=True)
class Mixed:
    """ECGs of several data sets, one after the other.

    `parts` are the settings of each, as in configs/data, by its name; `name` in the settings names
    another data set of configs/data, `_target_` a reader of one's own. Beside the settings of its
    reader each has `split`, as data.split; `train_only`: all its ECGs are for training (default:
    generated ones are, beside recorded ones); `measured`: labels that ECGLens can measure are
    measured, also where others came with the ECGs (default: no). Names of ECGs and patients begin
    with that of the data set, as in ptbxl/19217.
    """

    parts: Mapping[str, Any]
    version: ClassVar[int] = 1
    generated: ClassVar[bool] = False  # an instance whose parts are all generated says True

    def __post_init__(self) -> None:
        named = all(
            name and SEPARATOR not in name and isinstance(each, Mapping)
            for name, each in self.parts.items()
        )
        if not (self.parts and named):
            raise ValueError(
                "expected in data.parts the settings of each data set by its name, as in "
                f"{{ptbxl: {{path: /data/ptbxl}}, exact: {{n: 1000}}}}, got {self.parts!r}"
            )
        for name, key in product(self.parts, HERE):
            said = self.parts[name].get(key)
            if not isinstance(said, bool | None):  # `no` is a text on the command line
                raise ValueError(
                    f"expected data.parts.{name}.{key} to be true or false, got {said!r}"
                )
        if first := [
            name for name, one in self.parts.items() if "first" in (one.get("split") or {})
        ]:
            raise ValueError(
                f"expected no split.first in a part, got one in {first[0]}; data.split.first is "
                "that of the mixture"
            )
        generated = all(reader.generated for reader in self.readers.values())
        object.__setattr__(self, "generated", generated)
        if all(self._train_only.values()):
            raise ValueError(
                f"expected in data.parts ECGs to test on, got {TRAIN_ONLY} for each of "
                f"{', '.join(self.parts)}"
            )
        for (name, one), (beside, other) in combinations(self.readers.items(), 2):
            if self._splits[name] != self._splits[beside] and overlap(one, other):
                raise ValueError(
                    f"expected in data.parts different ECGs, got some of {name} in {beside} again, "
                    "which are not split alike; give another seed or folder, or the same split"
                )

    @cached_property
    def readers(self) -> dict[str, Reader]:
        """Reader of each data set, by its name here."""
        return {
            name: open_source(_settings(name, each)).reader for name, each in self.parts.items()
        }

    def __len__(self) -> int:
        return self._ends[-1]

    def read(self, start: int, stop: int) -> Iterator[Record | Excluded]:
        """ECGs start … stop − 1, under the names of their data sets."""
        for name, first, last in self._spans(start, stop):
            for item in self.readers[name].read(first, last):
                if isinstance(item, Excluded):
                    yield Excluded(f"{name}{SEPARATOR}{item.name}", item.reason)
                else:
                    yield self._placed(name, item)

    def origin(self, start: int, stop: int) -> dict[str, Any]:
        """Origin of the ECGs of each data set, its class, and what is done with them here."""
        return {
            name: {
                "reader": class_path(type(reader := self.readers[name])),
                "version": reader.version,
                **own_source(type(reader)),
                "origin": dict(reader.origin(first, last)),
                "place": [*self.parts].index(name),
                "split": repr(self._splits[name]),
                MEASURED: self._measured(name),
            }
            for name, first, last in self._spans(start, stop)
        }

    def _placed(self, name: str, record: Record) -> Record:
        """Record with its part, and labels only where they are wanted."""
        patient = record.patient or record.id
        split = self._splits[name]
        part = PARTS[0]
        if split is not None:
            row = pd.DataFrame([{**record.labels, "patient": patient}])
            part = str(split.parts(row)[0])
        labels = dict(record.labels)
        if self._measured(name):
            labels = {key: value for key, value in labels.items() if key not in MEASURABLE}
            record = replace(record, marks=None, r_peaks=None)
        places = {PART: float(PARTS.index(part)) if part else nan}
        places[DATA_SET] = float([*self.parts].index(name))
        return replace(
            record,
            id=f"{name}{SEPARATOR}{record.id}",
            patient=f"{name}{SEPARATOR}{patient}",
            labels={**labels, **places},
        )

    def _spans(self, start: int, stop: int) -> Iterator[tuple[str, int, int]]:
        """Data sets with an ECG from start to stop − 1, and their own ECGs."""
        for name, end in zip(self.parts, self._ends, strict=True):
            begin = end - len(self.readers[name])
            first, last = max(start, begin), min(stop, end)
            if first < last:
                yield name, first - begin, last - begin

    def _measured(self, name: str) -> bool:
        return bool(self.parts[name].get(MEASURED))

    @cached_property
    def _ends(self) -> list[int]:
        return [*accumulate(len(reader) for reader in self.readers.values())]

    @cached_property
    def _train_only(self) -> dict[str, bool]:
        recorded = not self.generated
        return {
            name: bool(each.get(TRAIN_ONLY, recorded and self.readers[name].generated))
            for name, each in self.parts.items()
        }

    @cached_property
    def _splits(self) -> dict[str, Split | Folds | None]:
        """Split of each data set; None where all ECGs are for training."""
        return {
            name: None
            if self._train_only[name]
            else split_of(_settings(name, each).get("split") or {})
            for name, each in self.parts.items()
        }


HERE = (TRAIN_ONLY, MEASURED)


def _settings(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a data set, with those of its yaml file where nothing else is said."""
    own = {key: value for key, value in given.items() if key not in HERE}
    return settings_of(own.pop("name", name), own)
