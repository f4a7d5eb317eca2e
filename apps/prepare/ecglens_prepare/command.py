"""`ecglens prepare`: read a data set before any network and report what it holds."""

from pathlib import Path

from ecglens.cli import enter
from ecglens.jobs import tell
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig


def task(config: DictConfig) -> None:
    """Prepare the ECGs that the store lacks, print how many were left out and why, write a page.

    The path of the page is the last line; a shard of the ECGs has no page. Raises ValueError when
    no ECG can be used, after the page is written.
    """
    from ecglens.datamodules import cores, open_source, prepare, prepare_shard
    from ecglens.jobs import check_share, complete
    from ecglens.report import Pseudonyms
    from ecglens.store import Shard, Store

    from . import Looks, flow_of, median_spectrum, spoken, write_preparation

    settings = complete(config)
    check_share(settings)
    source, input = settings["data"], settings["input"]["name"]
    records = open_source(source)
    store, workers = Store.at(settings["store"]), settings["workers"] or cores()
    if settings["shard"] is not None:
        shard = Shard.parse(settings["shard"])
        prepare_shard(records, store, input, shard, workers=workers)
        print(f"{shard}: done; the run without shard= gathers")
        return
    prepared = prepare(records, store, input, workers=workers)
    flow = flow_of(records.name, input, prepared)
    looks = None
    if len(prepared):
        beats = prepare(records, store, workers=workers)  # strips have theirs in the store too
        rows = beats.spread(settings["gallery"])
        looks = Looks(tuple(beats.ids(rows)), beats.x(rows), *median_spectrum(prepared))
    folder = Path(HydraConfig.get().runtime.output_dir)
    said = {"input": input, **{key: source[key] for key in source if key != "external"}}
    page = write_preparation(flow, looks, said, folder, Pseudonyms(store))
    tell(spoken(flow))
    tell(page.resolve())
    if not len(prepared):
        raise ValueError(f"expected usable ECGs, got none of {flow.ecgs}; the reasons are above")


def main() -> None:
    """Run `ecglens prepare`."""
    enter(task, "prepare")
