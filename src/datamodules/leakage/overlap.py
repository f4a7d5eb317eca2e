"""Whether two sources share ECGs: a network must not be tested on its training ECGs."""

from ..readers.file_reader import FileReader
from ..records import Reader


def overlap(one: Reader, other: Reader) -> bool:
    """Whether an ECG of one source is an ECG of the other, as far as their settings tell.

    Generated ECGs are an endless sequence per seed, of which `n` are taken: two sources of one seed
    share their hearts, whatever noise is added. Files are the same if they have the same path, or
    the same id below one folder (PTB-XL at both rates). Copies in another folder or format are not
    detected.
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
