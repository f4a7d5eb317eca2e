"""A limit of the memory that reading one file may take: a small file can unpack to any size."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .files import LARGEST_BYTES

try:
    import resource
except ImportError:  # Windows has none
    resource = None

# A table of many ECGs takes most: 239 MB of text, nearly the largest that is read, took 2.3 GB. The
# sample files of a single ECG take 3 to 13 MB.
ALLOWED_BYTES = 12 * LARGEST_BYTES
STATM = Path("/proc/self/statm")
DATA = 5  # place of the pages of data and stack in it (proc(5))


@contextmanager
def limited_memory(name: str) -> Iterator[None]:
    """Let this process take at most ALLOWED_BYTES more within the block.

    The limit is the kernel's (RLIMIT_DATA), for the process with its threads, on Linux alone; on
    other systems there is none. Memory-mapped files do not count. Raises ValueError that names the
    file where it is not enough.
    """
    if resource is None or not STATM.exists():
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)
    has = int(STATM.read_text().split()[DATA]) * resource.getpagesize()
    # The smaller one, if there is another limit already.
    limits = [limit for limit in (has + ALLOWED_BYTES, *before) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), before[1]))
    try:
        yield
    except MemoryError:
        raise ValueError(
            f"expected a file that is read in {ALLOWED_BYTES >> 20} MB of memory, got {name}, "
            "which needs more: it was made to fill the memory, or is too long"
        ) from None
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
