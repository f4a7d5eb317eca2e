"""A bound of memory within which a file is refused: the kernel's, for the block or a process."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HUGE = 10**12  # samples that no memory holds
# What a refusal may take, and what a thread or a library reserves without use.
ALLOWED = 2**28


@contextmanager
def bounded(allowed: int = ALLOWED) -> Iterator[None]:
    """Let this process map at most so many bytes more within the block (RLIMIT_AS)."""
    has = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (has + allowed, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
