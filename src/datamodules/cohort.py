"""Prepared ECGs with a label for one target, in parts, read batch by batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Int8
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler, default_convert

from ..engine import generator
from .labels.diagnoses import DIAGNOSES
from .labels.target import Labels
from .preparation.prepared import Prepared
from .records import Excluded, grouped
from .split import PARTS, Folds, Split


class Batch(NamedTuple):
    """A batch of ECGs: signals in µV, labels in the target's unit, masks of waves, record ids.

    `segments` has one bit per wave (ecg.waves). With several classes some labels of an ECG may be
    NaN, which means unknown; at least one is known.
    """

    x: Float[Tensor, "batch lead time"]
    y: Float[Tensor, "batch target"]
    segments: Int8[Tensor, "batch time"]
    record: list[str]


WRITTEN = 1024  # ECGs that are held while a file of many is written
SIGNALS, MASKS = "x.npy", "segments.npy"


@dataclass(frozen=True, eq=False)
class Ecgs(Dataset[Batch]):
    """Rows of prepared ECGs and their labels; picklable, each process opens the files itself."""

    prepared: Prepared
    rows: Int[np.ndarray, " ecg"]
    y: Float[np.ndarray, "ecg output"]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Batch:
        return self.__getitems__([index])

    def __getitems__(self, indices: Sequence[int]) -> Batch:
        """Whole batch, copied once out of the memory-mapped files."""
        rows = self.rows[list(indices)]
        return self._batch(indices, self.prepared.x(rows), self.prepared.segments(rows))

    def size(self, count: int) -> int:
        """Bytes that the signals of `count` ECGs take in memory."""
        return count * self.prepared.x(self.rows[:1]).nbytes

    def write(self, indices: Sequence[int], folder: Path) -> None:
        """Copy signals and masks into one file each, some ECGs at a time."""
        rows = self.rows[list(indices)]
        for name, read in ((SIGNALS, self.prepared.x), (MASKS, self.prepared.segments)):
            one = read(rows[:1])
            whole = (len(rows), *one.shape[1:])
            file = np.lib.format.open_memmap(folder / name, "w+", one.dtype, whole)
            for at in range(0, len(rows), WRITTEN):
                file[at : at + WRITTEN] = read(rows[at : at + WRITTEN])
            file.flush()

    def mapped(self, indices: Sequence[int], folder: Path) -> Batch:
        """Batch of these ECGs from the files of `write`, of which a process holds no copy.

        What a process changes in it stays its own.
        """
        signals, masks = (np.load(folder / name, mmap_mode="c") for name in (SIGNALS, MASKS))
        return self._batch(indices, signals, masks)

    def _batch(self, indices: Sequence[int], x: np.ndarray, segments: np.ndarray) -> Batch:
        return Batch(
            x=torch.from_numpy(x),
            y=torch.from_numpy(self.y[list(indices)].astype(np.float32)),
            segments=torch.from_numpy(segments),
            record=list(self.prepared.table["id"].iloc[self.rows[list(indices)]]),
        )

    def loader(
        self, batch_size: int, workers: int, sampler: Sampler[int] | None = None
    ) -> DataLoader[Batch]:
        """Batches in the order of the sampler, or of the source."""
        return DataLoader(
            self,
            batch_size=batch_size,
            sampler=sampler,
            num_workers=workers,
            collate_fn=default_convert,  # a batch as it is
            persistent_workers=workers > 0,
        )


@dataclass(frozen=True)
class Cohort:
    """ECGs of the three parts; those without a label are named with the reason.

    `permutation` is a seed: the labels of the training and of the validation part are shuffled
    within their part (Adebayo 2018). None leaves them as they are. Of shuffled parts a random
    `share` is used.
    """

    prepared: Prepared
    labels: Labels
    split: Split | Folds
    permutation: int | None = None
    share: float = 1.0

    @cached_property
    def y(self) -> Float[np.ndarray, "row output"]:
        """Labels of each prepared ECG, NaN where there is none."""
        return self.labels.of(self.prepared)

    @cached_property
    def parts(self) -> dict[str, Int[np.ndarray, " row"]]:
        """Rows with a label, by part.

        Raises ValueError for a part with too few ECGs: none, a single one for a regression (R² is
        undefined), or, if there is a training part, only one of the two values of the output that
        is explained; also for a class without any label.
        """
        target = self.labels.target
        if target.classes and "train" in self.split.wanted:
            self._check_classes()
        known = self._known
        parts = {name: rows[known[rows]] for name, rows in parts_of(self.prepared, self.split)}
        parts["train"] = first_of(parts["train"], self.prepared, self.split)
        wanted = self.split.wanted
        advice = "give more ECGs or other shares in data.split"
        if empty := [name for name in wanted if not len(parts[name])]:
            raise ValueError(
                f"expected ECGs with {target.name} in {_listed(wanted)}, got none in "
                f"{_listed(empty)} of {known.sum()}{self._why_left_out}; {advice}"
            )
        alone = [name for name in wanted if len(parts[name]) < 2]
        if alone and target.kind == "regression":
            raise ValueError(
                f"expected at least 2 ECGs with {target.name} in {_listed(wanted)}, got 1 in "
                f"{_listed(alone)}; {advice}"
            )
        values = {name: np.unique(self._explained[parts[name]]) for name in wanted}
        single = [name for name in wanted if not {0, 1} <= {*values[name].tolist()}]
        if single and target.kind == "binary" and "train" in wanted:
            raise ValueError(
                f"expected both 0 and 1 of {target.explained} in {_listed(wanted)}, got not both "
                f"in {_listed(single)}; {advice}"
            )
        return parts

    def ecgs(self, part: str) -> Ecgs:
        """ECGs of a part with their labels."""
        rows = self.parts[part]
        y = self.y[rows]
        if self.permutation is not None and part != "test":
            stream = generator(self.permutation, "permuted labels", part)
            y = y[torch.randperm(len(rows), generator=stream).numpy()]
            if self.share < 1:
                # Two at least: one value has no R².
                count = max(2, round(self.share * len(rows)))
                chosen = torch.randperm(len(rows), generator=stream)[:count].numpy()
                rows, y = rows[chosen], y[chosen]
        return Ecgs(self.prepared, rows, y)

    @cached_property
    def training_labels(self) -> Float[np.ndarray, " row"]:
        """Labels of the explained output in the training part; ValueError when all are equal."""
        labels = self._explained[self.parts["train"]]
        if len(labels) < 2 or labels.std() == 0:
            raise ValueError(
                f"expected training ECGs that differ in {self.labels.target.name}, got "
                f"{len(labels)} with {len(np.unique(labels))} values; give more ECGs or other "
                "shares in data.split"
            )
        return labels

    @property
    def class_counts(self) -> dict[str, dict[str, int]]:
        """Number of training ECGs by class of a binary target: yes, no and unknown."""
        y = self.ecgs("train").y
        return {
            name: {
                "yes": int((column == 1).sum()),
                "no": int((column == 0).sum()),
                "unknown": int(np.isnan(column).sum()),
            }
            for name, column in zip(self.labels.target.outputs, y.T, strict=True)
        }

    @property
    def counts(self) -> dict[str, Any]:
        """Number of ECGs in each part, and those left out with the reason, as plain JSON."""
        patients = self.prepared.table["patient"]
        of_part = {name: int(patients.iloc[rows].nunique()) for name, rows in self.parts.items()}
        return {
            "usable": len(self.prepared),
            "patients": int(patients.nunique()),
            **{name: len(rows) for name, rows in self.parts.items()},
            "patients_of_part": of_part,
            "excluded": [list(item) for item in self.prepared.excluded],
            "without_label": [list(item) for item in self._without],
            "labels_given": self.labels.given(self.prepared),
        }

    @property
    def _known(self) -> Bool[np.ndarray, " row"]:
        """Mask of the rows with any label."""
        return np.asarray(~np.isnan(self.y).all(axis=1))

    @property
    def _explained(self) -> Float[np.ndarray, " row"]:
        """Labels of the output that is explained."""
        return self.y[:, self.labels.target.index]

    def _check_classes(self) -> None:
        target, known = self.labels.target, (~np.isnan(self.y)).any(axis=0)
        there = [target.classes[place] for place in np.flatnonzero(known)]
        # A known diagnosis may never be coded in this data set; any other name is a typing error.
        if wrong := [name for name in target.classes if name not in (*there, *DIAGNOSES)]:
            raise ValueError(
                f"expected in target.classes diagnoses ({', '.join(DIAGNOSES)}) or columns with "
                f"labels, got {', '.join(wrong)}"
            )
        if target.explained not in there:
            raise ValueError(
                f"expected labels of {target.explained}, which is explained, got those of "
                f"{', '.join(there)}; explain one of them by target.explain=…"
            )

    @property
    def _why_left_out(self) -> str:
        """Words on the ECGs that were left out, with the commonest reason; "" for none."""
        without = [*self.prepared.excluded, *self._without]
        if not without:
            return ""
        most = grouped(without)[0]
        return f" ({len(without)} were left out, {len(most.names)} because: {most.reason})"

    @property
    def _without(self) -> list[Excluded]:
        """ECGs without a label, then those with a label and without a fold."""
        without = self.labels.without(self.prepared)
        if not isinstance(self.split, Folds):
            return without
        table = self.prepared.table
        rows = np.flatnonzero(self._known & (self.split.parts(table) == ""))
        reason = f"no part: {self.split.column} is missing"
        return without + [Excluded(id, reason) for id in table["id"].iloc[rows]]


def parts_of(prepared: Prepared, split: Split | Folds) -> list[tuple[str, Int[np.ndarray, " row"]]]:
    """Rows of each part, with or without a label."""
    part = split.parts(prepared.table)
    return [(name, np.flatnonzero(part == name)) for name in PARTS]


def first_of(
    rows: Int[np.ndarray, " row"], prepared: Prepared, split: Split | Folds
) -> Int[np.ndarray, " row"]:
    """The training ECGs that are used of these rows: all, or the first of a fixed order."""
    if split.first is None:
        return rows
    order = split.order(prepared.table["id"].to_numpy()[rows].tolist())
    return np.sort(rows[order[: split.first]])


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
