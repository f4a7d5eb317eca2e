"""ECGs as median beats or strips with labels: prepared once, on all cores, kept in the store."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ...ecg import LEADS
from ...ecg import VERSION as ECG_VERSION
from ...progress import progress_bar
from ...store import Shard, Step, Store, class_path, fingerprint, own_source
from ..formats.files import kept_on_disk
from ..records import Reader, Records, readers_in
from .blocks import SAMPLES, build_beats, build_strips
from .prepared import Prepared
from .workers import LOOK, cores, run_all

# A version is raised when the numbers of its blocks change because of code in this room.
BEATS, STRIPS = Step("beats", version=4), Step("strips", version=1)
# ECGs per block: a few seconds of work, the most that is lost when the process is killed.
BLOCK = 256
SHOW_ABOVE_BYTES = 1e9
HASHES = "file_hashes"  # folder of the store


def prepare(
    source: Records,
    store: Store,
    input: str = "median",
    *,
    workers: int = cores(),
    block: int = BLOCK,
) -> Prepared:
    """All ECGs of the source as network inputs with labels, memory-mapped.

    `input` is "median" (12×600) or "rhythm" (12×5000), both at 500 Hz. Blocks that are in the store
    are read: those of an interrupted run, and those of a run with fewer ECGs. Raises ValueError for
    another input.
    """
    step, wanted = _prepare(source, store, input, _spans(source, block), workers)
    return Prepared(tuple(store.path(step, each) for each in wanted))


def prepare_shard(
    source: Records,
    store: Store,
    input: str,
    shard: Shard,
    *,
    workers: int = cores(),
    block: int = BLOCK,
) -> None:
    """Prepare the blocks of one shard, for a process that reads all; errors as in `prepare`."""
    spans = [span for place, span in enumerate(_spans(source, block)) if place in shard]
    _prepare(source, store, input, spans, workers)


def _spans(source: Records, block: int) -> list[tuple[int, int]]:
    ecgs = len(source.reader)
    return [(start, min(start + block, ecgs)) for start in range(0, ecgs, block)]


def _prepare(
    source: Records, store: Store, input: str, spans: Sequence[tuple[int, int]], workers: int
) -> tuple[Step, list[dict[str, Any]]]:
    """Prepare the blocks that the store lacks; their step and settings."""
    if input not in SAMPLES:
        raise ValueError(f"expected an input of {', '.join(SAMPLES)}, got {input!r}")
    sizes = [stop - start for start, stop in spans]
    hashing, verifying = f"hashing the files of {source.name}", f"verifying {source.name} ECGs"
    reader = source.reader
    with remembering(store, reader):
        kept = _in_threads(lambda span: origin(reader, *span), spans, sizes, hashing, workers)
    step = BEATS if input == "median" else STRIPS
    wanted = [settings(step, each) for each in kept]
    there = _in_threads(partial(store.has, step), wanted, sizes, verifying, cores())
    if missing := [place for place, is_there in enumerate(there) if not is_there]:
        ecgs = [sizes[place] for place in missing]
        size = sum(ecgs) * len(LEADS) * SAMPLES[input] * 4
        if size > SHOW_ABOVE_BYTES:
            print(
                f"{sum(ecgs)} ECGs as input={input}: {size / 1e9:.1f} GB on disk", file=sys.stderr
            )
        build = partial(build_block, store, step, reader)
        pieces = [(spans[place], kept[place]) for place in missing]
        run_all(build, pieces, ecgs, f"preparing {source.name} ECGs as input={input}", workers)
    return step, wanted


def _in_threads(
    do: Callable[[Any], Any], pieces: Sequence[Any], ecgs: Sequence[int], title: str, workers: int
) -> list[Any]:
    """Result of `do` for each piece, in threads, since hashing releases Python's lock.

    `ecgs` are the numbers of ECGs per piece; stderr shows the progress.
    """
    found, pool = [], ThreadPoolExecutor(workers)
    with progress_bar(sum(ecgs), title, **LOOK) as bar:
        try:
            for count, each in zip(ecgs, pool.map(do, pieces), strict=True):
                found.append(each)
                bar.update(count)
        finally:
            pool.shutdown(cancel_futures=True)  # so that Ctrl-C does not wait for the others
    return found


def build_block(
    store: Store, step: Step, reader: Reader, piece: tuple[tuple[int, int], Mapping[str, Any]]
) -> Path:
    """Finished folder of a block of beats or strips; a block of strips needs its beats first."""
    span, kept = piece
    if step == BEATS:
        return store.folder(BEATS, settings(BEATS, kept), partial(build_beats, reader, *span))
    beats = build_block(store, BEATS, reader, piece)
    return store.folder(STRIPS, settings(STRIPS, kept), partial(build_strips, reader, *span, beats))


@contextmanager
def remembering(store: Store, reader: Reader) -> Iterator[None]:
    """Hashes of the reader's files are read from the store, and kept there for other processes."""
    if readers := readers_in(reader):
        with ExitStack() as each:
            for own in readers.values():
                each.enter_context(remembering(store, own))
            yield
        return
    if not hasattr(reader, "files"):  # it generates its ECGs, or was given them
        yield
        return
    source = repr(reader)
    key = {"reader": class_path(type(reader)), "version": reader.version, "source": source}
    with kept_on_disk(source, store.root / HASHES / f"{fingerprint(key)}.json"):
        yield


def origin(reader: Reader, start: int, stop: int) -> dict[str, Any]:
    """Settings that decide the numbers of a block, beside the version of its step.

    The class path keeps two readers apart, whatever their data sets are called.
    """
    return {
        "reader": class_path(type(reader)),
        "version": reader.version,
        **own_source(type(reader)),
        "ecg": ECG_VERSION,
        "origin": dict(reader.origin(start, stop)),
    }


def settings(step: Step, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a block's folder; strips have the labels of beats, and their version too."""
    return dict(kept) if step == BEATS else {**kept, "beats": BEATS.version}
