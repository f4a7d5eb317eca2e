"""ECGs of one part with their labels, read batch by batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch.utils.data import DataLoader, Dataset, Sampler

from .batch import Batch
from .preparation.prepared import Prepared

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
        return Batch(
            x=torch.from_numpy(self.prepared.x(rows)),
            y=torch.from_numpy(self.y[list(indices)].astype(np.float32)),
            segments=torch.from_numpy(self.prepared.segments(rows)),
            record=list(self.prepared.table["id"].iloc[rows]),
        )

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
        """The batch of these ECGs from the files of `write`, of which a process holds no copy.

        What a process changes in it stays its own.
        """
        x, segments = (np.load(folder / name, mmap_mode="c") for name in (SIGNALS, MASKS))
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
            collate_fn=_as_it_is,
            persistent_workers=workers > 0,
        )


def _as_it_is(batch: Any) -> Any:
    return batch
