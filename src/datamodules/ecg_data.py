"""Prepared ECGs as batches for Lightning: one target, one input, split by patient."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
from jaxtyping import Float
from torch import Tensor
from torch.utils.data import DataLoader, DistributedSampler

from ..store import Step, Store, write_json
from .batch import Batch
from .cohort import Cohort, parts_of
from .governance import MAY_LEAVE, may_leave
from .labels.target_labels import Labels
from .leakage.neighbours import Neighbours, neighbours
from .preparation.prepare import BEATS, STRIPS, origin, prepare
from .preparation.prepared import Prepared
from .records import open_source
from .split import split_of
from .target import Target

NEIGHBOURS = Step("neighbours", version=1)
# Not more test ECGs than these are compared with all training ECGs: their median is known by then.
COMPARED = 1000
# A mean beat of so many is known to an eighth of the spread between ECGs.
BACKGROUND = 64
# Columns by which ECGs are told apart in subgroups, where a data set has them.
TRAITS = ("sex", "age", "device", "site")


@cache
def say_once(line: str) -> None:
    """Print a line on stderr, unless this process has printed it before."""
    print(line, file=sys.stderr)


class EcgData(pl.LightningDataModule):
    """The ECGs of `source` (as in configs/data) with the labels of one target.

    Batches and parts depend on the settings alone, not on workers or devices: `batch_size` counts
    the ECGs of a step over all devices, `seed` shuffles the training part. What is not in the store
    is made on first use. An ECG without a label is left out for this target, and `facts` names it.
    `permuted` deals the labels of what is learnt and watched out anew: nothing can be learnt then.
    """

    # A batch of 32 strips is read from the memory-mapped files in 3 ms (measured): processes of
    # their own pay only when the store lies on a slow disk.
    workers = 0

    def __init__(
        self,
        source: Mapping[str, Any],
        input: str,
        target: Target,
        batch_size: int,
        seed: int,
        store: Store,
        permuted: bool = False,
    ) -> None:
        super().__init__()
        shares = source.get("split", {})
        if not isinstance(shares, Mapping):
            raise ValueError(f"expected data.split to be shares by name, got {shares!r}")
        self.split = split_of(shares)
        self.records = open_source(source)
        self.may_leave_machine = may_leave(source)  # no part of `settings`: it changes no number
        self.input, self.target, self.store = input, target, store
        self.labels = Labels(target)
        self.batch_size, self.seed = batch_size, seed
        self.permutation = seed if permuted else None

    @property
    def settings(self) -> dict[str, Any]:
        """Exactly what decides the ECGs and their parts; `labels.settings` decide the labels."""
        strips = {} if self.input == "median" else {"input": self.input, "strips": STRIPS.version}
        return self._settings_of_beats | strips

    @cached_property
    def _settings_of_beats(self) -> dict[str, Any]:
        """Exactly what decides the median beats, from which strips have their labels, and parts.

        All files are read for it: once, not at each question.
        """
        reader = self.records.reader
        return {
            **origin(reader, 0, len(reader)),
            "input": "median",
            "prepared": BEATS.version,
            "split": asdict(self.split),
        }

    @cached_property
    def prepared(self) -> Prepared:
        """All usable ECGs, with or without a label for the target."""
        return prepare(self.records, self.store, self.input)

    def prepare_data(self) -> None:
        """Make what is not in the store yet; Lightning calls it in one process alone.

        It calls it before the fit and again before the test: the same words are said once.
        """
        say_once(self.ease)

    @cached_property
    def cohort(self) -> Cohort:
        """Those of them that have a label, each in its part."""
        return Cohort(self.prepared, self.labels, self.split, self.permutation)

    @property
    def y_mean(self) -> float:
        """Mean label of the training part, in the target's unit."""
        return float(self.cohort.training_labels.mean())

    @property
    def y_sd(self) -> float:
        """Standard deviation of the labels of the training part, in the target's unit."""
        return float(self.cohort.training_labels.std())

    def train_dataloader(self) -> DataLoader[Batch]:
        """Shuffled by (seed, epoch); over several devices each step takes the same ECGs."""
        ecgs = self.cohort.ecgs("train")
        devices, rank = self._place()
        if self.batch_size % devices:
            raise ValueError(
                f"expected a batch size that {devices} devices can share, got {self.batch_size}"
            )
        # Lightning tells it the epoch, and leaves a sampler of this kind as it is under DDP.
        sampler = DistributedSampler(ecgs, devices, rank, shuffle=True, seed=self.seed)
        return ecgs.loader(self.batch_size // devices, self.workers, sampler)

    def val_dataloader(self) -> DataLoader[Batch]:
        """In the order of the source."""
        return self.cohort.ecgs("val").loader(self.batch_size, self.workers)

    def test_dataloader(self) -> DataLoader[Batch]:
        """In the order of the source."""
        return self.cohort.ecgs("test").loader(self.batch_size, self.workers)

    def test_batch(self, n: int) -> Batch:
        """`n` test ECGs, or all if there are fewer: the same for networks of any seed."""
        ecgs = self.cohort.ecgs("test")
        ids = list(self.prepared.table["id"].iloc[ecgs.rows])
        return ecgs.__getitems__(self.split.order(ids)[:n])

    @cached_property
    def background(self) -> Float[Tensor, "ecg lead time"]:
        """Training ECGs, the same for networks of any seed: what other patients' ECGs look like."""
        ecgs = self.cohort.ecgs("train")
        ids = list(self.prepared.table["id"].iloc[ecgs.rows])
        return ecgs.__getitems__(self.split.order(ids)[:BACKGROUND]).x

    def patients_of(self, records: Sequence[str]) -> list[str]:
        """The patient of each of these ECGs."""
        table = self.prepared.table
        patient = dict(zip(table["id"], table["patient"], strict=True))
        return [patient[record] for record in records]

    def traits_of(self, records: Sequence[str]) -> dict[str, Float[np.ndarray, " ecg"]]:
        """What is known of the people of these ECGs and of where they were recorded, by TRAITS."""
        table = self.prepared.table.set_index("id").loc[list(records)]
        return {name: table[name].to_numpy(float) for name in TRAITS if name in table}

    @property
    def counts(self) -> dict[str, Any]:
        """How many ECGs there are, who is left out and why, as plain JSON."""
        return {
            "source": self.records.name,
            MAY_LEAVE: self.may_leave_machine,
            "generated": self.records.reader.generated,
            "input": self.input,
            "ecgs": len(self.records.reader),
            **self.cohort.counts,
            "label_source": self.labels.source(self.prepared, self.records.reader),
            "labels_by": self.labels.by(self.prepared, self.records.reader),
        }

    @property
    def facts(self) -> dict[str, Any]:
        """What a reader needs to judge a result by: the counts and how near the parts lie."""
        return {
            **self.counts,
            **self._labels_learnt,
            "neighbours": asdict(self.neighbours),
            "ease": self.ease,
        }

    @property
    def _labels_learnt(self) -> dict[str, Any]:
        if self.target.kind == "binary":
            return {"classes": self.cohort.class_counts}
        return {"y_mean": self.y_mean, "y_sd": self.y_sd}

    @property
    def ease(self) -> str:
        """One line on how hard these test ECGs are for a network that has seen the others."""
        remark = (
            " Both come from one generator: patients vary more."
            if self.records.reader.generated
            else ""
        )
        return self.neighbours.sentence() + remark

    @cached_property
    def neighbours(self) -> Neighbours:
        """How near the test ECGs lie to the training ECGs, by their median beats."""
        folder = self.store.folder(NEIGHBOURS, self._settings_of_beats, self._compare)
        return Neighbours(**json.loads((folder / "neighbours.json").read_text()))

    def _compare(self, folder: Path) -> None:
        own = self.input == "median"
        beats = self.prepared if own else prepare(self.records, self.store)
        parts = dict(parts_of(beats, self.split))
        found = neighbours(beats, parts["test"][:COMPARED], parts["train"])
        write_json(folder / "neighbours.json", asdict(found))

    def _place(self) -> tuple[int, int]:
        """How many devices there are, and which of them this process drives."""
        trainer = self.trainer
        return (trainer.world_size, trainer.global_rank) if trainer else (1, 0)
