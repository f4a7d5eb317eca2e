"""Stages of a job, each with the time that it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Stages:
    """A line on stderr for each stage when it ends, and the time since the job `begun`.

    Only a terminal gets these lines, as it alone gets progress bars: elsewhere stderr has problems
    and nothing else. The progress of a job on a cluster is in its folder, which gains a finding
    with every evaluation, and `ecglens collect` says which jobs have finished.
    """

    begun: float = field(default_factory=time.time)  # s since 1970
    _clock: float = field(default_factory=time.monotonic)

    @property
    def minutes(self) -> float:
        """Minutes since the job began."""
        return (time.monotonic() - self._clock) / 60

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Name and duration of what the block does, once it is done."""
        start = time.monotonic()
        yield
        _say(name, time.monotonic() - start)

    def total(self) -> None:
        """The time since the job began."""
        _say("total", time.monotonic() - self._clock)


def _say(name: str, seconds: float) -> None:
    if not sys.stderr.isatty():
        return
    shown = f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.1f} min"
    print(f"{name}: {shown}", file=sys.stderr)
