"""Progress of a computation."""

from tqdm.auto import tqdm

# Seconds before a bar shows: shorter work needs none.
PATIENCE_S = 2


def progress_bar(total: int, doing: str, shown: bool) -> tqdm:
    """A bar for work longer than PATIENCE_S, as a context; in notebooks one of theirs.

    It shows nothing where stderr is no terminal.
    """
    return tqdm(
        total=total, desc=doing, delay=PATIENCE_S, leave=False, disable=None if shown else True
    )
