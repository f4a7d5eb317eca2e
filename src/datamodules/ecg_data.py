"""Prepared ECGs as batches for Lightning, opened by settings, by name or from memory."""

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import asdict, replace
from functools import cached_property, partial
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
from jaxtyping import Float
from pytorch_lightning.overrides.distributed import UnrepeatedDistributedSampler
from torch import Tensor
from torch.utils.data import DataLoader, DistributedSampler

from ..ecg import Record
from ..engine import sample_ids
from ..store import Shard, Step, Store, class_path, fingerprint, say_once, write_json
from .cohort import Batch, Cohort, first_of, parts_of
from .labels.target import Labels, Target, target_of
from .preparation.blocks import SAMPLES
from .preparation.prepare import BEATS, STRIPS, origin, prepare, prepare_shard, remembering
from .preparation.prepared import Prepared
from .preparation.workers import cores
from .readers.given import IN_MEMORY, GivenRecords
from .records import (
    DATA_SET,
    MAY_LEAVE,
    READER_CLASS,
    may_leave,
    open_source,
    readers_in,
    settings_of,
)
from .split import Neighbours, neighbours, split_of

NEIGHBOURS, TEST = Step("neighbours", version=1), Step("test_ecgs", version=1)
# Test ECGs with more bytes of signals than this are mapped from a file, which all processes share,
# in place of held by each: 4660 median beats.
HELD_BYTES = 2**27
HASHED = 1024  # ECGs read at a time to be named by their samples
# Largest number of test ECGs that are compared with all training ECGs: enough for the median.
COMPARED = 1000
# The mean of 64 beats has a standard error of an eighth of the SD between ECGs.
BACKGROUND = 64
# Columns that define subgroups of ECGs, where a data set has them.
TRAITS = ("sex", "age", "device", "site")


class EcgData(pl.LightningDataModule):
    """ECGs of `source` (settings as in configs/data) with the labels of one target.

    Batches and parts depend only on the settings, not on workers or devices. `batch_size` is the
    number of ECGs per step over all devices; `seed` shuffles the training part. ECGs that are not
    in the store are prepared on first use. An ECG without a label is left out, and `facts` names
    it.
    """

    # Reading a batch of 32 strips from the memory-mapped files takes 3 ms (measured): worker
    # processes pay only for a store on a slow disk.
    workers = 0
    preparers = cores()  # processes that prepare what the store lacks

    def __init__(
        self,
        source: Mapping[str, Any],
        input: str,
        target: Target,
        batch_size: int,
        seed: int,
        store: Store,
    ) -> None:
        super().__init__()
        shares = source.get("split", {})
        if not isinstance(shares, Mapping):
            raise ValueError(f"expected data.split to be shares by name, got {shares!r}")
        if input not in SAMPLES:
            raise ValueError(f"expected input as one of {', '.join(SAMPLES)}, got {input!r}")
        if not isinstance(batch_size, Integral) or batch_size < 1:
            raise ValueError(f"expected a batch size of at least 1 ECG, got {batch_size!r}")
        self.split = split_of(shares)
        self.records = open_source(source)
        self.may_leave_machine = may_leave(source)  # not in `settings`: it changes no number
        self.input, self.target, self.store = input, target, store
        self.labels = Labels(target)
        self.batch_size, self.seed = int(batch_size), int(seed)
        self.permutation: int | None = None
        self.permuted_ecgs: int | None = None

    def with_seed(self, seed: int) -> "EcgData":
        """Data of the same ECGs and parts, with the training part shuffled by another seed."""
        if seed >= 2**63:  # torch takes 64 bits, and adds the epoch
            raise ValueError(f"expected a seed below 2**63, got {seed}")
        other = copy(self)
        other.seed = seed
        return other

    def with_permuted_labels(self, ecgs: int | None = None) -> "EcgData":
        """Data with shuffled labels in the training and validation part.

        Nothing can be learned from them but themselves (Adebayo 2018); the seed is that of these
        data. With `ecgs`, a random choice: this many for training, the same share for validation.
        """
        shuffled = copy(self)
        shuffled.permutation, shuffled.permuted_ecgs = self.seed, ecgs
        shuffled.__dict__.pop("cohort", None)  # it has the labels in order
        return shuffled

    @property
    def settings(self) -> dict[str, Any]:
        """Settings that decide the ECGs and their parts; `labels.settings` decide the labels."""
        strips = {} if self.input == "median" else {"input": self.input, "strips": STRIPS.version}
        return self._settings_of_beats | strips

    @cached_property
    def _settings_of_beats(self) -> dict[str, Any]:
        """Settings that decide the median beats and the parts; strips have the labels of beats."""
        reader = self.records.reader  # reads all files: computed once
        with remembering(self.store, reader):
            files = origin(reader, 0, len(reader))
        split = {key: each for key, each in asdict(self.split).items() if each is not None}
        return {**files, "input": "median", "prepared": BEATS.version, "split": split}

    @property
    def reading(self) -> dict[str, Any]:
        """Settings of the reader that change ECGs of any format."""
        reader = self.records.reader
        return {key: getattr(reader, key) for key in ("missing_lead",) if hasattr(reader, key)}

    @cached_property
    def prepared(self) -> Prepared:
        """All usable ECGs, with or without a label for the target."""
        return prepare(self.records, self.store, self.input, workers=self.preparers)

    def prepare_shard(self, shard: Shard) -> None:
        prepare_shard(self.records, self.store, self.input, shard, workers=self.preparers)

    def prepare_data(self) -> None:
        """Prepare what the store lacks; Lightning calls this in one process.

        It does so before the fit and again before the test, hence `say_once`.
        """
        say_once(self.ease)

    @cached_property
    def cohort(self) -> Cohort:
        """ECGs with a label, in their parts."""
        whole = Cohort(self.prepared, self.labels, self.split, self.permutation)
        if self.permuted_ecgs is None:
            return whole
        return replace(whole, share=self.permuted_ecgs / len(whole.parts["train"]))

    @property
    def y_mean(self) -> float:
        """Mean label of the training part, in the target's unit."""
        return float(self.cohort.training_labels.mean())

    @property
    def y_sd(self) -> float:
        """Standard deviation of the labels of the training part, in the target's unit."""
        return float(self.cohort.training_labels.std())

    def train_dataloader(self) -> DataLoader[Batch]:
        """Training batches, shuffled by (seed, epoch), the same ECGs per step on any devices."""
        ecgs = self.cohort.ecgs("train")
        devices, rank = self._place()
        if self.batch_size % devices:
            raise ValueError(
                f"expected a batch size that {devices} devices can share, got {self.batch_size}"
            )
        # Lightning passes the epoch to this sampler and does not replace it under DDP.
        sampler = DistributedSampler(ecgs, devices, rank, shuffle=True, seed=self.seed)
        return ecgs.loader(self.batch_size // devices, self.workers, sampler)

    def val_dataloader(self) -> DataLoader[Batch]:
        """Validation batches in the order of the source, each ECG on one of several devices."""
        ecgs, (devices, rank) = self.cohort.ecgs("val"), self._place()
        if (count := len(ecgs)) < devices:
            devices, rank = 1, 0  # each has all
        # Not Lightning's choice under DDP, which repeats ECGs so that each device has as many.
        sampler = UnrepeatedDistributedSampler(ecgs, devices, rank, shuffle=False)
        size = self.batch_size
        while count % devices and count // devices % size == 0:
            size += 1  # else one more batch on some devices, at which DDP waits for the others
        return ecgs.loader(size, self.workers, sampler)

    def test_dataloader(self) -> DataLoader[Batch]:
        """Test batches in the order of the source."""
        return self.cohort.ecgs("test").loader(self.batch_size, self.workers)

    def test_batch(self, n: int) -> Batch:
        """`n` test ECGs, or all if there are fewer; independent of the seed of the network.

        Raises ValueError for fewer than one.
        """
        if n < 1:
            raise ValueError(f"expected at least 1 test ECG to explain, got n={n}")
        ecgs = self.cohort.ecgs("test")
        ids = list(self.prepared.table["id"].iloc[ecgs.rows])
        chosen = self.split.order(ids)[:n]
        if ecgs.size(len(chosen)) <= HELD_BYTES:
            return ecgs.__getitems__(chosen)
        names = fingerprint({"records": [ids[row] for row in chosen]})
        settings = self.settings | {"records": names}
        return ecgs.mapped(chosen, self.store.folder(TEST, settings, partial(ecgs.write, chosen)))

    @cached_property
    def background(self) -> Float[Tensor, "ecg lead time"]:
        """ECGs of other patients: BACKGROUND training ECGs, independent of the seed."""
        ecgs = self.cohort.ecgs("train")
        ids = list(self.prepared.table["id"].iloc[ecgs.rows])
        return ecgs.__getitems__(self.split.order(ids)[:BACKGROUND]).x

    def patients_of(self, records: Sequence[str]) -> list[str]:
        """Patient of each of these ECGs."""
        table = self.prepared.table
        patient = dict(zip(table["id"], table["patient"], strict=True))
        return [patient[record] for record in records]

    @cached_property
    def test_ids(self) -> list[str]:
        """Names of the test ECGs, made from their samples (engine.sample_ids), in their order."""
        ecgs = self.cohort.ecgs("test")
        parts = (range(at, min(at + HASHED, len(ecgs))) for at in range(0, len(ecgs), HASHED))
        return [id for part in parts for id in sample_ids(ecgs.__getitems__([*part]).x)]

    def columns(self, names: Sequence[str]) -> dict[str, Float[np.ndarray, " ecg"]]:
        """Numbers in these columns of the data set, for each test ECG in the order of test_ids.

        Raises ValueError for an unknown column, and for ECGs without a finite number in one.
        """
        table = self.prepared.table.iloc[self.cohort.ecgs("test").rows]
        known = [name for name in table if table[name].dtype.kind in "biuf"]
        if missing := [name for name in names if name not in known]:
            raise ValueError(
                f"expected columns of numbers in {self.records.name}, got {', '.join(missing)}; it "
                f"has {', '.join(map(str, known)) or 'none'}"
            )
        with np.errstate(over="ignore"):  # infinite as a float32: refused
            found = {name: table[name].to_numpy(np.float32) for name in names}
        for name, column in found.items():
            if without := int((~np.isfinite(column)).sum()):
                raise ValueError(
                    f"expected a number in {name} for each of {len(column)} test ECGs, got "
                    f"{without} without; leave these ECGs out of the data, or give what the "
                    "network takes for unknown"
                )
        return found

    def traits_of(self, records: Sequence[str]) -> dict[str, Float[np.ndarray, " ecg"]]:
        """Values of each of the TRAITS that the data set has, for these ECGs."""
        table = self.prepared.table.set_index("id").loc[list(records)]
        return {name: table[name].to_numpy(float) for name in TRAITS if name in table}

    def rr_ms_of(self, records: Sequence[str]) -> dict[str, float]:
        """Mean RR interval of each of these ECGs whose rate is known, by name."""
        rate = self.prepared.table.set_index("id")["rate"].loc[list(records)].dropna()
        return {str(name): 6e4 / float(each) for name, each in rate.items()}

    def reasons_of(self, records: Sequence[str]) -> dict[str, dict[str, str]]:
        """Reasons against labels of each of these ECGs by label, by name."""
        reasons = self.prepared.table.set_index("id")["reasons"].loc[list(records)]
        return {str(name): json.loads(each) for name, each in reasons.items()}

    @property
    def counts(self) -> dict[str, Any]:
        """Number of ECGs, and those left out with the reason, as plain JSON."""
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
    def _learned_from(self) -> dict[str, Any]:
        """Number of training ECGs by data set, if there are several."""
        readers = readers_in(self.records.reader)
        if not readers:
            return {}
        rows = self.cohort.parts["train"]
        counts = self.prepared.table[DATA_SET].iloc[rows].value_counts()
        return {"learned_from": {name: int(counts.get(n, 0)) for n, name in enumerate(readers)}}

    @property
    def facts(self) -> dict[str, Any]:
        """Facts for the reader of a result: counts, labels, and the distance between the parts."""
        if self.target.kind == "binary":
            labels = {"classes": self.cohort.class_counts}
        else:
            labels = {"y_mean": self.y_mean, "y_sd": self.y_sd}
        return {
            **self.counts,
            **self._learned_from,
            **labels,
            "neighbours": asdict(self.neighbours),
            "ease": self.ease,
        }

    @property
    def ease(self) -> str:
        """Sentence on how similar the test ECGs are to the training ECGs."""
        if not self.records.reader.generated:
            return self.neighbours.sentence()
        return (
            f"{self.neighbours.sentence()} Both come from one generator; real patients differ more."
        )

    @cached_property
    def neighbours(self) -> Neighbours:
        """Distance from test to training ECGs, between median beats."""
        folder = self.store.folder(NEIGHBOURS, self._settings_of_beats, self._compare)
        return Neighbours(**json.loads((folder / "neighbours.json").read_text()))

    def _compare(self, folder: Path) -> None:
        own = self.input == "median"
        beats = self.prepared if own else prepare(self.records, self.store)
        parts = dict(parts_of(beats, self.split))
        train = first_of(parts["train"], beats, self.split)
        found = neighbours(beats, parts["test"][:COMPARED], train)
        write_json(folder / "neighbours.json", asdict(found))

    def _place(self) -> tuple[int, int]:
        """Number of devices, and the rank of this process."""
        trainer = self.trainer
        return (trainer.world_size, trainer.global_rank) if trainer else (1, 0)


BATCH = 32  # ECGs per step, as in configs/fit/quick.yaml


def load_ecgs(
    data: str | Iterable[Record],
    target: str | Target,
    input: str = "median",
    *,
    store: str | Path = "store",
    batch_size: int = BATCH,
    **settings: Any,
) -> EcgData:
    """ECGs of a data set with the labels of a target, split by patient.

    `data` and `settings` are those of configs/data, such as `"ptbxl", path="/my/ptbxl"` or
    `"exact", n=256`; another name takes the import path of a reader as `_target_`. Or `data` are
    records in memory, each with its labels and its patient. `target` is a name in configs/target or
    a Target, `input` "median" for median beats or "rhythm" for strips. Prepared ECGs are kept in
    the folder `store`. Raises ValueError for an unknown name, a setting that is unknown, missing or
    of another type, and for records that are none or of which two have one id.
    """
    if not isinstance(store, str | Path):
        raise ValueError(f"expected a folder as store, got {store!r}")
    if not isinstance(data, Iterable):
        raise ValueError(
            f"expected the name of a data set, or a list of records, got {type(data).__name__}; "
            "give files by their reader and path=…, one record as [record]"
        )
    if isinstance(data, str):
        name = data
    else:
        name, records = IN_MEMORY, list(data)
        settings |= {READER_CLASS: class_path(GivenRecords), "records": records}
    return EcgData(
        source=settings_of(name, settings),
        input=input,
        target=target_of(target),
        batch_size=batch_size,
        seed=0,  # a fit has one of its own
        store=Store.at(store),
    )
