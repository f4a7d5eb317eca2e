"""ECGs and targets by the names that the commands use, and ECGs in memory."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .. import registry
from ..ecg import Record
from ..store import Store, class_path
from .ecg_data import EcgData
from .readers.given import IN_MEMORY, GivenRecords
from .records import READER_CLASS, data_sets
from .target import Target

OPEN = ("???", "${")  # what stands in a yaml file for a value that must be given
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
    records in memory, each with its labels and its patient. `target` is a
    name in configs/target or a Target, `input` "median" for median beats or "rhythm" for strips.
    Prepared ECGs are kept in the folder `store`. Raises ValueError for an unknown name, a
    setting that is unknown, missing or of another type, and for records that are none or of which
    two have one id.
    """
    if isinstance(data, str):
        name = data
    else:
        name, records = IN_MEMORY, list(data)
        settings |= {READER_CLASS: class_path(GivenRecords), "records": records}
    known: dict[str, Any] = (
        registry.settings("data", name) if name in data_sets() else {"name": name}
    )
    given = {key: value for key, value in known.items() if value != OPEN[0]} | settings
    split: dict[str, Any] = {**known.get("split", {}), **settings.get("split", {})}
    return EcgData(
        source=given | {"split": split} if split else given,
        input=input,
        target=target_of(target),
        batch_size=batch_size,
        seed=0,  # a fit has one of its own
        store=Store.at(store),
    )


def target_of(target: str | Target) -> Target:
    """A target by its name in configs/target; a Target itself.

    Raises ValueError for an unknown name, and for one whose settings have to be given.
    """
    if isinstance(target, Target):
        return target
    settings = {name: registry.settings("target", name) for name in registry.names("target")}
    complete = [name for name, each in settings.items() if not any(m in repr(each) for m in OPEN)]
    if target not in complete:
        raise ValueError(
            f"{registry.unknown('a target', target, complete)}; any other label is "
            "Target(name, unit, column) of ecglens.datamodules"
        )
    return Target.from_plain(settings[target])
