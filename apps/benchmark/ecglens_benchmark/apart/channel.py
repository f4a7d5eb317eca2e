"""Messages between two processes: JSON and arrays of numbers, never objects."""

import json
from collections.abc import Mapping, Sequence
from typing import IO, Any

import numpy as np

LENGTH = 8  # bytes of the length of a message's JSON
LARGEST_JSON, LARGEST_ARRAY = 2**24, 2**30  # bytes
KINDS = ("float32", "int8", "int64")


def write(to: IO[bytes], message: Mapping[str, Any], arrays: Sequence[np.ndarray] = ()) -> None:
    """Write a message with its arrays, each C-ordered and of KINDS."""
    about = [{"shape": list(each.shape), "kind": each.dtype.name} for each in arrays]
    text = json.dumps({"message": dict(message), "arrays": about}).encode()
    to.write(len(text).to_bytes(LENGTH, "big") + text)
    for each in arrays:
        to.write(np.ascontiguousarray(each).tobytes())
    to.flush()


def read(source: IO[bytes]) -> tuple[dict[str, Any], list[np.ndarray]]:
    """The next message and its arrays.

    Raises EOFError where the other side has closed, ValueError for anything that is no message.
    """
    size = int.from_bytes(_exactly(source, LENGTH), "big")
    if size > LARGEST_JSON:
        raise ValueError(f"expected a message of at most {LARGEST_JSON} bytes, got {size}")
    try:
        found = json.loads(_exactly(source, size))
        message, about = dict(found["message"]), list(found["arrays"])
        sizes = [_size(each) for each in about]
    except (KeyError, TypeError, RecursionError, UnicodeDecodeError) as problem:
        raise ValueError(f"expected a message, got something else: {problem}") from problem
    arrays = [
        np.frombuffer(_exactly(source, bytes_), np.dtype(each["kind"])).reshape(each["shape"])
        for each, bytes_ in zip(about, sizes, strict=True)
    ]
    return message, arrays


def _size(about: Mapping[str, Any]) -> int:
    kind, shape = about["kind"], [int(each) for each in about["shape"]]
    if kind not in KINDS or min(shape, default=0) < 0:
        raise ValueError(f"expected an array of {', '.join(KINDS)}, got {kind} of {shape}")
    size = int(np.prod(shape, dtype=object)) * np.dtype(kind).itemsize
    if size > LARGEST_ARRAY:
        raise ValueError(f"expected an array of at most {LARGEST_ARRAY} bytes, got {size}")
    return size


def _exactly(source: IO[bytes], size: int) -> bytes:
    found = source.read(size)
    if len(found) < size:
        raise EOFError("the other side has closed")
    return found
