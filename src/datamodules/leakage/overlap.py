"""Whether two sources share ECGs: a network must not be judged on those that it has learnt from."""

from ..readers.file_reader import FileReader
from ..records import Reader


def overlap(one: Reader, other: Reader) -> bool:
    """Whether an ECG of one is an ECG of the other, as far as their settings tell.

    Generated ECGs are an endless row for each seed, of which `n` are taken: whatever is added to
    them, their hearts are the same. Files are the same by their place, and by their ids below one
    folder (PTB-XL at both rates). A copy elsewhere or in another format is not noticed.
    """
    if isinstance(one, FileReader) and isinstance(other, FileReader):
        alike = type(one) is type(other) and one.path.resolve() == other.path.resolve()
        named = _ids if alike else _places
        return not named(one).isdisjoint(named(other))
    if type(one) is not type(other):
        return False
    seed = getattr(one, "seed", None)
    return one == other or (seed is not None and seed == getattr(other, "seed", None))


def _ids(reader: FileReader) -> set[str]:
    return {reader.id(name) for name in reader.names}


def _places(reader: FileReader) -> set[str]:
    folder = reader.path.resolve().as_posix()
    return {f"{folder}/{name}" for name in reader.names}
