"""Files below a folder, through links."""

import os
from collections.abc import Iterator
from pathlib import Path


def walked(folder: Path) -> Iterator[Path]:
    """All files below a folder, in any order, through links to folders, each folder once.

    What lies in the folder itself comes first, so that a link to it gives no ECG a second name.
    """
    seen: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        for place, folders, files in os.walk(waiting.pop(0)):
            found = os.stat(place)
            if (found.st_dev, found.st_ino) in seen:
                folders.clear()
                continue
            seen.add((found.st_dev, found.st_ino))
            folders.sort()
            waiting += [Path(place, name) for name in folders if os.path.islink(Path(place, name))]
            yield from (Path(place, name) for name in files)
