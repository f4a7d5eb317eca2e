"""From nothing to a measured median beat, per ECG: python -m benchmarks.chain."""

import time
from collections.abc import Iterator
from contextlib import suppress

from ecglens.datamodules.readers.deepfake import Deepfake
from ecglens.ecg import Beat, Record, UnusableRecord, measure, median_beat

from .clock import fastest, threads
from .plan import Plan, asked
from .row import OURS, Row, samples, show

PART = "chain"
LIMIT_MS = 10


def rows(plan: Plan) -> Iterator[Row]:
    """Generation, median beat and measurement, and all three."""
    source = Deepfake(plan.generated)
    records = generated(source)
    beats = [beat for record in records for beat in beats_of(record)]
    tasks = {
        "generation": lambda: generated(source),
        "median beat": lambda: [beats_of(record) for record in records],
        "measurement": lambda: [measure(beat) for beat in beats],
        "all three": lambda: chain(source),
    }
    # On one thread: the application starts a process per core, each with one ECG at a time.
    with threads(1):
        found = fastest(tasks, time.process_time, plan.seconds)
    for name, ms in found.items():
        note = f"limit {LIMIT_MS} ms" if name == "all three" else ""
        yield Row(PART, name, samples(5000), OURS, cpu_ms=ms / len(source), note=note)


def generated(source: Deepfake) -> list[Record]:
    """10-s ECGs of the Pulse2Pulse generator."""
    return list(source.read(0, len(source)))


def beats_of(record: Record) -> list[Beat]:
    """The median beat of a record, or none where it has none."""
    with suppress(UnusableRecord):
        return [median_beat(record)]
    return []


def chain(source: Deepfake) -> None:
    """ECG by ECG, as the application prepares them."""
    for record in source.read(0, len(source)):
        for beat in beats_of(record):
            measure(beat)


if __name__ == "__main__":
    show(rows(asked()))
