"""ECGs → median beats or strips with labels: made once, on all cores, kept in the store."""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..ecg import LEADS
from ..ecg import VERSION as ECG_VERSION
from ..store import Step, Store
from .blocks import SAMPLES, build_beats, build_strips
from .prepared import Prepared
from .records import Reader, Records
from .workers import cores, run_all

# Raised when a block's numbers change for a reason that lies in this room.
BEATS, STRIPS = Step("beats", version=2), Step("strips", version=1)
# ECGs of one block: some seconds of work, the most that a kill can cost.
BLOCK = 256
SHOW_ABOVE_BYTES = 1e9


def prepare(
    source: Records,
    store: Store,
    input: str = "median",
    *,
    workers: int = cores(),
    block: int = BLOCK,
) -> Prepared:
    """All ECGs of the source as network inputs with labels, memory-mapped.

    `input` is "median" (12×600) or "rhythm" (12×5000 at 500 Hz). Blocks that are in the store
    already are not made again, whether from an interrupted run or from one with fewer ECGs.
    """
    if input not in SAMPLES:
        raise ValueError(f"expected an input of {', '.join(SAMPLES)}, got {input!r}")
    reader = source.reader
    ranges = [(start, min(start + block, len(reader))) for start in range(0, len(reader), block)]
    kept = {span: origin(source.name, reader, *span) for span in ranges}
    step = BEATS if input == "median" else STRIPS
    missing = [span for span in ranges if not store.has(step, settings(step, kept[span]))]
    if missing:
        ecgs = [stop - start for start, stop in missing]
        _show_size(sum(ecgs), input)
        build = [partial(build_block, store, step, reader, span, kept[span]) for span in missing]
        run_all(build, ecgs, f"preparing {source.name} ECGs as input={input}", workers)
    return Prepared(tuple(store.path(step, settings(step, kept[span])) for span in ranges))


def build_block(
    store: Store, step: Step, reader: Reader, span: tuple[int, int], kept: Mapping[str, Any]
) -> Path:
    """The finished folder of one block of beats or strips; strips make their beats first."""
    if step == BEATS:
        return store.folder(BEATS, settings(BEATS, kept), partial(build_beats, reader, *span))
    beats = build_block(store, BEATS, reader, span, kept)
    return store.folder(STRIPS, settings(STRIPS, kept), partial(build_strips, reader, *span, beats))


def origin(name: str, reader: Reader, start: int, stop: int) -> dict[str, Any]:
    """What decides the numbers of a block, beside the version of its step."""
    return {
        "source": name,
        "reader": reader.version,
        "ecg": ECG_VERSION,
        "origin": dict(reader.origin(start, stop)),
    }


def settings(step: Step, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a block's folder: strips depend on the beats that their labels come from."""
    return dict(kept) if step == BEATS else {**kept, "beats": BEATS.version}


def _show_size(ecgs: int, input: str) -> None:
    size = ecgs * len(LEADS) * SAMPLES[input] * 4
    if size > SHOW_ABOVE_BYTES:
        print(f"{ecgs} ECGs as input={input}: {size / 1e9:.1f} GB on disk", file=sys.stderr)
