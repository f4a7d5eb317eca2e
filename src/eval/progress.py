"""Progress of a computation."""

from tqdm import tqdm

# Seconds before a bar shows: shorter work needs none.
PATIENCE_S = 2


def progress_bar(total: int, doing: str, shown: bool) -> tqdm:
    """A bar for work that takes longer than PATIENCE_S; to be used as a context."""
    return tqdm(total=total, desc=doing, delay=PATIENCE_S, leave=False, disable=not shown)
